#include "base/children.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

/* In a process of its own, which may adopt orphans and end all its children. */
static int in_a_process(int (*run)(void)) {
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(run());
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static pid_t start_sleeper(void) {
    pid_t pid = fork();
    while (pid == 0)
        pause();
    return pid;
}

/* A child that has left its group and session, with a child of its own; both survive whoever started them. */
static void start_daemon(void) {
    pid_t parent = fork();
    if (parent == 0) {
        if (fork() == 0) {
            setsid();
            start_sleeper();
            pause();
        }
        _exit(0);
    }
    waitpid(parent, NULL, 0);
}

static int end_all(void) {
    size_t count;
    pb_children_adopt();
    start_sleeper();
    start_daemon();
    pid_t *before = pb_children_list(&count);
    if (!before || count != 2)
        return 1;
    free(before);
    pb_children_end(NULL, 0);
    return waitpid(-1, NULL, 0) < 0 ? 0 : 2; /* ECHILD: none is left, not even to be waited for */
}

static int keep_one(void) {
    size_t count;
    pb_children_adopt();
    pid_t kept = start_sleeper();
    start_daemon();
    pb_children_end(&kept, 1);
    pid_t *left = pb_children_list(&count);
    bool one = left && count == 1 && left[0] == kept;
    free(left);
    kill(kept, SIGKILL);
    return one && waitpid(kept, NULL, 0) == kept && waitpid(-1, NULL, 0) < 0 ? 0 : 1;
}

static int find_none(void) {
    size_t count = 7;
    pid_t *none = pb_children_list(&count);
    bool right = none && count == 0;
    free(none);
    return right ? 0 : 1;
}

static int (*const runs[])(void) = {end_all, keep_one, find_none};

static void in_turn(const void *data) {
    CHECK_INT(in_a_process(*(int (*const *)(void))data), 0);
}

const struct pb_suite suite_children = {
    "children",
    (const struct pb_case[]){{"ends-them-all", in_turn, &runs[0]},
                             {"keeps-one", in_turn, &runs[1]},
                             {"finds-none", in_turn, &runs[2]},
                             {0}},
    NULL,
};
