/* The chart: what is drawn of records that are made up. For odd ones see also test_formats.c. */
#include "made_run.h"
#include "odd_runs.h"
#include "report/report.h"
#include "sample_run.h"
#include "suite.h"

#include <stdlib.h>

static const struct pb_report_style plain = {.utf8 = true, .width = 80};

static void draw(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out) {
    struct pb_error error = {0};
    const struct pb_format *chart = pb_format_find("chart", &error);
    CHECK_MSG(chart, "%s", error.text);
    *out = (struct pb_buffer){0};
    CHECK_MSG(chart->write(run, style, out, &error) == 0, "%s", error.text);
}

/* A record as a chart holds all these lines, or parts of them. */
static void check(const struct pb_run *run, const struct pb_report_style *style, const char *const *parts,
                  size_t count) {
    struct pb_buffer out;
    draw(run, style, &out);
    for (size_t i = 0; i < count; i++)
        CHECK_HAS(out.data, parts[i]);
    pb_buffer_release(&out);
}
#define CHECK_CHART(run, style, ...)                                                                         \
    do {                                                                                                     \
        static const char *const parts_[] = {__VA_ARGS__};                                                   \
        check(run, style, parts_, sizeof parts_ / sizeof *parts_);                                           \
    } while (0)

/* How often a sign stands in the line that begins with `name`. */
static size_t count_in(const char *text, const char *name, const char *sign) {
    const char *line = strstr(text, name);
    size_t count = 0;
    CHECK_MSG(line, "no line %s in:\n%s", name, text);
    line += *line == '\n';
    const char *end = line + strcspn(line, "\n");
    for (const char *at = line; (at = strstr(at, sign)) && at < end; at += strlen(sign))
        count++;
    return count;
}

static struct pb_cell *cell(struct pb_run *run, uint32_t i) {
    return &run->cell[i];
}

/* ---- Rows ---- */

static void story(const void *data) {
    struct pb_run run;
    (void)data;
    sample_run_init(&run);
    CHECK_CHART(&run, &plain,
                "\n\nThreads and processes use both processors\n"
                "sha · 1 MiB SHA-256 · the same 64 tasks in every row\n"
                "bars: speedup over serial; │ what the machine can give\n"
                "serial      ",
                "\n* threads under a model of CPython's lock; no Python runs\n",
                "\nUnder one lock the second processor idles (gil* 2: busy 1.00)");
    pb_run_release(&run);
}

/* Lengths are in proportion, to an eighth of a column; the mark stands at what is possible. */
static void lengths(const void *data) {
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_init(&run);
    cell(&run, 1)->summary.speedup = (struct pb_estimate){2, NAN, NAN, 3};
    cell(&run, 2)->summary.speedup = (struct pb_estimate){0.5, 0.4, 0.6, 13};
    cell(&run, 3)->summary.speedup = (struct pb_estimate){-1, NAN, NAN, 13};
    for (uint32_t i = 1; i < 4; i++)
        cell(&run, i)->summary.possible.value = 2;
    draw(&run, &plain, &out);
    size_t most = count_in(out.data, "\nthread", "█");
    CHECK(most > 30 && most % 4 == 0);
    CHECK_INT(count_in(out.data, "\nserial", "█"), most / 2);
    CHECK_INT(count_in(out.data, "\ngil*", "█"), (size_t)(0.2 * (double)most + 0.5));
    CHECK_INT(count_in(out.data, "\ngil*", "█") + count_in(out.data, "\ngil*", "▓"), most / 4);
    CHECK_INT(count_in(out.data, "\ngil*", "░"), (size_t)(0.3 * (double)most + 0.5) - most / 4);
    CHECK_INT(count_in(out.data, "\nprocess", "█"), 0);
    CHECK_INT(count_in(out.data, "\nserial", "│"), 0);
    CHECK_INT(count_in(out.data, "\nthread", "│"), 1);
    CHECK_HAS(out.data, "█│  2.00x        parallel\n");
    CHECK_HAS(out.data, "; ▓░ its 95 % interval;");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* Widths of an executor stand together, whatever came between them. */
static void widths(const void *data) {
    static const char *const order[] = {"\nserial ",      "\nthread   1  ", "\nthread   2  ",
                                        "\nthread  16  ", "\nloop     2  ", "\nloop    16  "};
    static const struct sample_row rows[] = {
        {"thread", 1, 34, 1.0, 0.01, 1, 1, "-", NULL},
        {"loop", 2, 18, 1.9, 0.01, 1, 1, "parallel", NULL},
        {"thread", 2, 17, 2.0, 0.01, 1, 1, "parallel", NULL},
        {"thread", 16, 17, 2.0, 0.3, 1, 1, "partial", "shared hardware"},
        {"loop", 16, 18, 1.9, 0.01, 1, 1, "parallel", NULL},
    };
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_bare(&run);
    static const struct sample_row serial = {"serial", 1, 34.1, 1, -1, 1, 1, "-", NULL};
    sample_run_add(&run, "sha", "sums", &serial)->base = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        sample_run_add(&run, "sha", "sums", &rows[i])->base = 0;
    draw(&run, &plain, &out);
    const char *at = out.data;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const char *next = strstr(at, order[i]);
        CHECK_MSG(next, "%s is missing, or not where it belongs:\n%s", order[i], out.data);
        at = next + 1;
    }
    pb_buffer_release(&out);
    pb_run_release(&run);
}

static void ascii(const void *data) {
    static const struct pb_report_style style = {.width = 80};
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_init(&run);
    cell(&run, 3)->summary.speedup = (struct pb_estimate){1.5, 1.2, 1.8, 13};
    draw(&run, &style, &out);
    for (size_t i = 0; i < out.size; i++)
        CHECK_MSG(out.data[i] == '\n' || (out.data[i] >= 0x20 && out.data[i] < 0x7f), "byte %zu", i);
    CHECK_HAS(out.data, "bars: speedup over serial; =- its 95 % interval; | what the machine can give\n");
    CHECK_HAS(out.data, "###=====------  ");
    CHECK_HAS(out.data, "1.98x +-0.01");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

static void colour(const void *data) {
    static const struct pb_report_style style = {.utf8 = true, .colour = true, .width = 80};
    struct pb_run run;
    (void)data;
    sample_run_init(&run);
    cell(&run, 3)->state = PB_CELL_FAILED;
    CHECK_CHART(&run, &style, "\n\033[1mThreads and processes use both processors\033[0m\n",
                "\nthread   2  \033[32m█", "\033[0m│  1.98x ±0.01  \033[32mparallel\033[0m\n",
                "\ngil*     2  \033[33m█", "\nserial      █",
                "\nprocess  2  \033[31mfailed: worker 1 was slow: no reason: none\033[0m\n");
    pb_run_release(&run);
}

/* Nothing to compare with: then times are drawn, and there is no mark. */
static void alone(const void *data) {
    static const struct sample_row row = {"serial", 1, 34.1, 1, -1, 1, 1, "-", NULL};
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_bare(&run);
    sample_run_add(&run, "sha", "sums", &row)->base = 0;
    draw(&run, &plain, &out);
    CHECK_HAS(out.data, "\nbars: time of a repetition (shorter is better)\nserial  ");
    CHECK_HAS(out.data, "█   34.1 ms\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

static void broken(const void *data) {
    struct pb_run run;
    (void)data;
    odd_run("failed")->init(&run);
    CHECK_CHART(&run, &plain, "\nthread   2  failed: sha thread 2: its runner died: signal 9: see dmesg\n",
                "\ngil*     2  wrong answers\n",
                "\nprocess  2  refused: worker 1 was slow: no reason: none\n");
    pb_run_release(&run);
}

/* Downloads: what is gained, then how long each took. */
static void latencies(const void *data) {
    static const struct sample_row rows[] = {
        {"serial", 1, 3430, 1, -1, 0.02, 1, "-", NULL},
        {"loop", 8, 435, 7.88, 0.02, 0.11, 1.02, "partial", NULL},
        {"loop", 64, 100, 34.3, 0.02, 0.11, 1.02, "partial", NULL},
    };
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_bare(&run);
    for (size_t i = 0; i < 3; i++) {
        struct pb_cell *c = sample_run_add(&run, "http", "downloads", &rows[i]);
        c->bound = PB_IO;
        c->base = 0;
        c->summary.rate = 146;
        c->summary.p50 = 1e6;
        c->summary.p99 = i == 2 ? 1e8 : 1e7;
        c->summary.p999 = i == 2 ? 1e9 : 1e7;
    }
    draw(&run, &plain, &out);
    CHECK_HAS(out.data, "\nbars: speedup over serial\n");
    const char *second =
        strstr(out.data, "\nlatencies, on a logarithmic scale: ━ from p50 to p99; ─ to p99.9\n");
    CHECK_MSG(second, "%s", out.data);
    size_t usual = count_in(second, "\nserial", "━"),
           all = count_in(second, "\nloop    64", "━") + count_in(second, "\nloop    64", "─");
    CHECK(usual >= all / 3 - 1 && usual <= all / 3 + 1);
    CHECK_INT(count_in(second, "\nloop    64", "━"), (2 * all + 1) / 3);
    CHECK_HAS(second, "  1.0 ms to 100 ms\n");
    for (uint32_t i = 0; i < 3; i++) /* nothing to compare with: rates are drawn */
        cell(&run, i)->summary.speedup.value = NAN;
    pb_buffer_release(&out);
    CHECK_CHART(&run, &plain, "\nbars: tasks/s\n", "  146\n");
    for (uint32_t i = 0; i < 3; i++) { /* work that comes in by itself */
        cell(&run, i)->offered = 150;
        cell(&run, i)->summary.kept = (struct pb_estimate){i ? 1 : 0.5, NAN, NAN, 3};
    }
    CHECK_CHART(&run, &plain, "\nbars: share of what comes in that is kept up with; │ all of it\n",
                "│  50 %\n", "│  100 %  partial\n");
    pb_run_release(&run);
}

/* Of several workloads each stands below its own finding; what is of none stands at the end. */
static void sections(const void *data) {
    static const struct sample_row row = {"serial", 1, 34.1, 1, -1, 1, 1, "-", NULL};
    struct pb_run run;
    (void)data;
    sample_run_bare(&run);
    sample_run_add(&run, "sha", "sums", &row);
    sample_run_add(&run, "shake", "longer sums", &row);
    CHECK_INT(pb_run_add_finding(&run, "shake: it shakes.", "Evidence.", "Do."), 0);
    CHECK_INT(pb_run_add_finding(&run, "sha and shake: both.", "Both.", NULL), 0);
    CHECK_CHART(&run, &plain, "\n\nsha · sums · ", "\n\nshake: it shakes.\nshake · longer sums · ",
                "\nEvidence. Do.\n\nsha and shake: both. Both.\n");
    pb_run_release(&run);
}

/* ---- Comparisons ---- */

static void compared(const void *data) {
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    odd_run("compared")->init(&run);
    run.comparison[0].change = (struct pb_estimate){0.2, 0.15, 0.25, 25};
    run.comparison[1].change = (struct pb_estimate){0, -0.01, 0.01, 25};
    run.comparison[2].change = (struct pb_estimate){3, 2, 4, 25};
    draw(&run, &plain, &out);
    CHECK_HAS(out.data, "lines: change of the median time with its interval; left of │ is faster,");
    CHECK_INT(count_in(out.data, "sha thread 2", "┊"), 2);
    CHECK_INT(count_in(out.data, "sha thread 2", "│"), 1);
    CHECK_INT(count_in(out.data, "sha thread 2", "├"), 1);
    CHECK_INT(count_in(out.data, "sha thread 2", "●"), 1);
    CHECK_INT(count_in(out.data, "sha gil 2", "│"), 0); /* it is the value */
    CHECK_INT(count_in(out.data, "sha process 2", "→"), 1);
    CHECK_HAS(out.data, "sha loop 2     only the base has it");
    CHECK_HAS(out.data, "  +20 % ±5.0    regressed\n");
    CHECK_HAS(out.data, "\nsha thread 2: regressed: ");
    CHECK_HAS(out.data, "-52 %            0            +52 %\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* ---- Widths of terminals ---- */

/* Of every odd record no line is wider than the terminal, but for what no line breaks. */
static void fits(const void *data) {
    static const uint32_t columns[] = {40, 41, 50, 60, 80, 120, 200, 1000};
    const struct odd_run *row = data;
    struct pb_run run;
    row->init(&run);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        for (int utf8 = 0; utf8 < 2; utf8++) {
            const struct pb_report_style style = {.utf8 = utf8, .width = columns[i]};
            struct pb_buffer out;
            draw(&run, &style, &out);
            check_columns(out.data, columns[i]);
            for (const char *end = out.data; (end = strchr(end, '\n')); end++)
                CHECK_MSG(end == out.data || end[-1] != ' ', "%s: blanks at the end of a line", row->name);
            pb_buffer_release(&out);
        }
    pb_run_release(&run);
}

/* The widest of everything: bars give way, then numbers are cut. */
static void crowded(const void *data) {
    static const struct sample_row row = {"thread", UINT32_MAX, 17.2, 1e300, 1e299, 1, 1, "partial", "lock"};
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_bare(&run);
    for (uint32_t i = 0; i < 3; i++) {
        struct pb_cell *c = sample_run_add(&run, "sha", "sums", &row);
        c->base = 0;
        CHECK_INT(pb_set_text(&c->executor, "an-executor-of-a-long-name:with=parameters,and=more"), 0);
    }
    for (uint32_t width = 40; width <= 120; width += 10) {
        const struct pb_report_style style = {.utf8 = true, .width = width};
        draw(&run, &style, &out);
        check_columns(out.data, width);
        pb_buffer_release(&out);
    }
    pb_run_release(&run);
}

static const struct pb_case fixed[] = {
    {"story", story, NULL},       {"lengths", lengths, NULL},     {"widths", widths, NULL},
    {"ascii", ascii, NULL},       {"colour", colour, NULL},       {"alone", alone, NULL},
    {"broken", broken, NULL},     {"latencies", latencies, NULL}, {"sections", sections, NULL},
    {"compared", compared, NULL}, {"crowded", crowded, NULL},
};
enum { FIXED = sizeof fixed / sizeof *fixed };

static bool generate(size_t i, struct pb_case *out) {
    static char name[64];
    size_t runs = 0;
    while (odd_runs[runs].name)
        runs++;
    if (i < FIXED) {
        *out = fixed[i];
    } else if ((i -= FIXED) < runs) {
        snprintf(name, sizeof name, "fits/%s", odd_runs[i].name);
        *out = (struct pb_case){name, fits, &odd_runs[i]};
    } else {
        return false;
    }
    return true;
}

const struct pb_suite suite_chart = {.name = "chart", .generate = generate};
