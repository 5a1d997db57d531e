/* The modes of the program: each measures one thing, prints one line (`grow`: several), and returns the exit
 * code. docs/overhead.md tells what the figures mean. */
#ifndef PB_OVERHEAD_MODES_H
#define PB_OVERHEAD_MODES_H

#include "meter.h"

/* What follows mode and workers on the command line. */
struct pb_call {
    int64_t count;  /* the third word, */
    double seconds; /* or what it is where it counts seconds */
    int64_t extra;  /* the fourth; 0: not given */
};

enum pb_exit pb_mode_throughput(struct pb_gauge *, const struct pb_call *, struct pb_error *);
enum pb_exit pb_mode_latency(struct pb_gauge *, const struct pb_call *, struct pb_error *);
enum pb_exit pb_mode_metg(struct pb_gauge *, const struct pb_call *, struct pb_error *);
enum pb_exit pb_mode_memory(struct pb_gauge *, const struct pb_call *, struct pb_error *);
enum pb_exit pb_mode_grow(struct pb_gauge *, const struct pb_call *, struct pb_error *);
enum pb_exit pb_mode_idle(struct pb_gauge *, const struct pb_call *, struct pb_error *);
enum pb_exit pb_mode_parts(struct pb_gauge *, const struct pb_call *, struct pb_error *);

#endif
