/* Words come first, then the environment for what no word gave, then defaults: each step only fills what is
 * open, and `given` remembers what is not. */
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "cli/quote.h"
#include "cli/values.h"

enum { ROWS_MAX = 64 };

#define SECOND_NS INT64_C(1000000000)

struct parser {
    struct pb_options *options;
    enum pb_command_bit command;
    uint32_t at; /* the word that is read */
    struct pb_error *error;
};

static size_t index_of(const struct pb_option *row) {
    return (size_t)(row - pb_option_table);
}

static bool is_given(const struct pb_options *options, const struct pb_option *row) {
    return (options->given >> index_of(row) & 1) != 0;
}

/* The row of the same group that was given before, or NULL. */
static const struct pb_option *rival(const struct pb_options *options, const struct pb_option *row) {
    for (const struct pb_option *other = pb_option_table; row->excludes && other->name; other++)
        if (other != row && other->excludes == row->excludes && is_given(options, other))
            return other;
    return NULL;
}

/* Puts "FILE:LINE: " in front of an error about a word that came from a file. */
static int blame(struct parser *p, int rc) {
    const char *origin = p->options->words.origin.text[p->at];
    if (rc < 0 && *origin && p->error) {
        struct pb_error inner = *p->error;
        pb_error_set(p->error, inner.code, "%s: %s", origin, inner.text);
    }
    return rc;
}

static int give(struct parser *p, const struct pb_option *row, const char *label, const char *text) {
    const struct pb_option *other = rival(p->options, row);
    if (other)
        return pb_error_set(p->error, -EINVAL, "--%s and --%s: they exclude each other: give one of them",
                            other->name, row->name);
    int rc = pb_option_set(p->options, row, label, text, p->error);
    bool off = row->kind == PB_OPTION_FLAG && rc == 0 && !*((bool *)((char *)p->options + row->at));
    if (!off)
        p->options->given |= UINT64_C(1) << index_of(row);
    return rc;
}

/* Gives `value`, or else the next word, to an option that takes an argument. */
static int give_argument(struct parser *p, const struct pb_option *row, const char *typed,
                         const char *value) {
    const struct pb_strings *words = &p->options->words.text;
    if (!row->argument)
        return give(p, row, typed, "1");
    char label[200];
    uint32_t option = p->at;
    if (!value && p->at + 1 >= words->count)
        return pb_error_set(p->error, -EINVAL, "%s: it needs an argument: write %s%s%s", typed, typed,
                            typed[1] == '-' ? "=" : " ", row->argument);
    if (!value)
        value = words->text[++p->at];
    snprintf(label, sizeof label, "%s%s%s", typed, typed[1] == '-' ? "=" : " ", value);
    int rc = give(p, row, label, value);
    p->at = rc < 0 ? option : p->at;
    return rc;
}

static int unknown(struct parser *p, const char *typed, const char *name) {
    const char *names[ROWS_MAX];
    size_t count = 0;
    for (const struct pb_option *row = pb_option_table; row->name && count < ROWS_MAX; row++)
        if (row->commands & p->command)
            names[count++] = row->name;
    int nearest = pb_name_nearest(name, names, count);
    if (nearest >= 0)
        return pb_error_set(p->error, -EINVAL, "%s: unknown option: did you mean --%s? see --help", typed,
                            names[nearest]);
    return pb_error_set(p->error, -EINVAL, "%s: unknown option: see --help", typed);
}

/* "--name", "--name=value", or a beginning of the name that fits one option only. */
static int read_long(struct parser *p, const char *word) {
    size_t length = strcspn(word + 2, "=");
    const char *value = word[2 + length] ? word + 2 + length + 1 : NULL;
    const struct pb_option *found = NULL, *second = NULL;
    for (const struct pb_option *row = pb_option_table; row->name; row++) {
        if (!(row->commands & p->command) || strncmp(row->name, word + 2, length) != 0)
            continue;
        if (!row->name[length]) {
            found = row;
            second = NULL;
            break;
        }
        second = found;
        found = row;
    }
    char typed[80], name[64];
    snprintf(name, sizeof name, "%.*s", (int)length, word + 2);
    snprintf(typed, sizeof typed, "--%s", name);
    if (!found)
        return unknown(p, typed, name);
    if (second)
        return pb_error_set(p->error, -EINVAL, "%s: it may be --%s or --%s: write more of it", typed,
                            second->name, found->name);
    if (value && !found->argument)
        return pb_error_set(p->error, -EINVAL, "--%s: it takes no argument: leave \"=%s\" out", found->name,
                            value);
    return give_argument(p, found, typed, value);
}

/* "-n4", "-n 4", "-qv". */
static int read_short(struct parser *p, const char *word) {
    for (const char *c = word + 1; *c; c++) {
        const struct pb_option *row = pb_option_table;
        while (row->name && !(row->letter == *c && (row->commands & p->command)))
            row++;
        char typed[] = {'-', *c, '\0'};
        if (!row->name)
            return unknown(p, typed, "");
        int rc = give_argument(p, row, typed, c[1] && row->argument ? c + 1 : NULL);
        if (rc < 0 || row->argument)
            return rc;
    }
    return 0;
}

static int read_words(struct parser *p) {
    struct pb_options *o = p->options;
    o->operand = calloc(o->words.text.count + 1, sizeof *o->operand);
    if (!o->operand)
        return pb_error_set(p->error, -ENOMEM, "the command line: no memory");
    bool literal = false;
    for (p->at = 0; p->at < o->words.text.count && !o->help && !o->version; p->at++) {
        const char *word = o->words.text.text[p->at];
        int rc = 0;
        if (literal && p->command == PB_RUN) {
            o->operand[o->operands + o->program_words++] = word;
        } else if (literal || word[0] != '-' || !word[1]) {
            o->operand[o->operands++] = word;
            literal |= p->command == PB_CHECK; /* the rest is its */
        } else if (strcmp(word, "--") == 0) {
            literal = true;
        } else {
            rc = word[1] == '-' ? read_long(p, word) : read_short(p, word);
        }
        if (rc < 0)
            return blame(p, rc);
    }
    o->program = o->operand + o->operands;
    if (literal && p->command == PB_RUN && !o->program_words)
        return pb_error_set(p->error, -EINVAL, "--: no program follows: write -- PROGRAM ARGUMENTS");
    return 0;
}

/* PARBENCH_MAX_IN_FLIGHT for max-in-flight. What a word excludes is passed over: the command line wins. */
static int read_environment(struct parser *p) {
    uint64_t typed = p->options->given;
    for (const struct pb_option *row = pb_option_table; row->name; row++) {
        char name[64] = "PARBENCH_", label[200];
        size_t used = strlen(name);
        for (const char *c = row->name; *c && used + 1 < sizeof name; c++)
            name[used++] = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
        const char *text = getenv(name);
        const struct pb_option *other = rival(p->options, row);
        bool passed = other && (typed >> index_of(other) & 1);
        if (!text || !*text || passed || is_given(p->options, row) || !(row->commands & p->command) ||
            row->commands == PB_EVERY)
            continue;
        snprintf(label, sizeof label, "%s=%s", name, text);
        int rc = give(p, row, label, text);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* A word of the text after "cmd:". One that holds '=' is quoted where a shell would take it for a variable.
 */
static void add_word(struct pb_buffer *out, const char *word, bool quoted) {
    char *one[] = {(char *)word};
    pb_buffer_text(out, quoted ? "'" : "");
    if (quoted)
        pb_buffer_text(out, word);
    else
        pb_quote(out, 1, one);
    pb_buffer_text(out, quoted ? "' " : " ");
}

/* The words after "--" as an item of -w: "cmd:check=1,OMP_NUM_THREADS={n} ./prog -n {n}". */
static int make_program(struct pb_options *o, struct pb_error *error) {
    const struct pb_strings *variables = &o->list[PB_ENVIRONMENT];
    struct pb_buffer *item = &o->item;
    if (!o->program_words && (variables->count || o->check_output))
        return pb_error_set(error, -EINVAL, "%s: it is for a program only: write -- PROGRAM ARGUMENTS",
                            variables->count ? "--env" : "--check-output");
    if (!o->program_words)
        return 0;
    pb_buffer_printf(item, "cmd:%s", o->check_output ? "check=1," : "");
    for (uint32_t i = 0; i < variables->count; i++) {
        const char *value = strchr(variables->text[i], '=') + 1;
        pb_buffer_add(item, variables->text[i], (size_t)(value - variables->text[i]));
        add_word(item, value, false);
    }
    for (uint32_t i = 0; i < o->program_words; i++)
        add_word(item, o->program[i], i == 0 && strchr(o->program[i], '=') && !strchr(o->program[i], '\''));
    if (item->failed)
        return pb_error_set(error, -ENOMEM, "the command line: no memory");
    item->data[--item->size] = '\0'; /* the last blank */
    o->request.program = item->data;
    return 0;
}

/* What --quick and --thorough set together. */
struct sampling {
    double time, precision;
    uint32_t min_rounds;
};

/* Fills what nobody gave; the knobs of sampling stand at -1 until then. */
static void fill_defaults(struct pb_options *o) {
    static const struct sampling normal = {10, 0.01, 6}, quick = {3, 0.05, 6}, thorough = {60, 0.005, 20};
    const struct sampling *sampling = o->quick ? &quick : o->thorough ? &thorough : &normal;
    struct pb_request *r = &o->request;
    r->min_rounds = sampling->min_rounds;
    if (!pb_option_given(o, "timeout"))
        r->timeout_ns = SECOND_NS * (r->program ? 600 : 30);
    if (!r->base)
        r->base = r->program ? "n=1" : "serial";
    if (r->time < 0)
        r->time = sampling->time;
    if (r->precision < 0)
        r->precision = sampling->precision;
    for (size_t i = 0; i < PB_REQUESTED; i++) {
        const struct {
            const char ***item;
            uint32_t *count;
        } slot[PB_REQUESTED] = {{&r->workload, &r->workloads},
                                {&r->executor, &r->executors},
                                {&r->width, &r->widths},
                                {&r->binding, &r->bindings}};
        *slot[i].item = (const char **)o->list[i].text;
        *slot[i].count = o->list[i].count;
    }
}

int pb_options_init(struct pb_options *options, enum pb_command_bit command, int count, char *const *word,
                    struct pb_error *error) {
    *options = (struct pb_options){
        .request = {.via = "for", .time = -1, .precision = -1, .max_in_flight = 1000},
    };
    struct parser p = {.options = options, .command = command, .error = error};
    int rc = pb_words_init(&options->words, count, word, error);
    rc = rc ? rc : read_words(&p);
    if (rc == 0 && !options->help && !options->version)
        rc = read_environment(&p);
    if (rc == 0)
        rc = make_program(options, error);
    if (rc < 0)
        pb_options_release(options);
    else
        fill_defaults(options);
    return rc;
}

bool pb_option_given(const struct pb_options *options, const char *name) {
    for (const struct pb_option *row = pb_option_table; row->name; row++)
        if (strcmp(row->name, name) == 0 && is_given(options, row))
            return true;
    return false;
}

void pb_options_release(struct pb_options *options) {
    for (size_t i = 0; i < PB_LISTS; i++)
        pb_strings_release(&options->list[i]);
    pb_words_release(&options->words);
    pb_buffer_release(&options->item);
    free(options->operand);
    *options = (struct pb_options){0};
}
