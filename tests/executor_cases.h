/* What the suites that loop over the list of executors share. */
#ifndef PB_TESTS_EXECUTOR_CASES_H
#define PB_TESTS_EXECUTOR_CASES_H

#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "parbench/executor.h"
#include "ranks/ranks.h"
#include "suite.h"

enum { SECOND = 1000000000 };

#ifdef __SANITIZE_THREAD__
static const bool under_tsan = true;
#else
static const bool under_tsan = false;
#endif

static inline struct pb_executor *open_executor(const char *name, uint32_t workers) {
    struct pb_executor *e;
    struct pb_error error = {0};
    struct pb_executor_config config = {.workers = workers};
    CHECK_MSG(pb_executor_open(&e, name, &config, &error) == 0, "%s", error.text);
    return e;
}

static inline void close_executor(struct pb_executor *e) {
    CHECK_INT(pb_executor_close(e, PB_DRAIN, 30LL * SECOND), 0);
}

/* Zeroed words that worker processes see too: to be made before the executor opens. The last one is the
 * descriptor by which ranks on the same host find them. */
enum { WORDS = 4096 / sizeof(atomic_uint) };
static inline atomic_uint *shared_words(void) {
    int fd = memfd_create("words", MFD_CLOEXEC);
    CHECK(fd >= 0 && ftruncate(fd, 4096) == 0);
    atomic_uint *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    atomic_store(&p[WORDS - 1], (unsigned)fd);
    return p;
}

static inline void skip_unseen(const void *name) {
    pb_test_skip("the thread sanitizer does not see %s: its runtime is not instrumented", (const char *)name);
}

struct executor_case {
    const char *name;
    void (*run)(const void *executor);
};

/* Row `row` of the executors that run any task here: ranks, where a launcher started them (run_ranks.c). 0,
 * or -ENOENT past their end. */
static inline int executor_of_any(size_t row, struct pb_executor_listing *listing) {
    int rc;
    for (size_t i = 0; (rc = pb_executor_list(i, listing)) == 0; i++)
        if (!listing->only && (!listing->launched || pb_ranks_here()) && row-- == 0)
            break;
    return rc;
}

/* The case on that row, for a suite's `generate`; false past the end of the list. */
static inline bool executor_case_of(const struct executor_case *c, size_t row, struct pb_case *out) {
    static char name[128];
    struct pb_executor_listing listing;
    if (executor_of_any(row, &listing) < 0)
        return false;
    bool seen = strcmp(listing.name, "openmp") != 0 || !under_tsan;
    snprintf(name, sizeof name, "%s/%s", listing.name, c->name);
    *out = (struct pb_case){name, seen ? c->run : skip_unseen, listing.name};
    return true;
}

/* Case i of all executors times `count` cases, likewise. */
static inline bool executor_case_at(const struct executor_case *cases, size_t count, size_t i,
                                    struct pb_case *out) {
    return executor_case_of(&cases[i % count], i / count, out);
}

#endif
