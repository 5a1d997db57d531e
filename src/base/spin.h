/* A lock for a few instructions, in memory that may be zeroed to make it. Waiters spin, then give up their
 * turn: the holder may have been preempted. Not for memory shared with processes that can be killed. */
#ifndef PB_BASE_SPIN_H
#define PB_BASE_SPIN_H

#include <sched.h>
#include <stdatomic.h>

#if defined(__x86_64__)
static inline void pb_pause(void) {
    __builtin_ia32_pause();
}
#elif defined(__aarch64__)
static inline void pb_pause(void) {
    __asm__ volatile("isb");
}
#else
static inline void pb_pause(void) {
    atomic_signal_fence(memory_order_seq_cst);
}
#endif

struct pb_spin {
    atomic_uint held;
};

static inline void pb_spin_lock(struct pb_spin *s) {
    for (int tries = 0; atomic_exchange_explicit(&s->held, 1, memory_order_acquire); tries++)
        if (tries < 64)
            pb_pause();
        else
            sched_yield();
}

static inline void pb_spin_unlock(struct pb_spin *s) {
    atomic_store_explicit(&s->held, 0, memory_order_release);
}

/* Unlocks with a full barrier: what was stored under the lock is seen before anything is loaded after it. */
static inline void pb_spin_unlock_fenced(struct pb_spin *s) {
    atomic_exchange(&s->held, 0);
}

/* The other side of that barrier, whoever holds the lock: who unlocked before is seen with all that it had
 * stored; who unlocks after sees all that was stored before this. Both change one word, so one of them comes
 * first. */
static inline void pb_spin_fence(struct pb_spin *s) {
    atomic_fetch_or(&s->held, 0);
}

#endif
