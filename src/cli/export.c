/* A kept result, or the journal of a run that goes on or was killed, in another format. */
#include "cli/commands.h"

#include "cli/changes.h"
#include "cli/load.h"
#include "cli/output.h"
#include "report/report.h"

static int write_run(const struct pb_options *options, const struct pb_format *format,
                     const struct pb_run *run) {
    struct pb_buffer out = {0};
    struct pb_error error;
    struct pb_report_style style = pb_output_style(options);
    if (format->absent)
        pb_error_set(&error, 0, "format %s: absent: %s", format->name, format->absent);
    if (format->absent || format->write(run, &style, &out, &error) < 0) {
        pb_buffer_release(&out);
        return pb_complain(PB_EXIT_CANNOT_RUN, error.text);
    }
    return pb_output_finish(&out);
}

int pb_command_export(struct pb_options *options, const char *command_line) {
    struct pb_run run;
    struct pb_error error;
    (void)command_line;
    if (options->operands == 0)
        return pb_complain(PB_EXIT_USAGE, "export: no file is named: give one that `bench -o FILE` wrote, or "
                                          "its FILE.partial");
    const struct pb_format *format = pb_format_find(options->format ? options->format : "table", &error);
    if (!format)
        return pb_complain(PB_EXIT_USAGE, error.text);
    int rc = pb_load_run(&run, options->operand[0], &error);
    if (rc < 0)
        return pb_complain(pb_load_exit(rc), error.text);
    int code = run.comparisons ? pb_changes_print(options, &run, NULL) : write_run(options, format, &run);
    pb_run_release(&run);
    return code;
}
