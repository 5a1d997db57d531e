/* Trace events as Chrome began them and Perfetto reads them: a process is a row of the table, a thread a
 * worker. Spans on one thread lie beside or within each other, never across: a wait lies in its task, or
 * between two. Where a worker has several tasks under way, as in an event loop, each of its lanes is a
 * thread too. Times are microseconds. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/formats.h"
#include "report/json_out.h"
#include "report/row_names.h"

static void put_name(struct pb_json_out *j, const char *what, uint64_t process, uint64_t thread,
                     const char *name) {
    pb_json_open(j, NULL, '{');
    pb_json_text(j, "name", what);
    pb_json_text(j, "ph", "M");
    pb_json_count(j, "pid", process);
    pb_json_count(j, "tid", thread);
    pb_json_open(j, "args", '{');
    pb_json_text(j, "name", name);
    pb_json_close(j, '}');
    pb_json_close(j, '}');
}

/* ---- Threads ---- */

/* How a cell's spans are dealt out to threads. */
struct threads {
    bool lanes;       /* tasks stand on lanes, which come behind the workers */
    uint32_t workers; /* that have spans: the highest, and one */
};

static struct threads threads_of(const struct pb_cell *c) {
    struct threads t = {.lanes = false};
    for (uint32_t i = 0; i < c->spans; i++) {
        const struct pb_span *span = &c->span[i];
        t.lanes |= span->kind == PB_SPAN_TASK && span->lane != span->worker;
        t.workers = span->worker >= t.workers ? span->worker + 1 : t.workers;
    }
    return t;
}

static bool is_on_lane(const struct threads *t, const struct pb_span *span) {
    return t->lanes && span->kind == PB_SPAN_TASK;
}

static uint64_t thread_of(const struct threads *t, const struct pb_span *span) {
    return is_on_lane(t, span) ? (uint64_t)t->workers + span->lane : span->worker;
}

static void put_thread(struct pb_json_out *j, const struct pb_cell *c, const struct threads *t,
                       const struct pb_span *span) {
    char name[64];
    int length = snprintf(name, sizeof name, "worker %" PRIu32, span->worker);
    if (is_on_lane(t, span))
        snprintf(name + length, sizeof name - (size_t)length, ", lane %" PRIu32, span->lane);
    put_name(j, "thread_name", c->id, thread_of(t, span), name);
}

static int by_lane(const void *a, const void *b) {
    const struct pb_span *x = *(const struct pb_span *const *)a, *y = *(const struct pb_span *const *)b;
    return x->lane != y->lane ? (x->lane > y->lane) - (x->lane < y->lane)
                              : (x->worker > y->worker) - (x->worker < y->worker);
}

/* Each that has a span, once. A wait's lane is its worker, and a task's too unless tasks stand on lanes. */
static int put_threads(struct pb_json_out *j, const struct pb_cell *c, const struct threads *t) {
    const struct pb_span **sorted = calloc((size_t)c->spans + 1, sizeof *sorted);
    if (!sorted)
        return -ENOMEM;
    for (int lanes = 0; lanes < 2; lanes++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < c->spans; i++)
            if (is_on_lane(t, &c->span[i]) == (bool)lanes)
                sorted[n++] = &c->span[i];
        qsort(sorted, n, sizeof *sorted, by_lane);
        for (uint32_t i = 0; i < n; i++)
            if (i == 0 || thread_of(t, sorted[i]) != thread_of(t, sorted[i - 1]))
                put_thread(j, c, t, sorted[i]);
    }
    free(sorted);
    return 0;
}

/* ---- Spans ---- */

static void put_span(struct pb_json_out *j, const struct pb_cell *c, const struct threads *t,
                     const struct pb_span *span) {
    static const struct {
        const char *category, *name;
    } kinds[] = {
        [PB_SPAN_TASK] = {"task", "task"},
        [PB_SPAN_GIL] = {"wait", "waits for the GIL"},
        [PB_SPAN_IO] = {"wait", "waits in I/O"},
    };
    char name[40];
    snprintf(name, sizeof name, "task %" PRIu64, span->task);
    pb_json_open(j, NULL, '{');
    pb_json_text(j, "name", span->kind == PB_SPAN_TASK ? name : kinds[span->kind].name);
    pb_json_text(j, "cat", kinds[span->kind].category);
    pb_json_text(j, "ph", "X");
    pb_json_real(j, "ts", (double)span->start_ns / 1e3);
    pb_json_real(j, "dur", (double)span->duration_ns / 1e3);
    pb_json_count(j, "pid", c->id);
    pb_json_count(j, "tid", thread_of(t, span));
    pb_json_close(j, '}');
}

static int put_cell(struct pb_json_out *j, const struct pb_cell *c, const char *name) {
    struct threads threads = threads_of(c);
    struct pb_buffer title = {0};
    pb_buffer_text(&title, name);
    if (c->spans_lost)
        pb_buffer_printf(&title, " (%" PRIu64 " later spans left out)", c->spans_lost);
    put_name(j, "process_name", c->id, 0, pb_buffer_string(&title));
    int rc = title.failed ? -ENOMEM : put_threads(j, c, &threads);
    for (uint32_t i = 0; rc == 0 && i < c->spans; i++)
        put_span(j, c, &threads, &c->span[i]);
    pb_buffer_release(&title);
    return rc;
}

/* ---- The whole ---- */

static bool has_spans(const struct pb_run *run) {
    bool any = false;
    for (uint32_t i = 0; i < run->cells; i++)
        any |= run->cell[i].spans > 0;
    return any;
}

int pb_trace_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                   struct pb_error *error) {
    struct pb_json_out j = {.out = out};
    struct pb_row_names names;
    (void)style;
    if (!has_spans(run))
        return pb_error_set(error, -ENODATA,
                            "format trace: no row has spans: measure with `bench --trace`, or other rows");
    int rc = pb_row_names_init(&names, run, "trace", error);
    pb_json_open(&j, NULL, '{');
    pb_json_text(&j, "displayTimeUnit", "ns");
    pb_json_open(&j, "otherData", '{');
    pb_json_text(&j, "version", run->version);
    pb_json_text(&j, "command", run->command);
    pb_json_close(&j, '}');
    pb_json_open(&j, "traceEvents", '[');
    for (uint32_t i = 0; rc == 0 && i < run->cells; i++)
        if (run->cell[i].spans && put_cell(&j, &run->cell[i], names.name[i]) < 0)
            rc = pb_error_set(error, -ENOMEM, "format trace: no memory: free some");
    pb_json_close(&j, ']');
    pb_json_close(&j, '}');
    pb_row_names_release(&names);
    return rc;
}
