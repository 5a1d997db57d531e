/* The reader of a wait for work must not miss it, nor count it twice: while one ends, `idle_since` is ENDING,
 * and the reader looks again. A worker may be killed at any moment, that one too. */
#include "io/waits.h"

#include <sched.h>

enum { ENDING = 1, MOST_LOOKS = 1000 };

static void add(_Atomic uint64_t *sum, uint64_t more) {
    atomic_store_explicit(sum, atomic_load_explicit(sum, memory_order_relaxed) + more, memory_order_release);
}

void pb_wait_end_of(struct pb_waits *w, _Atomic uint64_t *sum, uint64_t began, uint64_t ended) {
    uint64_t cpu_ns = pb_thread_cpu(), took = ended - began;
    uint64_t passed = ended - w->at, ran = cpu_ns - w->cpu_ns, off = passed > ran ? passed - ran : 0;
    add(sum, off < took ? off : took);
    if (w->track && off >= PB_WAIT_LEAST)
        pb_track_note(w->track, sum == &w->gil_ns ? PB_SPAN_GIL : PB_SPAN_IO, w->track->worker, 0, began,
                      ended);
    w->at = ended;
    w->cpu_ns = cpu_ns;
}

void pb_wait_for_work(struct pb_waits *w) {
    if (atomic_load_explicit(&w->idle_since, memory_order_relaxed) <= ENDING)
        atomic_store_explicit(&w->idle_since, pb_now(), memory_order_release);
}

void pb_wait_is_over(struct pb_waits *w, uint64_t cpu_ns) {
    uint64_t since = atomic_load_explicit(&w->idle_since, memory_order_relaxed);
    w->at = pb_now();
    w->cpu_ns = cpu_ns;
    if (since > ENDING) {
        atomic_store_explicit(&w->idle_since, ENDING, memory_order_release);
        add(&w->idle_ns, w->at - since);
    }
    atomic_store_explicit(&w->idle_since, 0, memory_order_release);
}

void pb_waits_read(const struct pb_waits *w, struct pb_waited *out) {
    out->gil_ns = atomic_load_explicit(&w->gil_ns, memory_order_acquire);
    out->io_ns = atomic_load_explicit(&w->io_ns, memory_order_acquire);
    for (int looks = 0; looks < MOST_LOOKS; looks++) {
        out->idle_since = atomic_load_explicit(&w->idle_since, memory_order_acquire);
        out->idle_ns = atomic_load_explicit(&w->idle_ns, memory_order_acquire);
        if (out->idle_since != ENDING &&
            atomic_load_explicit(&w->idle_since, memory_order_acquire) == out->idle_since)
            return;
        sched_yield();
    }
    out->idle_since = 0;
}
