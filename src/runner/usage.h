/* What the system counts for this process and its worker processes. */
#ifndef PB_RUNNER_USAGE_H
#define PB_RUNNER_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Sums over all of them; -1 where the system does not tell. */
struct pb_usage {
    int64_t voluntary, involuntary, migrations, minor_faults, major_faults, peak_bytes;
};

void pb_usage_read(struct pb_usage *, const pid_t *workers, size_t count);
/* CPU time of this process and the workers, ns. Cheap: read it next to the clock. */
uint64_t pb_usage_cpu(const pid_t *workers, size_t count);

#endif
