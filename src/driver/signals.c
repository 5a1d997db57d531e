/* The only mutable global of the program: the stop flag of the signal handler. */
#include <signal.h>
#include <string.h>

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
