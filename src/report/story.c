#include "report/story.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/column.h"
#include "report/text.h"

enum { INDENT = 2 };

static const char *or_empty(const char *text) {
    return text ? text : "";
}

/* Wraps what was said, and forgets it. */
static void say(struct pb_buffer *line, const struct pb_report_style *style, size_t width,
                struct pb_buffer *out) {
    if (line->size)
        pb_text_wrap(out, line->data, width, INDENT, style->utf8);
    out->failed |= line->failed;
    pb_buffer_release(line);
}

static void fitted(struct pb_buffer *out, const char *text, size_t width) {
    pb_text_fit(out, or_empty(text), width, true);
}

static bool is_sentence(const char *text) {
    size_t length = strlen(text);
    return length > 0 && strchr(".!?", text[length - 1]);
}

/* Sentences follow each other; phrases make one: "claim (evidence); next." */
void pb_story_finding(const struct pb_finding *f, struct pb_buffer *out) {
    const char *claim = or_empty(f->claim), *evidence = or_empty(f->evidence), *next = or_empty(f->next);
    bool sentences = is_sentence(claim);
    pb_buffer_text(out, claim);
    if (*evidence)
        pb_buffer_printf(out, sentences ? " %s" : " (%s)", evidence);
    if (*next)
        pb_buffer_printf(out, sentences ? " %s" : "; %s", next);
    if (out->size && !is_sentence(out->data))
        pb_buffer_text(out, ".");
}

static double widest_interval(const struct pb_run *run) {
    double widest = -1;
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_estimate *e = &run->cell[i].summary.speedup;
        double half = (e->high - e->low) / 2 / e->value;
        if (run->cell[i].role == PB_ROLE_CELL && isfinite(half) && half > widest)
            widest = half;
    }
    return widest;
}

/* Whether each of so many launches had as many rounds. */
static bool is_even(const struct pb_run *run, uint32_t launches) {
    uint32_t each = run->rounds / launches;
    for (uint32_t i = 0; i < run->cells; i++)
        for (uint32_t s = 0; s < run->cell[i].samples; s++)
            if (each == 0 || run->cell[i].sample[s].round / each != run->cell[i].sample[s].fork)
                return false;
    return run->rounds == each * launches;
}

/* "36 rounds", "3 launches x 12 rounds", or "37 rounds of 3 launches". */
static void add_rounds(const struct pb_run *run, struct pb_buffer *out) {
    uint32_t launches = run->forks > 1 ? run->forks : 1, rounds = run->rounds;
    bool even = launches > 1 && is_even(run, launches);
    if (even)
        pb_buffer_printf(out, "%" PRIu32 " launches x ", launches);
    rounds = even ? rounds / launches : rounds;
    pb_buffer_printf(out, "%" PRIu32 " round%s", rounds, rounds == 1 ? "" : "s");
    if (launches > 1 && !even)
        pb_buffer_printf(out, " of %" PRIu32 " launches", launches);
}

static void add_ended(const struct pb_run *run, struct pb_buffer *out) {
    static const char *const rows[][2] = {
        {"precision", "every interval within"},
        {"time", "time ended"},
        {"rounds", "as many as asked for"},
        {"interrupted", "INTERRUPTED, this is what was measured until then"},
        {"failed", "ended since no row was left to measure"},
    };
    const char *why = "NOT FINISHED, these are the samples so far";
    bool precise = run->ended && strcmp(run->ended, "precision") == 0;
    double widest = precise ? -1 : widest_interval(run);
    for (size_t i = 0; run->ended && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(run->ended, rows[i][0]) == 0)
            why = rows[i][1];
    add_rounds(run, out);
    if (isfinite(run->elapsed) && run->elapsed > 0)
        pb_buffer_printf(out, run->elapsed < 1e9 ? " in %.1f s" : " in %.2g s", run->elapsed);
    pb_buffer_printf(out, ": %s", why);
    if (precise)
        pb_buffer_printf(out, " ±%.3g %%", 100 * run->precision);
    if (widest >= 0)
        pb_buffer_printf(out, "; widest interval ±%.*f %%", widest < 0.0995 ? 1 : 0, 100 * widest);
    pb_buffer_text(out, ".");
}

static bool is_bound_as(const struct pb_cell *c, const char *how) {
    return c->role == PB_ROLE_CELL && *or_empty(c->binding_effective) &&
           strcmp(c->binding_effective, how) == 0;
}

/* Of the rows that are bound in this way the narrowest tells why: what holds for it holds for wider ones. */
static const char *binding_reason(const struct pb_run *run, const char *how) {
    const struct pb_cell *narrowest = NULL;
    for (uint32_t i = 0; i < run->cells; i++)
        if (is_bound_as(&run->cell[i], how) && (!narrowest || run->cell[i].workers < narrowest->workers))
            narrowest = &run->cell[i];
    return narrowest ? or_empty(narrowest->binding_reason) : "";
}

static void add_binding(const char *how, const char *why, bool first, struct pb_buffer *out) {
    static const char *const rows[][2] = {
        {"none", "unbound"},
        {"core", "bound to cores"},
        {"pu", "bound to processors"},
    };
    const char *text = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        text = strcmp(how, rows[i][0]) == 0 ? rows[i][1] : text;
    pb_buffer_text(out, first ? " Workers " : "; ");
    pb_buffer_text(out, text ? text : "bound by ");
    if (!text)
        fitted(out, how, 32);
    if (!*why)
        return;
    pb_buffer_text(out, first ? ": " : " where ");
    fitted(out, why, 80);
}

/* The first row that is bound in its way. */
static bool introduces(const struct pb_run *run, uint32_t row) {
    const char *how = or_empty(run->cell[row].binding_effective);
    if (!is_bound_as(&run->cell[row], how))
        return false;
    for (uint32_t i = 0; i < row; i++)
        if (is_bound_as(&run->cell[i], how))
            return false;
    return true;
}

/* "Workers bound to cores; unbound where 8 workers do not fit 2 usable cores." First what holds without a
 * reason. */
static void add_bindings(const struct pb_run *run, struct pb_buffer *out) {
    bool said = false;
    for (int reasons = 0; reasons < 2; reasons++)
        for (uint32_t i = 0; i < run->cells; i++) {
            const char *how = or_empty(run->cell[i].binding_effective), *why = binding_reason(run, how);
            if (!introduces(run, i) || (*why != 0) != (reasons != 0))
                continue;
            add_binding(how, why, !said, out);
            said = true;
        }
    if (said)
        pb_buffer_text(out, ".");
}

void pb_story_findings(const struct pb_run *run, const struct pb_report_style *style, size_t width,
                       struct pb_buffer *out) {
    struct pb_buffer line = {0};
    for (uint32_t i = 0; i < run->findings; i++) {
        pb_story_finding(&run->finding[i], &line);
        say(&line, style, width, out);
    }
}

void pb_story_end(const struct pb_run *run, const struct pb_report_style *style, size_t width,
                  struct pb_buffer *out) {
    struct pb_buffer line = {0};
    size_t before = out->size;
    pb_story_findings(run, style, width, out);
    for (uint32_t i = 0; style->verbose && i < run->warnings; i++) {
        pb_buffer_printf(&line, "warning: %s", run->warning[i]);
        say(&line, style, width, out);
    }
    for (uint32_t i = 0; i < run->doubts; i++) {
        if (style->verbose || style->wide || run->doubt[i].grave)
            pb_buffer_text(&line, or_empty(run->doubt[i].text));
        say(&line, style, width, out);
    }
    if (out->size > before)
        pb_buffer_text(out, "\n");
    add_ended(run, &line);
    add_bindings(run, &line);
    say(&line, style, width, out);
}
