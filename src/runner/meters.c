#include "runner/meters.h"

#include <string.h>

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

void pb_meters_clear(const struct pb_meters *m, uint32_t workers) {
    for (uint32_t i = 0; i < least(workers, m->count); i++) {
        struct pb_meter *meter = pb_meter_of(m, i);
        atomic_store_explicit(&meter->ended, 0, memory_order_relaxed);
        memset(meter->counter, 0, sizeof meter->counter);
        if (meter->observed)
            memset(meter->latency, 0, sizeof meter->latency);
        meter->observed = meter->failures = 0;
    }
}

uint64_t pb_meters_counter(const struct pb_meters *m, uint32_t workers, unsigned counter) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < least(workers, m->count); i++)
        sum += pb_meter_of(m, i)->counter[counter];
    return sum;
}

uint64_t pb_meters_ended(const struct pb_meters *m, uint32_t workers) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < least(workers, m->count); i++)
        sum += atomic_load_explicit(&pb_meter_of(m, i)->ended, memory_order_relaxed);
    return sum;
}
