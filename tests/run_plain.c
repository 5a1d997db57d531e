/* The plain runner: each case in a child process, so that a crash or a hang fails that case alone.
 *
 *     tests-plain [-l] [PATTERN...]     cases whose "suite/case" contains a PATTERN; -l lists them
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

static bool wanted(const char *name, char **pattern) {
    if (!*pattern)
        return true;
    for (; *pattern; pattern++)
        if (strstr(name, *pattern))
            return true;
    return false;
}

int main(int argc, char **argv) {
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;
    char **pattern = argv + (list ? 2 : 1);
    const char *limit = getenv("PB_TEST_SECONDS");
    int seconds = limit ? atoi(limit) : 120;
    unsigned passed = 0, failed = 0, skipped = 0;
    struct pb_case_cursor at = {0};
    const struct pb_suite *suite;
    struct pb_case c;
    while (pb_case_next(&at, &suite, &c)) {
        char name[256];
        snprintf(name, sizeof name, "%s/%s", suite->name, c.name);
        if (!wanted(name, pattern))
            continue;
        if (list) {
            puts(name);
            continue;
        }
        int status = run_case(&c, seconds);
        if (status == 0) {
            passed++;
        } else if (status > 0 && WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED) {
            skipped++;
            printf("SKIP %s\n", name);
        } else {
            failed++;
            if (status == -1)
                printf("FAIL %s: hung for %d s\n", name, seconds);
            else if (WIFSIGNALED(status))
                printf("FAIL %s: %s\n", name, strsignal(WTERMSIG(status)));
            else
                printf("FAIL %s\n", name);
        }
        fflush(stdout);
    }
    if (!list)
        printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
    return failed ? 1 : 0;
}
