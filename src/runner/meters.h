/* The meters of a cell's workers: zeroed before a repetition, added up after it. */
#ifndef PB_RUNNER_METERS_H
#define PB_RUNNER_METERS_H

#include "parbench/meter.h"
#include "results/sample.h"

enum {
    PB_METER_PAGE = 4096,
    PB_METER_STRIDE = (sizeof(struct pb_meter) + PB_METER_PAGE - 1) / PB_METER_PAGE * PB_METER_PAGE,
};

struct pb_meters {
    unsigned char *first; /* each begins on a page of its own */
    uint32_t count;
};

static inline size_t pb_meters_size(uint32_t count) {
    return (size_t)count * PB_METER_STRIDE;
}
/* Of a worker that has one. */
static inline struct pb_meter *pb_meter_at(const struct pb_meters *m, uint32_t worker) {
    return (struct pb_meter *)(void *)(m->first + pb_meters_size(worker));
}
/* NULL: that worker has none. */
static inline struct pb_meter *pb_meter_of(const struct pb_meters *m, uint32_t worker) {
    return worker < m->count ? pb_meter_at(m, worker) : NULL;
}

/* Of the first `workers` meters; while no task runs. */
void pb_meters_clear(const struct pb_meters *, uint32_t workers);
uint64_t pb_meters_counter(const struct pb_meters *, uint32_t workers, unsigned counter);
/* What the workers' child processes used, all together: of the memory, the sum of each worker's largest. */
void pb_meters_charged(const struct pb_meters *, uint32_t workers, struct pb_charged *);
/* The buckets that are not empty, ascending; the caller frees. 0 or -ENOMEM. */
int pb_meters_latency(const struct pb_meters *, uint32_t workers, struct pb_latency_count **,
                      uint32_t *buckets);
/* What is remembered of failed tasks, by their index; the caller frees. 0 or -ENOMEM. */
int pb_meters_failures(const struct pb_meters *, uint32_t workers, struct pb_failure **, uint32_t *failures);
/* At any time. */
uint64_t pb_meters_ended(const struct pb_meters *, uint32_t workers);

#endif
