/* What the server of the workload `http` answers, as a function of the item, the attempt at it and the seed
 * alone: every executor and every round meets the same faults, and client, server and tests can each work out
 * what is to come. */
#ifndef PB_BENCH_HTTP_ITEM_H
#define PB_BENCH_HTTP_ITEM_H

#include <stddef.h>
#include <stdint.h>

enum http_answer {
    HTTP_GOOD,      /* 200 and the whole body */
    HTTP_NOT_FOUND, /* 404 */
    HTTP_ERROR,     /* 503 */
    HTTP_RESET,     /* half of the body, then the connection is reset */
    HTTP_TRUNCATED, /* half of the body, then the connection is closed as if that were all */
};

struct http_plan {
    uint64_t seed;
    size_t size;                 /* bytes of a body, at least 2 */
    int64_t delay_ns, jitter_ns; /* an answer takes delay to delay + jitter, 404 and 503 too */
    double not_found, errors, reset, truncation; /* shares of all requests, together at most 1 */
};

/* One uniform number per attempt, cut into intervals: [0, not_found) is missing, then come errors, resets and
 * truncations, and the rest is good. The first attempt decides whether the item is missing, for good: further
 * attempts draw anew from the other intervals. */
enum http_answer http_answer(const struct http_plan *, uint64_t item, uint32_t attempt);
int64_t http_delay(const struct http_plan *, uint64_t item, uint32_t attempt); /* in nanoseconds */

/* Word k, eight bytes, of an item's body. */
uint64_t http_word(const struct http_plan *, uint64_t item, uint64_t k);
/* The body's bytes from `offset` on. */
void http_fill(const struct http_plan *, uint64_t item, uint64_t offset, char *out, size_t size);

#endif
