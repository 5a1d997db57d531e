#include "runner/spans.h"

#include <errno.h>
#include <stdlib.h>

/* A wait may have begun before the repetition, and end after it. False: nothing of it lies within. */
static bool cut(struct pb_span *span, uint64_t began, uint64_t ended) {
    uint64_t from = span->start_ns, to = from + span->duration_ns;
    if (to <= began || from >= ended)
        return false;
    from = from < began ? began : from;
    to = to > ended ? ended : to;
    span->start_ns = from - began;
    span->duration_ns = to - from;
    return true;
}

/* Of two that begin together the longer one comes first: the other lies within it. */
static int by_worker(const void *a, const void *b) {
    const struct pb_span *x = a, *y = b;
    if (x->worker != y->worker)
        return x->worker < y->worker ? -1 : 1;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return (x->duration_ns < y->duration_ns) - (x->duration_ns > y->duration_ns);
}

int pb_spans_take(const struct pb_trace *trace, uint64_t began, uint64_t ended, struct pb_wire_sample *out,
                  struct pb_error *error) {
    size_t all = 0;
    for (uint32_t i = 0; i < trace->tracks; i++)
        all += pb_track_spans(&trace->track[i]);
    out->span = calloc(all + 1, sizeof *out->span);
    if (!out->span)
        return pb_error_set(error, -ENOMEM, "runner: no memory for %zu spans", all);
    for (uint32_t i = 0; i < trace->tracks; i++) {
        const struct pb_track *track = &trace->track[i];
        uint32_t spans = pb_track_spans(track);
        for (uint32_t k = 0; k < spans && out->spans < all; k++) {
            out->span[out->spans] = track->span[k];
            out->spans += cut(&out->span[out->spans], began, ended);
        }
        out->spans_lost += atomic_load_explicit(&track->noted, memory_order_relaxed) - spans;
    }
    qsort(out->span, out->spans, sizeof *out->span, by_worker);
    return 0;
}

int pb_spans_times(const struct pb_trace *trace, uint64_t tasks, struct pb_wire_sample *out,
                   struct pb_error *error) {
    uint64_t told = 0;
    double *ns = calloc(tasks + 1, sizeof *ns);
    if (!ns)
        return pb_error_set(error, -ENOMEM, "runner: no memory for %llu task times",
                            (unsigned long long)tasks);
    for (uint32_t i = 0; i < trace->tracks; i++) {
        const struct pb_track *track = &trace->track[i];
        uint32_t spans = pb_track_spans(track);
        for (uint32_t k = 0; k < spans; k++)
            if (track->span[k].kind == PB_SPAN_TASK && track->span[k].task < tasks) {
                ns[track->span[k].task] = (double)track->span[k].duration_ns;
                told++;
            }
    }
    if (told != tasks) {
        free(ns);
        return 0;
    }
    out->task_ns = ns;
    out->task_times = (uint32_t)tasks;
    return 0;
}
