#include "report/counts.h"

#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "report/lines.h"
#include "report/text.h"

enum { INDENT = 2, NAME = 32 };

static const char dot[] = " · ";

static void fitted(struct pb_buffer *out, const char *text) {
    pb_text_fit(out, text, NAME, true);
}

/* ---- What a row says ---- */

/* Repetitions may differ; then it is a mean, which does not hide what happened once. */
static void say_mean(double sum, uint32_t samples, struct pb_buffer *out) {
    double mean = sum / samples;
    if (mean == floor(mean) || mean >= 99.95)
        pb_buffer_printf(out, "%.0f", mean);
    else if (mean >= 0.095)
        pb_buffer_printf(out, "%.1f", mean);
    else
        pb_buffer_printf(out, "%.1g", mean);
}

static double status_sum(const struct pb_cell *c, size_t status) {
    double sum = 0;
    for (uint32_t i = 0; i < c->samples; i++)
        sum += (double)c->sample[i].status[status];
    return sum;
}

/* The k-th to be told: ok first, errors last. */
static size_t status_at(size_t k) {
    return k == 0 ? PB_OK : k + 1 < PB_STATUS_MAX ? k + 1 : PB_ERROR;
}

static void say_status(const struct pb_cell *c, size_t status, struct pb_buffer *out) {
    const char *name = c->status_name[status];
    pb_buffer_text(out, out->size ? dot : "");
    fitted(out, name && *name ? name : status == PB_OK ? "ok" : "unnamed");
}

static void say_statuses(const struct pb_cell *c, struct pb_buffer *out) {
    for (size_t k = 0; k < PB_STATUS_MAX; k++) {
        size_t status = status_at(k);
        double sum = status_sum(c, status);
        if (sum == 0 && status != PB_OK)
            continue;
        say_status(c, status, out);
        pb_buffer_text(out, " ");
        say_mean(sum, c->samples, out);
    }
}

static bool all_ok(const struct pb_cell *c) {
    for (size_t status = PB_OK + 1; status < PB_STATUS_MAX; status++)
        if (status_sum(c, status) > 0)
            return false;
    return true;
}

/* "lock switches 1.2 k · lock wait 3.1 ms": a name that ends in its unit loses it. */
static void say_counters(const struct pb_cell *c, struct pb_buffer *out) {
    for (size_t k = 0; k < PB_SAMPLE_COUNTERS; k++) {
        const char *name = c->counter_name[k];
        double sum = 0;
        char text[32];
        if (!name)
            continue;
        for (uint32_t i = 0; i < c->samples; i++)
            sum += (double)c->sample[i].counter[k];
        size_t length = strlen(name);
        bool time = length > 3 && strcmp(name + length - 3, " ns") == 0;
        struct pb_buffer short_name = {0};
        pb_buffer_add(&short_name, name, time ? length - 3 : length);
        pb_buffer_text(out, out->size ? dot : "");
        fitted(out, pb_buffer_string(&short_name));
        pb_buffer_printf(out, " %s",
                         (time ? pb_format_time : pb_format_rate)(sum / c->samples, text, sizeof text));
        out->failed |= short_name.failed;
        pb_buffer_release(&short_name);
    }
}

/* The first reason that is known of that status; its cell, or NULL. */
static const struct pb_cell *find_reason(const struct pb_run *run, const bool *in, size_t status,
                                         const char **reason) {
    for (uint32_t i = 0; i < run->cells; i++)
        for (uint32_t k = 0; in[i] && k < run->cell[i].failures; k++) {
            const struct pb_failure *f = &run->cell[i].failure[k];
            *reason = f->reason;
            if (f->status >= 0 && (size_t)f->status == status && *f->reason)
                return &run->cell[i];
        }
    return NULL;
}

/* "not_found: HTTP 404 · error: HTTP 503 (-v names the tasks)": one reason of each status. */
static void write_reasons(const struct pb_run *run, const bool *in, const struct pb_report_style *style,
                          size_t width, struct pb_buffer *out) {
    struct pb_buffer line = {0};
    const char *reason;
    for (size_t k = 1; k < PB_STATUS_MAX; k++) {
        const struct pb_cell *cell = find_reason(run, in, status_at(k), &reason);
        if (!cell)
            continue;
        say_status(cell, status_at(k), &line);
        pb_buffer_printf(&line, ": %s", reason);
    }
    if (line.size && !style->verbose)
        pb_buffer_text(&line, " (-v names the tasks)");
    pb_text_wrap_parts(out, pb_buffer_string(&line), width, INDENT, style->utf8);
    out->failed |= line.failed;
    pb_buffer_release(&line);
}

void pb_counts_write(const struct pb_run *run, const bool *in, const struct pb_report_style *style,
                     size_t width, struct pb_buffer *out) {
    bool ok = true;
    for (uint32_t i = 0; i < run->cells; i++)
        ok = ok && (!in[i] || all_ok(&run->cell[i]));
    if (!ok)
        pb_lines_write(run, in, style, width, say_statuses, out);
    write_reasons(run, in, style, width, out);
    if (style->wide || style->verbose)
        pb_lines_write(run, in, style, width, say_counters, out);
}
