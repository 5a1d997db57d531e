/* A page for $GITHUB_STEP_SUMMARY: comparisons if there are any, then the rows, then the findings. Texts of
 * the record are escaped, so that they are shown as they are. */
#include <inttypes.h>
#include <math.h>

#include "base/units.h"
#include "report/change_text.h"
#include "report/column.h"
#include "report/formats.h"
#include "report/harmless.h"
#include "report/row_names.h"
#include "report/story.h"

static void put(struct pb_buffer *out, const char *before, const char *text, const char *after) {
    pb_buffer_text(out, before);
    pb_harmless_markdown(out, text);
    pb_buffer_text(out, after);
}

static void put_machine(struct pb_buffer *out, const struct pb_run *run) {
    const struct pb_machine *m = &run->machine;
    put(out, "### ", run->command && *run->command ? run->command : "bench", "\n\n");
    put(out, "", *m->cpu_model ? m->cpu_model : "unknown processor", "");
    pb_buffer_printf(out, " · %" PRIu32 " of %" PRIu32 " processors usable", run->limits.processors, m->pus);
    if (*run->host.virtualisation)
        put(out, " · ", run->host.virtualisation, "");
    put(out, " · parbench ", run->version, "\n\n");
}

static void put_time(struct pb_buffer *out, double ns) {
    char text[32];
    pb_buffer_printf(out, " %s |",
                     isfinite(ns) && fabs(ns) < 1e15 ? pb_format_time(ns, text, sizeof text) : "-");
}

static void put_comparison(struct pb_buffer *out, const struct pb_comparison *c) {
    struct pb_buffer change = {0};
    put(out, "| ", c->name, " |");
    put_time(out, c->base_ns);
    put_time(out, c->head_ns);
    pb_change_text(c, &change);
    put(out, " ", pb_buffer_string(&change), " |");
    put(out, " ", c->verdict ? c->verdict : PB_INCONCLUSIVE, " |\n");
    out->failed |= change.failed;
    pb_buffer_release(&change);
}

static void put_comparisons(struct pb_buffer *out, const struct pb_run *run) {
    if (!run->comparisons)
        return;
    pb_buffer_text(out, "| row | base | head | change | verdict |\n| --- | ---: | ---: | --- | --- |\n");
    for (uint32_t i = 0; i < run->comparisons; i++)
        put_comparison(out, &run->comparison[i]);
    pb_buffer_text(out, "\n");
}

static const int columns[] = {PB_COLUMN_TIME, PB_COLUMN_SPEEDUP, PB_COLUMN_BUSY,
                              PB_COLUMN_COST, PB_COLUMN_RATE,    PB_COLUMN_P50,
                              PB_COLUMN_P99,  PB_COLUMN_P999,    PB_COLUMN_VERDICT};
enum { COLUMNS = sizeof columns / sizeof *columns };

static bool has_latencies(const struct pb_run *run) {
    for (uint32_t i = 0; i < run->cells; i++)
        if (isfinite(run->cell[i].summary.p50))
            return true;
    return false;
}

static bool is_shown(int column, bool latencies) {
    return latencies || !(pb_columns[column].when & PB_SHOWN_WITH_LATENCIES);
}

static void put_headings(struct pb_buffer *out, bool latencies) {
    pb_buffer_text(out, "| row |");
    for (int i = 0; i < COLUMNS; i++)
        if (is_shown(columns[i], latencies))
            pb_buffer_printf(out, " %s |", pb_columns[columns[i]].heading);
    pb_buffer_text(out, "\n| --- |");
    for (int i = 0; i < COLUMNS; i++)
        if (is_shown(columns[i], latencies))
            pb_buffer_text(out, pb_columns[columns[i]].right ? " ---: |" : " --- |");
    pb_buffer_text(out, "\n");
}

/* Why a row has no numbers stands where its verdict would. */
static void put_row(struct pb_buffer *out, const struct pb_cell *c, const char *name, bool latencies) {
    struct pb_buffer why = {0};
    bool measured = pb_cell_measured(c, &why);
    put(out, "| ", name, " |");
    for (int i = 0; i < COLUMNS; i++) {
        struct pb_buffer text = {0};
        if (!is_shown(columns[i], latencies))
            continue;
        if (measured)
            pb_columns[columns[i]].format(c, &text);
        else if (columns[i] == PB_COLUMN_VERDICT)
            pb_buffer_text(&text, pb_buffer_string(&why));
        put(out, " ", pb_buffer_string(&text), " |");
        out->failed |= text.failed;
        pb_buffer_release(&text);
    }
    pb_buffer_text(out, "\n");
    out->failed |= why.failed;
    pb_buffer_release(&why);
}

static void put_findings(struct pb_buffer *out, const struct pb_run *run) {
    pb_buffer_text(out, run->findings ? "\n" : "");
    for (uint32_t i = 0; i < run->findings; i++) {
        struct pb_buffer text = {0};
        pb_story_finding(&run->finding[i], &text);
        put(out, "- ", pb_buffer_string(&text), "\n");
        out->failed |= text.failed;
        pb_buffer_release(&text);
    }
}

int pb_markdown_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                      struct pb_error *error) {
    struct pb_row_names names;
    bool latencies = has_latencies(run);
    int rc = pb_row_names_init(&names, run, "markdown", error);
    (void)style;
    put_machine(out, run);
    put_comparisons(out, run);
    put_headings(out, latencies);
    for (uint32_t i = 0; i < run->cells && rc == 0; i++)
        if (run->cell[i].role != PB_ROLE_REFERENCE)
            put_row(out, &run->cell[i], names.name[i], latencies);
    put_findings(out, run);
    pb_harmless_lines(out);
    pb_row_names_release(&names);
    return rc;
}
