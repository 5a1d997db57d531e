/* Words as a shell would read them again. */
#ifndef PB_CLI_QUOTE_H
#define PB_CLI_QUOTE_H

#include "base/buffer.h"

/* Appends the words with blanks between them, each quoted if it must be. */
void pb_quote(struct pb_buffer *, int count, char *const *word);

#endif
