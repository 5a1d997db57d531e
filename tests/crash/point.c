/* The points: each counts itself, and the armed one strikes the process that takes it.
 *
 * Which kind of process takes a point is told by counting forks: the parent's child is the fork server, its
 * child a worker. Names are numbered in the order in which they are first taken, in memory that all processes
 * of the campaign share; they are string literals of one image, so that a pointer means the same everywhere.
 */
#include "trial.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/point.h"
#include "base/random.h"

static _Atomic(const char *) *names;
static unsigned forks; /* between the parent and this process */

static void count_fork(void) {
    forks++;
}

void points_open(void) {
    names = mmap(NULL, POINTS_MAX * sizeof *names, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (names == MAP_FAILED || pthread_atfork(NULL, NULL, count_fork) != 0)
        abort();
}

void points_enter(void) {
    forks = 0;
}

const char *point_name(int index) {
    return index >= 0 && index < POINTS_MAX ? atomic_load(&names[index]) : NULL;
}

int point_index(const char *name) {
    const char *there;
    for (int i = 0; i < POINTS_MAX && (there = atomic_load(&names[i])); i++)
        if (there == name)
            return i;
    for (int i = 0; i < POINTS_MAX; i++) {
        there = NULL;
        if (atomic_compare_exchange_strong(&names[i], &there, name) || strcmp(there, name) == 0)
            return i;
    }
    return POINTS_MAX;
}

/* The signal as its own default, whatever was blocked or handled. */
static void strike_signal(int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    signal(number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    raise(number);
}

static void strike(enum action action) {
    switch (action) {
    case KILLED:
        kill(getpid(), SIGKILL);
        break;
    case HALTED:
        kill(getpid(), SIGSTOP);
        break;
    case CRASHED:
        strike_signal(SIGSEGV);
        break;
    case EXITED_0:
        _exit(0);
    case EXITED_1:
        _exit(1);
    default:
        break;
    }
}

/* One of the many: kills this worker when the countdown ends, and starts the next one. */
static void count_down(void) {
    if (atomic_load(&trial->countdown) <= 0 || atomic_fetch_sub(&trial->countdown, 1) != 1)
        return;
    struct pb_random random;
    uint32_t kills = atomic_fetch_add(&trial->kills, 1) + 1;
    pb_random_seed(&random, trial->plan.seed + kills);
    if (kills < trial->plan.kills)
        atomic_store(&trial->countdown, 1 + (int)pb_random_below(&random, 200));
    kill(getpid(), SIGKILL);
}

static void count_pass(enum who who, int index) {
    const struct plan *plan = &trial->plan;
    uint32_t pass = atomic_fetch_add(&trial->passes[who][index], 1) + 1;
    if (plan->action == NOTHING || plan->who != who || plan->point != index || pass != plan->pass)
        return;
    atomic_store(&trial->fired_in, atomic_load(&trial->phase));
    atomic_store(&trial->fired_at, getpid());
    atomic_store(&trial->fired, 1);
    strike(plan->action);
}

void pb_point(const char *name) {
    int before = errno;
    enum who who = forks < WHO_COUNT ? (enum who)forks : WORKER;
    if (!trial)
        return;
    if (trial->plan.kills) {
        if (who == WORKER) {
            if (strcmp(name, "worker_entered") == 0)
                atomic_fetch_add(&trial->entered, 1);
            count_down();
        }
    } else {
        int index = point_index(name);
        if (index < POINTS_MAX)
            count_pass(who, index);
    }
    errno = before;
}
