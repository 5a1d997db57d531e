/* `bench scale`: a run over all widths, told as curves; or the curves of a result that is there. */
#include <errno.h>
#include <stdlib.h>

#include "analysis/analysis.h"
#include "analysis/scaling.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/measure.h"
#include "cli/output.h"
#include "report/scaling.h"

static int write(void *context, struct pb_run *run, const struct pb_report_style *style,
                 struct pb_buffer *out, struct pb_error *error) {
    struct pb_scaling scaling;
    int rc = pb_scaling_init(&scaling, run);
    (void)context;
    if (rc < 0)
        pb_error_set(error, rc, "the curves: no memory: free some");
    else
        rc = pb_scaling_write(run, &scaling, style, out, error);
    pb_scaling_release(&scaling);
    return rc;
}

static int tell(struct pb_options *options, const char *path) {
    struct pb_run run;
    struct pb_error error;
    struct pb_buffer out = {0};
    struct pb_report_style style = pb_output_style(options);
    int rc = pb_load_run(&run, path, &error);
    if (rc < 0)
        return pb_complain(pb_load_exit(rc), error.text);
    run.predict = options->predict;
    rc = pb_analyse(&run);
    if (rc < 0)
        pb_error_set(&error, rc, "%s: no memory to analyse it: free some", path);
    else
        rc = write(NULL, &run, &style, &out, &error);
    pb_run_release(&run);
    if (rc == 0)
        return pb_output_finish(&out);
    pb_buffer_release(&out);
    return pb_complain(PB_EXIT_CANNOT_RUN, error.text);
}

/* Curves need their one worker, and, unless the user knows better, every width up to the processors. */
static int measure(struct pb_options *options, const char *command_line) {
    const char *arcfour[] = {"arcfour"};
    struct pb_request *request = &options->request;
    const struct pb_telling telling = {write, NULL};
    const char **width = calloc(request->widths + 2, sizeof *width);
    if (!width)
        return pb_complain(PB_EXIT_CANNOT_RUN, "-n: no memory: free some");
    width[0] = "1";
    width[1] = "1-max";
    for (uint32_t i = 0; i < request->widths; i++)
        width[i + 1] = request->width[i];
    request->width = width;
    request->widths = request->widths ? request->widths + 1 : 2;
    if (!request->workloads) {
        request->workload = arcfour;
        request->workloads = 1;
    }
    int code = pb_measure(options, command_line, &telling);
    free(width);
    return code;
}

int pb_command_scale(struct pb_options *options, const char *command_line) {
    return options->operands ? tell(options, options->operand[0]) : measure(options, command_line);
}
