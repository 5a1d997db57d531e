#include "report/doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "report/change_text.h"
#include "report/heading.h"
#include "report/text.h"
#include "report/text_table.h"
#include "results/row_name.h"

enum { NARROW = 80, SENTENCES = 1024 };

struct page {
    const struct pb_run *run;
    const struct pb_doctor *doctor;
    const struct pb_report_style *style;
    size_t width;
    struct pb_buffer *out;
};

__attribute__((format(printf, 2, 3))) static void say(const struct page *p, const char *format, ...) {
    char line[SENTENCES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    pb_text_wrap(p->out, line, p->width, 2, p->style->utf8);
}

/* "none", "0.5 %" */
static void add_added(struct pb_buffer *out, double added) {
    if (added > 0)
        pb_buffer_printf(out, "%.3g %%", 100 * added);
    else
        pb_buffer_text(out, "none");
}

/* "+0.49 % ±0.08" */
static void add_change(const struct page *p, struct pb_buffer *out, const struct pb_estimate *e) {
    pb_change_percent(e->value, true, out);
    if (!isnan(e->low))
        pb_buffer_printf(out, " %s%.2f", p->style->utf8 ? "±" : "+-", 100 * (e->high - e->low) / 2);
}

/* ---- What disturbs ---- */

static void write_checks(const struct page *p) {
    static const char *const words[] = {[PB_FIT] = "fit", [PB_UNFIT] = "UNFIT", [PB_FIT_UNKNOWN] = "unknown"};
    struct pb_text_table table = {.columns = 3};
    for (uint32_t i = 0; i < p->doctor->checks; i++) {
        const struct pb_check *check = &p->doctor->check[i];
        struct pb_text_table_line *line = pb_text_table_add(&table);
        if (!line)
            break;
        pb_buffer_text(&line->text[0], check->name);
        pb_buffer_text(&line->text[1], words[check->state]);
        pb_text_clean(&line->text[2], check->found, p->style->utf8);
    }
    pb_text_table_write(&table, p->out);
    for (uint32_t i = 0; i < p->doctor->checks; i++)
        if (p->doctor->check[i].state == PB_UNFIT)
            say(p, "%s: %s.", p->doctor->check[i].name, p->doctor->check[i].advice);
    pb_buffer_text(p->out, "\n");
}

/* ---- Gates that were drawn ---- */

static void add_share(struct pb_buffer *out, double share) {
    if (!(share > 0))
        pb_buffer_text(out, isnan(share) ? "?" : "0");
    else
        pb_buffer_printf(out, "%.1f %%", 100 * share);
}

/* Of a row that did more work how often it is found; of one that did not, how often it is blamed. */
static void add_drawn(const struct page *p, struct pb_text_table *table, uint32_t i, bool named) {
    const struct pb_drawn_row *row = &p->doctor->drawn[i];
    struct pb_text_table_line *line = pb_text_table_add(table);
    if (!line)
        return;
    if (named)
        pb_row_brief(row->executor, row->workers, &line->text[0]);
    add_added(&line->text[1], row->added);
    add_change(p, &line->text[2], &row->change);
    for (int k = 0; k < PB_DOCTOR_THRESHOLDS; k++)
        if (!(row->added > 0))
            add_share(&line->text[3 + k], row->regressed[k] + row->improved[k]);
        else if (row->added > p->doctor->threshold[k])
            add_share(&line->text[3 + k], row->regressed[k]);
        else
            pb_buffer_text(&line->text[3 + k], "-");
}

static void write_drawn(const struct page *p) {
    const struct pb_doctor *d = p->doctor;
    struct pb_text_table table = {.columns = 3 + PB_DOCTOR_THRESHOLDS, .right = 0xfe};
    struct pb_text_table_line *line = pb_text_table_add(&table);
    if (line) {
        pb_buffer_text(&line->text[1], "work added");
        pb_buffer_text(&line->text[2], "measured");
        for (int k = 0; k < PB_DOCTOR_THRESHOLDS; k++)
            pb_buffer_printf(&line->text[3 + k], "%s%.3g %%", k ? "" : "at ", 100 * d->threshold[k]);
    }
    for (uint32_t w = 0; w < d->widths; w++)
        for (uint32_t i = 0; i < d->carried[w].rows; i++)
            add_drawn(p, &table, d->carried[w].first + i, i == 0);
    say(p,
        "How often a gate says \"regressed\" at which threshold: of %" PRIu32 " gates of %.3g s, %" PRIu32
        " launches each at most, drawn from the launches that were made (%s). Where no "
        "work is added: how often it says that there is a change at all.",
        d->trials, d->gate_seconds, d->launches, d->work);
    pb_text_table_write(&table, p->out);
    pb_buffer_text(p->out, "\n");
}

static void write_carry(const struct page *p, const struct pb_carried *c) {
    const struct pb_doctor *d = p->doctor;
    const struct pb_drawn_row *row = &d->drawn[c->first], *found = &d->drawn[c->found],
                              *none = &d->drawn[c->none];
    struct pb_buffer buffer = {0};
    int k = 0;
    while (k < PB_DOCTOR_THRESHOLDS - 1 && d->threshold[k] < c->threshold)
        k++;
    pb_row_brief(row->executor, row->workers, &buffer);
    const char *name = pb_buffer_string(&buffer);
    if (row->change.samples < PB_DOCTOR_LEAST)
        say(p, "%s: %" PRIu32 " launches of each are too few to draw gates from: raise --time.", name,
            row->change.samples);
    else if (isnan(c->threshold) && none->added > 0)
        say(p, "%s: false alarms are not known: let --added begin with 0.", name);
    else if (isnan(c->threshold))
        say(p, "%s carries no threshold up to %.3g %%: quieten the machine, or give gates more time.", name,
            100 * d->threshold[PB_DOCTOR_THRESHOLDS - 1]);
    else
        say(p,
            "%s carries a threshold of %.3g %%: %.1f of 100 gates find %.3g %%, and %.1f see a change where "
            "none is.",
            name, 100 * c->threshold, 100 * found->regressed[k], 100 * found->added,
            100 * (none->regressed[k] + none->improved[k]));
    pb_buffer_release(&buffer);
}

static void write_carried(const struct page *p) {
    for (uint32_t w = 0; w < p->doctor->widths; w++)
        write_carry(p, &p->doctor->carried[w]);
}

/* ---- Gates that were made ---- */

/* Nothing is ever improved here but by mistake: then there is a column more. */
static bool any_improved(const struct pb_doctor *d) {
    bool any = false;
    for (uint32_t i = 0; i < d->made_rows; i++)
        any |= d->made[i].improved > 0;
    return any;
}

static void add_made(struct pb_text_table *table, const struct pb_made_row *row, bool improved) {
    struct pb_text_table_line *line = row->trials ? pb_text_table_add(table) : NULL;
    if (!line)
        return;
    pb_row_brief(row->executor, row->workers, &line->text[0]);
    add_added(&line->text[1], row->added);
    pb_buffer_printf(&line->text[2], "%" PRIu32 " of %" PRIu32, row->regressed, row->trials);
    if (improved)
        pb_buffer_printf(&line->text[3], "%" PRIu32, row->improved);
    pb_buffer_printf(&line->text[4], "%" PRIu32, row->equivalent);
    pb_buffer_printf(&line->text[5], "%" PRIu32, row->inconclusive);
    pb_buffer_printf(&line->text[6], "%+.2f %%", 100 * row->change_median);
    if (!isnan(row->change_deviation))
        pb_buffer_printf(&line->text[7], "%.2f %%", 100 * row->change_deviation);
    pb_buffer_printf(&line->text[8], "%.1f / %.1f", row->seconds_median, row->seconds_longest);
}

static void write_made(const struct page *p) {
    bool improved = any_improved(p->doctor);
    const char *const heading[] = {"",           "added",   "regressed", improved ? "improved" : "",
                                   "equivalent", "unknown", "measured",  "sd",
                                   "seconds"};
    struct pb_text_table table = {.columns = sizeof heading / sizeof *heading, .right = 0x1fe};
    struct pb_text_table_line *line = pb_text_table_add(&table);
    for (size_t i = 0; line && i < sizeof heading / sizeof *heading; i++)
        pb_buffer_text(&line->text[i], heading[i]);
    for (uint32_t i = 0; i < p->doctor->made_rows; i++)
        add_made(&table, &p->doctor->made[i], improved);
    say(p,
        "Gates that were made, of %.3g s at most each, at a threshold of %.3g %% (%s); measured: the median "
        "of "
        "their changes, and the standard deviation; seconds: median and longest.",
        p->doctor->gate_seconds, 100 * p->doctor->made_threshold, p->doctor->work);
    pb_text_table_write(&table, p->out);
    pb_buffer_text(p->out, "\n");
}

/* ---- Equal builds ---- */

static void write_relinked(const struct page *p) {
    const struct pb_doctor *d = p->doctor;
    struct pb_text_table table = {.columns = 3, .right = 1u << 2};
    double most = 0;
    for (uint32_t i = 0; i < d->relinked_rows; i++) {
        const struct pb_relinked_row *row = &d->relinked[i];
        struct pb_text_table_line *line = pb_text_table_add(&table);
        if (!line)
            break;
        pb_buffer_printf(&line->text[0], "link %" PRIu32, row->link);
        pb_row_brief(row->executor, row->workers, &line->text[1]);
        add_change(p, &line->text[2], &row->change);
        if (!isnan(row->change.low))
            most = fmax(most, fmax(fabs(row->change.low), fabs(row->change.high)));
    }
    say(p, "This build against %" PRIu32 " equal ones that were linked again (%s):", d->links,
        d->relinked_work);
    pb_text_table_write(&table, p->out);
    pb_buffer_text(p->out, "\n");
    if (!(most > 0))
        say(p, "They made too few launches to tell how far they move: raise --time.");
    else
        say(p,
            "Equal builds move by up to %.2g %%: of two builds, a smaller change is no change of the code.",
            100 * most);
}

int pb_doctor_write(const struct pb_run *run, const struct pb_doctor *doctor,
                    const struct pb_report_style *style, struct pb_buffer *out, struct pb_error *error) {
    const struct page page = {run, doctor, style, style->width > NARROW ? NARROW : style->width, out};
    pb_heading_machine(run, style, page.width, out);
    pb_buffer_text(out, "\n");
    write_checks(&page);
    if (doctor->widths)
        write_drawn(&page);
    if (doctor->made_rows)
        write_made(&page);
    write_carried(&page);
    if (doctor->relinked_rows)
        write_relinked(&page);
    if (doctor->interrupted)
        say(&page, "It was interrupted: this is what was done by then.");
    say(&page, "%s, seed %" PRIu64 ".", run->command, run->seed);
    return out->failed ? pb_error_set(error, -ENOMEM, "the report: no memory: free some") : 0;
}
