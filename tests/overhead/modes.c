/* Throughput, round trip, METG and memory per queued task. Whoever reads these lines finds the numbers by
 * their form: in `metg` nothing but the points may look like `X:efficiency`. */
#include "modes.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "processes.h"

enum { REPETITIONS = 3 };

/* ---- Throughput ---- */

enum pb_exit pb_mode_throughput(struct pb_gauge *m, const struct pb_call *call, struct pb_error *error) {
    uint64_t tasks = (uint64_t)call->count, ns;
    int rc = pb_gauge_time(m, tasks / 10 + 1, &ns, error);
    double each[REPETITIONS];
    for (int r = 0; r < REPETITIONS && rc == 0; r++) {
        rc = pb_gauge_time(m, tasks, &ns, error);
        each[r] = (double)ns / (double)tasks;
    }
    if (rc == 0)
        printf("thr %.2f %.2f %.2f\n", each[0], each[1], each[2]);
    return pb_gauge_exit(rc);
}

/* ---- Round trip ---- */

/* Busy, so that this thread stays hot while the workers may fall asleep. */
static void wait_busy(uint64_t ns) {
    for (uint64_t end = pb_now() + ns; pb_now() < end;)
        ;
}

static int round_trips(struct pb_gauge *m, uint64_t *ns, uint64_t count, uint64_t gap,
                       struct pb_error *error) {
    int rc = pb_gauge_prepare(m, 1, error);
    for (uint64_t i = 0; i < count && rc == 0; i++) {
        if (gap)
            wait_busy(gap);
        rc = pb_gauge_time(m, 1, &ns[i], error);
    }
    return rc;
}

static int ascending(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

enum pb_exit pb_mode_latency(struct pb_gauge *m, const struct pb_call *call, struct pb_error *error) {
    uint64_t count = (uint64_t)call->count, gap = (uint64_t)call->extra;
    uint64_t warming = count / 10 + 10 < count ? count / 10 + 10 : count;
    uint64_t *ns = calloc(count, sizeof *ns);
    if (!ns) {
        pb_error_set(error, -ENOMEM, "lat: no memory for %" PRIu64 " round trips: ask for fewer", count);
        return PB_EXIT_CANNOT_RUN;
    }
    int rc = round_trips(m, ns, warming, gap, error);
    rc = rc ? rc : round_trips(m, ns, count, gap, error);
    if (rc == 0) {
        qsort(ns, count, sizeof *ns, ascending);
        printf("lat med %" PRIu64 " p99 %" PRIu64 " min %" PRIu64 " p10 %" PRIu64 " p999 %" PRIu64
               " done %" PRIu64 "/%" PRIu64 "\n",
               ns[count / 2], ns[count * 99 / 100], ns[0], ns[count / 10], ns[count * 999 / 1000], count,
               count);
    }
    free(ns);
    return pb_gauge_exit(rc);
}

/* ---- Minimum effective task granularity ---- */

/* Nanoseconds that a task of each point takes. */
static const uint32_t lengths[] = {100000, 50000, 25000, 10000, 7000, 5000, 3500, 2500, 1750,
                                   1200,   850,   600,   420,   300,  210,  150,  100,  75,
                                   50,     35,    25,    15,    10,   7,    5};

enum { METG_WARMING = 2000, METG_LEAST = 64, METG_MOST = 100000, METG_MILLISECONDS = 24 };
static const double hopeless = 0.18; /* shorter tasks would be less efficient still */

static double middle(const double three[REPETITIONS]) {
    double a = three[0], b = three[1], c = three[2];
    return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* The share of the workers' time that goes into the tasks' own work. */
static int efficiency(struct pb_gauge *m, uint32_t length, double budget_ns, double *out,
                      struct pb_error *error) {
    double fit = budget_ns / length, each[REPETITIONS];
    uint64_t tasks = (uint64_t)fmin(fmax(fit, METG_LEAST), METG_MOST), ns;
    for (int r = 0; r < REPETITIONS; r++) {
        int rc = pb_gauge_time(m, tasks, &ns, error);
        if (rc)
            return rc;
        each[r] = (double)tasks * length / ((double)m->config.workers * (double)ns);
    }
    *out = middle(each);
    return 0;
}

enum pb_exit pb_mode_metg(struct pb_gauge *m, const struct pb_call *call, struct pb_error *error) {
    double budget_ns = (double)(call->extra ? call->extra : METG_MILLISECONDS) * 1e6;
    double share = 1;
    uint64_t ns;
    int rc = pb_gauge_time(m, METG_WARMING, &ns, error);
    printf("metg");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths && rc == 0 && share >= hopeless; i++) {
        if (lengths[i] > call->count)
            continue;
        pb_gauge_set_length(m, lengths[i]);
        rc = efficiency(m, lengths[i], budget_ns, &share, error);
        if (rc == 0)
            printf(" %" PRIu32 ":%.3f", lengths[i], share);
        fflush(stdout);
    }
    printf("\n");
    return pb_gauge_exit(rc);
}

/* ---- Memory per queued task ---- */

static void print_memory(uint64_t base, uint64_t most, uint64_t after, uint64_t tasks) {
    printf("rss base_MB %.1f per_task_B %.1f after_MB %.1f done %" PRIu64 "\n", (double)base / 1e6,
           ((double)most - (double)base) / (double)tasks, (double)after / 1e6, tasks);
}

/* What all tasks hold while every worker stands at the gate, or, without it, while they run. */
static int memory_queued(struct pb_gauge *m, uint64_t tasks, bool gated, struct pb_error *error) {
    int rc = gated ? pb_gauge_shut_gate(m, error) : 0;
    if (rc)
        return rc;
    uint64_t base = pb_resident(getpid());
    rc = pb_gauge_queue(m, tasks, error);
    uint64_t most = pb_resident(getpid());
    int opened = gated ? pb_gauge_open_gate(m, error) : 0;
    rc = rc ? rc : opened;
    rc = rc ? rc : pb_gauge_collect(m, tasks, error);
    if (rc == 0)
        print_memory(base, most, pb_resident(getpid()), tasks);
    return rc;
}

/* By ways that queue nothing of the caller's: the peak while they run. */
static int memory_running(struct pb_gauge *m, uint64_t tasks, struct pb_error *error) {
    pb_resident_peak_reset();
    uint64_t base = pb_resident_peak();
    int rc = pb_gauge_run(m, tasks, error);
    if (rc == 0)
        print_memory(base, pb_resident_peak(), pb_resident(getpid()), tasks);
    return rc;
}

enum pb_exit pb_mode_memory(struct pb_gauge *m, const struct pb_call *call, struct pb_error *error) {
    uint64_t tasks = (uint64_t)call->count;
    bool queued = m->config.via == PB_VIA_SUBMIT;
    if (queued && strcmp(pb_executor_name(m->executor), "serial") == 0) {
        pb_error_set(error, -EINVAL,
                     "rss: executor serial has no queue: it runs a task before submit returns: give another "
                     "executor, or --via for or map");
        return PB_EXIT_USAGE;
    }
    if (queued && m->config.window) {
        pb_error_set(error, -EINVAL,
                     "rss: --window %" PRIu64 ": all tasks are to be queued at once: leave "
                     "--window out",
                     m->config.window);
        return PB_EXIT_USAGE;
    }
    int rc = pb_gauge_prepare(m, 4 * (uint64_t)m->config.workers, error);
    rc = rc ? rc : pb_gauge_run(m, 4 * (uint64_t)m->config.workers, error);
    rc = rc ? rc : pb_gauge_prepare(m, tasks, error);
    if (rc == 0)
        rc = queued ? memory_queued(m, tasks, call->extra == 1, error) : memory_running(m, tasks, error);
    return pb_gauge_exit(rc);
}
