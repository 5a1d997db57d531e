/* What google-benchmark writes by --benchmark_out, for those who read that. An iteration is a task: a sample
 * is a repetition of `iterations` tasks, and its times are those of one, so that runs with different numbers
 * of tasks compare. Its own writer lets repetitions and aggregates stand in one list; since readers take one
 * for the other, there are two formats. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "report/formats.h"
#include "report/json_out.h"
#include "report/row_names.h"
#include "report/spread.h"

static void put_date(struct pb_json_out *j, const struct pb_run *run) {
    struct tm tm;
    char text[64] = "1970-01-01T00:00:00+00:00";
    time_t started = (time_t)run->started;
    if (gmtime_r(&started, &tm))
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S+00:00", &tm);
    pb_json_text(j, "date", text);
}

static void put_caches(struct pb_json_out *j, const struct pb_machine *m) {
    pb_json_open(j, "caches", '[');
    for (uint32_t i = 0; i < m->caches; i++) {
        const struct pb_cache *c = &m->cache[i];
        pb_json_open(j, NULL, '{');
        pb_json_text(j, "type", c->type == 'd' ? "Data" : c->type == 'i' ? "Instruction" : "Unified");
        pb_json_count(j, "level", c->level);
        pb_json_count(j, "size", c->bytes);
        pb_json_count(j, "num_sharing", c->sharing);
        pb_json_close(j, '}');
    }
    pb_json_close(j, ']');
}

static void put_context(struct pb_json_out *j, const struct pb_run *run) {
    const char *governor = run->host.governor;
    pb_json_open(j, "context", '{');
    put_date(j, run);
    pb_json_text(j, "host_name", run->host.hostname);
    pb_json_text(j, "executable", "bench");
    pb_json_count(j, "num_cpus", run->machine.pus);
    pb_json_count(j, "mhz_per_cpu", 0); /* not known; readers want a number */
    pb_json_flag(j, "cpu_scaling_enabled", *governor && strcmp(governor, "performance") != 0);
    put_caches(j, &run->machine);
    pb_json_open(j, "load_avg", '[');
    if (isfinite(run->host.load1) && run->host.load1 >= 0)
        pb_json_real(j, NULL, run->host.load1);
    pb_json_close(j, ']');
    pb_json_text(j, "library_build_type", "release");
    pb_json_count(j, "json_schema_version", 1);
    pb_json_text(j, "parbench_version", run->version);
    pb_json_text(j, "parbench_command", run->command);
    pb_json_close(j, '}');
}

/* Where a row stands: the families are the rows. */
struct row {
    const struct pb_cell *cell;
    const char *name;
    uint32_t family;
};

static void put_head(struct pb_json_out *j, const struct row *r, const char *suffix, const char *type) {
    struct pb_buffer name = {0};
    pb_buffer_printf(&name, "%s%s%s", r->name, *suffix ? "_" : "", suffix);
    pb_json_open(j, NULL, '{');
    pb_json_text(j, "name", pb_buffer_string(&name));
    pb_json_count(j, "family_index", r->family);
    pb_json_count(j, "per_family_instance_index", 0);
    pb_json_text(j, "run_name", r->name);
    pb_json_text(j, "run_type", type);
    pb_json_count(j, "repetitions", r->cell->samples);
    j->out->failed |= name.failed;
    pb_buffer_release(&name);
}

/* Its counters are flat, like the rest. What cannot be divided is left out: readers want numbers. */
static void put_sample(struct pb_json_out *j, const struct row *r, uint32_t i) {
    const struct pb_sample *s = &r->cell->sample[i];
    double seconds = (double)s->makespan_ns / 1e9, tasks = (double)s->tasks;
    if (!s->tasks)
        return;
    put_head(j, r, "", "iteration");
    pb_json_count(j, "repetition_index", i);
    pb_json_count(j, "threads", r->cell->workers);
    pb_json_count(j, "iterations", s->tasks);
    pb_json_real(j, "real_time", pb_sample_time_per_task(s));
    pb_json_real(j, "cpu_time", pb_sample_cpu_per_task(s));
    pb_json_text(j, "time_unit", "ns");
    if (seconds > 0 && r->cell->bytes_per_task)
        pb_json_real(j, "bytes_per_second", (double)r->cell->bytes_per_task * tasks / seconds);
    if (seconds > 0)
        pb_json_real(j, "items_per_second", tasks / seconds);
    pb_json_close(j, '}');
}

static int put_samples(struct pb_json_out *j, const struct row *r) {
    for (uint32_t i = 0; i < r->cell->samples; i++)
        put_sample(j, r, i);
    return 0;
}

static double share(double part, double whole) {
    return whole > 0 ? part / whole : 0;
}

static int put_aggregates(struct pb_json_out *j, const struct row *r) {
    struct pb_spread real, cpu;
    if (pb_spread(r->cell, pb_sample_time_per_task, &real) < 0 ||
        pb_spread(r->cell, pb_sample_cpu_per_task, &cpu) < 0)
        return -ENOMEM;
    const struct {
        const char *name, *unit;
        double real, cpu;
    } rows[] = {
        {"mean", "time", real.mean, cpu.mean},
        {"median", "time", real.median, cpu.median},
        {"stddev", "time", real.deviation, cpu.deviation},
        {"cv", "percentage", share(real.deviation, real.mean), share(cpu.deviation, cpu.mean)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!isfinite(rows[i].real) || !isfinite(rows[i].cpu))
            continue;
        put_head(j, r, rows[i].name, "aggregate");
        pb_json_count(j, "threads", r->cell->workers);
        pb_json_text(j, "aggregate_name", rows[i].name);
        pb_json_text(j, "aggregate_unit", rows[i].unit);
        pb_json_count(j, "iterations", r->cell->samples);
        pb_json_real(j, "real_time", rows[i].real);
        pb_json_real(j, "cpu_time", rows[i].cpu);
        pb_json_text(j, "time_unit", "ns");
        pb_json_close(j, '}');
    }
    return 0;
}

static int write_rows(const struct pb_run *run, int (*put)(struct pb_json_out *, const struct row *),
                      const char *format, struct pb_buffer *out, struct pb_error *error) {
    struct pb_json_out j = {.out = out};
    struct pb_row_names names;
    int rc = pb_row_names_init(&names, run, format, error);
    pb_json_open(&j, NULL, '{');
    put_context(&j, run);
    pb_json_open(&j, "benchmarks", '[');
    for (uint32_t i = 0, family = 0; i < run->cells && rc == 0; i++)
        if (pb_row_told(&run->cell[i]) && put(&j, &(struct row){&run->cell[i], names.name[i], family++}) < 0)
            rc = pb_error_set(error, -ENOMEM, "format %s: no memory: free some", format);
    pb_json_close(&j, ']');
    pb_json_close(&j, '}');
    pb_row_names_release(&names);
    return rc;
}

int pb_google_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                    struct pb_error *error) {
    (void)style;
    return write_rows(run, put_samples, "google", out, error);
}

int pb_google_stats_write(const struct pb_run *run, const struct pb_report_style *style,
                          struct pb_buffer *out, struct pb_error *error) {
    (void)style;
    return write_rows(run, put_aggregates, "google-stats", out, error);
}
