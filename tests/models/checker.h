/* What a model of tests/models asks of the checker. A model runs the real sources of src/, compiled as the
 * thread sanitizer wants them (each load and store calls a function), but linked with relacy.cpp instead of
 * the sanitizer: there every atomic is one of Relacy's, so a load may return any value that C11's memory
 * model allows it, and the threads are interleaved in as many ways as asked. Relacy ends a schedule in which
 * plain memory is raced for, an assertion fails, or all threads sleep. */
#ifndef PB_MODELS_CHECKER_H
#define PB_MODELS_CHECKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CHECKER_THREADS = 3 };

/* Each of `before`, `thread` and `after` is called once in a schedule; `thread` by CHECKER_THREADS threads.
 */
struct checker_model {
    const char *name;
    unsigned schedules;
    void (*open)(void); /* once, before all: keeps and shares what the threads use */
    void (*before)(void);
    void (*thread)(unsigned index);
    void (*after)(void);
};

extern const struct checker_model *const checker_models[]; /* NULL-ended */

/* In open. Memory that is put back to what it is now before each schedule. */
void checker_keep(void *memory, size_t size);
/* An atomic of 4 or 8 bytes; `name` is what an order is weakened by. Atomics that are not shared cannot be
 * used. */
void checker_atomic(void *, size_t size, const char *name);
/* Plain memory whose races are found, in units of `unit` bytes, a power of two. */
void checker_plain(void *memory, size_t size, size_t unit, const char *name);

/* In a thread. */
void checker_assert(bool condition, const char *what);
unsigned checker_random(unsigned limit); /* 0 .. limit - 1 */
void checker_yield(void);
/* From now on the thread may end before any of its atomic operations, as a process that is killed does. */
void checker_mortal(bool);
bool checker_has_died(unsigned thread);
void *checker_memcpy(void *to, const void *from, size_t size);

/* Whether --break NAME was given: for what is broken in another way than by a weaker order. */
bool checker_breaks(const char *name);

#ifdef __cplusplus
}
#endif

#define CHECKER_SHARE(object, name) checker_atomic(&(object), sizeof(object), name)
#define CHECKER_ASSERT(condition)   checker_assert(condition, #condition)

#endif
