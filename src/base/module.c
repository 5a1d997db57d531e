#include "base/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/beside.h"

static const void *load(const char *path, const char *symbol, const char *advice, struct pb_error *error) {
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object) {
        pb_error_set(error, -ELIBACC, "%s: %s: %s", path, dlerror(), advice);
        return NULL;
    }
    const void *found = dlsym(object, symbol);
    if (!found)
        pb_error_set(error, -ENOEXEC, "%s: it exports no symbol \"%s\": see docs/writing-a-workload.md", path,
                     symbol);
    return found;
}

const void *pb_plugin_symbol(const char *path, const char *symbol, struct pb_error *error) {
    if (access(path, R_OK) != 0) {
        pb_error_set(error, -errno, "%s: %s: name a shared object that exists, with a slash in its path",
                     path, strerror(errno));
        return NULL;
    }
    return load(path, symbol, "build it with -shared -fPIC for this machine", error);
}

const void *pb_module_symbol(const char *name, const char *symbol, struct pb_error *error) {
    char file[NAME_MAX], path[2 * PATH_MAX];
    snprintf(file, sizeof file, "parbench-%s.so", name);
    int rc = pb_beside(file, path, sizeof path);
    if (rc == 0)
        return load(path, symbol, "install what it needs", error);
    if (rc == -ENOENT)
        pb_error_set(error, rc, "this build has no module %s", file);
    else
        pb_error_set(error, rc, "module %s: %s: mount /proc", name, strerror(-rc));
    return NULL;
}
