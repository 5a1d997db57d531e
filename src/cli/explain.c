#include "cli/commands.h"

#include <string.h>

#include "analysis/analysis.h"
#include "base/name.h"
#include "cli/output.h"

enum { WORDS = 128, INDENT = 2, WIDTH = 80 };

static void explain(const struct pb_explanation *e, struct pb_buffer *out) {
    pb_buffer_printf(out, "%s (%s)\n", e->word, e->kind);
    pb_output_wrap(out, INDENT, WIDTH, e->rule);
    if (e->remedy && *e->remedy)
        pb_output_wrap(out, INDENT, WIDTH, e->remedy);
}

/* "outcome: parallel, overlapped ..." for each kind, in the order of the list. */
static void list_words(struct pb_buffer *out) {
    for (size_t i = 0; pb_explanation(i); i++) {
        const struct pb_explanation *e = pb_explanation(i), *before = i ? pb_explanation(i - 1) : NULL;
        bool new = !before || strcmp(before->kind, e->kind) != 0;
        if (!new)
            continue;
        struct pb_buffer words = {0};
        pb_buffer_printf(out, "%s\n", e->kind);
        for (size_t k = i; pb_explanation(k) && strcmp(pb_explanation(k)->kind, e->kind) == 0; k++)
            pb_buffer_printf(&words, "%s%s", k > i ? ", " : "", pb_explanation(k)->word);
        pb_output_wrap(out, INDENT, WIDTH, pb_buffer_string(&words));
        pb_buffer_release(&words);
    }
    pb_buffer_text(out, "\n`bench explain WORD` tells a word's rule and what to do.\n");
}

static int unknown(const char *word) {
    const char *names[WORDS];
    size_t count = 0;
    struct pb_error error;
    while (count < WORDS && pb_explanation(count)) {
        names[count] = pb_explanation(count)->word;
        count++;
    }
    int nearest = pb_name_nearest(word, names, count);
    if (nearest >= 0)
        pb_error_set(&error, 0,
                     "explain %s: unknown word: did you mean \"%s\"? `bench explain` lists them all", word,
                     names[nearest]);
    else
        pb_error_set(&error, 0, "explain %s: unknown word: `bench explain` lists them all", word);
    return pb_complain(PB_EXIT_USAGE, error.text);
}

int pb_command_explain(struct pb_options *options, const char *command_line) {
    struct pb_buffer out = {0};
    (void)command_line;
    if (options->operands == 0) {
        list_words(&out);
        return pb_output_finish(&out);
    }
    const struct pb_explanation *found = pb_explain(options->operand[0]);
    if (!found)
        return unknown(options->operand[0]);
    explain(found, &out);
    return pb_output_finish(&out);
}
