/* What workers spend their time on, span by span. Each worker notes its own in a track; the tracks lie in
 * memory that forked processes share.
 *
 * A track has room for PB_TRACK_SPANS; what is noted beyond is counted alone. Memory is touched only where a
 * span is noted. */
#ifndef PB_BASE_TRACE_H
#define PB_BASE_TRACE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum pb_span_kind {
    PB_SPAN_TASK, /* a task, from begin to end; waits in it are spans of their own */
    PB_SPAN_GIL,  /* a wait for the model's GIL */
    PB_SPAN_IO,   /* a wait in an I/O verb */
};

struct pb_span {
    enum pb_span_kind kind;
    uint32_t worker, lane; /* a wait's lane is its worker */
    uint64_t task;         /* the task's number; of a wait 0 */
    uint64_t start_ns;     /* in a track a moment of pb_now, elsewhere from the repetition's begin on */
    uint64_t duration_ns;
};

enum { PB_TRACK_SPANS = 8192 };

struct pb_track {
    _Alignas(128) atomic_uint open;
    uint32_t worker;
    _Atomic uint64_t noted; /* since it was opened, lost ones included */
    struct pb_span span[PB_TRACK_SPANS];
};

struct pb_trace {
    uint32_t tracks;
    struct pb_track track[];
};

/* Mapped; all tracks are closed. NULL: no memory. */
struct pb_trace *pb_trace_new(uint32_t workers);
void pb_trace_free(struct pb_trace *); /* or NULL */

/* While no worker notes: all tracks are empty, and open; and closed. */
void pb_trace_start(struct pb_trace *);
void pb_trace_stop(struct pb_trace *);

/* NULL: that worker has none, or there is no trace. */
static inline struct pb_track *pb_trace_track(struct pb_trace *trace, uint32_t worker) {
    return trace && worker < trace->tracks ? &trace->track[worker] : NULL;
}

/* By the worker whose track it is, from moment to moment of pb_now. A track that is closed notes nothing. */
void pb_track_note(struct pb_track *, enum pb_span_kind, uint32_t lane, uint64_t task, uint64_t began,
                   uint64_t ended);
/* How many of what was noted are there to be read, by anyone. */
uint32_t pb_track_spans(const struct pb_track *);

#endif
