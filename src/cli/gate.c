/* `bench gate`: base and head in one run, in turns, until it is known whether head has become slower. */
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "analysis/analysis.h"
#include "cli/fitness.h"
#include "cli/gate_sides.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/outset.h"
#include "cli/progress.h"
#include "report/annotations.h"
#include "report/comparison.h"
#include "report/text.h"
#include "results/journal.h"

static const double default_time = 60, default_threshold = 0.05, chance_of_error = 0.01;

struct gate {
    struct pb_options *options;
    const struct pb_format *format; /* NULL: the table of comparisons */
    struct pb_run run;
    struct pb_sources sources;
    struct pb_journal journal;
    struct pb_report_style style;
    bool recording, builds;
    struct pb_error error;
};

static int plan(struct gate *g) {
    g->sources.timeout_ns = g->options->request.timeout_ns;
    pb_signals_install(); /* from here on there is something to clean up */
    if (pb_gate_plan(&g->run, g->options, &g->sources, &g->builds, &g->error) < 0)
        return pb_signal_caught() ? 128 + pb_signal_caught() : pb_complain_of(&g->error);
    return 0;
}

/* Before anything is measured: where the result goes, and what will disturb it. */
static int open_journal(struct gate *g) {
    const struct pb_disturbance disturbance = pb_disturbance_measure(g->run.machine.pus);
    if (g->options->output && pb_journal_open(&g->journal, g->options->output, &g->error) < 0)
        return pb_complain(PB_EXIT_CANNOT_RUN, g->error.text);
    g->recording = g->options->output != NULL;
    if (pb_fitness_check(&g->run, &disturbance) < 0)
        return pb_complain(PB_EXIT_CANNOT_RUN, "the record: no memory: free some");
    for (uint32_t i = 0; i < g->run.warnings && !g->options->quiet; i++)
        fprintf(stderr, "bench: warning: %s\n", g->run.warning[i]);
    return 0;
}

static int measure(struct gate *g) {
    struct pb_bar bar;
    pb_bar_init(&bar, g->options->quiet, g->style.utf8);
    struct pb_duel duel = {
        .run = &g->run,
        .request = &g->options->request,
        .sources = &g->sources,
        .threshold = g->options->threshold,
        .error = chance_of_error,
        .same_answers = g->builds,
        .journal = g->recording ? &g->journal : NULL,
        .progress = pb_bar_draw,
        .progress_context = &bar,
    };
    int rc = pb_duel(&duel, &g->error);
    pb_bar_clear(&bar);
    if (rc < 0)
        return pb_complain(PB_EXIT_CANNOT_RUN, g->error.text);
    if ((g->recording || g->format) && pb_analyse(&g->run) < 0)
        return pb_complain(PB_EXIT_CANNOT_RUN, "the analysis: no memory: free some");
    return 0;
}

/* ---- Said ---- */

static uint32_t count(const struct gate *g, const char *verdict) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < g->run.comparisons; i++)
        found += strcmp(g->run.comparison[i].verdict, verdict) == 0;
    return found;
}

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
static void say_foot(const struct gate *g, struct pb_buffer *out) {
    struct pb_buffer line = {0};
    uint32_t launches = 0;
    for (uint32_t i = 0; i < g->run.comparisons; i++)
        if (g->run.comparison[i].change.samples > launches)
            launches = g->run.comparison[i].change.samples;
    pb_buffer_printf(&line, "base %s, head %s: %u launches of each in %.0f s: %s. Seed %llu.",
                     g->options->gate_base, g->options->gate_head, launches, g->run.elapsed, ending(&g->run),
                     (unsigned long long)g->run.seed);
    pb_text_wrap(out, pb_buffer_string(&line), g->style.width, 2, g->style.utf8);
    pb_buffer_release(&line);
}

/* What is said is said even if FILE cannot be written, and the other way round. */
static int report(struct gate *g) {
    int code = 0;
    bool table = !g->format || strcmp(g->format->name, "table") == 0;
    struct pb_buffer out = {0};
    if (g->recording && pb_journal_commit(&g->journal, &g->run, &g->error) < 0)
        code = pb_complain(PB_EXIT_CANNOT_RUN, g->error.text);
    g->recording = false;
    if ((table ? pb_comparison_write : g->format->write)(&g->run, &g->style, &out, &g->error) < 0) {
        pb_buffer_release(&out);
        return pb_complain(PB_EXIT_CANNOT_RUN, g->error.text);
    }
    if (table && !g->options->quiet)
        say_foot(g, &out);
    if (table && pb_annotations_wanted())
        pb_annotations_write(&g->run, &out);
    int written = pb_output_finish(&out);
    return code ? code : written;
}

static int judge(const struct gate *g, int reported) {
    bool unknown = count(g, PB_INCONCLUSIVE) + count(g, PB_NOT_COMPARABLE) > 0;
    int code = pb_exit_code(&g->run, &g->style, reported);
    if (code)
        return code;
    return count(g, PB_REGRESSED)          ? PB_EXIT_REGRESSION
           : unknown && g->options->strict ? PB_EXIT_INCONCLUSIVE
                                           : PB_EXIT_OK;
}

int pb_command_gate(struct pb_options *options, const char *command_line) {
    struct gate g = {.options = options, .style = pb_output_style(options)};
    if (!pb_option_given(options, "time"))
        options->request.time = default_time;
    if (!pb_option_given(options, "threshold"))
        options->threshold = default_threshold;
    pb_run_init(&g.run);
    int code = options->format ? pb_outset_format(options, &g.format) : 0;
    code = code ? code : pb_outset(&g.run, options, command_line);
    code = code ? code : plan(&g);
    code = code ? code : open_journal(&g);
    code = code ? code : measure(&g);
    code = code ? code : judge(&g, report(&g));
    if (g.recording)
        pb_journal_close(&g.journal);
    pb_run_release(&g.run);
    pb_sources_release(&g.sources);
    return code;
}
