/* The sentences at the end, in whole lines of at most `width` columns. */
#ifndef PB_REPORT_STORY_H
#define PB_REPORT_STORY_H

#include "report/report.h"

/* The findings alone, a sentence or more each. */
void pb_story_findings(const struct pb_run *, const struct pb_report_style *, size_t width,
                       struct pb_buffer *);
/* Findings, then why measuring ended and how workers were bound. */
void pb_story_end(const struct pb_run *, const struct pb_report_style *, size_t width, struct pb_buffer *);

/* Appends one finding to an empty buffer: its sentences, not cleaned, not wrapped. */
void pb_story_finding(const struct pb_finding *, struct pb_buffer *);

#endif
