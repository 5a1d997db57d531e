/* Small trees of files that stand in for "/". */
#ifndef PB_TESTS_BELOW_H
#define PB_TESTS_BELOW_H

#include "suite.h"

#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>

/* mkdir -p of what leads to the file, then the file. */
static inline void below_write(const char *root, const char *path, const char *text) {
    char full[512];
    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *slash = strchr(full + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        CHECK(mkdir(full, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *f = fopen(full, "w");
    CHECK_MSG(f != NULL, "%s", full);
    fputs(text, f);
    CHECK_INT(fclose(f), 0);
}

static inline int below_remove_one(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

static inline void below_remove(const char *root) {
    nftw(root, below_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
