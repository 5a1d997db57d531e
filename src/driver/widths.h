/* `-n`: how many tasks run at once, as the user writes it and as the plan needs it. */
#ifndef PB_DRIVER_WIDTHS_H
#define PB_DRIVER_WIDTHS_H

#include "driver/plan.h"

enum { PB_WIDTH_LIMIT = 1000000 }; /* of a number that is still read as a width */

/* One item of the list: "4" is first = last = 4, "1-max" is 1 to 0. */
struct pb_width_range {
    uint32_t first, last; /* 0 stands for max, the usable processors */
};

/* -EINVAL: neither a number from 1, nor "max", nor a range of the two; the error starts with "-n TEXT". */
int pb_width_parse(const char *text, struct pb_width_range *, struct pb_error *);

/* What 1.00x means, as --base says it: "n=4" is that width of each executor; "serial" and "none" are 0. */
struct pb_base {
    bool serial;
    uint32_t width;
};
/* -EINVAL: none of the three; the error starts with `label`. */
int pb_base_parse(const char *text, const char *label, struct pb_base *, struct pb_error *);

struct pb_widths {
    uint32_t *value; /* each once, in the order of the request */
    uint32_t count;
};

/* The widths of cells of workloads with this bound. Without a request they are, for CPU-bound work, the
   usable processors, and for I/O-bound work four times that but at least 8, as far as request->max_in_flight
   allows; where each task is a program that makes its `own` workers, the powers of two up to the usable
   processors, and those. -EINVAL: also where a width exceeds request->max_in_flight. */
int pb_widths_init(struct pb_widths *, const struct pb_request *, enum pb_bound, bool own, uint32_t usable,
                   struct pb_error *);
void pb_widths_release(struct pb_widths *);

#endif
