/* What is compared is tables of texts: a row says what it is and how a run, or a cell, puts it into words;
 * two runs differ where the words do. A row that one of the two leaves empty is unknown there, and tells
 * nothing. */
#include "results/comparable.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cpuset.h"
#include "base/units.h"

enum { WORDS = 256, LONG_WORDS = 1024 };

static const char *or_empty(const char *text) {
    return text ? text : "";
}

/* ", then": base first. */
static bool differ(const char *what, const char *base, const char *head, struct pb_buffer *why) {
    if (!*base || !*head || strcmp(base, head) == 0)
        return false;
    pb_buffer_printf(why, "%s%s: %s, then %s", why->size ? "; " : "", what, base, head);
    return true;
}

/* ---- Runs ---- */

static void processor(const struct pb_run *r, char *out) {
    snprintf(out, WORDS, "%s", r->machine.cpu_model);
}

static void cores(const struct pb_run *r, char *out) {
    const struct pb_machine *m = &r->machine;
    if (m->pus)
        snprintf(out, WORDS,
                 "%" PRIu32 " processors on %" PRIu32 " cores, %" PRIu32 " packages, %" PRIu32 " NUMA nodes",
                 m->pus, m->cores, m->packages, m->numa_nodes);
}

static void caches(const struct pb_run *r, char *out) {
    size_t at = 0;
    char bytes[32];
    for (uint32_t i = 0; i < r->machine.caches && at < WORDS; i++) {
        const struct pb_cache *c = &r->machine.cache[i];
        int n =
            snprintf(out + at, WORDS - at, "%s%" PRIu32 " L%" PRIu32 "%c of %s", i ? " + " : "", c->instances,
                     c->level, c->type, pb_format_size((double)c->bytes, bytes, sizeof bytes));
        at += n > 0 ? (size_t)n : 0;
    }
}

static void usable(const struct pb_run *r, char *out) {
    if (r->limits.usable > 0)
        snprintf(out, WORDS, "%.4g", r->limits.usable);
}

static void virtualisation(const struct pb_run *r, char *out) {
    snprintf(out, WORDS, "%s", r->host.virtualisation);
}

static void governor(const struct pb_run *r, char *out) {
    snprintf(out, WORDS, "%s", r->host.governor);
}

static void tri(int32_t value, char *out) {
    if (value >= 0)
        snprintf(out, WORDS, "%s", value ? "on" : "off");
}

static void smt(const struct pb_run *r, char *out) {
    tri(r->host.smt_active, out);
}

static void turbo(const struct pb_run *r, char *out) {
    tri(r->host.turbo, out);
}

/* Of 1.4.2 it is 1, of 0.4.2 it is 0.4: what may change what a number means. */
static void version(const struct pb_run *r, char *out) {
    const char *text = or_empty(r->version);
    size_t length = strcspn(text, ".");
    if (length == 1 && *text == '0' && text[1])
        length += 1 + strcspn(text + 2, ".-+");
    snprintf(out, WORDS, "%.*s", (int)length, text);
}

static void kernel(const struct pb_run *r, char *out) {
    snprintf(out, WORDS, "%s", r->host.kernel);
}

static void libc_of(const struct pb_run *r, char *out) {
    snprintf(out, WORDS, "%s", r->host.libc);
}

static void compiler(const struct pb_run *r, char *out) {
    snprintf(out, WORDS, "%s", r->host.compiler);
}

static void hostname(const struct pb_run *r, char *out) {
    snprintf(out, WORDS, "%s", r->host.hostname);
}

struct run_row {
    const char *what;
    void (*put)(const struct pb_run *, char *out); /* into WORDS bytes; leaves them empty: unknown */
};

static const struct run_row forbidding[] = {
    {"processor", processor},
    {"topology", cores},
    {"caches", caches},
    {"usable processors", usable},
    {"virtualisation", virtualisation},
    {"governor", governor},
    {"SMT", smt},
    {"turbo", turbo},
    {"parbench", version},
    {0},
};

static const struct run_row telling[] = {
    {"host", hostname}, {"kernel", kernel}, {"libc", libc_of}, {"compiler", compiler}, {0},
};

static bool runs_agree(const struct run_row *row, const struct pb_run *base, const struct pb_run *head,
                       struct pb_buffer *why) {
    bool agree = true;
    for (; row->what; row++) {
        char a[WORDS] = "", b[WORDS] = "";
        row->put(base, a);
        row->put(head, b);
        agree &= !differ(row->what, a, b, why);
    }
    return agree;
}

bool pb_runs_comparable(const struct pb_run *base, const struct pb_run *head, struct pb_buffer *why) {
    return runs_agree(forbidding, base, head, why);
}

bool pb_runs_alike(const struct pb_run *base, const struct pb_run *head, struct pb_buffer *how) {
    return runs_agree(telling, base, head, how);
}

/* ---- Cells ---- */

static const char *work(const struct pb_cell *c) {
    return or_empty(c->workload_full ? c->workload_full : c->workload);
}

static bool has_numbers(const struct pb_cell *c) {
    return c->samples && c->state != PB_CELL_FAILED && c->state != PB_CELL_WRONG &&
           c->state != PB_CELL_REFUSED;
}

static bool lacks_numbers(const char *which, const struct pb_cell *c, struct pb_buffer *why) {
    static const char *const states[] = {[PB_CELL_FAILED] = "failed",
                                         [PB_CELL_WRONG] = "gave wrong answers",
                                         [PB_CELL_REFUSED] = "was refused"};
    const char *state = c->state < sizeof states / sizeof *states ? states[c->state] : NULL;
    if (has_numbers(c))
        return false;
    pb_buffer_printf(why, "%s%s %s", why->size ? "; " : "", which, state ? state : "has no samples");
    if (state && c->error)
        pb_buffer_printf(why, ": %s", c->error);
    return true;
}

static void count_text(uint64_t count, char out[WORDS]) {
    snprintf(out, WORDS, "%" PRIu64, count);
}

static void digest_text(const struct pb_cell *c, char out[WORDS]) {
    snprintf(out, WORDS, "%#" PRIx64, c->samples ? c->sample[0].digest : 0);
}

/* Answers are those of the same tasks only. */
static bool answers_differ(const struct pb_cell *base, const struct pb_cell *head, struct pb_buffer *why) {
    char a[WORDS], b[WORDS];
    count_text(base->tasks, a);
    count_text(head->tasks, b);
    if (differ("tasks", a, b, why)) {
        pb_buffer_printf(why, " (measure both with --tasks %s)", a);
        return true;
    }
    digest_text(base, a);
    digest_text(head, b);
    return differ("answers", a, b, why);
}

bool pb_cells_comparable(const struct pb_cell *base, const struct pb_cell *head, struct pb_buffer *why) {
    const struct {
        const char *what, *base, *head;
    } rows[] = {
        {"work", work(base), work(head)},
        {"executor", or_empty(base->executor), or_empty(head->executor)},
        {"runner", base->runner ? base->runner : "bench", head->runner ? head->runner : "bench"},
        {"handed out by", or_empty(base->via), or_empty(head->via)},
        {"binding", or_empty(base->binding), or_empty(head->binding)},
        {"bound", or_empty(base->binding_effective), or_empty(head->binding_effective)},
    };
    char a[WORDS], b[WORDS];
    bool differs = false;
    bool missing = lacks_numbers("the old row", base, why);
    missing |= lacks_numbers("the new row", head, why);
    if (missing)
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        differs |= differ(rows[i].what, rows[i].base, rows[i].head, why);
    count_text(base->workers, a);
    count_text(head->workers, b);
    differs |= differ("workers", a, b, why);
    return !differs && !answers_differ(base, head, why);
}

/* ---- Counterparts ---- */

bool pb_cell_takes_part(const struct pb_cell *c) {
    return c->role != PB_ROLE_REFERENCE && (!c->side || strcmp(c->side, "head") == 0);
}

static bool same(const char *a, const char *b) {
    return strcmp(or_empty(a), or_empty(b)) == 0;
}

/* How many of these are the same, from the first on; 0: another row. */
static int likeness(const struct pb_cell *a, const struct pb_cell *b) {
    const bool kin = same(a->workload_name, b->workload_name) && same(a->executor, b->executor) &&
                     a->workers == b->workers && pb_cell_takes_part(b);
    return !kin ? 0
                : 1 + 8 * (strcmp(work(a), work(b)) == 0) + 4 * same(a->binding, b->binding) +
                      2 * same(a->via, b->via) + same(a->runner, b->runner);
}

const struct pb_cell *pb_counterpart(const struct pb_run *run, const struct pb_cell *cell) {
    const struct pb_cell *best = NULL;
    int most = 0;
    for (uint32_t i = 0; i < run->cells; i++) {
        int alike = likeness(cell, &run->cell[i]);
        if (alike > most) {
            most = alike;
            best = &run->cell[i];
        }
    }
    return best;
}
