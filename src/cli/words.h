/* The words of the command line, with those of @FILE in its place. */
#ifndef PB_CLI_WORDS_H
#define PB_CLI_WORDS_H

#include "base/error.h"
#include "cli/strings.h"

enum { PB_WORDS_NESTED = 8, PB_WORDS_FILE_MAX = 1 << 20 };

struct pb_words {
    struct pb_strings text;
    struct pb_strings origin; /* as many: "FILE:LINE", or "" for what was typed */
};

/* A word "@FILE" stands for the words of that file: separated by blanks and line ends, quoted as in a shell
   with
   '...', "..." and \, from # at the start of a word to the end of its line a comment. Files may name files,
   PB_WORDS_NESTED deep; after the word "--" nothing is read. -errno with an error that names file and line.
 */
int pb_words_init(struct pb_words *, int count, char *const *word, struct pb_error *);
void pb_words_release(struct pb_words *);

/* Appends the words of one text, by the same rules but that @ is a letter like others. -EINVAL: a quote is
   not closed; the error begins with the label. */
int pb_words_split(struct pb_strings *, const char *label, const char *text, struct pb_error *);

#endif
