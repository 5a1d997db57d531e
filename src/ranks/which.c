#include "ranks/which.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/beside.h"
#include "base/module.h"

/* Each launcher leaves variables that are its own. PMIx is what Open MPI speaks with a launcher that is not
 * its own (srun
 * --mpi=pmix); PMI is what MPICH speaks with any. */
static const struct family {
    const char *name, *module, *package, *variable[3]; /* the first holds the rank */
} families[] = {
    {"Open MPI", "mpi-openmpi", "libopenmpi-dev", {"OMPI_COMM_WORLD_RANK", "PMIX_RANK"}},
    {"MPICH", "mpi-mpich", "libmpich-dev", {"PMI_RANK", "PMI_FD"}},
    {0},
};

static const struct family *started_by(void) {
    for (const struct family *f = families; f->name; f++)
        for (const char *const *v = f->variable; *v; v++)
            if (getenv(*v))
                return f;
    return NULL;
}

int pb_rank_from_environment(void) {
    const struct family *f = started_by();
    for (const char *const *v = f ? f->variable : NULL; v && *v; v++)
        if (getenv(*v))
            return atoi(getenv(*v));
    return -1;
}

int pb_transport_find(const struct pb_transport_ops **ops, struct pb_error *error) {
    const struct family *f = started_by();
    struct pb_error why;
    *ops = NULL;
    if (!f)
        return pb_error_set(
            error, -ENOENT,
            "executor mpi: this program was not started by a launcher of MPI: start it by mpiexec");
    *ops = pb_module_symbol(f->module, PB_TRANSPORT_SYMBOL, &why);
    return *ops ? 0
                : pb_error_set(
                      error, -ENOENT,
                      "executor mpi: the launcher is %s's: %s: install %s and build again, or use another "
                      "launcher",
                      f->name, why.text, f->package);
}

/* Whether a module is there is enough: to load it would load an MPI into who only lists what there is. */
const char *pb_transport_absent(void) {
    for (const struct family *f = families; f->name; f++) {
        char file[64], path[2 * PATH_MAX];
        snprintf(file, sizeof file, "parbench-%s.so", f->module);
        if (pb_beside(file, path, sizeof path) == 0)
            return NULL;
    }
    return "there is no module for an MPI: install parbench-openmpi or parbench-mpich, or libopenmpi-dev or "
           "libmpich-dev and build again";
}
