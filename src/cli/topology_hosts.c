/* `bench topology --launcher`: each host that ranks would be on, with the workers that would be there. */
#include "cli/topology_hosts.h"

#include <stdlib.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/runners.h"
#include "driver/driver.h"
#include "driver/look.h"
#include "driver/widths.h"
#include "report/hosts.h"
#include "report/text.h"
#include "topology/draw.h"

struct command {
    const struct pb_options *options;
    struct pb_sources sources;
    struct pb_descriptions descriptions;
    struct pb_run run;
    struct pb_error error;
};

static int read_width(struct command *c, uint32_t *width) {
    const struct pb_request *r = &c->options->request;
    struct pb_widths widths;
    int rc = pb_widths_init(&widths, r, PB_CPU, false, c->run.limits.processors, &c->error);
    if (rc < 0)
        return rc;
    *width = widths.value[0];
    if (widths.count > 1 || r->bindings > 1)
        rc = pb_error_set(&c->error, -1, "%s: only one placement is drawn at a time: give one value",
                          r->bindings > 1 ? "-b" : "-n");
    pb_widths_release(&widths);
    return rc;
}

static int look(struct command *c) {
    const struct pb_request *r = &c->options->request;
    uint32_t width;
    if (read_width(c, &width) < 0)
        return pb_complain(PB_EXIT_USAGE, c->error.text);
    c->sources.timeout_ns = r->timeout_ns;
    pb_signals_install();
    const struct pb_look what = {.sources = &c->sources,
                                 .workers = width,
                                 .policy = r->bindings ? r->binding[0] : "auto",
                                 .timeout_ns = r->timeout_ns};
    if (pb_launcher_read(&c->sources, c->options, &c->error) < 0 ||
        pb_runners_add(&c->sources, c->options, &c->error) < 0 ||
        pb_sources_describe(&c->sources, NULL, 0, NULL, 0, &c->descriptions, &c->error) < 0 ||
        pb_look(&what, &c->descriptions, &c->run, &c->error) < 0)
        return pb_signal_caught() ? 128 + pb_signal_caught() : pb_complain_of(&c->error);
    return PB_EXIT_OK;
}

/* Where its workers would be, under their own numbers: those of other hosts have no place in it. */
static int placement_of(const struct pb_cell *cell, const struct pb_ranks_host *host,
                        struct pb_placement *placement) {
    *placement = (struct pb_placement){.workers = cell->workers,
                                       .binding = calloc(cell->workers + 1, sizeof *placement->binding)};
    bool bound = false;
    if (!placement->binding)
        return -1;
    snprintf(placement->policy, sizeof placement->policy, "%s", cell->binding);
    snprintf(placement->effective, sizeof placement->effective, "%s", host->effective ? host->effective : "");
    snprintf(placement->reason, sizeof placement->reason, "%s", host->reason ? host->reason : "");
    for (uint32_t i = 0; i < host->workers && i < host->plans; i++)
        if (*host->planned[i] && host->worker[i] < cell->workers)
            bound |= pb_cpuset_parse(&placement->binding[host->worker[i]], host->planned[i]) == 0;
    if (!bound)
        placement->workers = 0;
    return 0;
}

static int draw_host(const struct command *c, const struct pb_ranks_host *host, struct pb_buffer *out) {
    const struct pb_report_style style = pb_output_style(c->options);
    struct pb_placement placement;
    struct pb_buffer title = {0};
    pb_host_title(host, &title);
    pb_buffer_text(out, out->size ? "\n" : "");
    pb_text_wrap(out, pb_buffer_string(&title), style.width, 2, style.utf8);
    pb_buffer_release(&title);
    if (placement_of(&c->run.cell[0], host, &placement) < 0)
        return -1;
    int rc = pb_topology_draw(&host->machine, &host->limits, &placement, style.utf8, style.width, out);
    pb_placement_release(&placement);
    return rc;
}

static int draw(const struct command *c) {
    const struct pb_cell *cell = &c->run.cell[0];
    struct pb_buffer out = {0};
    int rc = 0;
    for (uint32_t h = 0; rc == 0 && h < cell->hosts; h++)
        rc = draw_host(c, &cell->host[h], &out);
    if (rc == 0 && !out.failed)
        return pb_output_finish(&out);
    pb_buffer_release(&out);
    return pb_complain(PB_EXIT_CANNOT_RUN, "topology: no memory to draw it: free some");
}

int pb_topology_of_hosts(const struct pb_options *options) {
    struct command c = {.options = options};
    pb_run_init(&c.run);
    int code = PB_EXIT_OK;
    if (pb_machine_init(&c.run.machine, &c.error) < 0)
        code = pb_complain(PB_EXIT_CANNOT_RUN, c.error.text);
    if (code == PB_EXIT_OK)
        pb_limits_read(&c.run.limits, &c.run.machine);
    code = code ? code : look(&c);
    code = code ? code : draw(&c);
    pb_run_release(&c.run);
    pb_descriptions_release(&c.descriptions);
    pb_sources_release(&c.sources);
    return code;
}
