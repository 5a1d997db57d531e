/* What the program says: results to standard output, everything else to standard error. */
#ifndef PB_CLI_OUTPUT_H
#define PB_CLI_OUTPUT_H

#include "base/buffer.h"
#include "base/error.h"
#include "cli/options.h"
#include "report/report.h"

/* "bench: TEXT" on standard error. Returns `code`, so that `return pb_complain(PB_EXIT_USAGE, ...)` reads
 * well. */
int pb_complain(int code, const char *text);

/* Writes all of it to standard output. A closed pipe or a full disk is -errno with an error, not a signal. */
int pb_output_write(const struct pb_buffer *, struct pb_error *);
/* The same, and the exit code that follows: PB_EXIT_OK, or PB_EXIT_CANNOT_RUN after a complaint. Releases the
   buffer. */
int pb_output_finish(struct pb_buffer *);

/* What standard output can show: NO_COLOR, CLICOLOR_FORCE, TERM, the locale and the terminal's width decide.
 */
struct pb_report_style pb_output_style(const struct pb_options *);

/* Appends `text` wrapped to `width` columns, every line after `indent` blanks, and a line end. */
void pb_output_wrap(struct pb_buffer *, uint32_t indent, uint32_t width, const char *text);

#endif
