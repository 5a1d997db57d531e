/* Lines of parts with " · " between them. The machine's is one line unless more is asked for: its parts stand
 * in the order of what a reader misses most, and what does not fit is left out. What the machine can give is
 * its last part, unless workloads are told differently; then it is said of each. A workload's line loses
 * nothing; a part that does not fit begins the next line. */
#include "report/heading.h"

#include <inttypes.h>
#include <string.h>

#include "report/column.h"
#include "report/text.h"
#include "results/short_name.h"

enum { INDENT = 2, WORKLOAD = 56, MODEL = 40, LEAST_MODEL = 12, ANY = 100000 };

static const char dot[] = " · ";

/* Lays out the line, and forgets it. */
static void wrap(struct pb_buffer *out, struct pb_buffer *line, size_t width, bool utf8) {
    pb_text_wrap_parts(out, pb_buffer_string(line), width, INDENT, utf8);
    out->failed |= line->failed;
    pb_buffer_release(line);
}

static void fitted(struct pb_buffer *out, const char *text, size_t width) {
    pb_text_fit(out, text ? text : "", width, true);
}

static size_t width_of(const struct pb_buffer *line) {
    return pb_text_width(pb_buffer_string(line));
}

/* Adds the part if the line still has room for it. Forgets the part. */
static void add_part(struct pb_buffer *line, struct pb_buffer *part, size_t room) {
    size_t before = line->size ? width_of(line) + pb_text_width(dot) : 0;
    if (part->size && before + width_of(part) <= room)
        pb_buffer_printf(line, "%s%s", before ? dot : "", part->data);
    line->failed |= part->failed;
    pb_buffer_release(part);
}

/* ---- What the machine can give ---- */

static bool same_workload(const struct pb_cell *a, const struct pb_cell *b) {
    return a->workload && b->workload && strcmp(a->workload, b->workload) == 0;
}

/* Of the cell's workload, or of all for NULL: the row at the largest width that a reference was measured at.
 */
static const struct pb_cell *widest(const struct pb_run *run, const struct pb_cell *of) {
    const struct pb_cell *most = NULL;
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *c = &run->cell[i];
        if (isfinite(c->summary.possible.value) && (!of || same_workload(c, of)) &&
            (!most || c->workers > most->workers))
            most = c;
    }
    return most;
}

/* More cannot be busy than there are. */
static uint32_t busy(const struct pb_run *run, const struct pb_cell *c) {
    return run->machine.pus && run->machine.pus < c->workers ? run->machine.pus : c->workers;
}

/* What the machine allows at that row's width. */
static void say_possible(const struct pb_run *run, const struct pb_cell *c, struct pb_buffer *out) {
    if (!c)
        return;
    uint32_t processors = busy(run, c);
    pb_buffer_printf(out, "%" PRIu32 " busy %s can give ", processors,
                     processors == 1 ? "processor" : "processors");
    pb_text_ratio(c->summary.possible.value, "x", out);
}

/* Whether the workloads that the machine's ceiling is told of are told the same. */
static bool same_for_all(const struct pb_run *run) {
    bool same = true;
    const struct pb_cell *first = widest(run, NULL);
    struct pb_buffer said = {0}, other = {0};
    say_possible(run, first, &said);
    for (uint32_t i = 0; i < run->cells && same; i++) {
        if (!isfinite(run->cell[i].summary.possible.value))
            continue;
        say_possible(run, widest(run, &run->cell[i]), &other);
        same = strcmp(pb_buffer_string(&said), pb_buffer_string(&other)) == 0;
        pb_buffer_release(&other);
    }
    pb_buffer_release(&said);
    return same;
}

/* ---- The machine ---- */

static void add_text(struct pb_buffer *line, const char *name, const char *text, size_t most, size_t room) {
    struct pb_buffer part = {0};
    if (text && *text) {
        pb_buffer_text(&part, name);
        fitted(&part, text, most);
    }
    add_part(line, &part, room);
}

static void say_processors(const struct pb_run *run, bool all, struct pb_buffer *out) {
    static const char *const by[] = {"", "affinity mask", "cpuset", "quota"};
    const struct pb_limits *l = &run->limits;
    if (l->limit == PB_LIMIT_NONE || l->limit > PB_LIMIT_QUOTA) {
        pb_buffer_printf(out, "%" PRIu32 " processor%s", run->machine.pus, run->machine.pus == 1 ? "" : "s");
        return;
    }
    pb_buffer_printf(out, "%" PRIu32 " of %" PRIu32 " processors usable (%s", l->processors, run->machine.pus,
                     by[l->limit]);
    if (l->limit == PB_LIMIT_QUOTA)
        pb_buffer_printf(out, " %.3g", l->quota);
    if (all && *l->where) {
        pb_buffer_text(out, " in ");
        fitted(out, l->where, 32);
    }
    pb_buffer_text(out, ")");
}

static void say_model(const struct pb_run *run, size_t room, struct pb_buffer *out) {
    static const char *const kind[] = {"", "captured: ", "synthetic: "};
    bool live = run->machine.source == PB_MACHINE_LIVE;
    const char *model = run->machine.cpu_model;
    size_t before = live ? 0 : strlen(kind[run->machine.source]);
    if (!live)
        pb_buffer_text(out, kind[run->machine.source]);
    if (!*model && !live)
        model = run->machine.source_text;
    size_t most = room > before + LEAST_MODEL ? room - before : LEAST_MODEL;
    fitted(out, model, most < MODEL ? most : MODEL);
}

void pb_heading_machine(const struct pb_run *run, const struct pb_report_style *style, size_t width,
                        struct pb_buffer *out) {
    struct pb_buffer line = {0}, processors = {0}, possible = {0};
    bool all = style->wide || style->verbose;
    size_t room = all ? ANY : width;
    say_processors(run, all, &processors);
    size_t taken = width_of(&processors) + pb_text_width(dot);
    say_model(run, width > taken ? width - taken : 0, &line);
    add_part(&line, &processors, ANY);
    add_text(&line, "", run->host.virtualisation, 24, room);
    add_text(&line, "", all ? run->host.kernel : "", 32, room);
    add_text(&line, "parbench ", run->version, 24, room);
    if (same_for_all(run))
        say_possible(run, widest(run, NULL), &possible);
    add_part(&line, &possible, ANY);
    wrap(out, &line, width, style->utf8);
}

/* ---- A workload ---- */

/* Whether the program is in every row, and makes its own workers there. */
static bool is_own(const struct pb_run *run, const bool *in) {
    bool own = true;
    for (uint32_t i = 0; i < run->cells; i++)
        own &= !in[i] || pb_cell_is_own(&run->cell[i]);
    return own;
}

/* A program that is run alone is called as the user typed it; long lines lose their middle. */
static void say_workload(const struct pb_cell *c, bool own, bool whole, struct pb_buffer *line) {
    const char *before = c->role == PB_ROLE_REFERENCE ? "reference: " : "";
    add_text(line, before, own ? pb_cell_command(c) : c->workload, whole ? ANY : WORKLOAD, ANY);
    add_text(line, "", own ? "a program that makes its own workers" : c->workload_summary, 100, ANY);
}

/* Nothing is known of tasks that could not even be set up. */
static void say_tasks(const struct pb_run *run, const bool *in, struct pb_buffer *out) {
    uint64_t least = UINT64_MAX, most = 0;
    for (uint32_t i = 0; i < run->cells; i++)
        if (in[i] && run->cell[i].tasks) {
            least = run->cell[i].tasks < least ? run->cell[i].tasks : least;
            most = run->cell[i].tasks > most ? run->cell[i].tasks : most;
        }
    if (most == 0)
        return;
    if (least == most && most == 1)
        pb_buffer_text(out, "the same task in every row");
    else if (least == most)
        pb_buffer_printf(out, "the same %" PRIu64 " tasks in every row", most);
    else
        pb_buffer_printf(out, "%" PRIu64 " to %" PRIu64 " tasks in a row", least, most);
}

/* What list scheduling of these tasks allows, if that is less than what the machine can give. */
static void say_bound(const struct pb_cell *c, struct pb_buffer *out) {
    if (!c || !isfinite(c->summary.bound) || c->summary.bound >= 0.97 * c->summary.possible.value)
        return;
    pb_buffer_text(out, "these tasks allow ");
    pb_text_ratio(c->summary.bound, "x", out);
}

static void say_offered(const struct pb_cell *c, struct pb_buffer *out) {
    if (c->offered > 0)
        pb_buffer_printf(out, "%g come in a second", c->offered);
}

void pb_heading_workload(const struct pb_run *run, const bool *in, const struct pb_report_style *style,
                         size_t width, struct pb_buffer *out) {
    struct pb_buffer line = {0}, tasks = {0}, possible = {0}, bound = {0}, offered = {0};
    uint32_t first = 0;
    while (!in[first])
        first++;
    const struct pb_cell *c = &run->cell[first], *most = widest(run, c);
    bool reference = c->role == PB_ROLE_REFERENCE;
    say_workload(c, is_own(run, in), style->verbose, &line);
    say_tasks(run, in, &tasks);
    add_part(&line, &tasks, ANY);
    if (!reference && !same_for_all(run))
        say_possible(run, most, &possible);
    add_part(&line, &possible, ANY);
    say_bound(reference ? NULL : most, &bound);
    add_part(&line, &bound, ANY);
    say_offered(c, &offered);
    add_part(&line, &offered, ANY);
    wrap(out, &line, width, style->utf8);
}
