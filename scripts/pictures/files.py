"""Files that are written whole or not at all."""
import os
import tempfile

from .record import CANNOT_RUN, Failure


def write_whole(path, write):
    """Has write(file) fill a new file beside `path`, and renames it. Failure: it cannot be written."""
    try:
        descriptor, new = tempfile.mkstemp(dir=os.path.dirname(path) or ".", prefix=".", suffix=".new")
    except OSError as e:
        raise Failure(f"-o {path}: {e.strerror}: give another place", CANNOT_RUN) from None
    try:
        with os.fdopen(descriptor, "wb") as out:
            write(out)
            umask = os.umask(0)
            os.umask(umask)
            os.fchmod(out.fileno(), 0o666 & ~umask)
        os.replace(new, path)
    except BaseException as e:
        os.unlink(new)
        if isinstance(e, OSError):
            raise Failure(f"-o {path}: {e.strerror}: give another place", CANNOT_RUN) from None
        raise
