/* One option's value: from text to where the table stores it. */
#ifndef PB_CLI_VALUES_H
#define PB_CLI_VALUES_H

#include "cli/options.h"

/* `label` is the option and its value as the user wrote them, "--time=0", for messages. Texts are kept, not
   copied. */
int pb_option_set(struct pb_options *, const struct pb_option *, const char *label, const char *text,
                  struct pb_error *);

#endif
