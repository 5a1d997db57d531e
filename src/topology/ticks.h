/* What the machine's processors have done since it started. */
#ifndef PB_TOPOLOGY_TICKS_H
#define PB_TOPOLOGY_TICKS_H

#include <stdint.h>

/* Over all processors, in ticks of 1 / sysconf(_SC_CLK_TCK) s. */
struct pb_ticks {
    int64_t busy;  /* not idle, nor waiting for a disk */
    int64_t steal; /* the hypervisor gave it to others; may go backwards where it corrects itself */
    int64_t total; /* busy, idle and stolen */
};

/* From the first line of /proc/stat below `root`: "" is the real one. 0, or -EIO and all are 0: it cannot be
   read, or does not tell of steal. */
int pb_ticks_read(struct pb_ticks *, const char *root);

#endif
