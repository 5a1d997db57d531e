/* A set of processors, by the operating system's numbers: the currency between placement and workers. */
#ifndef PB_BASE_CPUSET_H
#define PB_BASE_CPUSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PB_CPUS_MAX = 4096 };

struct pb_cpuset {
    uint64_t word[PB_CPUS_MAX / 64];
};

void pb_cpuset_zero(struct pb_cpuset *);
void pb_cpuset_set(struct pb_cpuset *, uint32_t cpu); /* cpu < PB_CPUS_MAX, or nothing happens */
void pb_cpuset_add(struct pb_cpuset *, const struct pb_cpuset *more); /* all of more's */
bool pb_cpuset_has(const struct pb_cpuset *, uint32_t cpu);
uint32_t pb_cpuset_count(const struct pb_cpuset *);
bool pb_cpuset_equal(const struct pb_cpuset *, const struct pb_cpuset *);
/* The smallest member above `previous` (start with -1), or -1. */
int32_t pb_cpuset_next(const struct pb_cpuset *, int32_t previous);

/* Lists as Linux writes them: "0-3,8,10-11"; "" is the empty set. 0 or -EINVAL. */
int pb_cpuset_parse(struct pb_cpuset *, const char *list);
/* Writes such a list, NUL-terminated, truncated at a comma if `size` is too small; returns out. */
const char *pb_cpuset_format(const struct pb_cpuset *, char *out, size_t size);

/* The calling thread's affinity mask: reads it, or binds the thread to a set. 0 or -errno. */
int pb_cpuset_of_thread(struct pb_cpuset *);
int pb_cpuset_bind_thread(const struct pb_cpuset *);

#endif
