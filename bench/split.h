/* A line as a shell would part it into words: blanks part, '...' and "..." hold together, a backslash takes
 * the next character as it is (within "..." only before " \ $ ` and a newline). Nothing else is special: no
 * variables, no globs, no comments. */
#ifndef PB_BENCH_SPLIT_H
#define PB_BENCH_SPLIT_H

#include <stddef.h>

struct pb_split_words {
    size_t count;
    char **word;   /* NULL-ended */
    char *storage; /* they lie in it */
};

/* 0; -ENOMEM; -EINVAL: a quote or a backslash has no end, *where is its offset in the text. */
int pb_split(struct pb_split_words *, const char *text, size_t *where);
void pb_split_release(struct pb_split_words *);
/* The size of the NAME of a word NAME=VALUE; 0: it is none. */
size_t pb_split_assigned(const char *word);

#endif
