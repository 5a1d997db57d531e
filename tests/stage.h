/* A workload set up as a runner would set it up, with two lanes and no executor: for tests of workloads. */
#ifndef PB_TESTS_STAGE_H
#define PB_TESTS_STAGE_H

#include "suite.h"

#include <errno.h>
#include <stdlib.h>

#include "base/module.h"
#include "base/param.h"
#include "bench/list.h"
#include "io/io.h"

enum { STAGE_LANES = 2 };

struct stage {
    const struct pb_workload *workload;
    struct pb_param_set params;
    void *state;
    struct pb_task task[STAGE_LANES];
    struct pb_message message; /* of what failed */
};

/* The workload of a row of the list; skips the case if its module was not built. */
static inline const struct pb_workload *stage_load(const struct pb_workload_entry *entry) {
    struct pb_error error = {0};
    if (entry->workload)
        return entry->workload;
    const struct pb_workload *w = pb_module_symbol(entry->module, PB_WORKLOAD_SYMBOL, &error);
    if (!w && error.code == -ENOENT)
        pb_test_skip("%s", error.text);
    CHECK_MSG(w, "%s", error.text);
    return w;
}

static inline void stage_close(struct stage *s) {
    const struct pb_workload *w = s->workload;
    for (int lane = 0; lane < STAGE_LANES; lane++) {
        if (s->task[lane].io && w->lane_teardown)
            w->lane_teardown(s->task[lane].lane, s->state);
        free(s->task[lane].lane);
    }
    if (s->task[0].state && w->teardown)
        w->teardown(s->state);
    free(s->state);
    pb_param_set_release(&s->params);
}

/* Begins a repetition, again if need be. */
static inline int stage_begin(struct stage *s, uint64_t tasks) {
    const struct pb_repetition repetition = {tasks, STAGE_LANES, STAGE_LANES};
    return s->workload->begin ? s->workload->begin(s->state, &repetition, &s->message) : 0;
}

/* What the tasks left in the state. */
static inline uint64_t stage_end(struct stage *s) {
    return s->workload->end ? s->workload->end(s->state) : 0;
}

/* Sets up state and lanes and begins a repetition; `text` are parameters, NULL the defaults. What fails is
 * returned, and nothing is left behind. */
static inline int stage_open(struct stage *s, const struct pb_workload *w, const char *text) {
    struct pb_error error = {0};
    *s = (struct stage){.workload = w};
    CHECK_MSG(pb_param_set_init(&s->params, w->name, w->params, text, 500, &error) == 0, "%s", error.text);
    s->state = aligned_alloc(64, w->state_size / 64 * 64 + 64); /* as a runner's lies */
    memset(s->state, 0, w->state_size + 1);
    int rc = w->setup ? w->setup(s->state, &s->params.values, &s->message) : 0;
    for (int lane = 0; rc == 0 && lane < STAGE_LANES; lane++) {
        s->task[0].state = s->state; /* which says that setup succeeded, as io says it of each lane's */
        void *memory = s->task[lane].lane = calloc(1, w->lane_size + 1);
        rc = w->lane_setup ? w->lane_setup(memory, s->state, &s->message) : 0;
        if (rc == 0)
            s->task[lane] = (struct pb_task){.io = &pb_io_blocking,
                                             .lane = memory,
                                             .state = s->state,
                                             .worker = (uint32_t)lane,
                                             .lane_index = (uint32_t)lane};
    }
    rc = rc < 0 ? rc : stage_begin(s, 8);
    if (rc < 0)
        stage_close(s);
    return rc;
}

/* The digest of task i on a lane; the task must succeed. */
static inline uint64_t stage_run(struct stage *s, int lane, uint64_t i) {
    uint64_t digest = 0;
    CHECK_INT(s->workload->run(&s->task[lane], i, &digest), PB_OK);
    return digest;
}

#endif
