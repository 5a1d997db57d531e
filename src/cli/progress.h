/* The progress bar: one line on a terminal, redrawn, and gone at the end. */
#ifndef PB_CLI_PROGRESS_H
#define PB_CLI_PROGRESS_H

#include "base/buffer.h"
#include "driver/driver.h"

struct pb_bar {
    bool on, drawn;
    bool utf8;
    uint64_t last; /* pb_now of the last drawing */
};

/* On if standard error is a terminal that can redraw a line, and not `quiet`. */
void pb_bar_init(struct pb_bar *, bool quiet, bool utf8);
/* A pb_progress_fn; its context is the bar. Draws at most ten times a second. */
void pb_bar_draw(void *bar, const struct pb_run *, const struct pb_progress *);
/* Takes the line away. */
void pb_bar_clear(struct pb_bar *);

/* The line's text, at most `width` columns. */
void pb_bar_format(const struct pb_run *, const struct pb_progress *, uint32_t width, bool utf8,
                   struct pb_buffer *);

#endif
