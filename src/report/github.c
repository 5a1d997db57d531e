/* What github-action-benchmark reads as customSmallerIsBetter: a time per task for each row. */
#include <inttypes.h>
#include <math.h>

#include "report/column.h"
#include "report/formats.h"
#include "report/json_out.h"
#include "report/row_names.h"

/* A text, shown as it is: the half of the interval, in the value's unit. */
static void put_range(struct pb_json_out *j, const struct pb_estimate *time, double tasks) {
    char text[64];
    double half = (time->high - time->low) / 2 / tasks;
    if (!isfinite(half))
        return;
    snprintf(text, sizeof text, half >= 100 && half < 1e15 ? "± %.0f" : "± %.3g", half);
    pb_json_text(j, "range", text);
}

static void put_extra(struct pb_json_out *j, const struct pb_cell *c) {
    struct pb_buffer text = {0};
    pb_buffer_printf(&text, "%" PRIu64 " tasks, %" PRIu32 " samples", c->tasks, c->samples);
    if (isfinite(c->summary.speedup.value)) {
        pb_buffer_text(&text, ", speedup ");
        pb_text_ratio(c->summary.speedup.value, "x", &text);
    }
    if (c->summary.outcome && c->summary.outcome[0] != '-')
        pb_buffer_printf(&text, ", %s%s%s", c->summary.outcome, c->summary.cause ? ": " : "",
                         c->summary.cause ? c->summary.cause : "");
    pb_json_text(j, "extra", pb_buffer_string(&text));
    j->out->failed |= text.failed;
    pb_buffer_release(&text);
}

int pb_github_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                    struct pb_error *error) {
    struct pb_json_out j = {.out = out};
    struct pb_row_names names;
    int rc = pb_row_names_init(&names, run, "github", error);
    (void)style;
    pb_json_open(&j, NULL, '[');
    for (uint32_t i = 0; i < run->cells && rc == 0; i++) {
        const struct pb_cell *c = &run->cell[i];
        double value = c->summary.time.value / (double)c->tasks;
        if (!pb_row_told(c) || !isfinite(value))
            continue;
        pb_json_open(&j, NULL, '{');
        pb_json_text(&j, "name", names.name[i]);
        pb_json_text(&j, "unit", "ns/task");
        pb_json_real(&j, "value", value);
        put_range(&j, &c->summary.time, (double)c->tasks);
        put_extra(&j, c);
        pb_json_close(&j, '}');
    }
    pb_json_close(&j, ']');
    pb_row_names_release(&names);
    return rc;
}
