/* The program: a runner if its only word says so, else the command that its first word names, else a run. */
#include <locale.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/quote.h"
#include "runner/runner.h"

/* In the order of pb_command_texts. */
static pb_command_fn *const commands[] = {pb_command_run,     pb_command_list,         pb_command_topology,
                                          pb_command_explain, pb_command_check_runner, pb_command_compare,
                                          pb_command_gate,    pb_command_export,       pb_command_scale,
                                          pb_command_metg,    pb_command_doctor};

static int help(const struct pb_command_text *text) {
    struct pb_buffer out = {0};
    pb_help_format(text, &out);
    return pb_output_finish(&out);
}

static int version(void) {
    struct pb_buffer out = {0};
    pb_buffer_text(&out, "bench (parbench) " PB_VERSION "\n");
    return pb_output_finish(&out);
}

static int refuse_operand(const struct pb_command_text *text, const char *operand) {
    struct pb_error error;
    pb_error_set(&error, 0, "%s: unexpected argument: %s", operand,
                 text->bit == PB_RUN
                     ? "a subcommand comes first, a workload is named by -w, a program follows --"
                     : "see --help");
    return pb_complain(PB_EXIT_USAGE, error.text);
}

static int run_command(const struct pb_command_text *text, struct pb_options *options, int argc,
                       char **argv) {
    if (options->help)
        return help(text);
    if (options->version)
        return version();
    if (options->operands > text->operands)
        return refuse_operand(text, options->operand[text->operands]);
    struct pb_buffer line = {0};
    pb_buffer_text(&line, "bench"); /* wherever it lies: the command is for another machine, too */
    pb_buffer_text(&line, argc > 1 ? " " : "");
    pb_quote(&line, argc - 1, argv + 1);
    int code = commands[text - pb_command_texts](options, pb_buffer_string(&line));
    pb_buffer_release(&line);
    return code;
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, ""); /* whether the terminal speaks UTF-8; numbers stay as in C */
    if (argc == 2 && strcmp(argv[1], PB_RUNNER_WORD) == 0)
        return pb_runner_main(false);
    if (argc == 3 && strcmp(argv[1], PB_RUNNER_WORD) == 0 && strcmp(argv[2], PB_RUNNER_RANKS) == 0)
        return pb_runner_main(true);
    struct pb_error error;
    struct pb_options options;
    const struct pb_command_text *text = pb_command_texts;
    int skip = argc > 0;
    if (argc > 1 && argv[1][0] != '-' && argv[1][0] != '@') {
        text = pb_command_find(argv[1], &error);
        skip = 2;
    }
    if (!text || pb_options_init(&options, text->bit, argc - skip, argv + skip, &error) < 0)
        return pb_complain(PB_EXIT_USAGE, error.text);
    int code = run_command(text, &options, argc, argv);
    pb_options_release(&options);
    return code;
}
