/* A binary heap of the moments at which workers become free; the earliest is at the top. */
#include "stats/schedule.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Puts the top, which has grown, where it belongs. */
static void sink(double *free_at, size_t n) {
    double value = free_at[0];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && free_at[child + 1] < free_at[child])
            child++;
        if (free_at[child] >= value)
            break;
        free_at[i] = free_at[child];
    }
    free_at[i] = value;
}

int pb_list_bound(const double *length, size_t tasks, uint32_t workers, double *bound) {
    double sum = 0, makespan = 0;
    *bound = NAN;
    if (tasks == 0 || workers == 0)
        return 0;
    size_t used = workers < tasks ? workers : tasks;
    double *free_at = calloc(used, sizeof *free_at);
    if (!free_at)
        return -ENOMEM;
    for (size_t i = 0; i < tasks; i++) {
        sum += length[i];
        free_at[0] += length[i];
        makespan = fmax(makespan, free_at[0]);
        sink(free_at, used);
    }
    if (makespan > 0)
        *bound = sum / makespan;
    free(free_at);
    return 0;
}
