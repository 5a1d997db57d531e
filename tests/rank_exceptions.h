/* What cannot hold where workers are ranks, of what the conformance suite asks of all executors, with the
 * reason. test_ranks.c and test_mpi.c hold what does hold instead. */
#ifndef PB_TESTS_RANK_EXCEPTIONS_H
#define PB_TESTS_RANK_EXCEPTIONS_H

#include <stddef.h>
#include <string.h>

/* The reason why that case is left out; NULL: it is not. */
static inline const char *rank_exception(const char *name) {
    static const char no_address[] =
        "a task there cannot name an executor or a future of rank 0: addresses mean nothing to it";
    static const char stays[] = "what is left behind keeps its rank: no case could follow";
    static const struct {
        const char *name, *why;
    } rows[] = {
        {"tasks-submit-tasks", no_address},
        {"waits-in-a-chain", no_address},
        {"waits-in-a-tree", no_address},
        {"waits-for-many-in-a-task", no_address},
        {"iterates-in-a-task", no_address},
        {"maps-in-a-task", no_address},
        {"runs-ranges-in-a-task", no_address},
        {"runs-ranges-in-a-range", no_address},
        {"waits-for-another-executor", no_address},
        {"gives-up-draining", stays},
        {"gives-up-killing", stays},
        {"counts-indices-for-renewal", "a rank looks whether it is spent where a chunk of the range ends"},
        {"opens-two-at-once", "the ranks work for one executor at a time"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].why;
    return NULL;
}

#endif
