"""Cannot be imported here."""

import no_module_of_that_name
