/* What this process and its descendants use: memory and processor time, as the system accounts for them. */
#ifndef PB_OVERHEAD_PROCESSES_H
#define PB_OVERHEAD_PROCESSES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pb_processes {
    pid_t *pid; /* this process first */
    size_t count;
};

/* Lists this process and all its descendants. 0 or -errno. */
int pb_processes_find(struct pb_processes *);
void pb_processes_release(struct pb_processes *);

/* Nanoseconds of processor time of all of them since they began; UINT64_MAX if one has ended. */
uint64_t pb_processes_cpu(const struct pb_processes *);

/* Bytes of memory that a process has resident, pages that it shares with others included; 0: no such
 * process. */
uint64_t pb_resident(pid_t);

/* The most bytes that this process has had resident since pb_resident_peak_reset. */
uint64_t pb_resident_peak(void);
/* 0 or -errno: then the peak is that since the process began. */
int pb_resident_peak_reset(void);

#endif
