/* Nothing of a program is left when its task ends, however that comes: not its children, not those that have
 * left its group and session, not theirs. */
#include "program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child in the group, one that leads a session, and a double-forked one with a child of its own. */
#define BROOD "sleep 1000 & setsid sleep 1000 & (setsid sh -c 'sleep 1000 & exec sleep 1000' &); "

struct scene {
    const char *name, *executor;
    const char *script; /* behind `shell=1,`; %s is a fifo by which it may tell that it runs */
    const char *option, *value;
    enum { NOBODY, PARENT, DRIVER } whom; /* gets the signal, once the script has written its parent's pid */
    int signal, code;                     /* 0: it ends by the signal */
    const char *said;                     /* of the row; NULL: nothing */
};

#define TELL "echo $PPID >%s; exec sleep 1000"

static const struct scene scenes[] = {
    {"ends", EXECUTORS, BROOD "true", "--rounds", "2", NOBODY, 0, 0, NULL},
    {"fails", EXECUTORS, BROOD "exit 3", "--rounds", "2", NOBODY, 0, 5, "exit code 3"},
    {"timeout", EXECUTORS, BROOD "exec sleep 1000", "-w", "TIMEOUT", NOBODY, 0, 5, "timeout: sh: killed"},
    {"driver-timeout", EXECUTORS, BROOD "exec sleep 1000", "--timeout", "1s", NOBODY, 0, 5,
     "no answer within 1 s"},
    {"killed-worker", "process", BROOD "test {i} = 1 || { " TELL "; }", "--rounds", "2", PARENT, SIGKILL, 5,
     "SIGKILL"},
    {"killed-runner", "thread", BROOD TELL, "--rounds", "2", PARENT, SIGKILL, 5, "killed by SIGKILL"},
    {"killed-runner-loop", "loop", BROOD TELL, "--rounds", "2", PARENT, SIGKILL, 5, "killed by SIGKILL"},
    {"interrupted-thread", "thread", BROOD TELL, "--rounds", "2", DRIVER, SIGINT, 128 + SIGINT, NULL},
    {"interrupted-process", "process", BROOD TELL, "--rounds", "2", DRIVER, SIGINT, 128 + SIGINT, NULL},
    {"terminated-loop", "loop", BROOD TELL, "--rounds", "2", DRIVER, SIGTERM, 128 + SIGTERM, NULL},
    {"killed-driver-thread", "thread", TELL, "--rounds", "2", DRIVER, SIGKILL, 0, NULL},
    {"killed-driver-process", "process", TELL, "--rounds", "2", DRIVER, SIGKILL, 0, NULL},
};

/* The number that the first script to run writes. */
static pid_t hear_parent(int fifo) {
    char text[32] = "";
    ssize_t got = read(fifo, text, sizeof text - 1);
    CHECK_MSG(got > 1, "no script told that it runs");
    return (pid_t)atoi(text);
}

static void begin(struct program *p, const struct scene *s, const char *fifo) {
    char script[512], item[600];
    bool timeout = strcmp(s->option, "-w") == 0;
    snprintf(script, sizeof script, s->script, fifo);
    snprintf(item, sizeof item, "cmd:%sshell=1,%s", timeout ? "timeout=300ms," : "", script);
    const char *const word[] = {"-q",
                                "--format",
                                "json",
                                "-w",
                                item,
                                "-e",
                                s->executor,
                                "-n",
                                "2",
                                "-b",
                                "none",
                                "--base",
                                "none",
                                "--tasks",
                                "2",
                                timeout ? "--rounds" : s->option,
                                timeout ? "2" : s->value,
                                NULL};
    program_begin(p, &(struct program_start){.word = word});
}

static void check_record(const struct scene *s, const struct program *p) {
    struct pb_run run;
    program_decode(&run, "standard output", &p->said);
    for (uint32_t i = 0; i < run.cells; i++) {
        const struct pb_cell *c = &run.cell[i];
        if (c->role == PB_ROLE_REFERENCE)
            continue;
        if (s->said)
            CHECK_HAS(c->error, s->said);
        else
            CHECK_MSG(!c->error, "%s: %s", c->executor, c->error);
    }
    pb_run_release(&run);
}

static void play(const void *data) {
    const struct scene *s = data;
    char directory[64], fifo[128];
    struct program p;
    program_skip_unseen(s->executor);
    program_directory(directory);
    snprintf(fifo, sizeof fifo, "%s/fifo", directory);
    CHECK(mkfifo(fifo, 0600) == 0);
    int hears = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    CHECK(hears >= 0 && fcntl(hears, F_SETFL, 0) == 0);
    begin(&p, s, fifo);
    if (s->whom != NOBODY) {
        close(hears); /* opened again, it waits for a writer */
        CHECK((hears = open(fifo, O_RDONLY | O_CLOEXEC)) >= 0);
        pid_t parent = hear_parent(hears);
        CHECK(kill(s->whom == DRIVER ? p.pid : parent, s->signal) == 0);
    }
    program_finish(&p);
    close(hears);
    if (s->code || s->whom == NOBODY) {
        program_check_code(&p, s->code);
        check_record(s, &p);
    } else {
        CHECK(WIFSIGNALED(p.status) && WTERMSIG(p.status) == s->signal);
    }
    program_check_nothing_left(s->whom == DRIVER && s->signal == SIGKILL);
    program_release(&p);
    program_directory_release(directory);
}

static bool generate(size_t i, struct pb_case *out) {
    if (i >= sizeof scenes / sizeof *scenes)
        return false;
    *out = (struct pb_case){scenes[i].name, play, &scenes[i]};
    return true;
}

const struct pb_suite suite_cmd_left = {"cmd_left", NULL, generate};
