/* Sleeping until a word changes: Linux futexes with deadlines, between threads or between processes that
 * share memory. */
#ifndef PB_BASE_FUTEX_H
#define PB_BASE_FUTEX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Sleeps while *word is `expected`, at most until `deadline` (pb_deadline). 0 when woken, or at once when it
   already differs; -ETIMEDOUT. May wake early: check the condition again. `shared`: the word lies in memory
   that other processes map. */
int pb_futex_wait(atomic_uint *word, unsigned expected, uint64_t deadline, bool shared);
/* Wakes up to `count` sleepers. */
void pb_futex_wake(atomic_uint *word, unsigned count, bool shared);

#endif
