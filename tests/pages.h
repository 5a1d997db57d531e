/* The commands that a page of the documentation shows. */
#ifndef PB_TESTS_PAGES_H
#define PB_TESTS_PAGES_H

#include "tree.h"

enum { PAGE_COMMANDS = 96 };

struct page_command {
    char *text;     /* one or more whole lines of the shell */
    char *expected; /* the block of text that follows it, or NULL */
    int line, code; /* the exit code that its comment "# exit code N" says, or 0 */
};

struct page {
    struct page_command command[PAGE_COMMANDS];
    size_t commands;
    char *
        unknown; /* what opens the first block that is neither sh nor the one text that follows it, or NULL */
};

/* Of its blocks ```sh alone. What is read is never freed: a case reads a page or two, and ends. */
void page_read_blocks(struct page *, const char *path);

/* Of these, of its indented blocks and of its text between backquotes what begins like a command of this
 * project; and what jobs of its blocks ```yaml run. No command comes twice. In an indented line two blanks
 * end the command and begin what is said of it. */
void page_read(struct page *, const char *path);

/* The end of the line, its break included. */
static inline const char *line_end(const char *at) {
    const char *end = strchr(at, '\n');
    return end ? end + 1 : at + strlen(at);
}

/* Whether the line lies in code, fenced or indented; `fence` is the caller's, false at first. A fence itself
 * does. */
static inline bool line_is_code(const char *line, bool *fence) {
    bool marks = starts(line, "```");
    *fence ^= marks;
    return marks || *fence || starts(line, "    ");
}

#endif
