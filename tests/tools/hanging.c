/* The only suite of the program tests-hanging: a case that hangs in two threads and in a child, so that
 * test_stacks.c can look at what the runner says of it. */
#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "suite.h"

__attribute__((noinline)) static void hang_here(void) {
    for (;;)
        pause();
}

__attribute__((noinline)) static void hang_in_child(void) {
    for (;;)
        pause();
}

static void *hang_in_thread(void *unused) {
    prctl(PR_SET_NAME, "hanging-thread");
    hang_here();
    return unused;
}

static void hang(const void *data) {
    pthread_t thread;
    (void)data;
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, 9);
        hang_in_child();
    }
    pthread_create(&thread, NULL, hang_in_thread, NULL);
    hang_here();
}

static void pass(const void *data) {
    (void)data;
}

static const struct pb_suite suite_hanging = {
    "hanging", (const struct pb_case[]){{"for-ever", hang, NULL}, {"not-at-all", pass, NULL}, {0}}, NULL};

const struct pb_suite *const pb_suites[] = {&suite_hanging, NULL};
