/* Two result files, one after the other: what became of each row. */
#include "cli/commands.h"

#include <stdio.h>

#include "analysis/compare.h"
#include "cli/changes.h"
#include "cli/load.h"
#include "cli/output.h"
#include "report/text.h"
#include "results/comparable.h"

static const double default_threshold = 0.05;
static const double chance_of_error = 0.05; /* of all verdicts together */
/* Builds that are laid out differently, and launches, differ by up to this: a smaller threshold needs more of
   both than two files hold. */
static const double least_trusted = 0.05;

static int no_memory(void) {
    return pb_complain(PB_EXIT_CANNOT_RUN, "compare: no memory: free some");
}

static void warn(const struct pb_options *options, const char *what, const char *advice) {
    struct pb_buffer line = {0};
    pb_text_clean(&line, what, pb_output_style(options).utf8);
    fprintf(stderr, "bench: warning: %s: %s\n", pb_buffer_string(&line), advice);
    pb_buffer_release(&line);
}

static bool launched_once(const struct pb_run *run) {
    for (uint32_t i = 0; i < run->cells; i++)
        for (uint32_t k = 0; k < run->cell[i].samples; k++)
            if (run->cell[i].sample[k].fork)
                return false;
    return true;
}

/* What may have changed the times beside the work. Where there is no verdict it is not said. */
static void warn_of(const struct pb_options *options, const struct pb_run *base, const struct pb_run *head) {
    struct pb_buffer text = {0};
    if (pb_runs_comparable(base, head, &text) && !pb_runs_alike(base, head, &text))
        warn(options, pb_buffer_string(&text), "this may have changed the times, too");
    pb_buffer_release(&text);
    if (options->threshold < least_trusted && (launched_once(base) || launched_once(head)))
        warn(options, "one launch of each row",
             "launches of one build differ by some per cent: measure both with --forks 5, or side by side by "
             "`bench gate`");
}

static int compare(const struct pb_options *options, const struct pb_run *base, struct pb_run *head) {
    const struct pb_compare_rule rule = {options->threshold, chance_of_error};
    if (pb_compare(base, head, &rule) < 0)
        return no_memory();
    if (!options->quiet)
        warn_of(options, base, head);
    int code = pb_changes_print(options, head, NULL);
    return code ? code : pb_changes_exit_code(options, head);
}

int pb_command_compare(struct pb_options *options, const char *command_line) {
    struct pb_run base, head;
    struct pb_error error;
    (void)command_line;
    if (options->operands < 2)
        return pb_complain(PB_EXIT_USAGE, "compare: two result files are needed: give OLD and NEW, which "
                                          "`bench -o FILE` wrote");
    if (options->format && !pb_format_find(options->format, &error))
        return pb_complain(PB_EXIT_USAGE, error.text);
    if (!pb_option_given(options, "threshold"))
        options->threshold = default_threshold;
    int rc = pb_load_run(&base, options->operand[0], &error);
    if (rc < 0)
        return pb_complain(pb_load_exit(rc), error.text);
    rc = pb_load_run(&head, options->operand[1], &error);
    int code = rc < 0 ? pb_complain(pb_load_exit(rc), error.text) : compare(options, &base, &head);
    if (rc == 0)
        pb_run_release(&head);
    pb_run_release(&base);
    return code;
}
