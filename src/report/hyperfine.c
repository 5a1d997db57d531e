/* What hyperfine writes by --export-json. A command is a row, a run of it one repetition, in seconds. `user`
 * holds all CPU time and `system` none: what kernels tell of the two is too coarse for short repetitions. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "report/formats.h"
#include "report/json_out.h"
#include "report/row_names.h"
#include "report/spread.h"

/* One, and a number: plot_parametrized.py makes the x-axis of it, and refuses results that have more. */
static void put_parameters(struct pb_json_out *j, const struct pb_cell *c) {
    char workers[24];
    snprintf(workers, sizeof workers, "%" PRIu32, c->workers);
    pb_json_open(j, "parameters", '{');
    pb_json_text(j, "workers", workers);
    pb_json_close(j, '}');
}

static int put_row(struct pb_json_out *j, const struct pb_cell *c, const char *name) {
    struct pb_spread time, cpu;
    if (pb_spread(c, pb_sample_time, &time) < 0 || pb_spread(c, pb_sample_cpu, &cpu) < 0)
        return -ENOMEM;
    pb_json_open(j, NULL, '{');
    pb_json_text(j, "command", name);
    pb_json_real(j, "mean", time.mean / 1e9);
    pb_json_real(j, "stddev", time.deviation / 1e9);
    pb_json_real(j, "median", time.median / 1e9);
    pb_json_real(j, "user", cpu.mean / 1e9);
    pb_json_real(j, "system", 0);
    pb_json_real(j, "min", time.least / 1e9);
    pb_json_real(j, "max", time.most / 1e9);
    pb_json_open(j, "times", '[');
    for (uint32_t i = 0; i < c->samples; i++)
        pb_json_real(j, NULL, pb_sample_time(&c->sample[i]) / 1e9);
    pb_json_close(j, ']');
    pb_json_open(j, "exit_codes", '[');
    for (uint32_t i = 0; i < c->samples; i++)
        pb_json_count(j, NULL, c->sample[i].status[0] < c->sample[i].tasks);
    pb_json_close(j, ']');
    put_parameters(j, c);
    pb_json_close(j, '}');
    return 0;
}

int pb_hyperfine_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                       struct pb_error *error) {
    struct pb_json_out j = {.out = out};
    struct pb_row_names names;
    int rc = pb_row_names_init(&names, run, "hyperfine", error);
    (void)style;
    pb_json_open(&j, NULL, '{');
    pb_json_open(&j, "results", '[');
    for (uint32_t i = 0; i < run->cells && rc == 0; i++)
        if (pb_row_told(&run->cell[i]) && put_row(&j, &run->cell[i], names.name[i]) < 0)
            rc = pb_error_set(error, -ENOMEM, "format hyperfine: no memory: free some");
    pb_json_close(&j, ']');
    pb_json_close(&j, '}');
    pb_row_names_release(&names);
    return rc;
}
