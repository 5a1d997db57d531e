/* Where the time went: the arithmetic on numbers made up, the clocks on tasks whose time goes to one place by
 * construction. How long anything takes is nobody's business here: only which part is the largest, and that
 * no moment is counted twice. Loaded machines preempt, so the rest has no bound. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/spent.h"
#include "base/clock.h"
#include "executor_cases.h"
#include "io/waits.h"
#include "report/account.h"
#include "runner/account.h"

enum { MS = 1000000, MOST_WORKERS = 8, TASKS = 20 };

/* ---- Arithmetic ---- */

static void gains(const void *data) {
    static const struct {
        const char *name;
        struct pb_worker_info before, after;
        uint64_t began, ended;
        struct pb_worker_sample expected;
    } rows[] = {
        {"parts",
         {.tasks = 2, .cpu_ns = 10, .gil_ns = 1, .io_ns = 2, .idle_ns = 3},
         {.tasks = 7, .cpu_ns = 50, .gil_ns = 21, .io_ns = 12, .idle_ns = 33, .cpu = 4},
         1000,
         1100,
         {.tasks = 5, .cpu_ns = 40, .gil_ns = 20, .io_ns = 10, .idle_ns = 30, .cpu = 4}},
        {"idle before it began, and at work since",
         {.idle_ns = 5, .idle_since = 900},
         {.idle_ns = 5 + 140},
         1000,
         1100,
         {.idle_ns = 40}},
        {"idle when it ended, and before",
         {.idle_ns = 7},
         {.idle_ns = 7, .idle_since = 1070},
         1000,
         1100,
         {.idle_ns = 30}},
        {"idle all the time",
         {.idle_ns = 7, .idle_since = 500},
         {.idle_ns = 7, .idle_since = 500},
         1000,
         1100,
         {.idle_ns = 100}},
        {"idle only after it ended", {0}, {.idle_since = 1130}, 1000, 1100, {.idle_ns = 0}},
        {"no longer idle than it lasted", {0}, {.idle_ns = 120}, 1000, 1100, {.idle_ns = 100}},
        {"never below nothing", {.cpu_ns = 9}, {.cpu_ns = 8}, 1000, 1100, {.cpu_ns = 0}},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct pb_worker_sample *e = &rows[i].expected;
        struct pb_worker_sample s;
        pb_account_gain(&rows[i].before, &rows[i].after, rows[i].began, rows[i].ended, &s);
        CHECK_MSG(s.tasks == e->tasks && s.cpu_ns == e->cpu_ns && s.cpu == e->cpu && s.gil_ns == e->gil_ns &&
                      s.io_ns == e->io_ns && s.idle_ns == e->idle_ns,
                  "%s: cpu %lld, gil %lld, io %lld, idle %lld", rows[i].name, (long long)s.cpu_ns,
                  (long long)s.gil_ns, (long long)s.io_ns, (long long)s.idle_ns);
    }
}

static void charges(const void *data) {
    static const struct { int64_t io_ns, expected; } rows[] = {{100, 70}, {30, 0}, {20, 0}, {-1, -1}};
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_worker_sample s = {.cpu_ns = 5, .io_ns = rows[i].io_ns};
        pb_account_charge(&s, 30);
        CHECK_INT(s.cpu_ns, 35);
        CHECK_INT(s.io_ns, rows[i].expected);
    }
}

/* A wait is what its worker's CPU clock did not count, and no longer than it took. */
static void waits(const void *data) {
    struct pb_waits w = {0};
    struct pb_waited read;
    (void)data;
    w.cpu_ns = pb_thread_cpu(); /* it has not computed since */
    pb_wait_end_of(&w, &w.io_ns, 20LL * SECOND - 900000, 20LL * SECOND);
    CHECK_INT(w.io_ns, 900000);
    CHECK_INT(w.at, 20LL * SECOND);
    w.at = w.cpu_ns = 0;
    pb_wait_end_of(&w, &w.gil_ns, 1, pb_thread_cpu() / 2);
    CHECK_INT(w.gil_ns, 0); /* it computed all the time */
    pb_waits_read(&w, &read);
    CHECK_INT(read.io_ns, 900000);
    CHECK_INT(read.idle_since, 0);
    pb_wait_for_work(&w);
    pb_waits_read(&w, &read);
    uint64_t since = read.idle_since;
    CHECK(since > 1);
    pb_wait_for_work(&w); /* it was without before */
    pb_waits_read(&w, &read);
    CHECK_INT(read.idle_since, since);
    CHECK_INT(read.idle_ns, 0);
    pb_wait_is_over(&w, 77);
    pb_waits_read(&w, &read);
    CHECK_INT(read.idle_since, 0);
    CHECK_INT(read.idle_ns, w.at - since);
    CHECK_INT(w.cpu_ns, 77);
}

static void shares(const void *data) {
    struct pb_worker_sample worker[] = {{1, 60, 0, 10, 20, 5}, {1, 40, 0, 20, 0, 35}};
    struct pb_sample s = {.makespan_ns = 100, .workers = 2, .worker = worker};
    (void)data;
    struct pb_shares share = pb_sample_spent(&s);
    CHECK_NEAR(share.computing, 0.5, 1e-9);
    CHECK_NEAR(share.gil, 0.15, 1e-9);
    CHECK_NEAR(share.io, 0.1, 1e-9);
    CHECK_NEAR(share.idle, 0.2, 1e-9);
    CHECK_NEAR(share.rest, 0.05, 1e-9);
    worker[1].gil_ns = -1;
    CHECK(isnan(pb_sample_spent(&s).computing));
    s.workers = 0;
    CHECK(isnan(pb_sample_spent(&s).rest));
}

static void medians(const void *data) {
    struct pb_worker_sample worker[] = {{1, 60, 0, 0, 0, 40}, {1, 80, 0, 0, 0, 10}, {1, 10, 0, 0, 0, 90}};
    struct pb_sample sample[3];
    struct pb_cell cell = {.sample = sample, .samples = 3};
    struct pb_shares share;
    (void)data;
    for (uint32_t i = 0; i < 3; i++)
        sample[i] = (struct pb_sample){.round = i, .makespan_ns = 100, .workers = 1, .worker = &worker[i]};
    CHECK_INT(pb_cell_spent(&cell, &share), 0);
    CHECK_NEAR(share.computing, 0.6, 1e-9);
    CHECK_NEAR(share.idle, 0.4, 1e-9);
    CHECK_NEAR(share.rest + 1, 1, 1e-9);
}

static void words(const void *data) {
    struct pb_worker_sample worker[] = {{9, 60 * MS, 0, 10 * MS, 20 * MS, 5 * MS},
                                        {9, 40 * MS, 0, 20 * MS, 0, 35 * MS}};
    struct pb_sample sample = {.makespan_ns = 100 * MS, .workers = 2, .worker = worker, .involuntary = 2};
    struct pb_cell cell = {.sample = &sample, .samples = 1};
    struct pb_buffer out = {0};
    (void)data;
    cell.summary.spent = pb_sample_spent(&sample);
    pb_account_say(&cell, &out);
    CHECK_TEXT(pb_buffer_string(&out), "computing 50 % · GIL 15 % · I/O 10 % · idle 20 % · preempted 5 % · "
                                       "worker 0 is at work longest, 1.19 times the mean");
    pb_buffer_release(&out);
    sample.voluntary = 1000; /* they waited by themselves */
    pb_account_say_worker(&cell, 1, &out);
    CHECK_TEXT(pb_buffer_string(&out), ", computing 40 %, GIL 20 %, idle 35 %, rest 5 %");
    pb_buffer_release(&out);
    worker[1].io_ns = -1;
    cell.summary.spent = pb_sample_spent(&sample);
    pb_account_say(&cell, &out);
    pb_account_say_worker(&cell, 1, &out);
    CHECK_TEXT(pb_buffer_string(&out), "");
    pb_buffer_release(&out);
}

/* ---- Clocks ---- */

static int computes(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    uint64_t end = pb_thread_cpu() + 5 * MS;
    (void)args;
    while (pb_thread_cpu() < end)
        pb_checkpoint(task);
    *digest = i;
    return PB_OK;
}

static int sleeps(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)args;
    *digest = i;
    return pb_sleep(task, 5 * MS) == 0 ? PB_OK : PB_ERROR;
}

/* Long beside the time that a worker takes to begin where the processors are busy. */
static int sleeps_long(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)args;
    *digest = i;
    return pb_sleep(task, 100 * MS) == 0 ? PB_OK : PB_ERROR;
}

/* A verb that does nothing but compute. */
static int copies(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    enum { SIZE = 1 << 22 };
    int fd = pb_open(task, "/dev/zero", O_RDONLY, 0);
    char *buffer = malloc(SIZE);
    ssize_t got = fd >= 0 && buffer ? pb_read(task, fd, buffer, SIZE) : -1;
    (void)args;
    free(buffer);
    if (fd >= 0)
        pb_close(task, fd);
    *digest = i;
    return got > 0 ? PB_OK : PB_ERROR;
}

struct measured {
    double cpu, gil, io, idle, all; /* ns, over all workers */
    uint32_t workers;
    struct pb_worker_sample worker[MOST_WORKERS];
    uint64_t makespan;
};

/* No moment is in two parts: what is clocked stays within the makespan, but for the moments at which it is
 * read. */
static void check_sums(const char *executor, const struct measured *m) {
    for (uint32_t i = 0; i < m->workers; i++) {
        const struct pb_worker_sample *w = &m->worker[i];
        double sum = (double)w->cpu_ns + (double)w->gil_ns + (double)w->io_ns + (double)w->idle_ns;
        CHECK_MSG(sum <= 1.05 * (double)m->makespan + MS,
                  "%s: worker %u of a makespan of %llu: cpu %llu, gil %lld, io %lld, idle %lld", executor, i,
                  (unsigned long long)m->makespan, (unsigned long long)w->cpu_ns, (long long)w->gil_ns,
                  (long long)w->io_ns, (long long)w->idle_ns);
    }
}

static struct measured measure(const char *executor, uint32_t workers, uint64_t tasks, pb_body *body) {
    struct pb_executor *e = open_executor(executor, workers);
    struct pb_worker_info before[MOST_WORKERS];
    struct measured m = {.workers = pb_executor_workers(e)};
    struct pb_range_result result = {0};
    struct pb_error error = {0};
    struct pb_sample sample = {0};
    CHECK(m.workers <= MOST_WORKERS);
    pb_accounts_read(e, before, m.workers);
    uint64_t began = pb_now();
    CHECK_MSG(pb_for(e, tasks, body, NULL, 0, &result, &error) == 0, "%s", error.text);
    uint64_t ended = pb_now();
    pb_accounts_gain(e, before, m.workers, began, ended, &sample);
    close_executor(e);
    CHECK_INT(result.status[PB_OK], tasks);
    CHECK_INT(sample.workers, m.workers);
    m.makespan = ended - began;
    for (uint32_t i = 0; i < m.workers; i++) {
        m.worker[i] = sample.worker[i];
        m.cpu += (double)sample.worker[i].cpu_ns;
        m.gil += (double)sample.worker[i].gil_ns;
        m.io += (double)sample.worker[i].io_ns;
        m.idle += (double)sample.worker[i].idle_ns;
    }
    m.all = (double)m.makespan * m.workers;
    free(sample.worker);
    check_sums(executor, &m);
    return m;
}

static void compute(const void *executor) {
    struct measured m = measure(executor, 2, TASKS, computes);
    CHECK_MSG(m.cpu >= TASKS * 5.0 * MS && m.cpu <= 1.5 * TASKS * 5.0 * MS, "cpu %.0f", m.cpu);
    CHECK_MSG(m.io == 0, "io %.0f", m.io);
    if (strcmp(executor, "gil") == 0)
        CHECK_MSG(m.gil >= 0.25 * m.all && m.gil > m.idle, "gil %.0f of %.0f, idle %.0f", m.gil, m.all,
                  m.idle);
    else
        CHECK_MSG(m.gil == 0, "gil %.0f", m.gil);
}

static void wait_in_verbs(const void *executor) {
    struct measured m = measure(executor, 2, TASKS, sleeps);
    CHECK_MSG(m.io >= 0.4 * m.all && m.cpu < m.io / 2 && m.gil < m.io / 2,
              "of %.0f: cpu %.0f, gil %.0f, io %.0f, idle %.0f", m.all, m.cpu, m.gil, m.io, m.idle);
}

/* check_sums holds it: what the verb computed was no waiting. */
static void copy(const void *executor) {
    struct measured m = measure(executor, 2, 40, copies);
    CHECK_MSG(m.cpu > 0, "cpu %.0f", m.cpu);
}

/* One task for two workers: the other has none. */
static void stand_idle(const void *executor) {
    struct measured m = measure(executor, 2, 1, sleeps_long);
    if (m.workers < 2)
        return;
    uint32_t other = m.worker[0].tasks ? 1 : 0;
    CHECK_INT(m.worker[other].tasks, 0);
    CHECK_MSG((double)m.worker[other].idle_ns >= 0.6 * (double)m.makespan, "idle %lld of %llu",
              (long long)m.worker[other].idle_ns, (unsigned long long)m.makespan);
    CHECK_INT(m.worker[other].io_ns, 0);
}

static const struct executor_case each[] = {
    {"computes", compute}, {"waits", wait_in_verbs}, {"copies", copy}, {"stands-idle", stand_idle}};
static const struct pb_case others[] = {{"gains", gains, NULL},     {"charges", charges, NULL},
                                        {"waits", waits, NULL},     {"shares", shares, NULL},
                                        {"medians", medians, NULL}, {"words", words, NULL}};

static bool generate(size_t i, struct pb_case *out) {
    const size_t rest = sizeof others / sizeof *others;
    if (i < rest)
        *out = others[i];
    return i < rest || executor_case_at(each, sizeof each / sizeof *each, i - rest, out);
}

const struct pb_suite suite_account = {"account", NULL, generate};
