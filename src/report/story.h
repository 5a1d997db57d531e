/* The sentences below the rows. Each appends whole lines of at most `width` columns. */
#ifndef PB_REPORT_STORY_H
#define PB_REPORT_STORY_H

#include "report/report.h"

/* Notes below the rows of the cells for which `in` is true (run->cells of them). */
void pb_story_notes(const struct pb_run *, const bool *in, const struct pb_report_style *, size_t width,
                    struct pb_buffer *);
/* Findings, then why measuring ended and how workers were bound. */
void pb_story_end(const struct pb_run *, const struct pb_report_style *, size_t width, struct pb_buffer *);

#endif
