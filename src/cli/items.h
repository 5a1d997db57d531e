/* Lists as the user writes them: "sha,http:items=200,delay=20ms". */
#ifndef PB_CLI_ITEMS_H
#define PB_CLI_ITEMS_H

#include "base/error.h"
#include "cli/strings.h"

/* Appends the items of `text` to the list. A comma starts a new item unless what follows it is `key=value`
   without a name and colon before it: that belongs to the item before, "sha,size=4k" reads as "sha:size=4k".
   An item that starts with "cmd:" takes the rest. -EINVAL with "LABEL: why: what to do" for an empty item or
   a parameter that no name stands before. */
int pb_items_split(struct pb_strings *, const char *label, const char *text, struct pb_error *);

/* The same for lists whose items have no parameters: every comma starts a new one. */
int pb_list_split(struct pb_strings *, const char *label, const char *text, struct pb_error *);

#endif
