/* The table for people, aligned by libsmartcols.
 *
 * Cells that belong to one workload stand in one table. Texts are cleaned and shortened here, so that what
 * libsmartcols gets fits already: at most 80 columns without --wide. A row without numbers says why in their
 * place: libsmartcols prints its name, the reason is put behind it. libsmartcols measures text by the
 * thread's locale, which is UTF-8 for that moment only. */
#include <errno.h>
#include <libsmartcols.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/column.h"
#include "report/formats.h"
#include "report/heading.h"
#include "report/story.h"
#include "report/text.h"
#include "report/workers.h"

enum { NARROW = 80, LEAST = 60, GAP = 2, LEAST_EXECUTOR = 12, LEAST_VERDICT = 8, ANY_WIDTH = 8192 };

#define RED   "\033[31m"
#define DIM   "\033[2m"
#define PLAIN "\033[0m"

struct table {
    const struct pb_run *run;
    const struct pb_report_style *style;
    size_t width;                         /* of sentences, and of the table unless it is wide */
    bool *in;                             /* which of the run's cells are its rows */
    bool bindings;                        /* they differ in what binding was asked for: then rows name it */
    struct pb_buffer (*text)[PB_COLUMNS]; /* by cell; cleaned */
    size_t column[PB_COLUMNS];            /* their widths */
};

static bool shown(const struct table *t, int column) {
    return t->style->wide || !pb_columns[column].wide;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static bool measured(const struct pb_cell *c) {
    struct pb_buffer why = {0};
    bool yes = pb_cell_measured(c, &why);
    pb_buffer_release(&why);
    return yes;
}

/* ---- Texts and widths ---- */

static void fill_cell(struct table *t, uint32_t i) {
    int columns = measured(&t->run->cell[i]) ? PB_COLUMNS : PB_COLUMN_WIDTH + 1;
    for (int k = 0; k < columns; k++) {
        struct pb_buffer raw = {0};
        pb_columns[k].format(&t->run->cell[i], &raw);
        if (k == PB_COLUMN_EXECUTOR && t->bindings && t->run->cell[i].binding &&
            t->run->cell[i].role != PB_ROLE_BASE)
            pb_buffer_printf(&raw, " %s", t->run->cell[i].binding);
        if (k == PB_COLUMN_EXECUTOR)
            pb_text_fit(&t->text[i][k], pb_buffer_string(&raw), NARROW, t->style->utf8);
        else
            pb_text_clean(&t->text[i][k], pb_buffer_string(&raw), t->style->utf8);
        t->column[k] = larger(t->column[k], pb_text_width(pb_buffer_string(&t->text[i][k])));
        pb_buffer_release(&raw);
    }
}

static void shorten(struct table *t, int column, size_t width) {
    for (uint32_t i = 0; i < t->run->cells; i++) {
        struct pb_buffer whole = t->text[i][column];
        if (!t->in[i] || pb_text_width(pb_buffer_string(&whole)) <= width)
            continue;
        t->text[i][column] = (struct pb_buffer){0};
        pb_text_fit(&t->text[i][column], whole.data, width, t->style->utf8);
        pb_buffer_release(&whole);
    }
    t->column[column] = width;
}

/* Executors give way first, then verdicts. */
static void fit_columns(struct table *t) {
    size_t sum = 0;
    for (int k = 0; k <= PB_COLUMN_VERDICT; k++)
        sum += t->column[k] + (k ? GAP : 0);
    static const struct {
        int column;
        size_t least;
    } rows[] = {{PB_COLUMN_EXECUTOR, LEAST_EXECUTOR}, {PB_COLUMN_VERDICT, LEAST_VERDICT}};
    for (size_t i = 0; i < 2 && sum > t->width && !t->style->wide; i++) {
        size_t had = t->column[rows[i].column], over = sum - t->width;
        if (had <= rows[i].least)
            continue;
        shorten(t, rows[i].column, had > rows[i].least + over ? had - over : rows[i].least);
        sum -= had - t->column[rows[i].column];
    }
}

static void fill(struct table *t) {
    for (int k = 0; k < PB_COLUMNS; k++)
        t->column[k] = larger(1, strlen(pb_columns[k].heading)); /* libsmartcols has no empty column */
    for (uint32_t i = 0; i < t->run->cells; i++)
        if (t->in[i])
            fill_cell(t, i);
    fit_columns(t);
}

/* ---- libsmartcols ---- */

static const char *colour_of(const struct pb_cell *c) {
    static const char *const rows[][2] = {
        {"parallel", "\033[32m"},   {"overlapped", "\033[32m"}, {"partial", "\033[33m"},
        {"serialised", "\033[33m"}, {"slower", "\033[31m"},     {"unclear", "\033[2m"},
    };
    for (size_t i = 0; c->summary.outcome && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i][0], c->summary.outcome) == 0)
            return rows[i][1];
    return NULL;
}

static int add_columns(const struct table *t, struct libscols_table *out) {
    for (int k = 0; k < PB_COLUMNS; k++)
        if (shown(t, k) &&
            !scols_table_new_column(out, pb_columns[k].heading, 0, pb_columns[k].right ? SCOLS_FL_RIGHT : 0))
            return -ENOMEM;
    return 0;
}

static int add_row(const struct table *t, struct libscols_table *out, uint32_t i) {
    const struct pb_cell *c = &t->run->cell[i];
    struct libscols_line *line = scols_table_new_line(out, NULL);
    int rc = line ? 0 : -ENOMEM;
    size_t at = 0;
    for (int k = 0; k < PB_COLUMNS && rc == 0; k++)
        if (shown(t, k))
            rc = scols_line_set_data(line, at++, pb_buffer_string(&t->text[i][k]));
    if (rc == 0 && t->style->colour && c->role == PB_ROLE_BASE)
        rc = scols_line_set_color(line, DIM);
    else if (rc == 0 && t->style->colour && measured(c) && colour_of(c))
        rc = scols_cell_set_color(scols_line_get_cell(line, PB_COLUMN_VERDICT), colour_of(c));
    return rc;
}

/* The rows as text, from malloc; NULL with errno-like *rc. */
static char *draw(const struct table *t, int *rc) {
    char *text = NULL;
    struct libscols_table *out = scols_new_table();
    if (!out) {
        *rc = -ENOMEM;
        return NULL;
    }
    scols_table_set_column_separator(out, "  ");
    scols_table_enable_noencoding(out, 1);
    scols_table_enable_colors(out, t->style->colour);
    scols_table_set_termforce(out, SCOLS_TERMFORCE_ALWAYS);
    scols_table_set_termwidth(out, ANY_WIDTH);
    *rc = add_columns(t, out);
    for (uint32_t i = 0; i < t->run->cells && *rc == 0; i++)
        if (t->in[i])
            *rc = add_row(t, out, i);
    if (*rc == 0)
        *rc = scols_print_table_to_string(out, &text);
    scols_unref_table(out);
    return text;
}

static char *draw_in_locale(const struct table *t, int *rc) {
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
    char *text = draw(t, rc);
    if (utf8) {
        uselocale(before);
        freelocale(utf8);
    }
    return text;
}

/* ---- Lines ---- */

/* Columns before the reason of a row without numbers. */
static size_t reason_at(const struct table *t) {
    return t->column[PB_COLUMN_EXECUTOR] + t->column[PB_COLUMN_WIDTH] + 2 * GAP;
}

static bool fits(const struct table *t, const char *why) {
    struct pb_buffer clean = {0};
    pb_text_clean(&clean, why, t->style->utf8);
    bool yes = pb_text_width(pb_buffer_string(&clean)) <= t->width - reason_at(t);
    pb_buffer_release(&clean);
    return yes;
}

/* The name of a row without numbers, and why; of a long reason only the kind, the rest stands below. */
static void add_reason(const struct table *t, uint32_t i, struct pb_buffer *out) {
    const struct pb_cell *c = &t->run->cell[i];
    const char *name = pb_buffer_string(&t->text[i][PB_COLUMN_EXECUTOR]),
               *workers = pb_buffer_string(&t->text[i][PB_COLUMN_WIDTH]);
    struct pb_buffer why = {0};
    pb_cell_measured(c, &why);
    if (!fits(t, pb_buffer_string(&why)))
        why.data[strcspn(why.data, ":")] = '\0';
    pb_buffer_text(out, name);
    pb_text_pad(out, t->column[PB_COLUMN_EXECUTOR] - pb_text_width(name) + GAP + t->column[PB_COLUMN_WIDTH] -
                         pb_text_width(workers));
    pb_buffer_text(out, workers);
    pb_text_pad(out, GAP);
    bool red = t->style->colour && c->state != PB_CELL_PLANNED && c->state != PB_CELL_RUNNING;
    pb_buffer_text(out, red ? RED : "");
    pb_text_fit(out, pb_buffer_string(&why), t->width - reason_at(t), t->style->utf8);
    pb_buffer_text(out, red ? PLAIN "\n" : "\n");
    pb_buffer_release(&why);
}

static bool same_reason(const struct pb_cell *a, const struct pb_cell *b) {
    return a->state == b->state && strcmp(a->error ? a->error : "", b->error ? b->error : "") == 0;
}

/* Below the rows, the reasons that did not fit, each once: "serial, thread 2: failed: ...". */
static void add_long_reason(const struct table *t, uint32_t i, struct pb_buffer *out) {
    const struct pb_cell *cell = t->run->cell;
    struct pb_buffer why = {0}, line = {0};
    bool again = !t->in[i] || pb_cell_measured(&cell[i], &why) || fits(t, pb_buffer_string(&why));
    for (uint32_t k = 0; k < i && !again; k++)
        again = t->in[k] && same_reason(&cell[k], &cell[i]);
    for (uint32_t k = i; k < t->run->cells && !again; k++)
        if (t->in[k] && same_reason(&cell[k], &cell[i])) {
            pb_buffer_text(&line, line.size ? ", " : "");
            pb_cell_title(&cell[k], &line);
        }
    if (!again) {
        pb_buffer_printf(&line, ": %s", pb_buffer_string(&why));
        pb_text_wrap(out, pb_buffer_string(&line), t->width, 2, t->style->utf8);
    }
    out->failed |= line.failed;
    pb_buffer_release(&why);
    pb_buffer_release(&line);
}

/* Takes libsmartcols' lines one after the other, without the spaces at their ends. */
static void add_line(const char **at, struct pb_buffer *out, bool keep) {
    size_t length = strcspn(*at, "\n"), end = length;
    while (end > 0 && (*at)[end - 1] == ' ')
        end--;
    if (keep) {
        pb_buffer_add(out, *at, end);
        pb_buffer_text(out, "\n");
    }
    *at += length + ((*at)[length] == '\n');
}

static int write_rows(const struct table *t, struct pb_buffer *out) {
    int rc = 0;
    char *text = draw_in_locale(t, &rc);
    const char *at = text;
    if (rc || !text) {
        free(text);
        return rc ? rc : -ENOMEM;
    }
    add_line(&at, out, true);
    for (uint32_t i = 0; i < t->run->cells; i++) {
        if (!t->in[i])
            continue;
        bool numbers = measured(&t->run->cell[i]);
        add_line(&at, out, numbers);
        if (!numbers)
            add_reason(t, i, out);
        else if (t->style->verbose && rc == 0)
            rc = pb_workers_write(&t->run->cell[i], reason_at(t), out);
    }
    free(text);
    return rc;
}

/* ---- Groups ---- */

static bool together(const struct pb_cell *a, const struct pb_cell *b) {
    return (a->role == PB_ROLE_REFERENCE) == (b->role == PB_ROLE_REFERENCE) && a->workload && b->workload &&
           strcmp(a->workload, b->workload) == 0;
}

/* Marks the rows of the table that begins with cell `first`; false if it is in an earlier one, or hidden. */
static bool gather(struct table *t, uint32_t first) {
    const struct pb_cell *cell = t->run->cell;
    if (cell[first].role == PB_ROLE_REFERENCE && !t->style->wide && !t->style->verbose)
        return false;
    for (uint32_t i = 0; i < first; i++)
        if (together(&cell[i], &cell[first]))
            return false;
    const char *binding = NULL;
    t->bindings = false;
    for (uint32_t i = 0; i < t->run->cells; i++) {
        t->in[i] = i == first || together(&cell[i], &cell[first]);
        if (!t->in[i] || cell[i].role == PB_ROLE_BASE || !cell[i].binding)
            continue;
        t->bindings |= binding && strcmp(binding, cell[i].binding) != 0;
        binding = cell[i].binding;
    }
    return true;
}

static int write_group(struct table *t, struct pb_buffer *out) {
    pb_buffer_text(out, "\n");
    pb_heading_workload(t->run, t->in, t->style, t->width, out);
    fill(t);
    int rc = write_rows(t, out);
    for (uint32_t i = 0; i < t->run->cells && rc == 0; i++)
        add_long_reason(t, i, out);
    if (rc == 0)
        pb_story_notes(t->run, t->in, t->style, t->width, out);
    return rc;
}

static size_t width_of(const struct pb_report_style *style) {
    size_t most = style->wide && style->width > NARROW ? style->width : NARROW;
    return style->width < LEAST ? LEAST : style->width > most ? most : style->width;
}

int pb_table_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                   struct pb_error *error) {
    struct table t = {.run = run, .style = style, .width = width_of(style)};
    int rc = -ENOMEM;
    t.in = calloc(run->cells + 1, sizeof *t.in);
    t.text = calloc(run->cells + 1, sizeof *t.text);
    if (!t.in || !t.text)
        goto out;
    pb_heading_machine(run, style, t.width, out);
    rc = 0;
    for (uint32_t i = 0; i < run->cells && rc == 0; i++)
        if (gather(&t, i))
            rc = write_group(&t, out);
    pb_buffer_text(out, "\n");
    pb_story_end(run, style, t.width, out);
    if (rc == 0 && out->failed)
        rc = -ENOMEM;
out:
    for (uint32_t i = 0; t.text && i < run->cells; i++)
        for (int k = 0; k < PB_COLUMNS; k++)
            pb_buffer_release(&t.text[i][k]);
    free(t.text);
    free(t.in);
    return rc ? pb_error_set(error, rc, "format table: %s", strerror(-rc)) : 0;
}
