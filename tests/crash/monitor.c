/* The monitor of one trial: single-threaded, the subreaper of all that the trial starts. */
#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"

#define TICK  MILLISECOND
#define LIMIT (10 * SECOND * SLACK) /* of the whole trial */

static void nap(int64_t ns) {
    nanosleep(&(struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND}, NULL);
}

/* ---- Looking at processes ---- */

/* The state letter of a process, and its parent; 0 if there is none. */
static char look_at(pid_t pid, pid_t *parent) {
    char path[64], line[512], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "re");
    const char *after = f && fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
    if (!after || sscanf(after + 1, " %c %d", &state, parent) != 2)
        state = 0;
    if (f)
        fclose(f);
    return state;
}

static unsigned children_of(pid_t pid, pid_t *child, unsigned capacity) {
    char path[64];
    unsigned count = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *f = fopen(path, "re");
    while (f && count < capacity && fscanf(f, "%d", &child[count]) == 1)
        count++;
    if (f)
        fclose(f);
    return count;
}

enum { FAMILY_MAX = 64 };

/* All descendants of a process, parents first. */
static unsigned family_of(pid_t pid, pid_t family[FAMILY_MAX]) {
    unsigned count = children_of(pid, family, FAMILY_MAX);
    for (unsigned i = 0; i < count; i++)
        count += children_of(family[i], family + count, FAMILY_MAX - count);
    return count;
}

static void print_stacks(pid_t pid) {
    char command[320];
    pid_t parent;
    char state = look_at(pid, &parent);
    if (!state || state == 'Z') {
        fprintf(stderr, "---- process %d: %s\n", (int)pid, state ? "a zombie" : "gone");
        return;
    }
    fprintf(stderr, "---- process %d (%c), child of %d\n", (int)pid, state, (int)parent);
    snprintf(command, sizeof command,
             "gdb -q -batch -p %d -ex 'thread apply all bt 16' 2>&1 | grep -E '^(#|Thread)' 1>&2 || "
             "grep -H . /proc/%d/task/*/wchan 1>&2",
             (int)pid, (int)pid);
    fflush(NULL);
    pid_t shell = fork();
    if (shell == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    waitpid(shell, NULL, 0);
}

/* The stacks of all; monitors take turns, so that each print stays in one piece. */
static void print_family(void) {
    pid_t family[FAMILY_MAX];
    unsigned count = family_of(getpid(), family);
    int turn = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    flock(turn, LOCK_EX);
    fprintf(stderr, "wrong: %.*s", (int)strcspn(trial->text, "\n") + 1, trial->text);
    for (unsigned i = 0; i < count; i++)
        print_stacks(family[i]);
    close(turn);
}

static void kill_family(void) {
    pid_t family[FAMILY_MAX];
    unsigned count = family_of(getpid(), family);
    for (unsigned i = 0; i < count; i++)
        kill(family[i], SIGKILL);
}

void monitor_stuck(const char *format, ...) {
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    wrong("%s", text);
    atomic_store(&trial->stuck, 1);
    while (atomic_load(&trial->stuck) == 1)
        nap(TICK);
    _exit(3); /* what is left is the monitor's */
}

/* ---- What it does meanwhile ---- */

struct watch {
    struct pb_random random;
    uint64_t start, struck; /* when the fault was seen */
    uint64_t next_kill;
    uint32_t entered, in_a_row; /* workers that there were at the last kill; kills without a new one since */
};

/* Lets go on what was stopped where no deadline ends it. */
static void attend_stopped(struct watch *w) {
    const struct plan *plan = &trial->plan;
    if (plan->action != HALTED || !atomic_load(&trial->fired) || atomic_load(&trial->continued))
        return;
    if (!w->struck)
        w->struck = pb_now();
    int phase = atomic_load(&trial->fired_in);
    bool ends_by_deadline = plan->who != PARENT && (phase == TASKS || phase == CLOSING);
    /* Maps and ranges need a fork server, since workers were killed before. */
    if (plan->who == SERVER && phase == TASKS && atomic_load(&trial->phase) != TASKS)
        ends_by_deadline = false;
    if (ends_by_deadline || pb_now() - w->struck < (uint64_t)STOPPED)
        return;
    atomic_store(&trial->continued, 1);
    kill(atomic_load(&trial->fired_at), SIGCONT);
}

/* A pidfd of the process if it lives and is a child of `parent`, which is looked at once the pidfd holds on
 * to it; -1. */
static int hold(pid_t pid, pid_t parent) {
    pid_t its_parent = 0;
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    char state = fd >= 0 ? look_at(pid, &its_parent) : 0;
    if (state && state != 'Z' && its_parent == parent)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int send_signal(int fd, int number) {
    return (int)syscall(SYS_pidfd_send_signal, fd, number, NULL, 0);
}

static void kill_one(pid_t worker, pid_t server) {
    int fd = hold(worker, server);
    if (fd < 0)
        return;
    if (atomic_fetch_add(&trial->kills, 1) >= trial->plan.kills || send_signal(fd, SIGKILL) < 0)
        atomic_fetch_sub(&trial->kills, 1);
    close(fd);
}

/* As if it lost its processor for long. */
static void pause_one(struct watch *w, pid_t pid, pid_t parent) {
    int fd = hold(pid, parent);
    if (fd < 0)
        return;
    if (send_signal(fd, SIGSTOP) == 0)
        nap((int64_t)pb_random_below(&w->random, 3 * MILLISECOND));
    send_signal(fd, SIGCONT);
    close(fd);
}

static void strike_one(struct watch *w) {
    pid_t parent = atomic_load(&trial->parent), server, worker[16];
    if (children_of(parent, &server, 1) != 1)
        return;
    unsigned count = children_of(server, worker, 16);
    pid_t pid = count ? worker[pb_random_below(&w->random, count)] : 0;
    switch (pb_random_below(&w->random, 8)) {
    case 0:
        pause_one(w, parent, getpid());
        break;
    case 1:
        pause_one(w, server, parent);
        break;
    case 2:
        pause_one(w, pid, server);
        break;
    default:
        kill_one(pid, server);
    }
}

/* A pool gives up a worker that dies eight times in a row before it is ready: on a slow machine each might be
 * killed so early. */
static bool spares(struct watch *w) {
    enum { IN_A_ROW = 4 };
    uint32_t entered = atomic_load(&trial->entered);
    w->in_a_row = entered == w->entered ? w->in_a_row : 0;
    w->entered = entered;
    return w->in_a_row >= IN_A_ROW;
}

static void attend_kills(struct watch *w) {
    if (atomic_load(&trial->kills) >= trial->plan.kills || atomic_load(&trial->phase) != TASKS ||
        pb_now() < w->next_kill || spares(w))
        return;
    strike_one(w);
    w->in_a_row++;
    w->next_kill = pb_now() + pb_random_below(&w->random, 6 * MILLISECOND);
    for (uint64_t spin = pb_random_below(&w->random, 20000); spin; spin--)
        __asm__ volatile("");
}

static void attend_stuck(void) {
    if (atomic_load(&trial->stuck) != 1)
        return;
    print_family();
    atomic_store(&trial->stuck, 2);
}

/* ---- The end ---- */

static const char *how_ended(int status, char text[64]) {
    if (WIFSIGNALED(status))
        snprintf(text, 64, "by SIG%s", sigabbrev_np(WTERMSIG(status)));
    else
        snprintf(text, 64, "with code %d", WEXITSTATUS(status));
    return text;
}

/* The parent ended as it should: as it was struck, or well. */
static void check_end(int status) {
    static const struct {
        int signal, code;
    } ends[ACTION_COUNT] = {[KILLED] = {SIGKILL, 0}, [CRASHED] = {SIGSEGV, 0}, [EXITED_1] = {0, 1}};
    const struct plan *plan = &trial->plan;
    bool struck = atomic_load(&trial->fired) && plan->who == PARENT && plan->action != HALTED;
    enum action action = struck ? plan->action : NOTHING;
    char text[64];
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    if (signal != ends[action].signal || code != ends[action].code)
        wrong("the parent ended %s in phase %s", how_ended(status, text),
              phase_name[atomic_load(&trial->phase)]);
    if (!struck && !atomic_load(&trial->done))
        wrong("the parent ended before its scenario did");
}

/* Everything the trial started is gone: at once where the pool could see to it, within a second where its
 * parent or its fork server died. */
static void check_nothing_left(void) {
    const struct plan *plan = &trial->plan;
    bool orphaned =
        atomic_load(&trial->fired) && plan->who != WORKER && !(plan->who == PARENT && plan->action == HALTED);
    uint64_t deadline = pb_deadline(SECOND * SLACK);
    unsigned adopted = 0, left;
    pid_t family[FAMILY_MAX], pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0) {
        adopted += pid > 0;
        if (pid == 0 && pb_remaining(deadline) == 0)
            break;
        if (pid == 0)
            nap(TICK);
    }
    if (pid < 0 && (adopted == 0 || orphaned))
        return;
    left = family_of(getpid(), family);
    wrong("%u processes were left behind, %u of them still are", adopted + left, left);
    print_family();
}

static void end_family(void) {
    do
        kill_family();
    while (waitpid(-1, NULL, 0) > 0);
}

_Noreturn static void become_parent(void (*scenario_of_trial)(void)) {
    pid_t monitor = getppid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    if (getppid() != monitor)
        _exit(1);
    atomic_store(&trial->parent, getpid());
    points_enter();
    scenario_of_trial();
    atomic_store(&trial->done, 1);
    exit(0); /* not _exit: the leak checker runs at exit */
}

void monitor_run(void (*scenario_of_trial)(void)) {
    struct watch w = {.start = pb_now()};
    int status = 0;
    bool hung = false;
    struct rlimit no_core = {0, 0};
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    setrlimit(RLIMIT_CORE, &no_core);
    trial->monitor = getpid();
    pb_random_seed(&w.random, trial->plan.seed ^ 1);
    pid_t parent = fork();
    if (parent == 0)
        become_parent(scenario_of_trial);
    if (parent < 0) {
        wrong("fork: %s", strerror(errno));
        return;
    }
    while (waitpid(parent, &status, WNOHANG) == 0 && !hung) {
        attend_stopped(&w);
        attend_kills(&w);
        attend_stuck();
        if (pb_now() - w.start > (uint64_t)LIMIT && !atomic_load(&trial->stuck)) {
            wrong("hung in phase %s", phase_name[atomic_load(&trial->phase)]);
            print_family();
            hung = true;
        }
        nap(trial->plan.kills ? TICK / 4 : TICK);
    }
    if (!hung && !atomic_load(&trial->stuck)) {
        check_end(status);
        check_nothing_left();
    }
    end_family();
}
