/* Reports of what waits: rates and latencies in 80 columns, how tasks ended, what was refused. */
#include "report/report.h"
#include "sample_run.h"
#include "suite.h"

#include <stdlib.h>

static const struct pb_report_style plain = {.utf8 = true, .width = 80};

static void set(char **slot, const char *text) {
    CHECK_INT(pb_set_text(slot, text), 0);
}

struct io_row {
    struct sample_row row;
    double rate, p50_ms, p99_ms, p999_ms; /* 0: no latencies */
};

static struct pb_cell *add(struct pb_run *run, const struct io_row *r) {
    struct pb_cell *c = sample_run_add(run, "http", "requests to a server here", &r->row);
    c->bound = PB_IO;
    c->base = 0;
    c->summary.rate = r->rate;
    c->summary.p50 = r->p50_ms > 0 ? r->p50_ms * 1e6 : NAN;
    c->summary.p99 = r->p99_ms > 0 ? r->p99_ms * 1e6 : NAN;
    c->summary.p999 = r->p999_ms > 0 ? r->p999_ms * 1e6 : NAN;
    set(&c->counter_name[0], "requests");
    return c;
}

static void init(struct pb_run *run) {
    static const struct io_row rows[] = {
        {{"serial", 1, 3430, 1, -1, 0.02, 1, "-", NULL}, 146, 6.83, 7.2, 9.96},
        {{"thread", 8, 435, 7.88, 0.02, 0.11, 1.02, "overlapped", NULL}, 1150, 6.9, 9.94, 120.4},
        {{"gil", 8, 480, 7.15, 0.04, 0.11, 1.1, "overlapped", NULL}, 1040, 7.5, 12.3, 999.6},
        {{"process", 16, 220, 15.6, 0.3, 0.22, 1.2, "overlapped", NULL}, 2272, 0.07, 0.9994, 1.0},
    };
    sample_run_bare(run);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        add(run, &rows[i]);
}

static void statuses(struct pb_cell *c, uint64_t ok, uint64_t not_found, uint64_t error) {
    for (uint32_t i = 0; i < c->samples; i++) {
        memset(c->sample[i].status, 0, sizeof c->sample[i].status);
        c->sample[i].status[0] = ok;
        c->sample[i].status[1] = error;
        c->sample[i].status[3] = not_found;
    }
}

/* What gives way where 80 columns are too few: cost and busy, then time. */
static void golden(const void *data) {
    static const char expected[] =
        "http · requests to a server here · the same 64 tasks in every row\n"
        "             speedup      requests/s     p50     p99   p99.9    peak  verdict\n"
        "serial       1.00x               146  6.8 ms  7.2 ms   10 ms  12 MiB  -\n"
        "thread    8  7.88x ±0.02      1.15 k  6.9 ms  9.9 ms  120 ms  12 MiB  overlapped\n"
        "gil*      8  7.15x ±0.04      1.04 k  7.5 ms   12 ms   1.0 s  12 MiB  overlapped\n"
        "process  16  15.6x ±0.3       2.27 k   70 us  999 us  1.0 ms  12 MiB  overlapped\n"
        "* threads under a model of CPython's lock; no Python runs\n";
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, expected);
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* Where tasks come by themselves a speedup says nothing, and gives way. */
static void offered(const void *data) {
    static const char expected[] = "http · requests to a server here · the same 64 tasks in every row\n"
                                   "  800 come in a second\n";
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    for (uint32_t i = 0; i < run.cells; i++) {
        run.cell[i].offered = 800;
        run.cell[i].summary.outcome = i ? "keeps up" : "falls behind";
    }
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, expected);
    CHECK_HAS(out.data, "requests/s     p50     p99   p99.9    peak  verdict\n");
    CHECK_HAS(out.data, "  falls behind\n");
    CHECK_HAS(out.data, "  keeps up\n");
    CHECK(!strstr(out.data, "speedup"));
    pb_buffer_release(&out);
    pb_run_release(&run);
}

static void wide(const void *data) {
    static const struct pb_report_style style = {.utf8 = true, .wide = true, .width = 200};
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    sample_table(&run, &style, &out);
    CHECK_HAS(out.data, "speedup      busy  cost  requests/s     p50     p99   p99.9    peak  verdict");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* Tasks are counted where the workload counts nothing else; a row without latencies says so; without any the
   columns are those of other tables. */
static void other_columns(const void *data) {
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    for (uint32_t i = 0; i < run.cells; i++)
        set(&run.cell[i].counter_name[0], NULL);
    run.cell[1].summary.p50 = run.cell[1].summary.p99 = run.cell[1].summary.p999 = NAN;
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "  tasks/s  ");
    CHECK_HAS(out.data, "  1.15 k       -       -       -  12 MiB  overlapped\n");
    pb_buffer_release(&out);
    for (uint32_t i = 0; i < run.cells; i++)
        run.cell[i].summary.p50 = NAN;
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "time  speedup      busy  cost  verdict\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* Then intervals, the cause, the executor, memory. */
static void long_names(const void *data) {
    static const char expected[] =
        "                  speedup  reques…wered/s     p50     p99   p99.9  verdict\n"
        "serial            1.00x               146  6.8 ms  7.2 ms   10 ms  -\n"
        "thread         8  7.88x            1.15 k  6.9 ms  9.9 ms  120 ms  overlapped\n"
        "gil*           8  7.15x            1.04 k  7.5 ms   12 ms   1.0 s  overlapped\n"
        "loop:e…ads=2  16  15.6x            2.27 k   70 us  999 us  1.0 ms  slower\n";
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    set(&run.cell[3].executor, "loop:engine=epoll,threads=2");
    run.cell[3].summary.outcome = "slower";
    run.cell[3].summary.cause = "shared hardware";
    set(&run.cell[0].counter_name[0], "requests that were answered");
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, expected);
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* ---- Refused ---- */

static void refused(const void *data) {
    static const struct pb_report_style colour = {.utf8 = true, .colour = true, .width = 80};
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    run.cell[1].state = PB_CELL_REFUSED;
    set(&run.cell[1].error, "needs 9 tasks at once: use -n 9");
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "\nthread    8  refused: needs 9 tasks at once: use -n 9\n");
    pb_buffer_release(&out);
    sample_table(&run, &colour, &out);
    CHECK_HAS(out.data, "\nthread    8  refused: needs 9");
    CHECK_MSG(!strstr(out.data, "\033[31m"), "a refusal in red");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* No row has a speedup: its column makes room for time. */
static void refused_base(const void *data) {
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    run.cell[0].state = PB_CELL_REFUSED;
    set(&run.cell[0].error, "needs two at once");
    for (uint32_t i = 1; i < run.cells; i++) {
        struct pb_summary *s = &run.cell[i].summary;
        s->speedup = (struct pb_estimate){NAN, NAN, NAN, 0};
        s->cost = NAN;
        s->outcome = "-";
    }
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "\nserial       refused: needs two at once\n");
    CHECK_HAS(out.data, "\nthread    8  435 ms  0.11      1.15 k  6.9 ms  9.9 ms  120 ms  12 MiB  -\n");
    pb_buffer_release(&out);
    for (uint32_t i = 0; i < run.cells; i++)
        run.cell[i].summary.p50 = NAN;
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "\nthread    8  435 ms  -        0.11     -  -\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* ---- How tasks ended ---- */

static void ended(const void *data) {
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    sample_table(&run, &plain, &out);
    CHECK_MSG(!strstr(out.data, "ok 64"), "how tasks ended, although all ended well");
    pb_buffer_release(&out);
    for (uint32_t i = 0; i < run.cells; i++)
        statuses(&run.cell[i], 173, 150, 177);
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "\nevery row: ok 173 · not_found 150 · error 177\n");
    pb_buffer_release(&out);
    statuses(&run.cell[1], 0, 0, 500);
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "\nserial, gil* 8, process 16  ok 173 · not_found 150 · error 177\n"
                        "thread 8                    ok 0 · error 500\n");
    pb_buffer_release(&out);
    run.cell[1].sample[1].status[0] = 1;
    set(&run.cell[0].executor, "serial:with=a-longer-name");
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "\nthread 8    ok 0.3 · error 500\n"
                        "other rows  ok 173 · not_found 150 · error 177\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* One reason of each kind, whichever row it is from. */
static void reasons(const void *data) {
    static const struct pb_failure failures[] = {
        {3, 1, ""}, {4, 1, "HTTP 503"}, {5, 1, "HTTP 500"}, {6, 3, "HTTP 404\x1b"}, {7, -1, "no status"}};
    static const struct pb_report_style verbose = {.utf8 = true, .verbose = true, .width = 80};
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        CHECK(pb_cell_add_failure(&run.cell[i % 2], &failures[i]) >= 0);
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "\nnot_found: HTTP 404? · error: HTTP 500 (-v names the tasks)\n");
    pb_buffer_release(&out);
    sample_table(&run, &verbose, &out);
    CHECK_HAS(out.data, "\nnot_found: HTTP 404? · error: HTTP 500\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

static void counters(const void *data) {
    static const struct pb_report_style styles[] = {{.utf8 = true, .wide = true, .width = 200},
                                                    {.utf8 = true, .verbose = true, .width = 80}};
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    for (uint32_t i = 0; i < run.cells; i++)
        for (uint32_t k = 0; k < run.cell[i].samples; k++)
            run.cell[i].sample[k].counter[0] = 500;
    struct pb_cell *gil = &run.cell[2];
    set(&gil->counter_name[PB_COUNTERS_MAX], "lock switches");
    set(&gil->counter_name[PB_COUNTERS_MAX + 1], "lock forced");
    set(&gil->counter_name[PB_COUNTERS_MAX + 2], "lock wait ns");
    for (uint32_t k = 0; k < gil->samples; k++) {
        gil->sample[k].counter[PB_COUNTERS_MAX] = 1234;
        gil->sample[k].counter[PB_COUNTERS_MAX + 2] = 3100000;
    }
    sample_table(&run, &plain, &out);
    CHECK(!strstr(out.data, "lock switches"));
    pb_buffer_release(&out);
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        sample_table(&run, &styles[i], &out);
        CHECK_HAS(out.data, "\nserial, thread 8, process 16  requests 500\n"
                            "gil* 8                        requests 500 · lock switches 1.23 k");
        CHECK_HAS(out.data, "lock forced 0 · lock wait 3.10 ms\n");
        pb_buffer_release(&out);
    }
    pb_run_release(&run);
}

/* Notes stand in the normal table, and the star is explained. */
static void notes(const void *data) {
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    for (uint32_t i = 0; i < run.cells; i++)
        CHECK_INT(pb_cell_add_note(&run.cell[i], "client on processors 0-1"), 0);
    CHECK_INT(pb_cell_add_note(&run.cell[3], "engine=epoll: io_uring_setup: not permitted"), 0);
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "\nclient on processors 0-1 (every row)\n"
                        "engine=epoll: io_uring_setup: not permitted (process 16)\n"
                        "* threads under a model of CPython's lock; no Python runs\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

static const struct pb_case cases[] = {
    {"golden", golden, NULL},
    {"offered", offered, NULL},
    {"wide", wide, NULL},
    {"other columns", other_columns, NULL},
    {"long names", long_names, NULL},
    {"refused", refused, NULL},
    {"refused base", refused_base, NULL},
    {"ended", ended, NULL},
    {"reasons", reasons, NULL},
    {"counters", counters, NULL},
    {"notes", notes, NULL},
    {NULL, NULL, NULL},
};
const struct pb_suite suite_report_io = {"report-io", cases, NULL};
