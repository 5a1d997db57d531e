/* A stage whose tasks have meters, for workloads that say more than a digest. */
#ifndef PB_TESTS_METERED_H
#define PB_TESTS_METERED_H

#include "stage.h"

#include "parbench/meter.h"

static inline const struct pb_workload *workload(const char *name) {
    for (const struct pb_workload_entry *entry = pb_workloads; entry->name; entry++)
        if (strcmp(entry->name, name) == 0)
            return stage_load(entry);
    pb_test_failed(__FILE__, __LINE__, "no workload is called %s", name);
}

/* A stage whose tasks have meters: `meter` of lane 0, `meter + 1` of lane 1. */
static inline void open_metered(struct stage *stage, const char *name, const char *params,
                                struct pb_meter meter[STAGE_LANES]) {
    int rc = stage_open(stage, workload(name), params);
    CHECK_MSG(rc == 0, "%s:%s: %s", name, params, stage->message.text);
    memset(meter, 0, STAGE_LANES * sizeof *meter);
    for (int lane = 0; lane < STAGE_LANES; lane++)
        stage->task[lane].meter = &meter[lane];
}

static inline int begin_with(struct stage *stage, uint32_t workers, uint32_t lanes) {
    const struct pb_repetition repetition = {stage->workload->count(stage->state), workers, lanes};
    stage->message.text[0] = '\0';
    return stage->workload->begin(stage->state, &repetition, &stage->message);
}

static inline uint64_t observed(const struct pb_meter *meter) {
    uint64_t sum = 0;
    for (unsigned k = 0; k < PB_LATENCY_BUCKETS; k++)
        sum += meter->latency[k];
    return sum;
}

/* What the meter's one latency is surely below; the meter is empty afterwards. */
static inline uint64_t take_latency(struct pb_meter *meter) {
    CHECK_INT(observed(meter), 1);
    for (unsigned k = 0; k < PB_LATENCY_BUCKETS; k++)
        if (meter->latency[k]) {
            meter->latency[k] = 0;
            return pb_latency_floor(k + 1);
        }
    return 0;
}

#endif
