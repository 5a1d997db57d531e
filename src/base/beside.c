/* Everything is looked for from where this code itself lies: in the program, or in the shared library, which
 * some other program may have loaded from wherever it was installed. cmake/layout.cmake says what lies where.
 */
#include "base/beside.h"

#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct object {
    uintptr_t address; /* of something in it */
    const char *path;  /* "": it is the program */
};

static bool holds(const struct dl_phdr_info *info, uintptr_t address) {
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && address - (info->dlpi_addr + part->p_vaddr) < part->p_memsz)
            return true;
    }
    return false;
}

static int find(struct dl_phdr_info *info, size_t size, void *context) {
    struct object *object = context;
    (void)size;
    if (!holds(info, object->address))
        return 0;
    object->path = info->dlpi_name;
    return 1;
}

/* The folder that this code lies in, with a slash at its end. A program that was replaced while it runs, by a
 * build say, is still told by its link. */
static int own_folder(char folder[PATH_MAX]) {
    struct object own = {.address = (uintptr_t)own_folder, .path = ""};
    dl_iterate_phdr(find, &own);
    if (*own.path) {
        if (!realpath(own.path, folder))
            return -errno;
    } else {
        ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
        if (length < 0)
            return -errno;
        folder[length] = '\0';
    }
    *(strrchr(folder, '/') + 1) = '\0';
    return 0;
}

int pb_beside(const char *name, char *path, size_t size) {
    static const char *const places[] = {"", PB_SHIPPED_FROM_PROGRAM, PB_SHIPPED_FROM_LIBRARY};
    char folder[PATH_MAX];
    int rc = own_folder(folder);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int n = snprintf(path, size, "%s%s%s", folder, places[i], name);
        if (n < 0 || (size_t)n >= size)
            return -ENAMETOOLONG;
        if (access(path, R_OK) == 0)
            return 0;
    }
    return -ENOENT;
}
