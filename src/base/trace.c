#include "base/trace.h"

#include <stdbool.h>
#include <sys/mman.h>

static size_t trace_size(uint32_t workers) {
    return sizeof(struct pb_trace) + workers * sizeof(struct pb_track);
}

struct pb_trace *pb_trace_new(uint32_t workers) {
    struct pb_trace *trace = mmap(NULL, trace_size(workers), PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (trace == MAP_FAILED)
        return NULL;
    trace->tracks = workers;
    for (uint32_t i = 0; i < workers; i++)
        trace->track[i].worker = i;
    return trace;
}

void pb_trace_free(struct pb_trace *trace) {
    if (trace)
        munmap(trace, trace_size(trace->tracks));
}

static void set_open(struct pb_trace *trace, bool open) {
    for (uint32_t i = 0; i < trace->tracks; i++)
        atomic_store_explicit(&trace->track[i].open, open, memory_order_release);
}

void pb_trace_start(struct pb_trace *trace) {
    for (uint32_t i = 0; i < trace->tracks; i++)
        atomic_store_explicit(&trace->track[i].noted, 0, memory_order_relaxed);
    set_open(trace, true);
}

void pb_trace_stop(struct pb_trace *trace) {
    set_open(trace, false);
}

void pb_track_note(struct pb_track *t, enum pb_span_kind kind, uint32_t lane, uint64_t task, uint64_t began,
                   uint64_t ended) {
    if (!atomic_load_explicit(&t->open, memory_order_acquire))
        return;
    uint64_t noted = atomic_load_explicit(&t->noted, memory_order_relaxed);
    if (noted < PB_TRACK_SPANS)
        t->span[noted] = (struct pb_span){kind, t->worker, lane, task, began, ended - began};
    atomic_store_explicit(&t->noted, noted + 1, memory_order_release);
}

uint32_t pb_track_spans(const struct pb_track *t) {
    uint64_t noted = atomic_load_explicit(&t->noted, memory_order_acquire);
    return noted < PB_TRACK_SPANS ? (uint32_t)noted : PB_TRACK_SPANS;
}
