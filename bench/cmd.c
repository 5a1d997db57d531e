/* A program as one task: it is started, waited for, and charged to the task.
 *
 * Nothing of a task is left when it ends: its process group is killed and waited for. What has left the group
 * comes as an orphan to the nearest process that adopts: a worker process, which then has no other children,
 * ends it after each task; the runner, which has children of its own (the fork server of the process
 * executor), ends after each repetition whatever was not there before the first. If a worker is killed, its
 * programs die with it, and what they had started is the runner's. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/children.h"
#include "bench/command.h"
#include "bench/launch.h"
#include "bench/outputs.h"
#include "bench/workloads.h"
#include "parbench/meter.h"

enum { SHELL, CHECK, TIMEOUT, COMMAND };
enum { TIMED_OUT = PB_STATUS_FIRST };

static const struct pb_param params[] = {
    [SHELL] = {.name = "shell",
               .type = PB_PARAM_CHOICE,
               .fallback = "0",
               .choices = "0|1",
               .help = "1: the command is a script for /bin/sh"},
    [CHECK] = {.name = "check",
               .type = PB_PARAM_CHOICE,
               .fallback = "0",
               .choices = "0|1",
               .help = "1: what it prints is part of the answer; 0: it is thrown away"},
    [TIMEOUT] = {.name = "timeout",
                 .type = PB_PARAM_TIME,
                 .fallback = "0",
                 .min = 0,
                 .max = 1e15,
                 .unit = "s",
                 .help = "kill a task that takes longer, which makes the row fail; 0: never"},
    [COMMAND] = {.name = "command",
                 .type = PB_PARAM_REST,
                 .fallback = "true",
                 .help = "NAME=VALUE ..., program, arguments; {n}: workers, {i}: the task"},
    {0},
};

static const char *const statuses[] = {"timeout", NULL};

struct state {
    struct pb_command command; /* in memory that worker processes inherit */
    bool check, begun;
    int64_t timeout_ns;
    uint64_t workers; /* of the row */
    int null;
    pid_t runner;
    bool unbound;         /* programs run on all these, not only on their worker's */
    cpu_set_t processors; /* of the runner, which no worker's binding has narrowed */
    pid_t *kept;          /* children that are not ours to end */
    size_t kept_count;
};

struct lane {
    struct pb_arguments arguments;
    struct pb_outputs outputs;
    void *stack;
    bool is_worker_process;
};

/* ---- Set-up ---- */

static int note_children(struct state *self) {
    free(self->kept);
    self->kept = pb_children_list(&self->kept_count);
    return self->kept ? 0 : -ENOMEM;
}

static void teardown(void *state) {
    struct state *self = state;
    pb_children_end(self->kept, self->kept_count);
    if (self->null >= 0)
        close(self->null);
    free(self->kept);
    pb_command_release(&self->command);
}

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    self->check = given->value[CHECK].integer == 1;
    self->timeout_ns = given->value[TIMEOUT].integer;
    self->runner = getpid();
    if (sched_getaffinity(0, sizeof self->processors, &self->processors) < 0)
        CPU_ZERO(&self->processors);
    int rc = pb_command_init(&self->command, given->value[COMMAND].text, given->value[SHELL].integer == 1,
                             message);
    if (rc < 0)
        return rc;
    rc = note_children(self);
    self->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (rc == 0 && self->null < 0) {
        rc = -errno;
        snprintf(message->text, sizeof message->text, "/dev/null: %s", strerror(-rc));
    }
    if (rc < 0)
        teardown(self);
    return rc;
}

static void lane_teardown(void *lane, void *state) {
    struct lane *self = lane;
    (void)state;
    pb_outputs_release(&self->outputs);
    pb_arguments_release(&self->arguments);
    free(self->stack);
}

static int lane_setup(void *lane, void *state, struct pb_message *message) {
    struct lane *self = lane;
    const struct state *shared = state;
    self->is_worker_process = getpid() != shared->runner;
    if (self->is_worker_process)
        pb_children_adopt();
    self->stack = malloc(PB_LAUNCH_STACK);
    int rc = pb_outputs_init(&self->outputs);
    rc = rc < 0 ? rc : self->stack ? pb_arguments_init(&self->arguments, &shared->command) : -ENOMEM;
    if (rc == 0)
        return 0;
    snprintf(message->text, sizeof message->text, "a lane for programs: %s: run fewer at once",
             strerror(-rc));
    lane_teardown(self, state);
    return rc;
}

/* The executor is open by now: its own processes are there. */
static int begin(void *state, const struct pb_repetition *repetition, struct pb_message *message) {
    struct state *self = state;
    (void)message;
    /* For an event loop -n is what it has in flight. */
    bool in_flight = repetition->lanes > repetition->workers;
    self->workers = in_flight ? repetition->lanes : repetition->workers;
    self->unbound =
        in_flight && CPU_COUNT(&self->processors) > 0; /* or its one thread's would hold them all */
    int rc = self->begun ? 0 : note_children(self);
    self->begun = rc == 0;
    return rc;
}

static uint64_t end(void *state) {
    const struct state *self = state;
    pb_children_end(self->kept, self->kept_count);
    return 0;
}

/* ---- One task ---- */

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static int fail_start(struct pb_task *task, uint64_t i, const char *name, int rc) {
    const char *advice = rc == -ENOEXEC ? ": begin it with #!, or give shell=1"
                         : rc == -EMFILE || rc == -ENFILE || rc == -EAGAIN ? ": run fewer at once"
                                                                           : "";
    return pb_reason(task, i, PB_ERROR, "%s: it cannot be started: %s%s", name, strerror(-rc), advice);
}

/* What a program's end means for its task: its own word is the last line of its standard error. */
static int judge(struct pb_task *task, uint64_t i, int status) {
    const struct state *self = task->state;
    struct lane *lane = task->lane;
    const char *name = base_name(self->command.name), *line = pb_outputs_last_line(&lane->outputs);
    const char *colon = *line ? ": " : "";
    if (WIFSIGNALED(status)) {
        const char *abbreviation = sigabbrev_np(WTERMSIG(status));
        return pb_reason(task, i, PB_ERROR, "%s: killed by SIG%s%s%s", name,
                         abbreviation ? abbreviation : "RT", colon, line);
    }
    if (WEXITSTATUS(status) != 0)
        return pb_reason(task, i, PB_ERROR, "%s: exit code %d%s%s", name, WEXITSTATUS(status), colon, line);
    return PB_OK;
}

static int start(struct pb_task *task, uint64_t i, pid_t *pid, int *watch) {
    const struct state *self = task->state;
    struct lane *lane = task->lane;
    struct pb_launch launch = {.stack = lane->stack, .file = {self->null, self->null, self->null}};
    int rc = pb_outputs_open(&lane->outputs, self->check, launch.file);
    if (rc < 0)
        return rc;
    pb_arguments_fill(&lane->arguments, &self->command, self->workers, i);
    launch.processors = self->unbound ? &self->processors : NULL;
    launch.path = lane->arguments.path;
    launch.argv = lane->arguments.argv;
    launch.environment = lane->arguments.environment;
    rc = pb_launch(&launch, pid, watch);
    for (int k = 1; k < 3; k++)
        if (launch.file[k] != self->null)
            close(launch.file[k]);
    if (rc < 0)
        pb_outputs_close(&lane->outputs, task);
    return rc;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    struct lane *lane = task->lane;
    const char *name = base_name(self->command.name);
    pid_t pid;
    int watch, rc = start(task, i, &pid, &watch);
    if (rc < 0)
        return fail_start(task, i, name, rc);
    rc = pb_outputs_await(&lane->outputs, task, watch, self->timeout_ns);
    int status = pb_launch_end(task, pid, rc < 0);
    close(watch);
    pb_outputs_close(&lane->outputs, task);
    if (lane->is_worker_process)
        pb_children_end(NULL, 0);
    *digest = pb_mix(i, self->check ? pb_outputs_digest(&lane->outputs) : 0);
    if (rc == -ETIMEDOUT)
        return pb_reason(task, i, TIMED_OUT, "%s: killed after %g s", name, (double)self->timeout_ns / 1e9);
    if (rc < 0)
        return pb_reason(task, i, PB_ERROR, "%s: killed: its wait: %s", name, strerror(-rc));
    return judge(task, i, status);
}

const struct pb_workload pb_workload_cmd = {
    PB_WORKLOAD_HEADER,
    .name = "cmd",
    .summary = "a program as one task",
    .bound = PB_CPU,
    .params = params,
    .statuses = statuses,
    .state_size = sizeof(struct state),
    .lane_size = sizeof(struct lane),
    .must_succeed = true,
    .begin = begin,
    .end = end,
    .setup = setup,
    .lane_setup = lane_setup,
    .run = run,
    .lane_teardown = lane_teardown,
    .teardown = teardown,
};
