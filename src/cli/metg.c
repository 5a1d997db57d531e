/* `bench metg`: the machine as for a run, then a search of its own in place of a plan. */
#include "analysis/metg.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/outset.h"
#include "cli/progress.h"
#include "cli/runners.h"
#include "driver/metg.h"
#include "report/metg.h"

struct command {
    struct pb_options *options;
    struct pb_run run; /* the machine, and what is found */
    struct pb_sources sources;
    struct pb_descriptions descriptions;
    struct pb_metg metg;
    struct pb_error error;
};

static int prepare(struct command *c, const char *command_line) {
    static const char *const spin[] = {"spin"};
    const struct pb_request *request = &c->options->request;
    int code = pb_outset(&c->run, c->options, command_line);
    if (code)
        return code;
    c->sources.timeout_ns = request->timeout_ns;
    pb_signals_install();
    if (pb_launcher_read(&c->sources, c->options, &c->error) < 0 ||
        pb_sources_describe(&c->sources, spin, 1, request->executor, request->executors, &c->descriptions,
                            &c->error) < 0)
        return pb_signal_caught() ? 128 + pb_signal_caught() : pb_complain_of(&c->error);
    return 0;
}

static int measure(struct command *c) {
    struct pb_bar bar;
    pb_bar_init(&bar, c->options->quiet, pb_output_style(c->options).utf8);
    int rc = pb_metg_measure(&c->run, &c->options->request, &c->sources, &c->descriptions, pb_bar_draw, &bar,
                             &c->metg, &c->error);
    pb_bar_clear(&bar);
    if (pb_signal_caught())
        return 128 + pb_signal_caught();
    if (rc < 0)
        return pb_complain_of(&c->error);
    return pb_metg_find(&c->run, &c->metg) < 0
               ? pb_complain(PB_EXIT_CANNOT_RUN, "the findings: no memory: free some")
               : 0;
}

static int report(struct command *c) {
    struct pb_buffer out = {0};
    struct pb_report_style style = pb_output_style(c->options);
    if (pb_metg_write(&c->run, &c->metg, &style, &out, &c->error) < 0) {
        pb_buffer_release(&out);
        return pb_complain(PB_EXIT_CANNOT_RUN, c->error.text);
    }
    int code = pb_output_finish(&out);
    for (uint32_t i = 0; i < c->metg.rows; i++)
        if (c->metg.row[i].state == PB_METG_FAILED)
            code = PB_EXIT_FAILED_CELL;
    return code;
}

int pb_command_metg(struct pb_options *options, const char *command_line) {
    struct command c = {.options = options};
    pb_run_init(&c.run);
    int code = prepare(&c, command_line);
    code = code ? code : pb_outset_warn(&c.run, options);
    code = code ? code : measure(&c);
    code = code ? code : report(&c);
    pb_metg_release(&c.metg);
    pb_run_release(&c.run);
    pb_descriptions_release(&c.descriptions);
    pb_sources_release(&c.sources);
    return code;
}
