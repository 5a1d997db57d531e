/* The plain runner: each case in a child process, so that a crash or a hang fails that case alone.
 *
 *     tests-plain [-lt] [-x PATTERN]... [PATTERN...]
 *
 * runs the cases whose "suite/case" contains a PATTERN, but none of the PATTERNs of -x. With -l it lists
 * them. With -t each gets a line "TIME suite/case LASTED s, BUSY s": how long it took, and how long it and
 * the processes that it waited for kept processors busy (what took longest: tests-plain -t | grep ^TIME |
 * sort -nrk3 | head).
 *
 * Ends with a line "N passed, N failed, N skipped". Of a case that is not over after PB_TEST_SECONDS
 * (default 120) the stacks are printed, of all its threads and processes; then it is aborted, and has failed.
 */
#include "cases.h"
#include "stacks.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SKIPPED = 77, FAILED = 1 };

_Noreturn void pb_test_failed(const char *file, int line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "  %s:%d: ", file, line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    _exit(FAILED);
}

_Noreturn void pb_test_skip(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("  skipped: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    _exit(SKIPPED);
}

/* Runs one case in a child; returns its wait status, or -1 when it hung. */
static int run_case(const struct pb_case *c, int seconds) {
    sigset_t chld;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, NULL);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        sigprocmask(SIG_UNBLOCK, &chld, NULL);
        pb_stacks_allow();
        c->run(c->data);
        exit(0); /* not _exit: the leak checker runs at exit */
    }
    bool hung = false;
    int status;
    for (time_t end = time(NULL) + seconds; waitpid(child, &status, WNOHANG) == 0;) {
        struct timespec left = {.tv_sec = end - time(NULL)};
        if (left.tv_sec <= 0) {
            hung = true;
            pb_stacks_print(stderr, child);
            kill(child, SIGABRT);
            left.tv_sec = 5;
            if (sigtimedwait(&chld, NULL, &left) < 0)
                kill(child, SIGKILL);
            waitpid(child, &status, 0);
            break;
        }
        sigtimedwait(&chld, NULL, &left);
    }
    return hung ? -1 : status;
}

/* What time has passed, and what part of it the processes that were waited for have been running. */
struct spent {
    double lasted, busy; /* s */
};

static double seconds_of(struct timeval t) {
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static struct spent spent_now(void) {
    struct timespec now;
    struct rusage children;
    clock_gettime(CLOCK_MONOTONIC, &now);
    getrusage(RUSAGE_CHILDREN, &children);
    return (struct spent){(double)now.tv_sec + (double)now.tv_nsec / 1e9,
                          seconds_of(children.ru_utime) + seconds_of(children.ru_stime)};
}

static void print_spent(const char *name, struct spent since) {
    struct spent now = spent_now();
    printf("TIME %s %.3f s, %.3f s\n", name, now.lasted - since.lasted, now.busy - since.busy);
}

enum { EXCLUDED = 64 };

struct options {
    bool list, time;
    int seconds;                             /* that a case may take */
    char **pattern, *excluded[EXCLUDED + 1]; /* NULL-ended */
};

static bool matches(const char *name, char *const *pattern) {
    for (; *pattern; pattern++)
        if (strstr(name, *pattern))
            return true;
    return false;
}

static bool wanted(const char *name, const struct options *o) {
    return (!*o->pattern || matches(name, o->pattern)) && !matches(name, o->excluded);
}

static void read_options(struct options *o, int argc, char **argv) {
    const char *limit = getenv("PB_TEST_SECONDS");
    size_t excluded = 0;
    *o = (struct options){.seconds = limit ? atoi(limit) : 120};
    for (int option; (option = getopt(argc, argv, "+ltx:")) != -1;) {
        if (option == 'l')
            o->list = true;
        else if (option == 't')
            o->time = true;
        else if (option == 'x' && excluded < EXCLUDED)
            o->excluded[excluded++] = optarg;
        else
            exit(2);
    }
    o->pattern = argv + optind;
}

struct counts {
    unsigned passed, failed, skipped;
};

static void judge(struct counts *counts, const char *name, int status, const struct options *o) {
    if (status == 0) {
        counts->passed++;
    } else if (status > 0 && WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED) {
        counts->skipped++;
        printf("SKIP %s\n", name);
    } else {
        counts->failed++;
        if (status == -1)
            printf("FAIL %s: hung for %d s\n", name, o->seconds);
        else if (WIFSIGNALED(status))
            printf("FAIL %s: %s\n", name, strsignal(WTERMSIG(status)));
        else
            printf("FAIL %s\n", name);
    }
}

int main(int argc, char **argv) {
    struct options o;
    struct counts counts = {0};
    struct pb_case_cursor at = {0};
    const struct pb_suite *suite;
    struct pb_case c;
    read_options(&o, argc, argv);
    while (pb_case_next(&at, &suite, &c)) {
        char name[256];
        snprintf(name, sizeof name, "%s/%s", suite->name, c.name);
        if (!wanted(name, &o))
            continue;
        if (o.list) {
            puts(name);
            continue;
        }
        struct spent began = spent_now();
        judge(&counts, name, run_case(&c, o.seconds), &o);
        if (o.time)
            print_spent(name, began);
        fflush(stdout);
    }
    if (!o.list)
        printf("%u passed, %u failed, %u skipped\n", counts.passed, counts.failed, counts.skipped);
    return counts.failed ? 1 : 0;
}
