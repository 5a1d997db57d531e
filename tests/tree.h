/* Reading the tree that the suites were built from: what the suites of its rules share. */
#ifndef PB_TESTS_TREE_H
#define PB_TESTS_TREE_H

#include "base/buffer.h"
#include "suite.h"

#include <ftw.h>
#include <limits.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static inline bool starts(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

static inline bool ends(const char *text, const char *with) {
    size_t n = strlen(text), w = strlen(with);
    return n >= w && strcmp(text + n - w, with) == 0;
}

/* The text of a file, to be freed; a file that cannot be read fails the case. */
static inline char *slurp(const char *path) {
    struct pb_buffer text = {0};
    char part[4096];
    size_t n;
    FILE *file = fopen(path, "r");
    CHECK_MSG(file, "%s: cannot be read", path);
    while ((n = fread(part, 1, sizeof part, file)) > 0)
        pb_buffer_add(&text, part, n);
    fclose(file);
    char *copy = strdup(pb_buffer_string(&text));
    pb_buffer_release(&text);
    CHECK(copy);
    return copy;
}

/* nftw passes no context: the paths are collected here first, in the one process of this case. */
static struct pb_buffer *found;

static inline int collect(const char *path, const struct stat *status, int type, struct FTW *ftw) {
    (void)status;
    (void)ftw;
    if (type == FTW_F)
        pb_buffer_add(found, path, strlen(path) + 1);
    return 0;
}

/* Appends the paths of all files below `folder`, each ended by a zero byte. */
static inline void files_below(const char *folder, struct pb_buffer *paths) {
    found = paths;
    CHECK_MSG(nftw(folder, collect, 16, FTW_PHYS) == 0, "%s: cannot be walked", folder);
}

/* The line, counted from 1, that `at` lies on. */
static inline int line_of(const char *text, const char *at) {
    int line = 1;
    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

#endif
