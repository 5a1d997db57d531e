/* The run itself: look up, plan, warn, measure, analyse, report. Every stage leaves an exit code, 0 to go on.
 */
#include "cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "cli/dry_run.h"
#include "cli/failures.h"
#include "cli/exit_code.h"
#include "cli/like.h"
#include "cli/measure.h"
#include "cli/output.h"
#include "cli/outset.h"
#include "cli/progress.h"
#include "cli/quote.h"
#include "cli/recording.h"
#include "cli/runners.h"
#include "driver/driver.h"
#include "report/report.h"

struct command {
    struct pb_options *options;
    const struct pb_format *format;
    const struct pb_telling *telling; /* NULL: by the format */
    struct pb_run run;
    struct pb_sources sources;
    struct pb_recording recording;
    struct pb_error error;
};

static int cannot_run(const struct pb_error *error) {
    return pb_complain(PB_EXIT_CANNOT_RUN, error->text);
}

/* The program is a workload as others are. */
static int describe(struct command *c, struct pb_descriptions *out) {
    const struct pb_request *request = &c->options->request;
    const char **item = calloc(request->workloads + 1, sizeof *item);
    uint32_t items = request->workloads;
    if (!item)
        return pb_error_set(&c->error, -ENOMEM, "-w: no memory for its items: name fewer");
    for (uint32_t i = 0; i < items; i++)
        item[i] = request->workload[i];
    if (request->program)
        item[items++] = request->program;
    int rc =
        pb_sources_describe(&c->sources, item, items, request->executor, request->executors, out, &c->error);
    free(item);
    return rc;
}

static int plan(struct command *c) {
    const struct pb_request *request = &c->options->request;
    struct pb_descriptions descriptions;
    c->sources.timeout_ns = request->timeout_ns;
    pb_signals_install(); /* from here on there is something to clean up */
    if (pb_launcher_read(&c->sources, c->options, &c->error) < 0 ||
        pb_runners_add(&c->sources, c->options, &c->error) < 0 || describe(c, &descriptions) < 0)
        return pb_signal_caught() ? 128 + pb_signal_caught() : pb_complain_of(&c->error);
    int rc = pb_plan(&c->run, request, &descriptions, &c->error);
    pb_descriptions_release(&descriptions);
    if (rc < 0)
        return pb_complain_of(&c->error);
    return c->options->like ? pb_like(&c->run, c->options->like) : 0;
}

static int show_plan(struct command *c) {
    struct pb_buffer out = {0};
    pb_dry_run_format(&c->run, &c->options->request, &out);
    return pb_output_finish(&out);
}

/* How another program's runner is started. */
static void say_runner(const struct pb_program *program) {
    struct pb_buffer line = {0};
    int words = 0;
    while (program->argv[words])
        words++;
    for (char **variable = program->environment; variable && *variable; variable++)
        pb_buffer_printf(&line, "%s ", *variable);
    pb_quote(&line, words, program->argv);
    bool itself = strcmp(program->name, pb_buffer_string(&line)) == 0;
    fprintf(stderr, "bench: runner %s%s%s\n", program->name, itself ? "" : ": ",
            itself ? "" : pb_buffer_string(&line));
    pb_buffer_release(&line);
}

static int warn(struct command *c) {
    int code = pb_outset_warn(&c->run, c->options);
    if (code)
        return code;
    for (uint32_t i = 0; i < c->sources.programs && c->options->verbose; i++)
        say_runner(&c->sources.program[i]);
    if (c->options->verbose)
        fprintf(stderr, "bench: %u rows, seed %llu, about %.0f s at most\n", c->run.cells,
                (unsigned long long)c->run.seed, pb_expected_seconds(&c->run, &c->options->request));
    return 0;
}

static int measure(struct command *c) {
    struct pb_bar bar;
    struct pb_failures failures;
    pb_bar_init(&bar, c->options->quiet, pb_output_style(c->options).utf8);
    pb_failures_init(&failures, &bar, pb_output_style(c->options).utf8);
    struct pb_drive drive = {
        .run = &c->run,
        .request = &c->options->request,
        .sources = &c->sources,
        .journal = pb_recording_journal(&c->recording),
        .progress = pb_bar_draw,
        .progress_context = &bar,
        .failed = c->options->verbose ? pb_failures_print : NULL,
        .failed_context = &failures,
    };
    int rc = pb_drive(&drive, &c->error);
    pb_bar_clear(&bar);
    pb_failures_finish(&failures, &c->run);
    if (rc < 0)
        return cannot_run(&c->error);
    if (pb_analyse(&c->run) < 0)
        return pb_complain(PB_EXIT_CANNOT_RUN, "the analysis: no memory: free some");
    return 0;
}

/* The table is printed even if FILE cannot be written, and FILE is written even if nobody reads the table. */
static int report(struct command *c) {
    int code = pb_recording_finish(&c->recording, &c->run);
    struct pb_buffer out = {0};
    struct pb_report_style style = pb_output_style(c->options);
    int told = c->telling ? c->telling->write(c->telling->context, &c->run, &style, &out, &c->error)
                          : c->format->write(&c->run, &style, &out, &c->error);
    if (told < 0) {
        pb_buffer_release(&out);
        return cannot_run(&c->error);
    }
    int written = pb_output_finish(&out);
    if (!c->options->quiet)
        pb_recording_say(&c->recording);
    return code ? code : written;
}

int pb_command_run(struct pb_options *options, const char *command_line) {
    return pb_measure(options, command_line, NULL);
}

int pb_measure(struct pb_options *options, const char *command_line, const struct pb_telling *telling) {
    struct command c = {.options = options, .telling = telling};
    const struct pb_report_style style = pb_output_style(options);
    pb_run_init(&c.run);
    int code = pb_outset_format(options, &c.format);
    options->request.trace |= code == 0 && c.format->spans;
    code = code ? code : pb_outset(&c.run, options, command_line);
    code = code ? code : plan(&c);
    if (code == 0 && options->dry_run) {
        code = show_plan(&c);
    } else {
        code = code ? code : pb_recording_open(&c.recording, options, &c.run);
        code = code ? code : warn(&c);
        code = code ? code : measure(&c);
        code = code ? code : pb_exit_code(&c.run, &style, report(&c));
    }
    pb_recording_close(&c.recording);
    pb_run_release(&c.run);
    pb_sources_release(&c.sources);
    return code;
}
