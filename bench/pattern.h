/* The bytes that I/O-bound workloads move: made from a key, recognised by it, and summed up, each in one pass
 * that takes a small part of the time of copying them.
 *
 * Word k of a block, in the byte order of the machine, is mix(key) + k step: words of a block differ, and so
 * do the words of two blocks at the same place. A size that is no multiple of 8 ends within its last word. */
#ifndef PB_BENCH_PATTERN_H
#define PB_BENCH_PATTERN_H

#include <string.h>

#include "parbench/workload.h"

#define PB_PATTERN_STEP UINT64_C(0x9e3779b97f4a7c15)

static inline void pb_pattern_fill(void *block, size_t size, uint64_t key) {
    unsigned char *at = block;
    uint64_t word = pb_mix(key, 0);
    for (; size >= sizeof word; size -= sizeof word, at += sizeof word, word += PB_PATTERN_STEP)
        memcpy(at, &word, sizeof word);
    memcpy(at, &word, size);
}

/* The sum of all words, of which the last may be cut. */
static inline uint64_t pb_pattern_sum(const void *block, size_t size) {
    const unsigned char *at = block;
    uint64_t word = 0, sum = 0;
    for (; size >= sizeof word; size -= sizeof word, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        sum += word;
    }
    word = 0;
    memcpy(&word, at, size);
    return sum + word;
}

/* Whether the block holds what pb_pattern_fill writes for that key; *sum becomes pb_pattern_sum of it. */
static inline bool pb_pattern_check(const void *block, size_t size, uint64_t key, uint64_t *sum) {
    const unsigned char *at = block;
    uint64_t wanted = pb_mix(key, 0), wrong = 0, word;
    *sum = 0;
    for (; size >= sizeof word; size -= sizeof word, at += sizeof word, wanted += PB_PATTERN_STEP) {
        memcpy(&word, at, sizeof word);
        wrong |= word ^ wanted;
        *sum += word;
    }
    word = 0;
    memcpy(&word, at, size);
    *sum += word;
    return !wrong && memcmp(at, &wanted, size) == 0;
}

#endif
