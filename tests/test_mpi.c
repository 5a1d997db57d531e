/* Ranks under the launchers of both MPIs, as few launches as that takes: what is not MPI's stands in
 * test_ranks.c. */
#include "program.h"
#include "tree.h"

#include <stdlib.h>
#include <unistd.h>

/* As root, with more ranks than processors, and unbound: what bench itself gives to the launcher. */
static const char *const environment[] = {"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
                                          "OMPI_MCA_rmaps_base_oversubscribe=1",
                                          "OMPI_MCA_hwloc_base_binding_policy=none", NULL};

/* An MPI: its launcher, and its module of this build. */
static const struct mpi {
    const char *name, *launcher, *module;
} mpis[] = {
    {"openmpi", "mpiexec.openmpi", PB_BINARY_DIR "/parbench-mpi-openmpi.so"},
    {"mpich", "mpiexec.mpich", PB_BINARY_DIR "/parbench-mpi-mpich.so"},
};

static void need(const struct mpi *m) {
    if (access(m->module, R_OK) != 0)
        pb_test_skip("this build has no module for %s", m->name);
    if (program_shell("type %s >/dev/null 2>&1", m->launcher) != 0)
        pb_test_skip("there is no %s", m->launcher);
}

/* Runs a command of a few words under the launcher. */
static void launch(struct program *p, const struct mpi *m, unsigned ranks, const char *command) {
    char line[256], *at;
    const char *word[PROGRAM_WORDS] = {NULL};
    size_t words = 0;
    need(m);
    snprintf(line, sizeof line, "-n %u %s", ranks, command);
    for (char *w = strtok_r(line, " ", &at); w; w = strtok_r(NULL, " ", &at))
        word[words++] = w;
    program_begin(p, &(struct program_start){.other = m->launcher, .word = word, .environment = environment});
    program_finish(p);
}

static void conforms(const void *data) {
    struct program p;
    launch(&p, data, 6, "./tests-ranks");
    CHECK_MSG(strstr(pb_buffer_string(&p.said), " passed, 0 failed, "), "%s\n%s", pb_buffer_string(&p.said),
              pb_buffer_string(&p.complained));
    program_check_code(&p, 0);
    program_check_nothing_left(false);
    program_release(&p);
}

/* What cannot be ended is waited for no longer than asked; this leaves its rank behind, so it is a launch of
 * its own. */
static void gives_up(const void *data) {
    struct program p;
    launch(&p, data, 2, "./tests-ranks gives-up-killing");
    CHECK_MSG(strstr(pb_buffer_string(&p.said), "1 passed, 0 failed, "), "%s\n%s", pb_buffer_string(&p.said),
              pb_buffer_string(&p.complained));
    program_check_nothing_left(false);
    program_release(&p);
}

/* Ranks of two programs: the one that is not rank 0's is named. */
static void refuses_other_builds(const void *data) {
    struct program p;
    launch(&p, data, 1, "./tests-ranks : -n 1 ./bench --runner ranks");
    CHECK_HAS(pb_buffer_string(&p.complained), "rank 1 on ");
    CHECK_HAS(pb_buffer_string(&p.complained), "runs another build of this program");
    program_check_nothing_left(true); /* the other rank ends by a signal */
    program_release(&p);
}

static const struct {
    const char *name;
    void (*run)(const void *);
} rows[] = {
    {"conforms", conforms},
    {"gives-up", gives_up},
    {"refuses-other-builds", refuses_other_builds},
};

static bool generate(size_t i, struct pb_case *out) {
    static char name[64];
    size_t m = i / COUNT(rows);
    if (m == COUNT(mpis))
        return false;
    snprintf(name, sizeof name, "%s/%s", mpis[m].name, rows[i % COUNT(rows)].name);
    *out = (struct pb_case){name, rows[i % COUNT(rows)].run, &mpis[m]};
    return true;
}

const struct pb_suite suite_mpi = {"mpi", NULL, generate};
