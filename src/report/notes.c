/* A note names its rows as briefly as is true: "(every row)", "(loop)" where every row of that executor has
 * it,
 * "(loop 2, http loop 8)" where a row of that name in another section does not. */
#include "report/notes.h"

#include <string.h>

#include "report/hosts.h"
#include "report/text.h"
#include "results/short_name.h"

enum { INDENT = 2, NAME = 32 };

static const char *or_empty(const char *text) {
    return text ? text : "";
}

/* Wraps what was said, and forgets it. */
static void say(const struct pb_grid *g, struct pb_buffer *line, struct pb_buffer *out) {
    if (line->size)
        pb_text_wrap(out, line->data, g->width, INDENT, g->style->utf8);
    out->failed |= line->failed;
    pb_buffer_release(line);
}

/* ---- Who carries a note ---- */

static bool has_note(const struct pb_cell *c, const char *note) {
    for (uint32_t i = 0; i < c->notes; i++)
        if (strcmp(c->note[i], note) == 0)
            return true;
    return false;
}

static bool whole_section(const struct pb_grid *g, const struct pb_section *s, const char *note) {
    uint32_t rows = 0;
    for (uint32_t i = s->first; i < g->run->cells; i++) {
        rows += s->in[i];
        if (s->in[i] && !has_note(&g->run->cell[i], note))
            return false;
    }
    return rows > 1;
}

static bool whole_table(const struct pb_grid *g, const char *note) {
    for (uint32_t k = 0; k < g->sections; k++)
        if (!whole_section(g, &g->section[k], note))
            return false;
    return true;
}

/* Whether the cell is shown; then its section. */
static const struct pb_section *section_of(const struct pb_grid *g, uint32_t cell) {
    for (uint32_t k = 0; k < g->sections; k++)
        if (g->section[k].in[cell])
            return &g->section[k];
    return NULL;
}

/* Whether the cell is to be named by the note: it has it, and its section as a whole has not. */
static bool carries(const struct pb_grid *g, uint32_t cell, const char *note) {
    const struct pb_section *s = section_of(g, cell);
    return s && has_note(&g->run->cell[cell], note) && !whole_section(g, s, note);
}

/* ---- What they are called ---- */

/* Programs that make their workers are executors of themselves. */
static bool same_executor(const struct pb_cell *a, const struct pb_cell *b) {
    return strcmp(or_empty(a->executor), or_empty(b->executor)) == 0 &&
           (!pb_cell_is_own(a) || strcmp(or_empty(a->workload), or_empty(b->workload)) == 0);
}

static bool same_title(const struct pb_cell *a, const struct pb_cell *b) {
    return same_executor(a, b) && a->workers == b->workers;
}

/* Whether each row that is like this one carries the note too, and how many they are. Rows without numbers
   had no say. */
static bool all_like(const struct pb_grid *g, uint32_t cell, const char *note,
                     bool (*like)(const struct pb_cell *, const struct pb_cell *), uint32_t *rows) {
    const struct pb_cell *c = g->run->cell;
    *rows = 0;
    for (uint32_t i = 0; i < g->run->cells; i++) {
        if (!section_of(g, i) || !like(&c[i], &c[cell]))
            continue;
        *rows += 1;
        if (!has_note(&c[i], note) && pb_cell_has_numbers(&c[i]))
            return false;
    }
    return true;
}

static void add_title(const struct pb_grid *g, const struct pb_cell *c, bool workload,
                      struct pb_buffer *out) {
    struct pb_buffer title = {0};
    char name[PB_SHORT_NAME];
    if (workload && !pb_cell_is_own(c)) {
        pb_text_fit(out, pb_cell_short_name(g->run, c, name, sizeof name), NAME, true);
        pb_buffer_text(out, " ");
    }
    pb_cell_title(c, &title);
    pb_text_fit(out, pb_buffer_string(&title), NAME, true);
    out->failed |= title.failed;
    pb_buffer_release(&title);
}

static void add_name(const struct pb_grid *g, uint32_t cell, const char *note, struct pb_buffer *out) {
    const struct pb_cell *c = &g->run->cell[cell];
    struct pb_buffer executor = {0};
    uint32_t rows;
    pb_columns[PB_COLUMN_EXECUTOR].format(c, &executor);
    if (all_like(g, cell, note, same_executor, &rows) && rows > 1)
        pb_text_fit(out, pb_buffer_string(&executor), NAME, true);
    else
        add_title(g, c, !all_like(g, cell, note, same_title, &rows), out);
    out->failed |= executor.failed;
    pb_buffer_release(&executor);
}

/* The names, each once, between line breaks, which are in none of them. */
static void add_names(const struct pb_grid *g, const char *note, struct pb_buffer *names) {
    pb_buffer_text(names, "\n");
    for (uint32_t i = 0; i < g->run->cells; i++) {
        struct pb_buffer name = {0};
        if (!carries(g, i, note))
            continue;
        pb_buffer_text(&name, "\n");
        add_name(g, i, note, &name);
        pb_buffer_text(&name, "\n");
        if (!strstr(pb_buffer_string(names), pb_buffer_string(&name)))
            pb_buffer_text(names, pb_buffer_string(&name) + 1);
        names->failed |= name.failed;
        pb_buffer_release(&name);
    }
}

static void add_rows(const struct pb_grid *g, const char *note, struct pb_buffer *out) {
    struct pb_buffer names = {0};
    add_names(g, note, &names);
    const char *at = pb_buffer_string(&names);
    for (size_t length; *at && (length = strcspn(at += 1, "\n")) > 0; at += length) {
        pb_buffer_text(out, at == names.data + 1 ? " (" : ", ");
        pb_buffer_add(out, at, length);
    }
    pb_buffer_text(out, ")");
    out->failed |= names.failed;
    pb_buffer_release(&names);
}

/* ---- What is written ---- */

void pb_notes_of_section(const struct pb_grid *g, const struct pb_section *s, struct pb_buffer *out) {
    const struct pb_cell *c = &g->run->cell[s->first];
    struct pb_buffer line = {0};
    for (uint32_t k = 0; k < c->notes; k++) {
        const char *note = c->note[k];
        if (!*note || !whole_section(g, s, note) || (g->sections > 1 && whole_table(g, note)))
            continue;
        pb_buffer_printf(&line, "%s (every row)", note);
        say(g, &line, out);
    }
}

static void add_misplaced(const struct pb_grid *g, uint32_t cell, struct pb_buffer *out) {
    const struct pb_cell *c = &g->run->cell[cell];
    const char *planned = or_empty(c->planned), *achieved = or_empty(c->achieved);
    if (!c->misplaced)
        return;
    add_title(g, c, g->sections > 1, out);
    if (strcmp(planned, achieved) == 0)
        pb_buffer_printf(out, ": planned on processors %s, but not always there", planned);
    else
        pb_buffer_printf(out, ": planned on processors %s, ran on %s", planned, achieved);
}

static void add_hosts(const struct pb_grid *g, uint32_t cell, struct pb_buffer *out) {
    struct pb_buffer hosts = {0};
    pb_hosts_say(g->run, &g->run->cell[cell], &hosts);
    if (hosts.size) {
        add_title(g, &g->run->cell[cell], g->sections > 1, out);
        pb_buffer_printf(out, ": %s", pb_buffer_string(&hosts));
    }
    pb_buffer_release(&hosts);
}

/* The first that is to say it. */
static bool says_first(const struct pb_grid *g, uint32_t cell, const char *note, bool everywhere) {
    for (uint32_t i = 0; i < cell; i++)
        if (everywhere ? section_of(g, i) != NULL : carries(g, i, note))
            return false;
    return everywhere || carries(g, cell, note);
}

static void add_note(const struct pb_grid *g, uint32_t cell, const char *note, struct pb_buffer *out) {
    bool everywhere = g->sections > 1 && whole_table(g, note);
    if (!*note || !says_first(g, cell, note, everywhere))
        return;
    pb_buffer_text(out, note);
    if (everywhere)
        pb_buffer_text(out, " (every row)");
    else
        add_rows(g, note, out);
}

static void write_notes(const struct pb_grid *g, struct pb_buffer *out) {
    struct pb_buffer line = {0};
    bool model = false;
    for (uint32_t i = 0; i < g->run->cells; i++) {
        const struct pb_cell *c = &g->run->cell[i];
        if (!section_of(g, i))
            continue;
        model |= pb_cell_is_model(c);
        add_misplaced(g, i, &line);
        say(g, &line, out);
        add_hosts(g, i, &line);
        say(g, &line, out);
        for (uint32_t k = 0; k < c->notes; k++) {
            add_note(g, i, c->note[k], &line);
            say(g, &line, out);
        }
    }
    if (model)
        pb_text_wrap(out, "* threads under a model of CPython's lock; no Python runs", g->width, INDENT,
                     g->style->utf8);
}

/* They belong to no section: a line apart where there are several. */
void pb_notes_of_table(const struct pb_grid *g, struct pb_buffer *out) {
    struct pb_buffer notes = {0};
    write_notes(g, &notes);
    if (notes.size)
        pb_buffer_printf(out, "%s%s", g->sections > 1 ? "\n" : "", notes.data);
    out->failed |= notes.failed;
    pb_buffer_release(&notes);
}
