/* Lines by which a step tells GitHub Actions what to show beside a commit. For the commands that judge. */
#ifndef PB_REPORT_ANNOTATIONS_H
#define PB_REPORT_ANNOTATIONS_H

#include "report/report.h"

/* Whether this runs in a step of GitHub Actions: GITHUB_ACTIONS is "true". */
bool pb_annotations_wanted(void);

/* Appends a line for each regression and broken row (::error), and for each comparison that is inconclusive
   or not comparable (::warning); nothing else. Escaped as "Workflow commands for GitHub Actions" in GitHub's
   documentation says. To be written to standard output, before or after the report, whatever its format is
   not. */
void pb_annotations_write(const struct pb_run *, struct pb_buffer *);

#endif
