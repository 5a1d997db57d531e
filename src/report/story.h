/* The sentences around the table. Each appends whole lines of at most `width` columns. */
#ifndef PB_REPORT_STORY_H
#define PB_REPORT_STORY_H

#include "report/report.h"

/* The machine, what may be used of it, and with what it was measured. */
void pb_story_machine(const struct pb_run *, const struct pb_report_style *, size_t width,
                      struct pb_buffer *);
/* Of the cells for which `in` is true (run->cells of them): the line above their rows, and notes below. */
void pb_story_head(const struct pb_run *, const bool *in, const struct pb_report_style *, size_t width,
                   struct pb_buffer *);
void pb_story_notes(const struct pb_run *, const bool *in, const struct pb_report_style *, size_t width,
                    struct pb_buffer *);
/* Findings, then why measuring ended and how workers were bound. */
void pb_story_end(const struct pb_run *, const struct pb_report_style *, size_t width, struct pb_buffer *);

#endif
