/* JUnit's XML, as Jenkins, GitLab and GitHub's actions read it; tests/formats/junit.xsd is its shape. A test
 * is a comparison, or a row where the run compared nothing; broken rows that no comparison is about are tests
 * of their own. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "report/change_text.h"
#include "report/column.h"
#include "report/formats.h"
#include "report/harmless.h"
#include "report/row_names.h"

enum fate { PASSED, FAILURE, ERROR, SKIPPED, FATES };

struct suite {
    const struct pb_run *run;
    const struct pb_row_names *names;
    struct pb_buffer cases;
    uint32_t tests, count[FATES];
};

static void attribute(struct pb_buffer *out, const char *name, const char *text) {
    pb_buffer_printf(out, " %s=\"", name);
    pb_harmless_xml(out, text);
    pb_buffer_text(out, "\"");
}

/* Seconds without an exponent; what is not known took none. */
static void put_seconds(struct pb_buffer *out, double seconds) {
    bool sane = isfinite(seconds) && seconds >= 0 && seconds < 1e15;
    pb_buffer_printf(out, " time=\"%.9f\"", sane ? seconds : 0);
}

/* `type` in a word, `why` in a sentence; both NULL of what passed. */
static void put_case(struct suite *s, const char *class, const char *name, double ns, enum fate fate,
                     const char *type, const char *why) {
    static const char *const elements[] = {[FAILURE] = "failure", [ERROR] = "error", [SKIPPED] = "skipped"};
    struct pb_buffer *out = &s->cases;
    s->tests++;
    s->count[fate]++;
    pb_buffer_text(out, "    <testcase");
    attribute(out, "classname", class);
    attribute(out, "name", name && *name ? name : "?");
    put_seconds(out, ns / 1e9);
    if (fate == PASSED) {
        pb_buffer_text(out, "/>\n");
        return;
    }
    pb_buffer_printf(out, ">\n      <%s", elements[fate]);
    if (fate != SKIPPED)
        attribute(out, "type", type);
    attribute(out, "message", why);
    pb_buffer_text(out, "/>\n    </testcase>\n");
}

static void put_cell(struct suite *s, const struct pb_cell *c) {
    struct pb_buffer why = {0};
    bool measured = pb_cell_measured(c, &why);
    enum fate fate = measured ? PASSED : pb_cell_broken(c) ? ERROR : SKIPPED;
    put_case(s, c->workload, s->names->name[c->id], c->summary.time.value, fate,
             c->state == PB_CELL_WRONG ? "wrong answers" : "failed", pb_buffer_string(&why));
    s->cases.failed |= why.failed;
    pb_buffer_release(&why);
}

static void put_comparison(struct suite *s, const struct pb_comparison *c) {
    const struct pb_cell *cell = pb_comparison_cell(s->run, c);
    const char *class = cell ? cell->workload : "", *verdict = c->verdict ? c->verdict : PB_INCONCLUSIVE;
    struct pb_buffer why = {0};
    enum fate fate = PASSED;
    if (cell && pb_cell_broken(cell)) {
        fate = ERROR;
        verdict = cell->state == PB_CELL_WRONG ? "wrong answers" : "failed";
        pb_cell_measured(cell, &why);
    } else {
        bool regressed = strcmp(verdict, PB_REGRESSED) == 0;
        bool open = strcmp(verdict, PB_INCONCLUSIVE) == 0 || strcmp(verdict, PB_NOT_COMPARABLE) == 0;
        fate = regressed ? FAILURE : open ? SKIPPED : PASSED;
        pb_buffer_printf(&why, "%s: ", verdict);
        pb_change_text(c, &why);
    }
    put_case(s, class, c->name, c->head_ns, fate, verdict, pb_buffer_string(&why));
    s->cases.failed |= why.failed;
    pb_buffer_release(&why);
}

static void put_counts(struct pb_buffer *out, const struct suite *s) {
    pb_buffer_printf(
        out, " tests=\"%" PRIu32 "\" failures=\"%" PRIu32 "\" errors=\"%" PRIu32 "\" skipped=\"%" PRIu32 "\"",
        s->tests, s->count[FAILURE], s->count[ERROR], s->count[SKIPPED]);
    put_seconds(out, s->run->elapsed);
}

static void put_suites(struct pb_buffer *out, const struct suite *s) {
    struct tm tm;
    char date[64] = "1970-01-01T00:00:00";
    time_t started = (time_t)s->run->started;
    if (gmtime_r(&started, &tm) && tm.tm_year >= 0 && tm.tm_year < 8100)
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    pb_buffer_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"parbench\"");
    put_counts(out, s);
    pb_buffer_text(out, ">\n  <testsuite");
    attribute(out, "name", s->run->command && *s->run->command ? s->run->command : "bench");
    put_counts(out, s);
    attribute(out, "timestamp", date);
    attribute(out, "hostname", *s->run->host.hostname ? s->run->host.hostname : "localhost");
    pb_buffer_printf(out, ">\n%s  </testsuite>\n</testsuites>\n", pb_buffer_string(&s->cases));
}

int pb_junit_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                   struct pb_error *error) {
    struct pb_row_names names;
    struct suite s = {.run = run, .names = &names};
    int rc = pb_row_names_init(&names, run, "junit", error);
    (void)style;
    for (uint32_t i = 0; i < run->comparisons && rc == 0; i++)
        put_comparison(&s, &run->comparison[i]);
    for (uint32_t i = 0; i < run->cells && rc == 0; i++) {
        const struct pb_cell *c = &run->cell[i];
        bool asked = c->role != PB_ROLE_REFERENCE && !run->comparisons;
        if (asked || (pb_cell_broken(c) && !pb_cell_has_comparison(run, c)))
            put_cell(&s, c);
    }
    if (rc == 0) {
        put_suites(out, &s);
        if (s.cases.failed)
            rc = pb_error_set(error, -ENOMEM, "format junit: no memory: free some");
    }
    pb_buffer_release(&s.cases);
    pb_row_names_release(&names);
    return rc;
}
