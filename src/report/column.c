#include "report/column.h"

#include <inttypes.h>
#include <string.h>

#include "base/units.h"

static const char *or_empty(const char *text) {
    return text ? text : "";
}

static bool is(const char *executor, const char *name) {
    size_t length = strlen(name);
    return executor && strncmp(executor, name, length) == 0 && (!executor[length] || executor[length] == ':');
}

/* The model of Python's lock carries a star, which the table explains. */
static void executor(const struct pb_cell *c, struct pb_buffer *out) {
    pb_buffer_printf(out, "%s%s", or_empty(c->executor), is(c->executor, "gil") ? "*" : "");
}

static void width(const struct pb_cell *c, struct pb_buffer *out) {
    if (!is(c->executor, "serial"))
        pb_buffer_printf(out, "%" PRIu32, c->workers);
}

void pb_cell_title(const struct pb_cell *c, struct pb_buffer *out) {
    executor(c, out);
    if (!is(c->executor, "serial"))
        pb_buffer_printf(out, " %" PRIu32, c->workers);
}

static void duration(const struct pb_cell *c, struct pb_buffer *out) {
    char text[32];
    double ns = c->summary.time.value;
    if (isfinite(ns) && ns < 1e15)
        pb_buffer_text(out, pb_format_time(ns, text, sizeof text));
    else if (isfinite(ns))
        pb_buffer_printf(out, "%.2g s", ns / 1e9);
}

static int decimals(double value) {
    return fabs(value) >= 99.95 ? 0 : fabs(value) >= 9.995 ? 1 : 2;
}

void pb_text_ratio(double value, const char *unit, struct pb_buffer *out) {
    if (isfinite(value))
        pb_buffer_printf(out, fabs(value) < 1e6 ? "%.*f%s" : "%.*e%s", decimals(value), value, unit);
}

static void with_interval(const struct pb_estimate *e, struct pb_buffer *out) {
    pb_text_ratio(e->value, "x", out);
    double half = (e->high - e->low) / 2;
    if (isfinite(e->value) && isfinite(half) && half > 0)
        pb_buffer_printf(out, fabs(half) < 1e6 ? " ±%.*f" : " ±%.*e", decimals(e->value), half);
}

static void speedup(const struct pb_cell *c, struct pb_buffer *out) {
    with_interval(&c->summary.speedup, out);
}

static void busy(const struct pb_cell *c, struct pb_buffer *out) {
    pb_text_ratio(c->summary.busy, "", out);
}

static void cost(const struct pb_cell *c, struct pb_buffer *out) {
    if (isnan(c->summary.cost))
        pb_buffer_text(out, "-");
    else
        pb_text_ratio(c->summary.cost, "", out);
}

static void verdict(const struct pb_cell *c, struct pb_buffer *out) {
    pb_buffer_text(out, or_empty(c->summary.outcome));
    if (c->summary.cause)
        pb_buffer_printf(out, ": %s", c->summary.cause);
}

static void throughput(const struct pb_cell *c, struct pb_buffer *out) {
    char text[32];
    double tasks = c->summary.throughput.value;
    if (!isfinite(tasks))
        return;
    if (c->bytes_per_task)
        pb_buffer_printf(out, "%s/s", pb_format_size(tasks * (double)c->bytes_per_task, text, sizeof text));
    else
        pb_buffer_printf(out, "%s/s", pb_format_rate(tasks, text, sizeof text));
}

static void efficiency(const struct pb_cell *c, struct pb_buffer *out) {
    pb_text_ratio(c->summary.efficiency, "", out);
}

static void possible(const struct pb_cell *c, struct pb_buffer *out) {
    pb_text_ratio(c->summary.possible.value, "x", out);
}

static void bound(const struct pb_cell *c, struct pb_buffer *out) {
    pb_text_ratio(c->summary.bound, "x", out);
}

static void placement(const struct pb_cell *c, struct pb_buffer *out) {
    const char *planned = or_empty(c->planned);
    pb_buffer_printf(out, "%s%s%s", or_empty(c->binding_effective), *planned ? ": " : "", planned);
    if (c->misplaced)
        pb_buffer_printf(out, ", ran on %s", or_empty(c->achieved));
}

/* Context switches of one repetition, averaged. */
static void switches(const struct pb_cell *c, struct pb_buffer *out) {
    double sum = 0;
    uint32_t known = 0;
    for (uint32_t i = 0; i < c->samples; i++)
        if (c->sample[i].voluntary >= 0 && c->sample[i].involuntary >= 0) {
            sum += (double)c->sample[i].voluntary + (double)c->sample[i].involuntary;
            known++;
        }
    if (known)
        pb_buffer_printf(out, "%.0f", sum / known);
}

static void peak(const struct pb_cell *c, struct pb_buffer *out) {
    char text[32];
    int64_t most = -1;
    for (uint32_t i = 0; i < c->samples; i++)
        most = c->sample[i].peak_bytes > most ? c->sample[i].peak_bytes : most;
    if (most >= 0)
        pb_buffer_text(out, pb_format_size((double)most, text, sizeof text));
}

const struct pb_column pb_columns[PB_COLUMNS] = {
    {"", false, false, executor},
    {"", true, false, width},
    {"time", true, false, duration},
    {"speedup", false, false, speedup},
    {"busy", true, false, busy},
    {"cost", true, false, cost},
    {"verdict", false, false, verdict},
    {"throughput", true, true, throughput},
    {"efficiency", true, true, efficiency},
    {"possible", true, true, possible},
    {"bound", true, true, bound},
    {"switches", true, true, switches},
    {"peak", true, true, peak},
    {"placement", false, true, placement},
};

bool pb_cell_measured(const struct pb_cell *c, struct pb_buffer *why) {
    if (c->state == PB_CELL_FAILED)
        pb_buffer_printf(why, "failed%s%s", *or_empty(c->error) ? ": " : "", or_empty(c->error));
    else if (c->state == PB_CELL_WRONG)
        pb_buffer_printf(why, "wrong answers%s%s", *or_empty(c->error) ? ": " : "", or_empty(c->error));
    else if (c->samples == 0 && !isfinite(c->summary.time.value))
        pb_buffer_text(why, "not measured");
    else
        return true;
    return false;
}
