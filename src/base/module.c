#include "base/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const void *pb_plugin_symbol(const char *path, const char *symbol, struct pb_error *error) {
    if (access(path, R_OK) != 0) {
        pb_error_set(error, -errno, "%s: %s: name a shared object that exists, with a slash in its path",
                     path, strerror(errno));
        return NULL;
    }
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object) {
        pb_error_set(error, -ELIBACC, "%s: %s: build it with -shared -fPIC for this machine", path,
                     dlerror());
        return NULL;
    }
    const void *found = dlsym(object, symbol);
    if (!found)
        pb_error_set(error, -ENOEXEC, "%s: it exports no symbol \"%s\": see docs/writing-a-workload.md", path,
                     symbol);
    return found;
}

const void *pb_module_symbol(const char *name, const char *symbol, struct pb_error *error) {
    static const char *const places[] = {"", "../lib/parbench/"};
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length < 0) {
        pb_error_set(error, -errno, "module %s: /proc/self/exe: %s: mount /proc", name, strerror(errno));
        return NULL;
    }
    program[length] = '\0';
    *(strrchr(program, '/') + 1) = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char path[2 * PATH_MAX];
        snprintf(path, sizeof path, "%s%sparbench-%s.so", program, places[i], name);
        if (access(path, R_OK) == 0)
            return pb_plugin_symbol(path, symbol, error);
    }
    pb_error_set(error, -ENOENT, "this build has no module parbench-%s.so", name);
    return NULL;
}
