#include "results/json.h"

#include <string.h>

#include "base/error.h"
#include "report/formats.h"

int pb_json_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                  struct pb_error *error) {
    (void)style;
    int rc = pb_run_encode(run, out);
    return rc ? pb_error_set(error, rc, "format json: the record cannot be written: %s", strerror(-rc)) : 0;
}
