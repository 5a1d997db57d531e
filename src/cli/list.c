/* What there is, in sections. A section hands out rows, and there are two ways to print one: for people,
 * wrapped at 80 columns, and plain (--plain), a line of fields parted by tabs, by which the shell completes
 * (share/bash-completion). */
#include "cli/commands.h"

#include <string.h>

#include "analysis/analysis.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/runners.h"
#include "driver/driver.h"
#include "report/report.h"
#include "topology/place.h"

enum { NAME = 12, PARAMETER = 18, WIDTH = 80 };

/* A thing, or a parameter of the one before it. What is not known is NULL. */
struct row {
    const char *name, *parameter; /* parameter NULL: the thing itself */
    const char *fallback;         /* of a parameter: "1MiB"; NULL: no "=" follows it */
    const char *values; /* what it may be: "a|b", "1 to 9", a section of this list, or FILE, N, ... */
    const char *absent; /* why it is not to be had */
    const char *text;
    uint32_t program; /* of --runner, counted from 1; 0: ours */
    const char *runner;
};

struct printer {
    struct pb_buffer *out;
    void (*print)(struct printer *, const struct row *);
    const char *section;
    uint32_t program; /* of the last row */
};

/* ---- For people ---- */

/* `left` after `indent` blanks, and `text` behind it: wrapped, and all in one column. */
static void add_row(struct pb_buffer *out, int indent, int width, const char *left, const char *text) {
    struct pb_buffer wrapped = {0};
    width = (int)strlen(left) > width ? (int)strlen(left) : width;
    uint32_t column = (uint32_t)(indent + width + 1);
    pb_output_wrap(&wrapped, column, WIDTH, text ? text : "");
    pb_buffer_printf(out, "%*s%-*s", indent, "", width, left);
    if (wrapped.size > column)
        pb_buffer_printf(out, " %s", wrapped.data + column);
    else
        pb_buffer_text(out, "\n");
    out->failed |= wrapped.failed;
    pb_buffer_release(&wrapped);
}

static void add_name(struct pb_buffer *out, const struct row *row) {
    struct pb_buffer why = {0};
    add_row(out, 2, NAME, row->name, row->text);
    if (row->absent) {
        pb_buffer_printf(&why, "absent here: %s", row->absent);
        add_row(out, 2, NAME, "", pb_buffer_string(&why));
    }
    pb_buffer_release(&why);
}

static void add_parameter(struct pb_buffer *out, const struct row *row) {
    struct pb_buffer given = {0}, help = {0};
    bool ranged = row->values && *row->values;
    pb_buffer_printf(&given, "%s%s%s", row->parameter, row->fallback ? "=" : "",
                     row->fallback ? row->fallback : "");
    pb_buffer_printf(&help, ranged ? "%s (%s)" : "%s%s", row->text ? row->text : "",
                     ranged ? row->values : "");
    add_row(out, 6, PARAMETER, pb_buffer_string(&given), pb_buffer_string(&help));
    pb_buffer_release(&help);
    pb_buffer_release(&given);
}

/* Those of one program stand together. */
static void print_for_people(struct printer *p, const struct row *row) {
    if (row->program != p->program)
        pb_buffer_printf(p->out, " of --runner='%s'\n", row->runner);
    p->program = row->program;
    if (row->parameter)
        add_parameter(p->out, row);
    else
        add_name(p->out, row);
}

/* ---- Plain ---- */

static void add_field(struct pb_buffer *out, const char *text, char end) {
    for (; text && *text; text++)
        pb_buffer_add(out, *text == '\t' || *text == '\n' ? " " : text, 1);
    pb_buffer_add(out, &end, 1);
}

static void print_plain(struct printer *p, const struct row *row) {
    const char *field[] = {p->section,  row->name,   row->parameter, row->fallback,
                           row->values, row->absent, row->text};
    size_t last = sizeof field / sizeof *field - 1;
    for (size_t i = 0; i <= last; i++)
        add_field(p->out, field[i], i < last ? '\t' : '\n');
}

/* ---- Sections ---- */

typedef void section_fn(const struct pb_descriptions *, struct printer *);

/* What an option takes: "workloads,..." is a list of what stands in that section. */
static void name_values(const struct pb_option *o, char *out, size_t size) {
    bool list = o->kind == PB_OPTION_ITEMS || o->kind == PB_OPTION_LIST;
    const char *values = o->section ? o->section : o->choices ? o->choices : o->argument;
    snprintf(out, size, "%s%s", values ? values : "", o->section && list ? ",..." : "");
}

/* One command, and its options: a row for each word that may be typed. */
static void list_options_of(const struct pb_command_text *text, struct printer *p) {
    const char *name = text->bit == PB_RUN ? "run" : text->name;
    char word[64], values[64];
    p->print(p, &(struct row){.name = name, .text = text->summary});
    for (const struct pb_option *o = pb_option_table; o->name; o++) {
        struct row row = {.name = name, .parameter = word, .values = values, .text = pb_help_of(o, text)};
        if (!(o->commands & text->bit))
            continue;
        name_values(o, values, sizeof values);
        snprintf(word, sizeof word, "--%s", o->name);
        p->print(p, &row);
        snprintf(word, sizeof word, "-%c", o->letter);
        if (o->letter)
            p->print(p, &row);
    }
}

static void list_options(const struct pb_descriptions *d, struct printer *p) {
    (void)d;
    for (const struct pb_command_text *t = pb_command_texts; t->usage; t++)
        list_options_of(t, p);
}

static void list_commands(const struct pb_descriptions *d, struct printer *p) {
    (void)d;
    for (const struct pb_command_text *t = pb_command_texts + 1; t->usage; t++)
        p->print(p, &(struct row){.name = t->name, .values = t->takes, .text = t->summary});
}

static void list_words(const struct pb_descriptions *d, struct printer *p) {
    (void)d;
    for (size_t i = 0; pb_explanation(i); i++)
        p->print(p, &(struct row){.name = pb_explanation(i)->word, .text = pb_explanation(i)->kind});
}

static void list_described(const struct pb_described *d, uint32_t count, struct printer *p) {
    for (uint32_t i = 0; i < count; i++, d++) {
        struct row row = {.name = d->name,
                          .absent = d->absent,
                          .text = d->summary,
                          .program = d->program,
                          .runner = d->runner};
        p->print(p, &row);
        for (uint32_t k = 0; k < d->params; k++) {
            const struct pb_described_param *given = &d->param[k];
            row.parameter = given->name;
            row.fallback = given->fallback ? given->fallback : "";
            row.values = given->range;
            row.text = given->help;
            p->print(p, &row);
        }
    }
}

static void list_workloads(const struct pb_descriptions *d, struct printer *p) {
    list_described(d->workload, d->workloads, p);
}

static void list_executors(const struct pb_descriptions *d, struct printer *p) {
    list_described(d->executor, d->executors, p);
}

/* Of a source's parameters the text has the name and an example, "file=work.py". */
static void list_source(const struct pb_source_text *text, struct printer *p) {
    const char *thing = "";
    char name[64];
    for (const struct pb_source_text *t = text; t && t->name; t++) {
        struct row row = {.name = t->name, .text = t->help};
        if (t->parameter) {
            size_t length = strcspn(t->name, "=");
            snprintf(name, sizeof name, "%.*s", (int)length, t->name);
            row.name = thing;
            row.parameter = name;
            row.fallback = t->name + length + (t->name[length] == '=');
        } else {
            thing = t->name;
        }
        p->print(p, &row);
    }
}

static void list_sources(const struct pb_descriptions *d, struct printer *p) {
    (void)d;
    for (const struct pb_source *const *source = pb_source_list; *source; source++)
        list_source((*source)->texts, p);
}

static void list_formats(const struct pb_descriptions *d, struct printer *p) {
    (void)d;
    for (const struct pb_format *f = pb_formats; f->name; f++)
        p->print(p, &(struct row){.name = f->name, .text = f->summary, .absent = f->absent});
}

static void list_policies(const struct pb_descriptions *d, struct printer *p) {
    (void)d;
    for (const struct pb_policy_listing *l = pb_policies; l->name; l++)
        p->print(p, &(struct row){.name = l->name, .text = l->summary});
}

static const struct section {
    const char *name, *title;
    section_fn *list;
    bool described; /* only a runner knows */
    bool asked;     /* shown only where it is named */
} sections[] = {
    {"workloads", "Workloads (-w NAME:parameter=value,...)", list_workloads, true, false},
    {"sources", "Other things that -w takes", list_sources, false, false},
    {"executors", "Executors (-e NAME:parameter=value,...)", list_executors, true, false},
    {"formats", "Formats (--format)", list_formats, false, false},
    {"policies", "Policies of binding (-b)", list_policies, false, false},
    {"commands", "Subcommands", list_commands, false, true},
    {"options", "Options of each subcommand, and of a run", list_options, false, true},
    {"words", "Words that `bench explain` knows", list_words, false, true},
};

enum { SECTIONS = sizeof sections / sizeof *sections };

/* ---- The command ---- */

static void complain_of(const char *operand) {
    struct pb_error error;
    char all[256] = "";
    for (size_t s = 0; s < SECTIONS; s++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s",
                 s == 0             ? ""
                 : s + 1 < SECTIONS ? ", "
                                    : " or ",
                 sections[s].name);
    pb_error_set(&error, 0, "list %s: there is no such list: give %s", operand, all);
    pb_complain(0, error.text);
}

/* Which sections the operands name, as bits; 0: a complaint was made. */
static unsigned read_operands(const struct pb_options *options) {
    unsigned wanted = 0;
    for (size_t s = 0; s < SECTIONS && !options->operands; s++)
        wanted |= sections[s].asked ? 0 : 1u << s;
    for (uint32_t i = 0; i < options->operands; i++) {
        size_t s = 0;
        while (s < SECTIONS && strcmp(sections[s].name, options->operand[i]) != 0)
            s++;
        if (s == SECTIONS) {
            complain_of(options->operand[i]);
            return 0;
        }
        wanted |= 1u << s;
    }
    return wanted;
}

static void print_sections(unsigned wanted, bool plain, const struct pb_descriptions *d,
                           struct pb_buffer *out) {
    for (size_t s = 0; s < SECTIONS; s++) {
        struct printer printer = {
            .out = out, .print = plain ? print_plain : print_for_people, .section = sections[s].name};
        if (!(wanted >> s & 1))
            continue;
        if (!plain)
            pb_buffer_printf(out, "%s%s\n", out->size ? "\n" : "", sections[s].title);
        sections[s].list(d, &printer);
    }
}

int pb_command_list(struct pb_options *options, const char *command_line) {
    struct pb_descriptions descriptions = {0};
    struct pb_error error;
    struct pb_buffer out = {0};
    bool ask = false;
    (void)command_line;
    unsigned wanted = read_operands(options);
    if (!wanted)
        return PB_EXIT_USAGE;
    for (size_t s = 0; s < SECTIONS; s++)
        ask |= (wanted >> s & 1) && sections[s].described;
    struct pb_sources sources = {.timeout_ns = options->request.timeout_ns};
    int rc = ask ? pb_runners_add(&sources, options, &error) : 0;
    if (ask && rc == 0)
        rc = pb_sources_describe(&sources, NULL, 0, NULL, 0, &descriptions, &error);
    pb_sources_release(&sources);
    if (rc < 0)
        return pb_complain(PB_EXIT_CANNOT_RUN, error.text);
    print_sections(wanted, options->plain, &descriptions, &out);
    pb_descriptions_release(&descriptions);
    return pb_output_finish(&out);
}
