/* Strings that live as long as the command line. */
#ifndef PB_CLI_STRINGS_H
#define PB_CLI_STRINGS_H

#include <stddef.h>
#include <stdint.h>

/* A list of owned strings, in order. */
struct pb_strings {
    char **text;
    uint32_t count;
};

/* Appends a copy of the first `size` bytes; the copy, or NULL when memory runs out. */
char *pb_strings_add(struct pb_strings *, const char *text, size_t size);
void pb_strings_release(struct pb_strings *);

#endif
