/* How far an equal build moves that was only linked again: code and data lie elsewhere in it, and that is
 * all. Each is held against this build by a gate that goes on to the end of its time. */
#include "cli/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analysis/gate.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/quote.h"
#include "driver/compile.h"
#include "driver/tool.h"
#include "runner/runner.h"

enum { LINKS = 5 };

static const int64_t link_timeout_ns = 600 * INT64_C(1000000000);
static const double share_of_time = 1.0 / 6; /* of --time, for each row */
static const char relinked_work[] = "arcfour:size=64KiB";

extern char **environ;

struct relinking {
    struct pb_doctor_command *command;
    char *directory;
    const char *work;
    struct pb_request request;
    struct pb_descriptions own;
    uint32_t link; /* from 1 */
    char path[256];
};

static int refuse(int code, const char *what, const char *why) {
    char text[512];
    snprintf(text, sizeof text, "--relink %.200s: %s", what, why);
    return pb_complain(code, text);
}

/* The command with the quoted path for each {}. */
static void write_command(const char *template, const char *path, struct pb_buffer *out) {
    char *const word[] = {(char *)path};
    for (const char *hole = strstr(template, "{}"); hole; hole = strstr(template, "{}")) {
        pb_buffer_add(out, template, (size_t)(hole - template));
        pb_quote(out, 1, word);
        template = hole + 2;
    }
    pb_buffer_text(out, template);
}

static int judge(const struct relinking *r, int rc, int status) {
    const char *what = r->command->options->relink;
    char why[160];
    if (rc == -EINTR) {
        r->command->doctor.interrupted = true;
        return 0;
    }
    if (rc == -ETIMEDOUT)
        return refuse(PB_EXIT_CANNOT_RUN, what, "it took longer than 10 minutes: see why");
    if (rc < 0)
        return refuse(PB_EXIT_CANNOT_RUN, what, strerror(-rc));
    if (WIFSIGNALED(status) || WEXITSTATUS(status)) {
        if (WIFSIGNALED(status))
            snprintf(why, sizeof why, "it was killed by SIG%s: see why", sigabbrev_np(WTERMSIG(status)));
        else
            snprintf(why, sizeof why, "it exited with code %d: mend what it says above", WEXITSTATUS(status));
        return refuse(PB_EXIT_USAGE, what, why);
    }
    if (access(r->path, X_OK) != 0)
        return refuse(PB_EXIT_USAGE, what,
                      "it wrote no program: let it write one to the path that stands for {}");
    return 0;
}

static int link_again(struct relinking *r) {
    struct pb_buffer line = {0};
    char number[32];
    int status = 0;
    snprintf(number, sizeof number, "%u", r->link);
    snprintf(r->path, sizeof r->path, "%.200s/bench-%u", r->directory, r->link);
    write_command(r->command->options->relink, r->path, &line);
    char *const argument[] = {(char *)"/bin/sh", (char *)"-c", (char *)pb_buffer_string(&line), NULL};
    int rc = line.failed || setenv("PARBENCH_RELINK", number, true) < 0 ? -ENOMEM : 0;
    rc = rc ? rc : pb_tool_run(argument, environ, link_timeout_ns, &status);
    unsetenv("PARBENCH_RELINK");
    pb_buffer_release(&line);
    return judge(r, rc, status);
}

/* What base runs: it is linked into the program itself, which sha is not. Before another program is known. */
static int describe(struct relinking *r) {
    struct pb_doctor_command *c = r->command;
    struct pb_error error;
    r->request = c->options->request;
    r->request.workload = &r->work;
    r->request.workloads = 1;
    return pb_sources_describe(&c->sources, &r->work, 1, r->request.executor, r->request.executors, &r->own,
                               &error) < 0
               ? pb_complain_of(&error)
               : 0;
}

static int plan(struct relinking *r, struct pb_run *run) {
    struct pb_doctor_command *c = r->command;
    const char *const word[] = {r->path, PB_RUNNER_WORD, NULL};
    struct pb_descriptions relinked = {0};
    struct pb_error error;
    int rc = pb_sources_add(&c->sources, "relinked", word, NULL, &error);
    if (rc >= 0)
        rc = pb_sources_describe_program(&c->sources, (uint32_t)rc, &r->work, 1, r->request.executor,
                                         r->request.executors, &relinked, &error);
    if (rc >= 0)
        rc = pb_duel_plan(run, &(struct pb_duel_side){&r->request, &r->own},
                          &(struct pb_duel_side){&r->request, &relinked}, 1, &error);
    pb_descriptions_release(&relinked);
    if (rc >= 0)
        return 0;
    return pb_signal_caught() ? 128 + pb_signal_caught()
                              : refuse(PB_EXIT_USAGE, c->options->relink, error.text);
}

static int keep(struct relinking *r, const struct pb_run *run) {
    struct pb_doctor *d = &r->command->doctor;
    uint32_t rows = pb_gate_rows(run);
    struct pb_relinked_row *more = realloc(d->relinked, (d->relinked_rows + rows) * sizeof *more);
    if (!more)
        return pb_complain(PB_EXIT_CANNOT_RUN, "doctor: no memory: ask for fewer rows");
    d->relinked = more;
    for (uint32_t i = 0; i < rows; i++) {
        const struct pb_cell *head = pb_gate_row(run, i).head;
        struct pb_relinked_row *row = &d->relinked[d->relinked_rows++];
        *row = (struct pb_relinked_row){
            .workers = head->workers, .link = r->link, .change = run->comparison[i].change};
        snprintf(row->executor, sizeof row->executor, "%s", head->executor);
    }
    d->links = r->link;
    d->relinked_work = relinked_work;
    return 0;
}

static int measure(struct relinking *r) {
    struct pb_doctor_command *c = r->command;
    struct pb_doctor_gate gate = {.threshold = c->doctor.made_threshold,
                                  .to_the_end = true,
                                  .same_answers = true,
                                  .seed = c->run.seed + r->link};
    struct pb_run run;
    pb_doctor_run_init(c, &run);
    int code = plan(r, &run);
    gate.seconds = share_of_time * c->options->request.time * pb_gate_rows(&run);
    code = code ? code : pb_doctor_gate(c, &run, &gate);
    if (code == 0 && !c->doctor.interrupted)
        code = keep(r, &run);
    pb_doctor_run_release(&run);
    return code;
}

int pb_doctor_check_relink(const struct pb_options *options) {
    if (!options->relink || strstr(options->relink, "{}"))
        return 0;
    return refuse(PB_EXIT_USAGE, options->relink,
                  "no {} in it: write {} where it takes the path of the program that it is to write");
}

int pb_doctor_relinked(struct pb_doctor_command *c) {
    struct relinking r = {.command = c, .work = relinked_work};
    struct pb_error error;
    if (pb_compile_directory(&r.directory, &error) < 0)
        return pb_complain_of(&error);
    int code = describe(&r);
    for (r.link = 1; code == 0 && !c->doctor.interrupted && r.link <= LINKS; r.link++) {
        code = link_again(&r);
        if (code == 0 && !c->doctor.interrupted)
            code = measure(&r);
    }
    pb_descriptions_release(&r.own);
    pb_compile_directory_remove(r.directory);
    free(r.directory);
    return code;
}
