/* Fault injection into the executors.
 *
 *     inject [-l LIMIT] [-j JOBS] [-s SECONDS] [-a] [-o | -p] [-v] [-k KIND] [-n N] [CASE...]
 *
 * A CASE is EXECUTOR/SCENARIO, or either; none: all. Each is run once with nothing injected, to count its
 * calls, then again with one of them failing: all kinds, and of each at most LIMIT calls, spread over all of
 * them (-a: every one). With -o, the default, that call fails alone; with -p what is used up stays so, and
 * all calls from that one on fail, of the kinds where this may be. -k and -n name a kind and a call, to look
 * at one failure alone; -v shows how each failure was told of.
 *
 * Each run is a process; what it leaves behind (descriptors, shared memory, threads, processes, heap) is
 * looked at when it is done, and a hang ends after SECONDS with the stack of every thread. Ends with a line
 * `injected N failures in S scenarios x E executors: V violations`; exits with 1 if there were any. */
#include "faults/inject.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "faults/runner.h"
#include "parbench/executor.h"

struct options {
    unsigned limit, jobs, seconds, nth;
    bool verbose, lasting;
    const char *kind;
    char **cases;
};

/* Shared by the jobs of a case. */
struct totals {
    atomic_uint injected, violations;
    atomic_uint next, ran, hung; /* of the case */
};

enum { SLOW_MS = 500 }; /* worth a look: something waits for a time-out of the library's own */
enum { HUNG_MAX = 4 };  /* in a case: more would tell little, and take long */

/* ---- Ending a run ---- */

/* Descendants of ours, whoever their parent is by now: we are a subreaper. */
static size_t family(pid_t *out, size_t room) {
    size_t count = 0, looked = 0;
    for (pid_t parent = getpid();; parent = out[looked++]) {
        char path[64], word[4096];
        snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
        FILE *f = fopen(path, "r");
        size_t got = f ? fread(word, 1, sizeof word - 1, f) : 0;
        if (f)
            fclose(f);
        word[got] = '\0';
        for (char *at = word, *end; count < room; at = end) {
            long pid = strtol(at, &end, 10);
            if (end == at)
                break;
            out[count++] = (pid_t)pid;
        }
        if (looked == count)
            return count;
    }
}

static void take_stacks(void) {
    pid_t pid[64];
    size_t count = family(pid, 64);
    for (size_t i = 0; i < count; i++)
        inject_stacks_ask(pid[i]);
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
}

/* Kills and reaps what there is; how many there were. */
static unsigned end_family(void) {
    pid_t pid[64];
    unsigned ended = 0;
    for (size_t count; (count = family(pid, 64)) > 0;) {
        for (size_t i = 0; i < count; i++)
            kill(pid[i], SIGKILL);
        while (waitpid(-1, NULL, 0) > 0)
            ended++;
    }
    return ended;
}

static bool ends_within(pid_t pid, unsigned seconds) {
    struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    int rc = poll(&end, 1, (int)seconds * 1000);
    close(end.fd);
    return rc > 0;
}

/* ---- One run ---- */

struct job {
    const char *executor;
    const struct inject_scenario *scenario;
    const struct inject_kind *kind; /* NULL: nothing fails */
    unsigned nth;
    bool lasting;
};

static void tell(const struct job *j, const struct inject_board *b) {
    fprintf(stderr, "VIOLATION %s/%s", j->executor, j->scenario->name);
    if (j->kind)
        fprintf(stderr, ": %s #%u%s", j->kind->name, j->nth,
                !atomic_load(&b->fired)    ? " (not reached)"
                : b->fired_in == b->runner ? ""
                                           : " (in another process)");
    fprintf(stderr, "\n%s", b->log);
    if (atomic_load(&b->fired)) {
        fprintf(stderr, "    it failed here:\n");
        inject_stack_print(&b->where);
    }
    for (unsigned i = 0; i < atomic_load(&b->threads) && i < INJECT_THREADS; i++) {
        const struct inject_thread *t = &b->thread[i];
        fprintf(stderr, "    %s (process %d, thread %d):\n", t->name, (int)t->pid, (int)t->tid);
        inject_stack_print(&t->stack);
    }
    fflush(stderr);
}

/* Runs it; true if nothing was wrong. */
static bool run(const struct job *j, struct inject_board *b, unsigned seconds, struct totals *t) {
    inject_board_reset(b, j->kind, j->nth, j->lasting);
    pid_t pid = fork();
    if (pid == 0)
        inject_run(b, j->scenario, j->executor);
    b->runner = pid;
    int status = 0;
    if (pid < 0) {
        inject_violation(b, "no process for the run: %s", strerror(errno));
    } else if (!ends_within(pid, seconds)) {
        inject_violation(b, "hung for %u s", seconds);
        atomic_fetch_add(&t->hung, 1);
        take_stacks();
        end_family();
    } else {
        waitpid(pid, &status, 0);
        if (WIFSIGNALED(status))
            inject_violation(b, "ended by SIG%s", sigabbrev_np(WTERMSIG(status)));
        else if (WEXITSTATUS(status) != 0)
            inject_violation(b, "ended with exit code %d", WEXITSTATUS(status));
        unsigned left = end_family();
        if (left)
            inject_violation(b, "left %u processes behind", left);
    }
    if (b->errors && (!atomic_load(&b->fired) || j->kind->unseen))
        inject_violation(b, "nobody should have noticed, but: %s", b->first_error);
    return b->violations == 0;
}

/* ---- All runs of a case ---- */

/* The i-th of at most `limit` calls out of `count`: the first half one by one, the rest spread evenly. */
static unsigned call_of(unsigned i, unsigned limit, unsigned count) {
    unsigned half = limit - limit / 2;
    if (count <= limit || i < half)
        return i + 1;
    return half + (unsigned)((uint64_t)(i + 1 - half) * (count - half) / (limit - half));
}

static unsigned calls_of(const struct options *o, const struct inject_kind *k, const unsigned *count) {
    if ((o->kind && strcmp(o->kind, k->name) != 0) || (o->lasting && !k->lasts))
        return 0;
    return count[k->call] < o->limit ? count[k->call] : o->limit;
}

/* The n-th job of the case; false past the end. */
static bool job_at(const struct options *o, const unsigned *count, unsigned n, struct job *j) {
    for (const struct inject_kind *k = inject_kinds; k->name; k++) {
        unsigned calls = calls_of(o, k, count);
        if (n < calls) {
            j->kind = k;
            j->nth = o->nth ? o->nth : call_of(n, o->limit, count[k->call]);
            return !o->nth || n == 0;
        }
        n -= calls;
    }
    return false;
}

/* Takes jobs until there are none, or too many have hung. */
static void work(const struct options *o, struct job job, const unsigned *count, struct totals *t) {
    struct inject_board *b = inject_board_open();
    if (!b)
        abort();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    inject_stacks_prepare(b);
    while (atomic_load(&t->hung) < HUNG_MAX && job_at(o, count, atomic_fetch_add(&t->next, 1), &job)) {
        uint64_t began = pb_now();
        bool good = run(&job, b, o->seconds, t);
        uint64_t ms = (pb_now() - began) / 1000000;
        if (o->verbose && ms >= SLOW_MS)
            fprintf(stderr, "%s/%s: %s #%u: took %llu ms\n", job.executor, job.scenario->name, job.kind->name,
                    job.nth, (unsigned long long)ms);
        atomic_fetch_add(&t->injected, atomic_load(&b->fired));
        atomic_fetch_add(&t->ran, 1);
        if (o->verbose && b->errors)
            fprintf(stderr, "%s/%s: %s #%u: %s\n", job.executor, job.scenario->name, job.kind->name, job.nth,
                    b->first_error);
        if (!good) {
            atomic_fetch_add(&t->violations, 1);
            tell(&job, b);
        }
        fflush(stderr);
    }
}

/* The run in which nothing fails; how often each call was made. */
static bool count_calls(const struct options *o, const struct job *job, unsigned *count, struct totals *t) {
    struct inject_board *b = inject_board_open();
    if (!b)
        abort();
    inject_stacks_prepare(b);
    bool good = run(job, b, o->seconds, t);
    for (size_t i = 0; i < INJECT_CALLS; i++)
        count[i] = atomic_load(&b->count[i]);
    if (!good)
        tell(job, b);
    munmap(b, sizeof *b);
    return good;
}

static void run_case(const struct options *o, const char *executor, const struct inject_scenario *scenario,
                     struct totals *t) {
    unsigned count[INJECT_CALLS];
    struct job job = {.executor = executor, .scenario = scenario, .lasting = o->lasting};
    unsigned before = atomic_load(&t->violations);
    atomic_store(&t->next, 0);
    atomic_store(&t->ran, 0);
    atomic_store(&t->hung, 0);
    bool good = count_calls(o, &job, count, t);
    if (!good) /* what it is without failures it would be with each of them */
        atomic_fetch_add(&t->violations, 1);
    for (unsigned i = 0; good && i < o->jobs; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            work(o, job, count, t);
            _exit(0);
        }
    }
    for (int status; waitpid(-1, &status, 0) > 0;)
        if (status != 0) {
            atomic_fetch_add(&t->violations, 1);
            fprintf(stderr, "VIOLATION %s/%s: a supervisor ended with status %d\n", executor, scenario->name,
                    status);
        }
    fprintf(stderr, "%s/%s: %u runs, %u violations%s\n", executor, scenario->name, atomic_load(&t->ran),
            atomic_load(&t->violations) - before,
            atomic_load(&t->hung) < HUNG_MAX ? "" : "; given up after so many that hung");
    fflush(stderr);
}

/* ---- The command line ---- */

static bool wanted(const struct options *o, const char *executor, const char *scenario) {
    char name[128];
    snprintf(name, sizeof name, "%s/%s", executor, scenario);
    for (char **c = o->cases; *c; c++)
        if (strcmp(*c, name) == 0 || strcmp(*c, executor) == 0 || strcmp(*c, scenario) == 0)
            return true;
    return !*o->cases;
}

static bool fits(const struct inject_scenario *s, const char *executor) {
    return !s->processes_only || strcmp(executor, "process") == 0;
}

static int usage(void) {
    fprintf(
        stderr,
        "usage: inject [-l LIMIT] [-j JOBS] [-s SECONDS] [-a] [-o | -p] [-v] [-k KIND] [-n N] [CASE...]\n");
    return 2;
}

int main(int argc, char **argv) {
    struct options o = {.limit = 8, .jobs = 2, .seconds = 10};
    for (int c; (c = getopt(argc, argv, "l:j:s:aopvk:n:")) != -1;) {
        if (c == 'a')
            o.limit = UINT32_MAX / 2;
        else if (c == 'p' || c == 'o')
            o.lasting = c == 'p';
        else if (c == 'v')
            o.verbose = true;
        else if (c == 'k')
            o.kind = optarg;
        else if (c != '?')
            *(c == 'l'   ? &o.limit
              : c == 'j' ? &o.jobs
              : c == 's' ? &o.seconds
                         : &o.nth) = (unsigned)atoi(optarg);
        else
            return usage();
    }
    o.cases = argv + optind;
    setvbuf(stderr, NULL, _IOFBF, 1 << 17); /* a violation is told in one piece */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    struct totals *t = mmap(NULL, sizeof *t, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (t == MAP_FAILED)
        return 6;
    struct pb_executor_listing row;
    unsigned executors = 0, scenarios = 0;
    for (size_t e = 0; pb_executor_list(e, &row) == 0; e++) {
        unsigned ran = 0;
        for (const struct inject_scenario *s = inject_scenarios; s->name && !row.absent; s++)
            if (wanted(&o, row.name, s->name) && fits(s, row.name)) {
                run_case(&o, row.name, s, t);
                ran++;
            }
        executors += ran > 0;
        scenarios = ran > scenarios ? ran : scenarios;
    }
    unsigned violations = atomic_load(&t->violations);
    printf("injected %u failures in %u scenarios x %u executors: %u violations\n", atomic_load(&t->injected),
           scenarios, executors, violations);
    return scenarios == 0 ? 2 : violations > 0;
}
