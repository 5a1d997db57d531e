#include <errno.h>
#include <string.h>

#include "base/name.h"
#include "report/formats.h"

/* Set by CMake where libsmartcols is not to be had. */
#ifndef PB_TABLE_ABSENT
#define PB_TABLE_ABSENT NULL
#endif

enum { MOST = 32 };

const struct pb_format pb_formats[] = {
    {"table", "a table for people", PB_TABLE_ABSENT, pb_table_write, false},
    {"json", "the whole record, samples included", NULL, pb_json_write, false},
    {"chart", "bars for people who would rather look", NULL, pb_chart_write, false},
    {"csv", "a row per sample, for spreadsheets and data frames", NULL, pb_csv_write, false},
    {"markdown", "a page for a pull request or $GITHUB_STEP_SUMMARY", NULL, pb_markdown_write, false},
    {"junit", "XML for a CI: a test per row, or per comparison", NULL, pb_junit_write, false},
    {"google", "google-benchmark's JSON: a run per sample, for its compare.py", NULL, pb_google_write, false},
    {"google-stats", "the same: mean, median and deviation of each row", NULL, pb_google_stats_write, false},
    {"hyperfine", "hyperfine's JSON, for its plot scripts", NULL, pb_hyperfine_write, false},
    {"github", "for github-action-benchmark: customSmallerIsBetter", NULL, pb_github_write, false},
    {"bencher", "Bencher's metric format: latency and throughput", NULL, pb_bencher_write, false},
    {"trace", "what workers did, for ui.perfetto.dev and chrome://tracing", NULL, pb_trace_write, true},
    {NULL, NULL, NULL, NULL, false},
};

const struct pb_format *pb_format_find(const char *name, struct pb_error *error) {
    const char *names[MOST];
    struct pb_buffer list = {0};
    size_t count = 0;
    for (const struct pb_format *f = pb_formats; f->name && count < MOST; f++) {
        if (strcmp(f->name, name) == 0) {
            pb_buffer_release(&list);
            return f;
        }
        pb_buffer_printf(&list, "%s%s", count ? ", " : "", f->name);
        names[count++] = f->name;
    }
    int nearest = pb_name_nearest(name, names, count);
    if (nearest >= 0)
        pb_error_set(error, -EINVAL, "format %s: unknown: did you mean %s? There are: %s", name,
                     names[nearest], pb_buffer_string(&list));
    else
        pb_error_set(error, -EINVAL, "format %s: unknown: there are: %s", name, pb_buffer_string(&list));
    pb_buffer_release(&list);
    return NULL;
}
