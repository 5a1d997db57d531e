/* The formats' functions, for the rows of list.c. */
#ifndef PB_REPORT_FORMATS_H
#define PB_REPORT_FORMATS_H

#include "report/report.h"

typedef int pb_format_write(const struct pb_run *, const struct pb_report_style *, struct pb_buffer *,
                            struct pb_error *);

pb_format_write pb_table_write; /* table.c, or table_absent.c */
pb_format_write pb_chart_write, pb_json_write, pb_csv_write, pb_markdown_write, pb_junit_write;
pb_format_write pb_google_write, pb_google_stats_write; /* google.c */
pb_format_write pb_hyperfine_write, pb_github_write, pb_bencher_write, pb_trace_write;

#endif
