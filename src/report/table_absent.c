/* Stands in for table.c in a build without libsmartcols. */
#include <errno.h>

#include "base/error.h"
#include "report/formats.h"

int pb_table_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                   struct pb_error *error) {
    (void)run;
    (void)style;
    (void)out;
    return pb_error_set(
        error, -ENOSYS,
        "format table: this build lacks libsmartcols: install libsmartcols-dev and build again");
}
