/* Ranks under the launchers of both MPIs, as few launches as that takes: what is not MPI's stands in
 * test_ranks.c. */
#include "tree.h"
#include "with_hosts.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
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

/* ---- Through bench ---- */

/* `bench WORDS`, with that MPI's launcher. */
static void begin_bench(struct program *p, const struct mpi *m, const char *words) {
    char launcher[64];
    need(m);
    snprintf(launcher, sizeof launcher, "PARBENCH_LAUNCHER=%s -n {ranks}", m->launcher);
    const char *all[COUNT(environment) + 1] = {launcher};
    memcpy(all + 1, environment, sizeof environment);
    program_begin_line(p, all, "%s", words);
}

static void run_bench(struct program *p, const struct mpi *m, const char *words, struct pb_run *run) {
    begin_bench(p, m, words);
    program_finish(p);
    program_check_code(p, 0);
    program_check_nothing_left(false);
    program_decode(run, "the result", &p->said);
}

static const struct pb_cell *cell_of(const struct pb_run *run, const char *executor) {
    for (uint32_t i = 0; i < run->cells; i++)
        if (strcmp(run->cell[i].executor, executor) == 0 && run->cell[i].role != PB_ROLE_REFERENCE)
            return &run->cell[i];
    pb_test_failed(__FILE__, __LINE__, "there is no row of %s", executor);
}

/* One table, one answer; and where the workers were. */
static void gives_the_same_answers(const void *data) {
    static const char *const executors[] = {"process", "mpi", "mpi:inner=thread", "mpi:inner=process",
                                            "mpi:inner=openmp,ranks=1"};
    struct program p;
    struct pb_run run;
    run_bench(
        &p, data,
        "-q -w sha:size=4k -e process,mpi,mpi:inner=thread,mpi:inner=process,mpi:inner=openmp,ranks=1 -n 2 "
        "--tasks 50 --rounds 2 --format json",
        &run);
    uint64_t expected = cell_of(&run, "serial")->sample[0].digest;
    for (size_t i = 0; i < COUNT(executors); i++) {
        const struct pb_cell *cell = cell_of(&run, executors[i]);
        CHECK_INT(cell->state, PB_CELL_DONE);
        CHECK_INT(cell->samples, 2);
        CHECK_INT(cell->sample[1].digest, expected);
        CHECK_INT(cell->sample[1].workers, 2);
        CHECK_INT(cell->sample[1].worker[0].tasks + cell->sample[1].worker[1].tasks, 50);
        CHECK_INT(cell->hosts, i ? 1 : 0);
    }
    CHECK_INT(cell_of(&run, "mpi")->host[0].workers, 2);
    CHECK_INT(cell_of(&run, "mpi")->host[0].ranks, 3);
    pb_run_release(&run);
    program_release(&p);
}

/* Workloads of all kinds run there, or are refused with a reason: none fails, none answers otherwise. */
static void runs_workloads(const void *data) {
    struct program p;
    struct pb_run run;
    run_bench(
        &p, data,
        "-q -w arcfour:size=4k,lock,stream:size=64k,file:size=64k,pipe,sleep:ms=1,http:items=8 -e mpi -n 2 "
        "--base none --tasks 8 --rounds 1 --format json",
        &run);
    for (uint32_t i = 0; i < run.cells; i++) {
        const struct pb_cell *cell = &run.cell[i];
        if (cell->state == PB_CELL_REFUSED)
            CHECK_HAS(cell->error, "ranks have none in common");
        else
            CHECK_MSG(cell->state == PB_CELL_DONE, "%s: %s", cell->workload, cell->error ? cell->error : "?");
    }
    pb_run_release(&run);
    program_release(&p);
}

/* ---- A rank that dies ---- */

/* Whether it is a rank below this process, by its words. */
static bool is_rank(pid_t pid) {
    char path[64], words[1024];
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    FILE *file = fopen(path, "re");
    size_t size = file ? fread(words, 1, sizeof words, file) : 0;
    if (file)
        fclose(file);
    static const char end[] = "/bench\0--runner\0ranks"; /* with the NUL that ends it */
    return size > sizeof end && memcmp(words + size - sizeof end, end, sizeof end) == 0 &&
           strncmp(words, PB_BINARY_DIR, strlen(PB_BINARY_DIR)) == 0;
}

/* The last started: a worker, since rank 0 comes first. */
static pid_t last_rank(void) {
    DIR *all = opendir("/proc");
    pid_t last = 0;
    for (struct dirent *e; (e = readdir(all));) {
        pid_t pid = isdigit((unsigned char)e->d_name[0]) ? (pid_t)atoi(e->d_name) : 0;
        if (pid > last && is_rank(pid))
            last = pid;
    }
    closedir(all);
    return last;
}

static void survives_a_killed_rank(const void *data) {
    struct program p;
    struct pb_run run;
    char directory[64], words[256], path[128];
    program_directory(directory);
    snprintf(path, sizeof path, "%s/killed.json", directory);
    snprintf(words, sizeof words,
             "-q -w sleep:ms=1 -e mpi,thread -n 2 --tasks 40 --rounds 100000 --time 60 -o %s", path);
    begin_bench(&p, data, words);
    snprintf(words, sizeof words, "%s.partial", path);
    program_wait_samples(&p, words, 12);
    pid_t rank = last_rank();
    CHECK(rank > 0 && kill(rank, SIGKILL) == 0);
    program_wait_samples(&p, words, 200); /* the others go on */
    CHECK_INT(kill(p.pid, SIGINT), 0);
    program_finish(&p);
    CHECK_HAS(pb_buffer_string(&p.complained), "was killed by SIGKILL");
    program_check_nothing_left(true);
    struct pb_buffer text = {0};
    program_read_file(&text, path);
    program_decode(&run, path, &text);
    const struct pb_cell *cell = cell_of(&run, "mpi");
    CHECK_INT(cell->state, PB_CELL_FAILED);
    CHECK_HAS(cell->error, "rank ");
    CHECK_HAS(cell->error, "was killed by SIGKILL");
    CHECK(cell->samples > 0 && cell_of(&run, "thread")->samples > cell->samples);
    pb_buffer_release(&text);
    pb_run_release(&run);
    program_release(&p);
    program_directory_release(directory);
}

/* ---- Hosts ---- */

static void begin_on_hosts(struct program *p, const struct mpi *m, const char *options, const char *words) {
    char command[512];
    need(m);
    snprintf(command, sizeof command, "exec \"$TESTS/bench\" -q %s --launcher \"$PB_LAUNCHER_%s\"", words,
             strcmp(m->name, "mpich") == 0 ? "MPICH" : "OPENMPI");
    begin_with(p, options, command);
}

/* Each with its own workers; more tasks at once than one worker has, over a network that is slow. */
static void works_on_hosts(const void *data) {
    struct program p;
    struct pb_run run;
    begin_on_hosts(&p, data, "--hosts 2 --delay 1ms",
                   "-w sleep:ms=5 -e mpi:inner=thread -n 4 --tasks 40 --rounds 3 --format json");
    program_finish(&p);
    skip_not_permitted(&p);
    program_check_code(&p, 0);
    program_check_nothing_left(true);
    program_decode(&run, "the result", &p.said);
    const struct pb_cell *cell = cell_of(&run, "mpi:inner=thread");
    CHECK_INT(cell->hosts, 2);
    for (uint32_t i = 0; i < 2; i++) {
        CHECK_INT(cell->host[i].workers, 2);
        CHECK(cell->host[i].machine.pus > 0);
    }
    CHECK_TEXT(cell->host[1].name, "node2");
    CHECK_INT(cell->sample[0].digest, cell_of(&run, "serial")->sample[0].digest);
    pb_run_release(&run);
    program_release(&p);
}

/* A network that goes silent: nobody is told so by it. */
static void gives_up_a_silent_host(const void *data) {
    struct program p;
    begin_on_hosts(&p, data, "--hosts 2 --delay 1ms --down-after 8s",
                   "-w sleep:ms=5 -e mpi -n 2 --base none --tasks 40 --rounds 100000 --time 30");
    program_finish(&p);
    skip_not_permitted(&p);
    program_check_code(&p, 5);
    CHECK_HAS(pb_buffer_string(&p.complained), "node2");
    program_check_nothing_left(true);
    program_release(&p);
}

static const struct {
    const char *name;
    void (*run)(const void *);
} rows[] = {
    {"conforms", conforms},
    {"gives-up", gives_up},
    {"refuses-other-builds", refuses_other_builds},
    {"gives-the-same-answers", gives_the_same_answers},
    {"runs-workloads", runs_workloads},
    {"survives-a-killed-rank", survives_a_killed_rank},
    {"works-on-hosts", works_on_hosts},
    {"gives-up-a-silent-host", gives_up_a_silent_host},
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
