#include "report/column.h"

#include <inttypes.h>
#include <string.h>

#include "base/name.h"
#include "base/units.h"
#include "results/row_name.h"
#include "results/short_name.h"

static const char *or_empty(const char *text) {
    return text ? text : "";
}

bool pb_cell_is_model(const struct pb_cell *c) {
    return c->executor && strcspn(c->executor, ":") == 3 && strncmp(c->executor, "gil", 3) == 0;
}

static void executor(const struct pb_cell *c, struct pb_buffer *out) {
    char name[PB_SHORT_NAME];
    pb_buffer_printf(out, "%s%s", pb_row_executor(NULL, c, name, sizeof name),
                     pb_cell_is_model(c) ? "*" : "");
}

static void width(const struct pb_cell *c, struct pb_buffer *out) {
    if (!pb_is_serial(c->executor))
        pb_buffer_printf(out, "%" PRIu32, c->workers);
}

void pb_cell_title(const struct pb_cell *c, struct pb_buffer *out) {
    struct pb_buffer name = {0};
    executor(c, &name);
    pb_row_brief(pb_buffer_string(&name), c->workers, out);
    out->failed |= name.failed;
    pb_buffer_release(&name);
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
    if (isnan(c->summary.speedup.value))
        pb_buffer_text(out, "-");
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

/* Of another program; most tables have none, and no such column. */
static void runner(const struct pb_cell *c, struct pb_buffer *out) {
    pb_buffer_text(out, or_empty(c->runner));
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

static void rate(const struct pb_cell *c, struct pb_buffer *out) {
    char text[32];
    double per_second = c->summary.rate;
    if (!isfinite(per_second))
        pb_buffer_text(out, "-");
    else if (per_second < 1e15)
        pb_buffer_text(out, pb_format_rate(per_second, text, sizeof text));
    else
        pb_buffer_printf(out, "%.2g", per_second);
}

/* Two digits, since there are three of them and room for no more: "5.1 ms", "12 ms", "320 us". */
static void latency(double ns, struct pb_buffer *out) {
    static const struct {
        double ns;
        const char *unit;
    } units[] = {{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}};
    size_t k = 0;
    if (!isfinite(ns) || fabs(ns) >= 1e15) {
        pb_buffer_text(out, "-");
        return;
    }
    while (k < 3 && ns >= 999.5 * units[k].ns)
        k++;
    double scaled = ns / units[k].ns;
    pb_buffer_printf(out, "%.*f %s", scaled < 9.95 && k > 0 ? 1 : 0, scaled, units[k].unit);
}

static void p50(const struct pb_cell *c, struct pb_buffer *out) {
    latency(c->summary.p50, out);
}

static void p99(const struct pb_cell *c, struct pb_buffer *out) {
    latency(c->summary.p99, out);
}

static void p999(const struct pb_cell *c, struct pb_buffer *out) {
    latency(c->summary.p999, out);
}

const struct pb_column pb_columns[PB_COLUMNS] = {
    [PB_COLUMN_EXECUTOR] = {"", false, PB_SHOWN_ALWAYS, executor},
    [PB_COLUMN_WIDTH] = {"", true, PB_SHOWN_ALWAYS, width},
    [PB_COLUMN_TIME] = {"time", true, PB_SHOWN_ALWAYS, duration},
    [PB_COLUMN_SPEEDUP] = {"speedup", false, PB_SHOWN_ALWAYS, speedup},
    [PB_COLUMN_BUSY] = {"busy", true, PB_SHOWN_ALWAYS, busy},
    [PB_COLUMN_COST] = {"cost", true, PB_SHOWN_ALWAYS, cost},
    [PB_COLUMN_RATE] = {"rate", true, PB_SHOWN_WITH_LATENCIES, rate},
    [PB_COLUMN_P50] = {"p50", true, PB_SHOWN_WITH_LATENCIES, p50},
    [PB_COLUMN_P99] = {"p99", true, PB_SHOWN_WITH_LATENCIES, p99},
    [PB_COLUMN_P999] = {"p99.9", true, PB_SHOWN_WITH_LATENCIES, p999},
    [PB_COLUMN_PEAK] = {"peak", true, PB_SHOWN_WIDE | PB_SHOWN_WITH_LATENCIES, peak},
    [PB_COLUMN_VERDICT] = {"verdict", false, PB_SHOWN_ALWAYS, verdict},
    [PB_COLUMN_THROUGHPUT] = {"throughput", true, PB_SHOWN_WIDE, throughput},
    [PB_COLUMN_EFFICIENCY] = {"efficiency", true, PB_SHOWN_WIDE, efficiency},
    [PB_COLUMN_POSSIBLE] = {"possible", true, PB_SHOWN_WIDE, possible},
    [PB_COLUMN_BOUND] = {"bound", true, PB_SHOWN_WIDE, bound},
    [PB_COLUMN_SWITCHES] = {"switches", true, PB_SHOWN_WIDE, switches},
    [PB_COLUMN_PLACEMENT] = {"placement", false, PB_SHOWN_WIDE, placement},
    [PB_COLUMN_RUNNER] = {"runner", false, PB_SHOWN_WIDE, runner},
};

bool pb_cell_measured(const struct pb_cell *c, struct pb_buffer *why) {
    if (c->state == PB_CELL_FAILED)
        pb_buffer_printf(why, "failed%s%s", *or_empty(c->error) ? ": " : "", or_empty(c->error));
    else if (c->state == PB_CELL_REFUSED)
        pb_buffer_printf(why, "refused%s%s", *or_empty(c->error) ? ": " : "", or_empty(c->error));
    else if (c->state == PB_CELL_WRONG)
        pb_buffer_printf(why, "wrong answers%s%s", *or_empty(c->error) ? ": " : "", or_empty(c->error));
    else if (c->samples == 0 && !isfinite(c->summary.time.value))
        pb_buffer_text(why, "not measured");
    else
        return true;
    return false;
}

bool pb_cell_has_numbers(const struct pb_cell *c) {
    struct pb_buffer why = {0};
    bool yes = pb_cell_measured(c, &why);
    pb_buffer_release(&why);
    return yes;
}

const char *pb_verdict_colour(const struct pb_cell *c) {
    static const char *const rows[][2] = {
        {"parallel", "\033[32m"},   {"overlapped", "\033[32m"},   {"partial", "\033[33m"},
        {"serialised", "\033[33m"}, {"slower", "\033[31m"},       {"unclear", "\033[2m"},
        {"keeps up", "\033[32m"},   {"falls behind", "\033[31m"},
    };
    for (size_t i = 0; c->summary.outcome && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i][0], c->summary.outcome) == 0)
            return rows[i][1];
    return NULL;
}
