#include "cli/commands.h"

#include "cli/output.h"
#include "cli/topology_hosts.h"
#include "driver/widths.h"
#include "topology/draw.h"

/* The one width and policy that are drawn. */
static int place(const struct pb_options *options, const struct pb_machine *machine,
                 const struct pb_limits *limits, struct pb_placement *placement, struct pb_error *error) {
    const struct pb_request *r = &options->request;
    struct pb_widths widths;
    int rc = pb_widths_init(&widths, r, PB_CPU, false, limits->processors, error);
    if (rc < 0)
        return rc;
    if (widths.count > 1 || r->bindings > 1)
        rc = pb_error_set(error, -1, "%s: only one placement is drawn at a time: give one value",
                          r->bindings > 1 ? "-b" : "-n");
    else
        rc = pb_place(placement, machine, limits, r->bindings ? r->binding[0] : "auto", widths.value[0],
                      error);
    pb_widths_release(&widths);
    return rc;
}

int pb_command_topology(struct pb_options *options, const char *command_line) {
    struct pb_machine machine;
    struct pb_limits limits;
    struct pb_placement placement = {0};
    struct pb_error error;
    struct pb_buffer out = {0};
    int code = PB_EXIT_OK;
    bool placed = options->request.widths + options->request.bindings > 0;
    (void)command_line;
    if (options->launcher)
        return pb_topology_of_hosts(options);
    if (pb_machine_init(&machine, &error) < 0)
        return pb_complain(PB_EXIT_CANNOT_RUN, error.text);
    pb_limits_read(&limits, &machine);
    if (placed && place(options, &machine, &limits, &placement, &error) < 0)
        code = pb_complain(PB_EXIT_USAGE, error.text);
    struct pb_report_style style = pb_output_style(options);
    if (code == PB_EXIT_OK &&
        pb_topology_draw(&machine, &limits, placed ? &placement : NULL, style.utf8, style.width, &out) < 0)
        code = pb_complain(PB_EXIT_CANNOT_RUN, "topology: no memory to draw it: free some");
    if (code == PB_EXIT_OK)
        code = pb_output_finish(&out);
    pb_buffer_release(&out);
    pb_placement_release(&placement);
    pb_machine_release(&machine);
    return code;
}
