/* `bench doctor`: how finely can this machine measure, and what disturbs it? */
#include "cli/doctor.h"

#include "analysis/gate.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/fitness.h"
#include "cli/output.h"
#include "cli/outset.h"
#include "cli/progress.h"
#include "report/doctor.h"

static const double whole_time = 60, trial_time = 10, made_threshold = 0.002;

/* ---- Gates ---- */

void pb_doctor_run_init(struct pb_doctor_command *c, struct pb_run *run) {
    pb_run_init(run);
    run->machine = c->run.machine;
    run->limits = c->run.limits;
    run->host = c->run.host;
}

void pb_doctor_run_release(struct pb_run *run) {
    run->machine = (struct pb_machine){0};
    pb_run_release(run);
}

int pb_doctor_gate(struct pb_doctor_command *c, struct pb_run *run, const struct pb_doctor_gate *gate) {
    struct pb_report_style style = pb_output_style(c->options);
    struct pb_request request = c->options->request;
    struct pb_error error;
    struct pb_bar bar;
    pb_bar_init(&bar, c->options->quiet, style.utf8);
    request.time = gate->seconds;
    run->seed = gate->seed;
    struct pb_duel duel = {.run = run,
                           .request = &request,
                           .sources = &c->sources,
                           .threshold = gate->threshold,
                           .error = PB_GATE_ERROR,
                           .same_answers = gate->same_answers,
                           .to_the_end = gate->to_the_end,
                           .progress = pb_bar_draw,
                           .progress_context = &bar};
    int rc = pb_duel(&duel, &error);
    pb_bar_clear(&bar);
    c->doctor.interrupted |= pb_signal_caught() != 0;
    if (rc < 0)
        return pb_complain_of(&error);
    return c->doctor.interrupted ? 0 : pb_exit_code(run, &style, 0);
}

/* ---- The command ---- */

static void set_defaults(struct pb_options *options) {
    static const char *const thread = "thread";
    static const char *const widths[] = {"1", "max"};
    struct pb_request *r = &options->request;
    if (!r->executors) {
        r->executor = (const char **)&thread;
        r->executors = 1;
    }
    if (!r->widths) {
        r->width = (const char **)widths;
        r->widths = 2;
    }
    if (!pb_option_given(options, "time"))
        r->time = options->full ? trial_time : whole_time;
}

static int prepare(struct pb_doctor_command *c, const char *command_line) {
    const struct pb_request *r = &c->options->request;
    struct pb_error error;
    set_defaults(c->options);
    int code = pb_doctor_check_relink(c->options);
    code = code ? code : pb_doctor_work_init(&c->work, c->options);
    code = code ? code : pb_outset(&c->run, c->options, command_line);
    if (code)
        return code;
    c->sources.timeout_ns = r->timeout_ns;
    c->doctor.work = c->work.base;
    c->doctor.gate_seconds = c->options->full ? r->time : trial_time;
    c->doctor.made_threshold = c->options->threshold > 0 ? c->options->threshold : made_threshold;
    pb_signals_install();
    if (pb_sources_describe(&c->sources, c->work.item, c->work.count + 1, r->executor, r->executors,
                            &c->descriptions, &error) < 0)
        return pb_signal_caught() ? 128 + pb_signal_caught() : pb_complain_of(&error);
    return 0;
}

static int report(struct pb_doctor_command *c) {
    struct pb_buffer out = {0};
    struct pb_error error;
    struct pb_report_style style = pb_output_style(c->options);
    if (pb_doctor_write(&c->run, &c->doctor, &style, &out, &error) < 0) {
        pb_buffer_release(&out);
        return pb_complain(PB_EXIT_CANNOT_RUN, error.text);
    }
    return pb_output_finish(&out);
}

/* Whoever names a threshold asks whether it is carried. */
static int answer(const struct pb_doctor_command *c) {
    double asked = c->options->full ? 0 : c->options->threshold;
    for (uint32_t i = 0; asked > 0 && i < c->doctor.widths; i++)
        if (!(c->doctor.carried[i].threshold <= asked))
            return PB_EXIT_INCONCLUSIVE;
    return 0;
}

int pb_command_doctor(struct pb_options *options, const char *command_line) {
    struct pb_doctor_command c = {.options = options};
    struct pb_check check[PB_CHECKS];
    pb_run_init(&c.run);
    int code = prepare(&c, command_line);
    if (code == 0) {
        const struct pb_disturbance disturbance = pb_disturbance_measure(c.run.machine.pus);
        c.doctor.check = check;
        c.doctor.checks = pb_fitness_look(&c.run, &disturbance, check);
        code = options->full ? pb_doctor_made(&c) : pb_doctor_drawn(&c);
    }
    if (code == 0 && options->relink && !c.doctor.interrupted)
        code = pb_doctor_relinked(&c);
    if (code == 0)
        code = report(&c);
    if (code == 0)
        code = c.doctor.interrupted ? 128 + pb_signal_caught() : answer(&c);
    pb_doctor_release(&c.doctor);
    pb_run_release(&c.run);
    pb_descriptions_release(&c.descriptions);
    pb_sources_release(&c.sources);
    return code;
}
