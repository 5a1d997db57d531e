/* Bencher's metric format: for each row `latency`, ns of a repetition divided by its tasks, and `throughput`,
 * tasks per second, by the names and units that Bencher's own measures have. */
#include <math.h>

#include "report/formats.h"
#include "report/json_out.h"
#include "report/row_names.h"

static void put_measure(struct pb_json_out *j, const char *name, const struct pb_estimate *e, double by) {
    const struct {
        const char *key;
        double value;
    } rows[] = {{"value", e->value / by}, {"lower_value", e->low / by}, {"upper_value", e->high / by}};
    if (!isfinite(rows[0].value))
        return;
    pb_json_open(j, name, '{');
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (isfinite(rows[i].value))
            pb_json_real(j, rows[i].key, rows[i].value);
    pb_json_close(j, '}');
}

int pb_bencher_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                     struct pb_error *error) {
    struct pb_json_out j = {.out = out};
    struct pb_row_names names;
    int rc = pb_row_names_init(&names, run, "bencher", error);
    (void)style;
    pb_json_open(&j, NULL, '{');
    for (uint32_t i = 0; i < run->cells && rc == 0; i++) {
        const struct pb_cell *c = &run->cell[i];
        if (!pb_row_told(c) || !c->tasks || !isfinite(c->summary.time.value))
            continue;
        pb_json_open(&j, names.name[i], '{');
        put_measure(&j, "latency", &c->summary.time, (double)c->tasks);
        put_measure(&j, "throughput", &c->summary.throughput, 1);
        pb_json_close(&j, '}');
    }
    pb_json_close(&j, '}');
    pb_row_names_release(&names);
    return rc;
}
