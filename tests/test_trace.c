/* --trace: what workers did, from their tracks through runner, record and export. Spans are held against what
 * is known of the work: which tasks there are, and that a worker does one thing at a time. */
#include "suite.h"

#include <stdlib.h>

#include "base/trace.h"
#include "program.h"
#include "runner/spans.h"

/* ---- Tracks ---- */

static void rooms(const void *data) {
    (void)data;
    struct pb_trace *trace = pb_trace_new(2);
    CHECK(trace);
    struct pb_track *track = pb_trace_track(trace, 1);
    CHECK(!pb_trace_track(trace, 2) && !pb_trace_track(NULL, 0));
    pb_track_note(track, PB_SPAN_TASK, 1, 3, 10, 30);
    CHECK_INT(pb_track_spans(track), 0);
    pb_trace_start(trace);
    for (uint64_t i = 0; i < PB_TRACK_SPANS + 5; i++)
        pb_track_note(track, PB_SPAN_TASK, 1, i, i, i + 1);
    pb_trace_stop(trace);
    pb_track_note(track, PB_SPAN_TASK, 1, 0, 0, 1);
    CHECK_INT(pb_track_spans(track), PB_TRACK_SPANS);
    CHECK_INT(track->span[PB_TRACK_SPANS - 1].task, PB_TRACK_SPANS - 1);
    struct pb_wire_sample sample = {.spans = 0};
    struct pb_error error;
    CHECK_INT(pb_spans_take(trace, 0, UINT64_MAX, &sample, &error), 0);
    CHECK_INT(sample.spans, PB_TRACK_SPANS);
    CHECK_INT(sample.spans_lost, 5);
    free(sample.span);
    pb_trace_start(trace);
    CHECK_INT(pb_track_spans(track), 0);
    pb_trace_free(trace);
}

/* What lies across the repetition's ends is cut, what lies beyond is none of it. */
static void ends(const void *data) {
    (void)data;
    struct pb_trace *trace = pb_trace_new(1);
    struct pb_wire_sample sample = {.spans = 0};
    struct pb_error error;
    CHECK(trace);
    pb_trace_start(trace);
    pb_track_note(&trace->track[0], PB_SPAN_IO, 0, 0, 150, 160);
    pb_track_note(&trace->track[0], PB_SPAN_GIL, 0, 0, 50, 120);
    pb_track_note(&trace->track[0], PB_SPAN_GIL, 0, 0, 10, 100);
    pb_track_note(&trace->track[0], PB_SPAN_TASK, 0, 4, 180, 500);
    pb_track_note(&trace->track[0], PB_SPAN_IO, 0, 0, 200, 300);
    CHECK_INT(pb_spans_take(trace, 100, 200, &sample, &error), 0);
    CHECK_INT(sample.spans, 3);
    CHECK_INT(sample.span[0].kind, PB_SPAN_GIL);
    CHECK_INT(sample.span[0].start_ns, 0);
    CHECK_INT(sample.span[0].duration_ns, 20);
    CHECK_INT(sample.span[1].start_ns, 50);
    CHECK_INT(sample.span[2].task, 4);
    CHECK_INT(sample.span[2].start_ns, 80);
    CHECK_INT(sample.span[2].duration_ns, 20);
    free(sample.span);
    pb_trace_free(trace);
}

/* ---- The program ---- */

static bool on_one_thread(const struct pb_span *a, const struct pb_span *b) {
    return a->worker == b->worker && a->lane == b->lane;
}

static void check_apart(const struct pb_span *a, const struct pb_span *b) {
    uint64_t a_ends = a->start_ns + a->duration_ns, b_ends = b->start_ns + b->duration_ns;
    bool beside = a_ends <= b->start_ns || b_ends <= a->start_ns;
    bool wait_within =
        a->kind == PB_SPAN_TASK && b->kind != PB_SPAN_TASK && a->start_ns <= b->start_ns && b_ends <= a_ends;
    CHECK_MSG(beside || wait_within, "worker %u, lane %u: %d %llu to %llu and %d %llu to %llu", a->worker,
              a->lane, (int)a->kind, (unsigned long long)a->start_ns, (unsigned long long)a_ends,
              (int)b->kind, (unsigned long long)b->start_ns, (unsigned long long)b_ends);
}

/* Each task once, and each lane one thing at a time, but for waits within a task. */
static void check_spans(const struct pb_cell *cell) {
    uint32_t *seen = calloc(cell->tasks, sizeof *seen);
    CHECK(seen);
    CHECK_INT(cell->spans_lost, 0);
    for (uint32_t i = 0; i < cell->spans; i++) {
        const struct pb_span *span = &cell->span[i];
        CHECK(span->worker < cell->workers && span->task < cell->tasks);
        if (span->kind == PB_SPAN_TASK)
            seen[span->task]++;
        for (uint32_t k = i + 1; k < cell->spans; k++)
            if (on_one_thread(span, &cell->span[k]))
                check_apart(span, &cell->span[k]);
    }
    for (uint64_t i = 0; i < cell->tasks; i++)
        CHECK_MSG(seen[i] == 1, "task %llu has %u spans", (unsigned long long)i, seen[i]);
    free(seen);
}

static uint32_t count(const struct pb_cell *cell, enum pb_span_kind kind) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < cell->spans; i++)
        n += cell->span[i].kind == kind;
    return n;
}

static void measure(struct pb_run *run, const char *line) {
    struct program p;
    program_need();
    program_run(&p, NULL, "-q --rounds 1 --format json --trace %s", line);
    program_check_code(&p, 0);
    program_check_nothing_left(false);
    program_decode(run, "traced", &p.said);
    program_release(&p);
}

/* Tasks that compute a while, then sleep. */
static void traced(const void *data) {
    const char *via = data;
    char line[128];
    struct pb_run run;
    snprintf(line, sizeof line, "-w sleep:ms=1 -e " EXECUTORS " -n 3 --tasks 20 --via %s", via);
    measure(&run, line);
    for (uint32_t i = 0; i < run.cells; i++) {
        const struct pb_cell *cell = &run.cell[i];
        if (cell->role == PB_ROLE_REFERENCE)
            continue;
        CHECK_INT(cell->state, PB_CELL_DONE);
        CHECK_INT(cell->samples, 1);
        check_spans(cell);
        /* An event loop's thread waits once for several. */
        CHECK_MSG(count(cell, PB_SPAN_IO) > 0, "%s: no wait in I/O", cell->executor);
    }
    pb_run_release(&run);
}

/* Who computes holds the model's GIL, for whom the other waits. */
static void gil(const void *data) {
    struct pb_run run;
    (void)data;
    measure(&run, "-w spin:work=1ms -e gil,thread -n 2 --tasks 40");
    const struct pb_cell *cell = program_cell(&run, "spin", "gil", 2);
    check_spans(cell);
    CHECK(count(cell, PB_SPAN_GIL) > 0);
    CHECK_INT(count(program_cell(&run, "spin", "thread", 2), PB_SPAN_GIL), 0);
    pb_run_release(&run);
}

/* Of references nothing is told, and without --trace of nobody. */
static void references(const void *data) {
    struct program p;
    struct pb_run run;
    (void)data;
    measure(&run, "-w spin:work=1ms -e thread -n 2 --tasks 4");
    uint32_t found = 0;
    for (uint32_t i = 0; i < run.cells; i++)
        if (run.cell[i].role == PB_ROLE_REFERENCE) {
            CHECK_INT(run.cell[i].spans, 0);
            found++;
        }
    CHECK(found > 0);
    pb_run_release(&run);
    program_run(&p, NULL, "-q --rounds 1 --format json -w spin:work=1ms -e thread -n 2 --tasks 4");
    program_decode(&run, "untraced", &p.said);
    for (uint32_t i = 0; i < run.cells; i++)
        CHECK_INT(run.cell[i].spans, 0);
    pb_run_release(&run);
    program_release(&p);
}

/* What fails only when it is traced keeps its numbers. */
static void told(const void *data) {
    struct program p;
    char directory[64];
    (void)data;
    program_need();
    program_directory(directory);
    program_run(&p, NULL, "-q --rounds 1 -w sleep:ms=1 -e thread -n 2 --tasks 4 -o %s/plain.json", directory);
    program_check_code(&p, 0);
    program_release(&p);
    program_run(&p, NULL, "export %s/plain.json --format trace", directory);
    program_check_code(&p, 6);
    CHECK_HAS(pb_buffer_string(&p.complained),
              "bench: format trace: no row has spans: measure with `bench --trace`");
    CHECK_INT(p.said.size, 0);
    program_release(&p);
    program_run(&p, NULL, "-q --rounds 1 -w sleep:ms=1 -e thread -n 2 --tasks 4 --format trace");
    program_check_code(&p, 0);
    CHECK_HAS(pb_buffer_string(&p.said), "\"name\": \"sleep:ms=1 thread 2\"");
    CHECK_HAS(pb_buffer_string(&p.said), "\"name\": \"task 3\"");
    CHECK_HAS(pb_buffer_string(&p.said), "\"name\": \"waits in I/O\"");
    program_release(&p);
    program_directory_release(directory);
}

/* A runner that does not know of traces is told of, and its numbers stand. */
static void stranger(const void *data) {
    struct program p;
    (void)data;
    program_need();
    program_run(&p, NULL,
                "-q --rounds 1 --trace --runner 'python3 \"" PB_SOURCE_DIR "/tests/runners/toy.py\"' "
                "-w toy -e toy.serial --tasks 4");
    program_check_code(&p, 0);
    CHECK_HAS(pb_buffer_string(&p.said), "no trace: its runner does not tell what workers do");
    program_release(&p);
}

static const struct pb_case list[] = {
    {"rooms", rooms, NULL},           {"ends", ends, NULL},
    {"traced-for", traced, "for"},    {"traced-submit", traced, "submit"},
    {"traced-map", traced, "map"},    {"gil", gil, NULL},
    {"references", references, NULL}, {"told", told, NULL},
    {"stranger", stranger, NULL},     {0},
};

const struct pb_suite suite_trace = {"trace", list, NULL};
