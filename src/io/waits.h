/* Where a worker's time goes while it does not compute, clocked where it waits: for the model's GIL, in an
 * I/O verb, or for work.
 *
 * Whoever runs tasks keeps one; task->waits leads the verbs to it. It is written by its worker alone, and
 * lies in shared memory where workers are processes; anyone may read what is atomic.
 *
 * A verb may compute instead of waiting: a read from the page cache does nothing else. What its CPU clock
 * counts is no wait, but that clock is a system call, which would double the price of a cheap verb. So it is
 * read once, at the end of verbs that took long: of the time since it was read last, what it does not count
 * was spent off the processor; that is what the verb waited, up to the time that the verb took. */
#ifndef PB_IO_WAITS_H
#define PB_IO_WAITS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/trace.h"

enum { PB_WAIT_LEAST = 10000 }; /* ns: what took less did not wait */

struct pb_waits {
    _Atomic uint64_t gil_ns, io_ns, idle_ns; /* of waits that ended */
    _Atomic uint64_t idle_since;             /* pb_now() when it ran out of work; 0: it has some */
    uint64_t at, cpu_ns;                     /* a moment, and the worker's CPU clock then */
    struct pb_track *track;                  /* where waits are noted too; or NULL */
};

/* Around what may wait: the moment at which it begins, then what it was. Without `waits` nothing is clocked.
 */
static inline uint64_t pb_wait_begin(const struct pb_waits *waits) {
    return waits ? pb_now() : 0;
}
void pb_wait_end_of(struct pb_waits *, _Atomic uint64_t *sum, uint64_t began, uint64_t ended);
static inline void pb_wait_end_io(struct pb_waits *waits, uint64_t began) {
    uint64_t now = pb_wait_begin(waits);
    if (waits && now - began >= PB_WAIT_LEAST)
        pb_wait_end_of(waits, &waits->io_ns, began, now);
}
static inline void pb_wait_end_gil(struct pb_waits *waits, uint64_t began) {
    uint64_t now = pb_wait_begin(waits);
    if (waits && now - began >= PB_WAIT_LEAST)
        pb_wait_end_of(waits, &waits->gil_ns, began, now);
}

/* It is out of work from now on; it has some, and its CPU clock shows `cpu_ns`. */
void pb_wait_for_work(struct pb_waits *);
void pb_wait_is_over(struct pb_waits *, uint64_t cpu_ns);

/* What a worker waited, read by another. */
struct pb_waited {
    uint64_t gil_ns, io_ns, idle_ns;
    uint64_t idle_since; /* pb_now() when a wait for work began that goes on, and is not in idle_ns; or 0 */
};
void pb_waits_read(const struct pb_waits *, struct pb_waited *);

#endif
