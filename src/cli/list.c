#include "cli/commands.h"

#include <string.h>

#include "cli/output.h"
#include "cli/runners.h"
#include "driver/driver.h"
#include "report/report.h"
#include "topology/place.h"

enum { NAME = 12, PARAMETER = 18, WIDTH = 80 };

typedef void section_fn(const struct pb_descriptions *, struct pb_buffer *);

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

static void add_name(struct pb_buffer *out, const char *name, const char *summary, const char *absent) {
    struct pb_buffer why = {0};
    add_row(out, 2, NAME, name, summary);
    if (absent) {
        pb_buffer_printf(&why, "absent here: %s", absent);
        add_row(out, 2, NAME, "", pb_buffer_string(&why));
    }
    pb_buffer_release(&why);
}

static void add_described(struct pb_buffer *out, const struct pb_described *d) {
    add_name(out, d->name, d->summary, d->absent);
    for (uint32_t i = 0; i < d->params; i++) {
        const struct pb_described_param *p = &d->param[i];
        bool ranged = p->range && *p->range;
        struct pb_buffer given = {0}, help = {0};
        pb_buffer_printf(&given, "%s=%s", p->name, p->fallback ? p->fallback : "");
        pb_buffer_printf(&help, ranged ? "%s (%s)" : "%s%s", p->help ? p->help : "", ranged ? p->range : "");
        add_row(out, 6, PARAMETER, pb_buffer_string(&given), pb_buffer_string(&help));
        pb_buffer_release(&help);
        pb_buffer_release(&given);
    }
}

/* Those of one program stand together. */
static void add_all(struct pb_buffer *out, const struct pb_described *d, uint32_t count) {
    uint32_t program = 0;
    for (uint32_t i = 0; i < count; i++, d++) {
        if (d->program != program)
            pb_buffer_printf(out, " of --runner='%s'\n", d->runner);
        program = d->program;
        add_described(out, d);
    }
}

static void list_workloads(const struct pb_descriptions *d, struct pb_buffer *out) {
    add_all(out, d->workload, d->workloads);
}

static void list_executors(const struct pb_descriptions *d, struct pb_buffer *out) {
    add_all(out, d->executor, d->executors);
}

static void list_sources(const struct pb_descriptions *d, struct pb_buffer *out) {
    (void)d;
    for (const struct pb_source *const *source = pb_source_list; *source; source++)
        for (const struct pb_source_text *t = (*source)->texts; t && t->name; t++)
            if (t->parameter)
                add_row(out, 6, PARAMETER, t->name, t->help);
            else
                add_name(out, t->name, t->help, NULL);
}

static void list_formats(const struct pb_descriptions *d, struct pb_buffer *out) {
    (void)d;
    for (const struct pb_format *f = pb_formats; f->name; f++)
        add_name(out, f->name, f->summary, f->absent);
}

static void list_policies(const struct pb_descriptions *d, struct pb_buffer *out) {
    (void)d;
    for (const struct pb_policy_listing *p = pb_policies; p->name; p++)
        add_name(out, p->name, p->summary, NULL);
}

static const struct section {
    const char *name, *title;
    section_fn *list;
    bool described; /* only a runner knows */
} sections[] = {
    {"workloads", "Workloads (-w NAME:parameter=value,...)", list_workloads, true},
    {"sources", "Other things that -w takes", list_sources, false},
    {"executors", "Executors (-e NAME:parameter=value,...)", list_executors, true},
    {"formats", "Formats (--format)", list_formats, false},
    {"policies", "Policies of binding (-b)", list_policies, false},
};

enum { SECTIONS = sizeof sections / sizeof *sections };

/* Which sections the operands name, as bits; 0: a complaint was made. */
static unsigned read_operands(const struct pb_options *options) {
    unsigned wanted = options->operands ? 0 : (1u << SECTIONS) - 1;
    for (uint32_t i = 0; i < options->operands; i++) {
        size_t s = 0;
        while (s < SECTIONS && strcmp(sections[s].name, options->operand[i]) != 0)
            s++;
        if (s == SECTIONS) {
            struct pb_error error;
            pb_error_set(
                &error, 0,
                "list %s: there is no such list: give workloads, sources, executors, formats or policies",
                options->operand[i]);
            pb_complain(0, error.text);
            return 0;
        }
        wanted |= 1u << s;
    }
    return wanted;
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
    for (size_t s = 0; s < SECTIONS; s++)
        if (wanted >> s & 1) {
            pb_buffer_printf(&out, "%s%s\n", out.size ? "\n" : "", sections[s].title);
            sections[s].list(&descriptions, &out);
        }
    pb_descriptions_release(&descriptions);
    return pb_output_finish(&out);
}
