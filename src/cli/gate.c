/* `bench gate`: base and head in one run, in turns, until it is known whether head has become slower. */
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "analysis/analysis.h"
#include "analysis/gate.h"
#include "cli/changes.h"
#include "cli/exit_code.h"
#include "cli/gate_sides.h"
#include "cli/output.h"
#include "cli/outset.h"
#include "cli/progress.h"
#include "cli/recording.h"
#include "cli/runners.h"

static const double default_time = 60, default_threshold = 0.05;

struct gate {
    struct pb_options *options;
    struct pb_run run;
    struct pb_sources sources;
    struct pb_recording recording;
    bool builds;
    struct pb_error error;
};

static int plan(struct gate *g) {
    g->sources.timeout_ns = g->options->request.timeout_ns;
    pb_signals_install(); /* from here on there is something to clean up */
    if (pb_launcher_read(&g->sources, g->options, &g->error) < 0 ||
        pb_gate_plan(&g->run, g->options, &g->sources, &g->builds, &g->error) < 0)
        return pb_signal_caught() ? 128 + pb_signal_caught() : pb_complain_of(&g->error);
    return 0;
}

/* What builds of one workload may not do, two C files may mean. */
static int warn_of_answers(struct gate *g) {
    static const char warning[] = "head's tasks answer otherwise than base's: it computes something else";
    bool agree = true;
    for (uint32_t i = 0; i < pb_gate_rows(&g->run); i++)
        agree &= pb_gate_agrees(&g->run, i);
    if (!agree && !g->options->quiet)
        fprintf(stderr, "bench: warning: %s\n", warning);
    return agree ? 0 : pb_run_add_warning(&g->run, warning);
}

static int measure(struct gate *g) {
    struct pb_bar bar;
    pb_bar_init(&bar, g->options->quiet, pb_output_style(g->options).utf8);
    struct pb_duel duel = {
        .run = &g->run,
        .request = &g->options->request,
        .sources = &g->sources,
        .threshold = g->options->threshold,
        .error = PB_GATE_ERROR,
        .same_answers = g->builds,
        .journal = pb_recording_journal(&g->recording),
        .progress = pb_bar_draw,
        .progress_context = &bar,
    };
    int rc = pb_duel(&duel, &g->error);
    pb_bar_clear(&bar);
    if (rc < 0)
        return pb_complain(PB_EXIT_CANNOT_RUN, g->error.text);
    if (warn_of_answers(g) < 0 || ((g->recording.open || g->options->format) && pb_analyse(&g->run) < 0))
        return pb_complain(PB_EXIT_CANNOT_RUN, "the analysis: no memory: free some");
    return 0;
}

/* ---- Said ---- */

static const char *ending(const struct pb_run *run) {
    static const char *const words[][2] = {{"answered", "then every answer was known"},
                                           {"time", "then time was over"},
                                           {"interrupted", "then it was interrupted"}};
    for (size_t i = 0; run->ended && i < sizeof words / sizeof *words; i++)
        if (strcmp(run->ended, words[i][0]) == 0)
            return words[i][1];
    return "then no row was left";
}

/* Under what the sentences hold. */
static void say_foot(const struct gate *g, struct pb_buffer *line) {
    uint32_t launches = 0;
    for (uint32_t i = 0; i < g->run.comparisons; i++)
        if (g->run.comparison[i].change.samples > launches)
            launches = g->run.comparison[i].change.samples;
    pb_buffer_printf(line, "base %s, head %s: %u launch%s of each in %.0f s: %s. Seed %llu.",
                     g->options->gate_base, g->options->gate_head, launches, launches == 1 ? "" : "es",
                     g->run.elapsed, ending(&g->run), (unsigned long long)g->run.seed);
}

/* What is said is said even if FILE cannot be written, and the other way round. */
static int report(struct gate *g) {
    struct pb_buffer foot = {0};
    int code = pb_recording_finish(&g->recording, &g->run);
    if (!g->options->quiet)
        say_foot(g, &foot);
    int written = pb_changes_print(g->options, &g->run, foot.size ? foot.data : NULL);
    pb_buffer_release(&foot);
    if (!g->options->quiet)
        pb_recording_say(&g->recording);
    return code ? code : written;
}

int pb_command_gate(struct pb_options *options, const char *command_line) {
    struct gate g = {.options = options};
    if (!pb_option_given(options, "time"))
        options->request.time = default_time;
    if (!pb_option_given(options, "threshold"))
        options->threshold = default_threshold;
    const struct pb_format *format;
    pb_run_init(&g.run);
    int code = options->format ? pb_outset_format(options, &format) : 0;
    code = code ? code : pb_outset(&g.run, options, command_line);
    code = code ? code : plan(&g);
    code = code ? code : pb_recording_open(&g.recording, options, &g.run);
    code = code ? code : pb_outset_warn(&g.run, options);
    code = code ? code : measure(&g);
    if (code == 0) {
        struct pb_report_style style = pb_output_style(options);
        code = pb_exit_code(&g.run, &style, report(&g));
        code = code ? code : pb_changes_exit_code(options, &g.run);
    }
    pb_recording_close(&g.recording);
    pb_run_release(&g.run);
    pb_sources_release(&g.sources);
    return code;
}
