/* What an executor costs over time: memory that it never gives back, and processor time while it has nothing
 * to do. Both look at this process and all its descendants, whatever they are for. */
#include "modes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "processes.h"

enum { KIB = 1024, SECOND = 1000000000 };

static enum pb_exit no_processes(int rc, struct pb_error *error) {
    pb_error_set(error, rc, "/proc: this process and its descendants cannot be listed: %s: mount /proc",
                 strerror(-rc));
    return PB_EXIT_CANNOT_RUN;
}

/* ---- Memory does not grow ---- */

enum { ROUND_TASKS = 1000000, SETTLED_ROUND = 10, GROWTH_ALLOWED_KIB = 1024 };

struct memory {
    uint64_t own, others; /* bytes resident */
    size_t processes;
};

static int read_memory(struct memory *memory) {
    struct pb_processes all;
    int rc = pb_processes_find(&all);
    if (rc < 0)
        return rc;
    *memory = (struct memory){.own = pb_resident(all.pid[0]), .processes = all.count};
    for (size_t i = 1; i < all.count; i++)
        memory->others += pb_resident(all.pid[i]);
    pb_processes_release(&all);
    return 0;
}

static bool is_power_of_two(uint64_t n) {
    return (n & (n - 1)) == 0;
}

static void print_round(uint64_t round, const struct memory *memory) {
    printf("grow round %" PRIu64 " rss_KiB %" PRIu64 " others_KiB %" PRIu64 " processes %zu\n", round,
           memory->own / KIB, memory->others / KIB, memory->processes);
    fflush(stdout);
}

/* Compares the last round with one by which all that is kept for use again has been made. */
enum pb_exit pb_mode_grow(struct pb_gauge *m, const struct pb_call *call, struct pb_error *error) {
    uint64_t rounds = (uint64_t)call->count, tasks = call->extra ? (uint64_t)call->extra : ROUND_TASKS;
    uint64_t settled = rounds / 2 < SETTLED_ROUND ? rounds / 2 : SETTLED_ROUND;
    struct memory now = {0}, then = {0};
    int rc = pb_gauge_prepare(m, tasks, error);
    for (uint64_t round = 1; round <= rounds && rc == 0; round++) {
        rc = pb_gauge_run(m, tasks, error);
        bool shown = is_power_of_two(round) || round == rounds;
        if (rc || !(shown || round == settled))
            continue;
        int unread = read_memory(&now);
        if (unread < 0)
            return no_processes(unread, error);
        if (round == settled)
            then = now;
        if (shown)
            print_round(round, &now);
    }
    if (rc)
        return pb_gauge_exit(rc);
    int64_t growth = ((int64_t)(now.own + now.others) - (int64_t)(then.own + then.others)) / KIB;
    printf("grow from %" PRIu64 " to %" PRIu64 " growth_KiB %" PRId64 "\n", settled, rounds, growth);
    if (growth <= GROWTH_ALLOWED_KIB)
        return PB_EXIT_OK;
    pb_error_set(error, -ENOMEM,
                 "grow: %" PRId64 " KiB more after round %" PRIu64 " than after round %" PRIu64
                 ", and %d are allowed: the executor keeps memory of tasks that are over",
                 growth, rounds, settled, GROWTH_ALLOWED_KIB);
    return PB_EXIT_REGRESSION;
}

/* ---- An idle executor uses no processor ---- */

enum { IDLE_TASKS = 1000, SETTLING_NS = 100000000 };
static const double idle_allowed = 1e6; /* ns of processor time per second */

static void rest_until(uint64_t ns) {
    struct timespec until = {.tv_sec = (time_t)(ns / SECOND), .tv_nsec = (long)(ns % SECOND)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
}

/* Processor time of `all` from when it was `before`, and of processes that have come since. */
static int used_since(const struct pb_processes *all, uint64_t before, uint64_t *used) {
    struct pb_processes now;
    uint64_t after = pb_processes_cpu(all); /* first: listing processes takes time of ours */
    if (after == UINT64_MAX || before == UINT64_MAX)
        return -ESRCH;
    *used = after - before;
    int rc = pb_processes_find(&now);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < now.count; i++) {
        bool known = false;
        for (size_t k = 0; k < all->count && !known; k++)
            known = all->pid[k] == now.pid[i];
        uint64_t whole = known ? 0 : pb_process_cpu(now.pid[i]);
        *used += whole == UINT64_MAX ? 0 : whole;
    }
    pb_processes_release(&now);
    return 0;
}

static enum pb_exit judge(double seconds, uint64_t used, struct pb_error *error) {
    double per_second = (double)used / seconds;
    if (per_second <= idle_allowed)
        return PB_EXIT_OK;
    pb_error_set(error, -EBUSY,
                 "idle: %.0f us of processor time per second with nothing to do, and %.0f are allowed: "
                 "something polls or spins",
                 per_second / 1e3, idle_allowed / 1e3);
    return PB_EXIT_REGRESSION;
}

/* Spinning for a while after the last task is no fault: it is shown apart, as settling. */
enum pb_exit pb_mode_idle(struct pb_gauge *m, const struct pb_call *call, struct pb_error *error) {
    struct pb_processes all;
    uint64_t used = 0;
    int rc = pb_gauge_prepare(m, IDLE_TASKS, error);
    rc = rc ? rc : pb_gauge_run(m, IDLE_TASKS, error);
    if (rc)
        return pb_gauge_exit(rc);
    rc = pb_processes_find(&all);
    if (rc < 0)
        return no_processes(rc, error);
    uint64_t ended = pb_processes_cpu(&all);
    rest_until(pb_now() + SETTLING_NS);
    uint64_t quiet = pb_processes_cpu(&all), began = pb_now();
    rest_until(began + (uint64_t)(call->seconds * SECOND));
    rc = used_since(&all, quiet, &used);
    size_t count = all.count;
    pb_processes_release(&all);
    if (rc < 0) {
        pb_error_set(error, rc, "idle: a process of the executor's ended while it had nothing to do");
        return PB_EXIT_FAILED_CELL;
    }
    printf("idle seconds %.3f cpu_us %.1f us_per_s %.1f settling_us %.1f processes %zu\n", call->seconds,
           (double)used / 1e3, (double)used / 1e3 / call->seconds, (double)(quiet - ended) / 1e3, count);
    return judge(call->seconds, used, error);
}
