/* Runners that a launcher starts as ranks: which words and variables, what becomes of a rank that dies, where
 * the record says that workers were. The launcher is tests/runners/launch.py, the ranks are
 * tests/runners/ranks.py; what real launchers say stands here as they said it. */
#include "program.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/runners.h"
#include "driver/launcher.h"

#define PYTHON "/usr/bin/python3"

/* ---- Words ---- */

static void ranks(const void *data) {
    static const struct {
        const char *executor;
        uint32_t workers, ranks;
    } rows[] = {{"mpi", 4, 5},         {"mpi:ranks=2", 8, 3},      {"mpi:inner=thread,ranks=3", 8, 4},
                {"mpi:ranks=0", 2, 3}, {"mpi:inner=thread", 1, 2}, {"mpi:subranks=7", 1, 2},
                {"mpi:ranks=", 1, 2}};
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_INT(pb_launcher_ranks(rows[i].executor, rows[i].workers), rows[i].ranks);
}

/* The words of a launched program, between bars. */
static void join(char *const *word, struct pb_buffer *out) {
    for (; word && *word; word++)
        pb_buffer_printf(out, "%s|", *word);
}

static void read_option(struct pb_launcher *launcher, const char *text) {
    struct pb_sources sources = {0};
    struct pb_options options = {.launcher = text};
    struct pb_error error = {0};
    CHECK_MSG(pb_launcher_read(&sources, &options, &error) == 0, "%s", error.text);
    *launcher = sources.launcher;
}

static void words(const void *data) {
    static const struct {
        const char *launcher, *name, *words;
    } rows[] = {
        {NULL, "mpiexec", "mpiexec|-n|3|mine|--fast|ranks|"},
        {"srun -n {ranks}", "srun", "srun|-n|3|mine|--fast|ranks|"},
        {"/opt/bin/mpirun  --hostfile 'my hosts' -np={ranks} \"{ranks}x{ranks}\"", "mpirun",
         "/opt/bin/mpirun|--hostfile|my hosts|-np=3|3x3|mine|--fast|ranks|"},
        {"sh -c 'exec \"$@\"' {rank}", "sh", "sh|-c|exec \"$@\"|{rank}|mine|--fast|ranks|"},
    };
    char *mine[] = {(char *)"mine", (char *)"--fast", NULL};
    const struct pb_program runner = {.argv = mine};
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_launcher launcher;
        struct pb_program program;
        struct pb_buffer line = {0};
        read_option(&launcher, rows[i].launcher);
        CHECK_TEXT(pb_launcher_name(&launcher), rows[i].name);
        CHECK_INT(pb_launcher_program(&launcher, &runner, 3, &program, NULL), 0);
        join(program.argv, &line);
        CHECK_TEXT(pb_buffer_string(&line), rows[i].words);
        CHECK(program.launched);
        pb_buffer_release(&line);
        pb_program_release(&program);
        pb_launcher_release(&launcher);
    }
}

/* This program itself is named by its path: a daemon's /proc/self/exe is the daemon. */
static void itself(const void *data) {
    struct pb_program program;
    (void)data;
    CHECK_INT(pb_launcher_program(NULL, NULL, 2, &program, NULL), 0);
    CHECK(program.argv[3][0] == '/' && strstr(program.argv[3], "/tests-"));
    CHECK_TEXT(program.argv[4], "--runner");
    CHECK_TEXT(program.argv[5], "ranks");
    CHECK(!program.argv[6]);
    pb_program_release(&program);
}

static void no_words(const void *data) {
    struct pb_sources sources = {0};
    struct pb_error error;
    (void)data;
    CHECK_INT(pb_launcher_read(&sources, &(struct pb_options){.launcher = " "}, &error), -EINVAL);
    CHECK_TEXT(error.text, "--launcher= : it holds no word: give a command, as mpiexec -n {ranks}");
    CHECK_INT(pb_launcher_read(&sources, &(struct pb_options){.launcher = "a 'b"}, &error), -EINVAL);
    CHECK_HAS(error.text, "--launcher=a 'b: a quote ' is not closed");
}

/* Variables that the user has set stay as they are, and only the usual launcher gets those that are for
 * trying. */
static void environment(const void *data) {
    char *own[] = {(char *)"MINE=1", NULL}, *word[] = {(char *)"mine", NULL};
    const struct pb_program runner = {.argv = word, .environment = own};
    struct pb_launcher named;
    struct pb_program program;
    struct pb_buffer line = {0};
    (void)data;
    unsetenv("OMPI_MCA_hwloc_base_binding_policy");
    unsetenv("OMPI_ALLOW_RUN_AS_ROOT");
    unsetenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM");
    setenv("OMPI_MCA_rmaps_base_oversubscribe", "0", 1);
    setenv("OMPI_MCA_oob_tcp_keepalive_probes", "9", 1);
    read_option(&named, "mpiexec -n {ranks}");
    CHECK_INT(pb_launcher_program(NULL, &runner, 2, &program, NULL), 0);
    join(program.environment, &line);
    pb_program_release(&program);
    CHECK_INT(pb_launcher_program(&named, &runner, 2, &program, NULL), 0);
    pb_buffer_text(&line, "and ");
    join(program.environment, &line);
    CHECK_TEXT(
        pb_buffer_string(&line),
        "MINE=1|OMPI_MCA_hwloc_base_binding_policy=none|OMPI_MCA_oob_tcp_keepalive_time=1|"
        "OMPI_MCA_oob_tcp_keepalive_intvl=1|OMPI_ALLOW_RUN_AS_ROOT=1|OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1|and "
        "MINE=1|OMPI_MCA_hwloc_base_binding_policy=none|OMPI_MCA_oob_tcp_keepalive_time=1|"
        "OMPI_MCA_oob_tcp_keepalive_intvl=1|");
    pb_program_release(&program);
    pb_launcher_release(&named);
    pb_buffer_release(&line);
}

/* ---- Last words, as real launchers said them ---- */

#define DASHES "--------------------------------------------------------------------------\n"
#define FRAME  "===================================================================================\n"
#define OPEN_MPI_AGAIN                                                                                       \
    DASHES "Primary job  terminated normally, but 1 process returned\n"                                      \
           "a non-zero exit code. Per user-direction, the job has been aborted.\n" DASHES DASHES
#define HYDRA(pid, code, string)                                                                             \
    "\n" FRAME "=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES\n=   PID " pid                      \
    " RUNNING AT vm\n=   EXIT CODE: " code "\n=   CLEANING UP REMAINING PROCESSES\n"                         \
    "=   YOU CAN IGNORE THE BELOW CLEANUP MESSAGES\n" FRAME string
#define HYDRA_END                                                                                            \
    "\nThis typically refers to a problem with your application.\nPlease see the FAQ page for debugging "    \
    "suggestions\n"

static const struct last {
    const char *said, *told;
    bool unknown; /* the launcher's words are quoted */
} last[] = {
    {OPEN_MPI_AGAIN "mpiexec.openmpi noticed that process rank 2 with PID 0 on node vm exited on signal 9 "
                    "(Killed).\n" DASHES,
     "rank 2 on node1 was killed by SIGKILL", false},
    {"[vm:4712] *** Process received signal ***\n[vm:4712] Signal: Segmentation fault (11)\n[vm:4712] Signal "
     "code:  (-6)\n[vm:4712] Failing at address: 0x4b7f\n[vm:4712] *** End of error message "
     "***\n" OPEN_MPI_AGAIN
     "mpiexec.openmpi noticed that process rank 1 with PID 0 on node vm exited on signal 11 (Segmentation "
     "fault).\n" DASHES,
     "rank 1 on node2 was killed by SIGSEGV", false},
    {OPEN_MPI_AGAIN "mpiexec.openmpi detected that one or more processes exited with non-zero status, thus "
                    "causing\nthe job to be terminated. The first process to do so was:\n\n"
                    "  Process name: [[10090,1],2]\n  Exit code:    3\n" DASHES,
     "rank 2 on node1 exited with code 3", false},
    {DASHES
     "MPI_ABORT was invoked on rank 1 in communicator MPI_COMM_WORLD\nwith errorcode 7.\n\nNOTE: invoking "
     "MPI_ABORT causes Open MPI to kill all MPI processes.\n" DASHES,
     "rank 1 on node2 exited with code 7", false},
    {HYDRA("4713", "9", "YOUR APPLICATION TERMINATED WITH THE EXIT STRING: Killed (signal 9)") HYDRA_END,
     "rank 2 on node1 was killed by SIGKILL", false},
    /* One process's number with another's signal: which rank it was is not known. */
    {HYDRA("4713", "9", "YOUR APPLICATION TERMINATED WITH THE EXIT STRING: Bus error (signal 7)") HYDRA_END,
     "a rank was killed by SIGBUS", false},
    {"[vm:4713:0:4713] Caught signal 11 (Segmentation fault: tkill(2) or tgkill(2) at address 0x4b8d)\n==== "
     "backtrace (tid:   4713) ====\n" HYDRA("4711", "9",
                                            "YOUR APPLICATION TERMINATED WITH THE EXIT STRING: Segmentation "
                                            "fault (signal 11)") HYDRA_END,
     "rank 2 on node1 was killed by SIGSEGV", false},
    {HYDRA("99", "64", "") HYDRA_END, "process 99 on vm exited with code 64", false},
    /* Over several hosts it often leaves out of what the process died. */
    {HYDRA(
         "4712", "9",
         "") "[proxy:0:0@node1] HYD_pmcd_pmip_control_cmd_cb (pm/pmiserv/pmip_cb.c:899): assert (!closed) "
             "failed\n"
             "[mpiexec@node1] main (ui/mpich/mpiexec.c:325): process manager error waiting for completion\n",
     "rank 1 on node2 was killed by SIGKILL, or exited with code 9", false},
    {DASHES
     "ORTE has lost communication with a remote daemon.\n\n  HNP daemon   : [[22371,0],0] on node node1\n"
     "  Remote daemon: [[22371,0],1] on node node2\n\nThis is usually due to either a failure of the TCP "
     "network\nconnection to the node, or possibly an internal failure of\nthe daemon itself.\n" DASHES,
     "host node2 was lost", false},
    {DASHES
     "An MPI communication peer process has unexpectedly disconnected.  This\nusually indicates a failure in "
     "the peer process (e.g., a crash or\notherwise exiting without calling MPI_FINALIZE first).\n\n"
     "  Local host: node1\n  Local PID:  6642\n  Peer host:  node2\n" DASHES
     "mpiexec.openmpi noticed that process rank 1 with PID 6641 on node node2 exited on signal 9 (Killed).\n",
     "rank 1 on node2 was killed by SIGKILL", false},
    {"[proxy:0:0@vm] HYD_pmcd_pmip_control_cmd_cb (pm/pmiserv/pmip_cb.c:934): process reading stdin too "
     "slowly; "
     "can't keep up\n[proxy:0:0@vm] HYDT_dmxu_poll_wait_for_event (tools/demux/demux_poll.c:76): callback "
     "returned "
     "error status\n[proxy:0:0@vm] main (pm/pmiserv/pmip.c:169): demux engine error waiting for event\n",
     "[proxy:0:0@vm] HYD_pmcd_pmip_control_cmd_cb (pm/pmiserv/pmip_cb.c:934): process reading stdin too "
     "slowly; "
     "can't keep up",
     true},
    {"Abort(7) on node 2 (rank 2 in comm 0): application called MPI_Abort(MPI_COMM_WORLD, 7) - process 2\n",
     "rank 2 on node1 exited with code 7", false},
    {"srun: error: node2: task 1: Killed\nsrun: launch/slurm: _step_signal: Terminating StepId=17.0\n",
     "rank 1 on node2 was killed by SIGKILL", false},
    {"srun: error: node2: task 1: Segmentation fault (core dumped)\n",
     "rank 1 on node2 was killed by SIGSEGV", false},
    {"srun: error: node1: task 2: Exited with exit code 6\n", "rank 2 on node1 exited with code 6", false},
    {"", "", true},
    {"one\ntwo\n\n  three\x1b[1m\r\n====\nfour\n", "two | three?[1m | four", true},
    {DASHES
     "There are not enough slots available in the system to satisfy the 5\nslots that were requested by "
     "the application:\n\n  ./die.o\n\nEither request fewer slots for your application, or make more "
     "slots\navailable for use.\n" DASHES,
     "There are not enough slots available in the system to satisfy the 5 | slots that were requested by the "
     "application: | ./die.o",
     true},
    {"[proxy:0:0@vm] HYDU_create_process (utils/launch/launch.c:73): execvp error on file ./nosuch (No such "
     "file "
     "or directory)\n",
     "[proxy:0:0@vm] HYDU_create_process (utils/launch/launch.c:73): execvp error on file ./nosuch (No such "
     "file "
     "or directory)",
     true},
};

/* Two hosts that know themselves by other names than their launcher, as namespaces of one machine do. */
static void last_words(const void *data) {
    static uint32_t even[] = {0, 2}, odd[] = {1}, first[] = {4711, 4713}, second[] = {4712};
    const struct last *row = data;
    const struct pb_ranks_host host[] = {
        {.name = (char *)"node1", .rank = even, .pid = first, .ranks = 2, .pids = 2},
        {.name = (char *)"node2", .rank = odd, .pid = second, .ranks = 1, .pids = 1}};
    const struct pb_last_words words_ = {"mpiexec", row->said, host, 2};
    struct pb_buffer told = {0};
    CHECK(pb_last_words(&words_, &told) == !row->unknown);
    CHECK_TEXT(pb_buffer_string(&told), row->told);
    pb_buffer_release(&told);
}

/* Without hosts, since none was ready: what the launcher says itself. */
static void last_words_alone(const void *data) {
    struct pb_buffer told = {0};
    (void)data;
    CHECK(pb_last_words(&(struct pb_last_words){.launcher = "mpiexec", .text = last[0].said}, &told));
    CHECK_TEXT(pb_buffer_string(&told), "rank 2 on vm was killed by SIGKILL");
    pb_buffer_release(&told);
}

/* ---- The program ---- */

/* The line's words are parted by '|'; RANKS and LAUNCH stand for the two programs, in a mode and a style. */
static void run(struct program *p, const char *mode, const char *style, const char *line) {
    const char *word[PROGRAM_WORDS + 1] = {NULL};
    char copy[1024], ranks_[1024], launch[1024], *rest = NULL;
    int count = 0;
    snprintf(ranks_, sizeof ranks_, PYTHON " '%s/tests/runners/ranks.py' %s", PB_SOURCE_DIR, mode);
    snprintf(launch, sizeof launch, PYTHON " '%s/tests/runners/launch.py' %s -n {ranks}", PB_SOURCE_DIR,
             style);
    CHECK(snprintf(copy, sizeof copy, "%s", line) < (int)sizeof copy);
    for (char *w = strtok_r(copy, "|", &rest); w; w = strtok_r(NULL, "|", &rest))
        word[count++] = strcmp(w, "RANKS") == 0 ? ranks_ : strcmp(w, "LAUNCH") == 0 ? launch : w;
    program_begin(p, &(struct program_start){.word = word});
    program_finish(p);
}

#define LINE "-q|--format|json|--runner|RANKS|--launcher|LAUNCH|-w|wait|-e|fake.ranks|--rounds|3|-n|"

static const struct pb_cell *row_of(const struct pb_run *run_, uint32_t workers) {
    return program_cell(run_, "wait", "fake.ranks", workers);
}

static bool has_note(const struct pb_cell *c, const char *text) {
    for (uint32_t i = 0; i < c->notes; i++)
        if (strcmp(c->note[i], text) == 0)
            return true;
    return false;
}

/* What ranks say of their hosts is in the record, as many workers as one likes. */
static void two_hosts(const void *data) {
    struct program p;
    struct pb_run got;
    (void)data;
    unsetenv("OMPI_MCA_hwloc_base_binding_policy");
    run(&p, "two", "openmpi", LINE "2,3|-b|spread");
    program_check_code(&p, 0);
    CHECK_TEXT(pb_buffer_string(&p.complained), "");
    program_check_nothing_left(false);
    program_decode(&got, "standard output", &p.said);
    const struct pb_cell *c = row_of(&got, 3);
    CHECK_INT(c->state, PB_CELL_DONE);
    CHECK_INT(c->samples, 3);
    CHECK_INT(c->hosts, 2);
    CHECK_TEXT(c->host[0].name, "nodeA");
    CHECK_INT(c->host[0].ranks, 2);
    CHECK_INT(c->host[0].rank[1], 2);
    CHECK_INT(c->host[1].workers, 2);
    CHECK_INT(c->host[1].worker[1], 2);
    CHECK_TEXT(c->host[1].planned[1], "1");
    CHECK_TEXT(c->host[1].achieved, "0 1");
    CHECK_TEXT(c->host[1].machine.cpu_model, "Toy 4000");
    CHECK_INT(c->host[1].limits.processors, 4);
    CHECK_TEXT(c->binding, "spread");
    CHECK_TEXT(c->binding_effective, "core");
    CHECK_TEXT(c->planned, "nodeB:0 nodeA:0 nodeB:1");
    CHECK_TEXT(c->achieved, "nodeB:0 nodeA:0 nodeB:1");
    CHECK(!c->misplaced);
    CHECK(has_note(c, "policy spread"));
    CHECK(has_note(c, "words openmpi -n 4"));
    CHECK(has_note(c, "OMPI_MCA_hwloc_base_binding_policy=none"));
    CHECK(has_note(row_of(&got, 2), "words openmpi -n 3"));
    CHECK_INT(program_cell(&got, "wait", "fake.serial", 1)->hosts, 0);
    pb_run_release(&got);
    program_release(&p);
}

/* More workers than this machine has processors are no error, and one host is as this one. */
static void one_host(const void *data) {
    struct program p;
    struct pb_run got;
    (void)data;
    run(&p, "one", "openmpi", LINE "4|-b|core");
    program_check_code(&p, 0);
    program_decode(&got, "standard output", &p.said);
    const struct pb_cell *c = row_of(&got, 4);
    CHECK_INT(c->hosts, 1);
    CHECK_TEXT(c->planned, "0 1 2 3");
    CHECK_TEXT(c->achieved, "0 1 2 3");
    pb_run_release(&got);
    program_release(&p);
}

static void astray(const void *data) {
    struct program p;
    struct pb_run got;
    (void)data;
    run(&p, "astray", "openmpi", LINE "2");
    program_check_code(&p, 0);
    program_decode(&got, "standard output", &p.said);
    CHECK(row_of(&got, 2)->misplaced);
    CHECK_TEXT(row_of(&got, 2)->achieved, "nodeB:3 nodeA:3");
    pb_run_release(&got);
    program_release(&p);
}

/* How a cell ends whose ranks, or whose launcher, do not do as they should; the other row is there all the
 * same. */
static const struct fault {
    const char *name, *mode, *style, *error;
    bool measured; /* the first samples are there */
} faults[] = {
    {"rank-killed", "kill", "openmpi", "rank 2 on nodeA was killed by SIGKILL", true},
    {"rank-killed-hydra", "kill", "hydra", "rank 2 on nodeA was killed by SIGKILL", true},
    {"rank-killed-silent", "kill", "silent", "python3: exited with code 1 before it had answered", true},
    {"launcher-killed", "launcher", "openmpi", "python3: killed by SIGKILL", true},
    {"talk", "talk", "hydra",
     "python3: exited with code 3 before it had answered: it said: line 3998 of what nobody asked for | line "
     "3999 "
     "of what nobody asked for | the ?[1mlast?[0m of it",
     true},
    {"says-itself", "error", "openmpi", "rank 1: it has lost its mind: give it another", true},
    {"no-hosts", "nowhere", "openmpi",
     "runner protocol: `hosts` of `ready` does not say where the 2 workers are", false},
    {"unreachable", "two", "unreachable",
     "python3: it gave up: it said: ssh: Could not resolve hostname nowhere: Name or service not known",
     false},
};

static void fails(const void *data) {
    const struct fault *fault = data;
    struct program p;
    struct pb_run got;
    run(&p, fault->mode, fault->style, LINE "2");
    program_check_code(&p, 5);
    program_check_nothing_left(false);
    program_decode(&got, "standard output", &p.said);
    const struct pb_cell *c = row_of(&got, 2);
    CHECK_INT(c->state, PB_CELL_FAILED);
    CHECK_TEXT(c->error, fault->error);
    CHECK_INT(c->samples > 0, fault->measured);
    CHECK_INT(program_cell(&got, "wait", "fake.serial", 1)->samples, 3);
    pb_run_release(&got);
    program_release(&p);
}

/* A host that is down says nothing, and its launcher waits for minutes; --timeout is longer. */
static void calling(const void *data) {
    static const char error[] = "python3: host 127.0.0.1 does not answer python3, which calls its port ";
    struct program p;
    struct pb_run got;
    (void)data;
    run(&p, "two", "calling", LINE "2");
    program_check_code(&p, 5);
    program_check_nothing_left(false);
    program_decode(&got, "standard output", &p.said);
    CHECK_HAS(row_of(&got, 2)->error, error);
    CHECK_INT(program_cell(&got, "wait", "fake.serial", 1)->samples, 3);
    pb_run_release(&got);
    program_release(&p);
}

static void missing(const void *data) {
    static const char error[] = "no-such-mpiexec: No such file or directory: install openmpi-bin or mpich, "
                                "or name another with --launcher";
    struct program p;
    struct pb_run got;
    (void)data;
    run(&p, "two", "",
        "-q|--format|json|--runner|RANKS|--launcher|no-such-mpiexec -n {ranks}|-w|wait|-e|fake.ranks|-n|2|"
        "--rounds|3");
    program_check_code(&p, 5);
    program_decode(&got, "standard output", &p.said);
    CHECK_TEXT(row_of(&got, 2)->error, error);
    CHECK_INT(program_cell(&got, "wait", "fake.serial", 1)->samples, 3);
    CHECK_HAS(pb_buffer_string(&p.complained), error);
    pb_run_release(&got);
    program_release(&p);
}

/* `-e all` and the default leave it out; the list has it. */
static void left_out(const void *data) {
    struct program p;
    struct pb_run got;
    (void)data;
    run(&p, "two", "openmpi", "-q|--format|json|--runner|RANKS|--launcher|LAUNCH|-w|wait|--rounds|1");
    program_check_code(&p, 0);
    program_decode(&got, "standard output", &p.said);
    CHECK_INT(got.cells, 1);
    CHECK_TEXT(got.cell[0].executor, "fake.serial");
    pb_run_release(&got);
    program_release(&p);
    run(&p, "two", "", "list|--runner|RANKS");
    program_check_code(&p, 0);
    CHECK_HAS(pb_buffer_string(&p.said), "fake.ranks");
    program_release(&p);
}

/* In words: where workers were, and each one's host. */
static void told(const void *data) {
    struct program p;
    (void)data;
    run(&p, "two", "openmpi", "-v|--runner|RANKS|--launcher|LAUNCH|-w|wait|-e|fake.ranks|-n|3|--rounds|3");
    program_check_code(&p, 0);
    CHECK_HAS(pb_buffer_string(&p.said),
              "fake.ranks 3: on 2 hosts: nodeA (worker 1), nodeB (workers 0 2); its ");
    CHECK_HAS(pb_buffer_string(&p.said), ", processor 1 of nodeB\n");
    program_release(&p);
}

static void topology(const void *data) {
    static const char a[] = "nodeA: ranks 0 2, worker 1\nusable processors: 4 of 4\nToy 4000",
                      b[] = "\n\nnodeB: ranks 1 3, workers 0 2\nusable processors: 4 of 4\nToy 4000";
    struct program p;
    (void)data;
    run(&p, "two", "openmpi", "topology|--runner|RANKS|--launcher|LAUNCH|-n|3|-b|core");
    program_check_code(&p, 0);
    CHECK_TEXT(pb_buffer_string(&p.complained), "");
    CHECK_HAS(pb_buffer_string(&p.said), a);
    CHECK_HAS(pb_buffer_string(&p.said), b);
    CHECK_HAS(pb_buffer_string(&p.said), "worker  1");
    CHECK_HAS(pb_buffer_string(&p.said), "worker  0");
    CHECK_HAS(pb_buffer_string(&p.said), "binding: core");
    program_check_nothing_left(false);
    program_release(&p);
}

static const struct refusal {
    const char *name, *mode, *style, *line, *error;
    int code;
} refusals[] = {
    {"topology-none", "two", "openmpi", "topology|--runner|RANKS|--launcher|no-such-mpiexec",
     "bench: no-such-mpiexec: No such file or directory: install openmpi-bin", 6},
    {"topology-two", "two", "openmpi", "topology|--runner|RANKS|--launcher|LAUNCH|-n|1,2",
     "bench: -n: only one placement is drawn at a time", 2},
    {"topology-policy", "two", "openmpi", "topology|--launcher| |-n|1",
     "bench: --launcher= : it holds no word", 2},
    {"run-policy", "two", "openmpi", "--runner|RANKS|--launcher|LAUNCH|-w|wait|-e|fake.ranks|-b|croe",
     "did you mean core?", 2},
};

static void refuses(const void *data) {
    const struct refusal *refusal = data;
    struct program p;
    run(&p, refusal->mode, refusal->style, refusal->line);
    program_check_code(&p, refusal->code);
    CHECK_HAS(pb_buffer_string(&p.complained), refusal->error);
    CHECK_TEXT(pb_buffer_string(&p.said), "");
    program_release(&p);
}

enum {
    LAST = sizeof last / sizeof *last,
    FAULTS = sizeof faults / sizeof *faults,
    REFUSALS = sizeof refusals / sizeof *refusals
};

static bool generate(size_t i, struct pb_case *out) {
    static const struct pb_case plain[] = {{"ranks", ranks, NULL},
                                           {"words", words, NULL},
                                           {"itself", itself, NULL},
                                           {"no-words", no_words, NULL},
                                           {"environment", environment, NULL},
                                           {"last-words-alone", last_words_alone, NULL},
                                           {"two-hosts", two_hosts, NULL},
                                           {"one-host", one_host, NULL},
                                           {"astray", astray, NULL},
                                           {"missing", missing, NULL},
                                           {"calling", calling, NULL},
                                           {"left-out", left_out, NULL},
                                           {"told", told, NULL},
                                           {"topology", topology, NULL}};
    const size_t plains = sizeof plain / sizeof *plain;
    if (i < plains)
        *out = plain[i];
    else if (i < plains + LAST)
        *out = (struct pb_case){"last-words", last_words, &last[i - plains]};
    else if (i < plains + LAST + FAULTS)
        *out = (struct pb_case){faults[i - plains - LAST].name, fails, &faults[i - plains - LAST]};
    else if (i < plains + LAST + FAULTS + REFUSALS)
        *out = (struct pb_case){refusals[i - plains - LAST - FAULTS].name, refuses,
                                &refusals[i - plains - LAST - FAULTS]};
    return i < plains + LAST + FAULTS + REFUSALS;
}

const struct pb_suite suite_launcher = {"launcher", NULL, generate};
