#include "runner/meters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parbench/workload.h"

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static size_t remembered(const struct pb_meter *meter) {
    return meter->failures < PB_FAILURES_MAX ? (size_t)meter->failures : PB_FAILURES_MAX;
}

void pb_meters_clear(const struct pb_meters *m, uint32_t workers) {
    for (uint32_t i = 0; i < least(workers, m->count); i++) {
        struct pb_meter *meter = pb_meter_at(m, i);
        atomic_store_explicit(&meter->ended, 0, memory_order_relaxed);
        memset(meter->counter, 0, sizeof meter->counter);
        meter->charged = (struct pb_charged){0};
        if (meter->observed)
            memset(meter->latency, 0, sizeof meter->latency);
        meter->observed = meter->failures = 0;
    }
}

uint64_t pb_meters_counter(const struct pb_meters *m, uint32_t workers, unsigned counter) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < least(workers, m->count); i++)
        sum += pb_meter_at(m, i)->counter[counter];
    return sum;
}

void pb_meters_charged(const struct pb_meters *m, uint32_t workers, struct pb_charged *sum) {
    *sum = (struct pb_charged){0};
    for (uint32_t i = 0; i < least(workers, m->count); i++) {
        const struct pb_charged *c = &pb_meter_at(m, i)->charged;
        sum->children += c->children;
        sum->cpu_ns += c->cpu_ns;
        sum->voluntary += c->voluntary;
        sum->involuntary += c->involuntary;
        sum->minor_faults += c->minor_faults;
        sum->major_faults += c->major_faults;
        sum->peak_bytes += c->peak_bytes;
    }
}

/* The sums over all meters, or NULL with *buckets the number of those that are not 0. */
static uint64_t *add_up(const struct pb_meters *m, uint32_t workers, uint32_t *buckets) {
    uint64_t *sum = calloc(PB_LATENCY_BUCKETS, sizeof *sum);
    for (uint32_t i = 0; sum && i < least(workers, m->count); i++) {
        const struct pb_meter *meter = pb_meter_at(m, i);
        for (unsigned b = 0; meter->observed && b < PB_LATENCY_BUCKETS; b++)
            sum[b] += meter->latency[b];
    }
    for (unsigned b = 0; sum && b < PB_LATENCY_BUCKETS; b++)
        *buckets += sum[b] > 0;
    return sum;
}

int pb_meters_latency(const struct pb_meters *m, uint32_t workers, struct pb_latency_count **out,
                      uint32_t *buckets) {
    uint32_t used = 0;
    uint64_t *sum = add_up(m, workers, &used);
    struct pb_latency_count *next = *out = sum ? calloc(used + 1, sizeof **out) : NULL;
    *buckets = next ? used : 0;
    for (uint32_t b = 0; next && b < PB_LATENCY_BUCKETS; b++)
        if (sum[b])
            *next++ = (struct pb_latency_count){b, sum[b] < UINT32_MAX ? (uint32_t)sum[b] : UINT32_MAX};
    free(sum);
    return next ? 0 : -ENOMEM;
}

static int by_task(const void *a, const void *b) {
    const struct pb_failure *x = a, *y = b;
    return x->task != y->task ? (x->task > y->task) - (x->task < y->task)
                              : (x->status > y->status) - (x->status < y->status);
}

int pb_meters_failures(const struct pb_meters *m, uint32_t workers, struct pb_failure **out,
                       uint32_t *failures) {
    size_t count = 0, filled = 0;
    *failures = 0;
    for (uint32_t i = 0; i < least(workers, m->count); i++)
        count += remembered(pb_meter_at(m, i));
    struct pb_failure *all = *out = calloc(count + 1, sizeof *all);
    if (!all)
        return -ENOMEM;
    for (uint32_t i = 0; i < least(workers, m->count); i++) {
        const struct pb_meter *meter = pb_meter_at(m, i);
        memcpy(all + filled, meter->failure, remembered(meter) * sizeof *all);
        filled += remembered(meter);
    }
    for (size_t i = 0; i < filled; i++)
        if (all[i].status < 0 || all[i].status >= PB_STATUS_MAX)
            all[i].status = PB_ERROR; /* as it was counted */
    qsort(all, filled, sizeof *all, by_task);
    *failures = (uint32_t)filled;
    return 0;
}

uint64_t pb_meters_ended(const struct pb_meters *m, uint32_t workers) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < least(workers, m->count); i++)
        sum += atomic_load_explicit(&pb_meter_at(m, i)->ended, memory_order_relaxed);
    return sum;
}
