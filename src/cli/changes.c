/* The table of comparisons needs no library, so it is there in every build. */
#include "cli/changes.h"

#include <string.h>

#include "cli/output.h"
#include "report/annotations.h"
#include "report/comparison.h"
#include "report/text.h"

static int write(const struct pb_options *options, const struct pb_run *run, const char *foot,
                 struct pb_buffer *out, struct pb_error *error) {
    struct pb_report_style style = pb_output_style(options);
    const struct pb_format *format = options->format ? pb_format_find(options->format, error) : NULL;
    if (options->format && !format)
        return error->code;
    if (format && strcmp(format->name, "table") != 0)
        return format->absent ? pb_error_set(error, -1, "format %s: absent: %s", format->name, format->absent)
                              : format->write(run, &style, out, error);
    int rc = pb_comparison_write(run, &style, out, error);
    if (rc == 0 && foot)
        pb_text_wrap(out, foot, style.width, 2, style.utf8);
    if (rc == 0 && pb_annotations_wanted())
        pb_annotations_write(run, out);
    return rc;
}

int pb_changes_print(const struct pb_options *options, const struct pb_run *run, const char *foot) {
    struct pb_buffer out = {0};
    struct pb_error error = {0};
    if (write(options, run, foot, &out, &error) == 0)
        return pb_output_finish(&out);
    pb_buffer_release(&out);
    return pb_complain(PB_EXIT_CANNOT_RUN, error.text);
}

static uint32_t count(const struct pb_run *run, const char *verdict) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < run->comparisons; i++)
        found += strcmp(run->comparison[i].verdict, verdict) == 0;
    return found;
}

int pb_changes_exit_code(const struct pb_options *options, const struct pb_run *run) {
    uint32_t unknown = count(run, PB_INCONCLUSIVE) + count(run, PB_NOT_COMPARABLE);
    if (count(run, PB_REGRESSED))
        return PB_EXIT_REGRESSION;
    return options->strict && (unknown || !run->comparisons) ? PB_EXIT_INCONCLUSIVE : PB_EXIT_OK;
}
