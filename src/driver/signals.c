/* The only mutable global of the program: the stop flag of the signal handler. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "driver/driver.h"

static volatile sig_atomic_t caught;

static void on_signal(int number) {
    if (caught) {
        /* The second one ends us at once; runners follow, they are told by the kernel. */
        signal(number, SIG_DFL);
        raise(number);
    }
    caught = number;
}

void pb_signals_install(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal; /* without SA_RESTART: waiting ends */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

int pb_signal_caught(void) {
    return caught;
}

/* Signals are held back from the look at their flag until ppoll lets them in, so that none comes between. */
int pb_signal_poll(struct pollfd *wait, nfds_t count, uint64_t deadline) {
    sigset_t held, before;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigprocmask(SIG_BLOCK, &held, &before);
    uint64_t left = pb_remaining(deadline);
    struct timespec until = {.tv_sec = (time_t)(left / 1000000000u), .tv_nsec = (long)(left % 1000000000u)};
    int rc = caught ? -EINTR : left == 0 ? -ETIMEDOUT : 0;
    if (rc == 0)
        ppoll(wait, count, left == UINT64_MAX ? NULL : &until, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return rc;
}
