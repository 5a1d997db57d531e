/* overhead: what parbench's executors add to the work that they are given. One executor, one mode a run, so
 * that a script can interleave them, and other programs that answer the same call. docs/overhead.md is the
 * guide. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "options.h"

static enum pb_exit complain(enum pb_exit code, const struct pb_error *error) {
    fflush(stdout); /* what was measured comes before what is wrong with it */
    if (code != PB_EXIT_OK)
        fprintf(stderr, "overhead: %s\n", error->text);
    return code;
}

/* An executor that cannot be opened as asked for is the user's to change, unless the machine is at fault. */
static enum pb_exit open_exit(int rc) {
    return rc == -EINVAL || rc == -ENOENT || rc == -ERANGE ? PB_EXIT_USAGE : PB_EXIT_CANNOT_RUN;
}

static enum pb_exit measure(const struct pb_options *options, struct pb_error *error) {
    struct pb_gauge meter;
    /* Processes of the executor's whose parent has ended stay descendants of this one, and are counted. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int rc = strncmp(options->config.executor, "mpi", 3) == 0 ? pb_ranks_begin(error) : 0;
    if (rc < 0)
        return open_exit(rc);
    rc = pb_gauge_open(&meter, &options->config, error);
    enum pb_exit code = rc < 0 ? open_exit(rc) : options->mode->run(&meter, &options->call, error);
    rc = pb_gauge_close(&meter);
    if (rc < 0 && code == PB_EXIT_OK) {
        pb_error_set(error, rc, "executor %s: it does not close: a task of it still runs",
                     options->config.executor);
        code = PB_EXIT_FAILED_CELL;
    }
    pb_ranks_end();
    return code;
}

int main(int argc, char **argv) {
    struct pb_error error = {0};
    struct pb_options options;
    if (pb_options_parse(&options, argc, argv, &error) < 0)
        return complain(PB_EXIT_USAGE, &error);
    if (!options.mode)
        return PB_EXIT_OK;
    return complain(measure(&options, &error), &error);
}
