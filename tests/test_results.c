/* The result record: its JSON there and back, and what is refused. */
#include "results/encode.h"
#include "results/host.h"
#include "results/json.h"
#include "results/record.h"
#include "sample_run.h"
#include "suite.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void encode(const struct pb_run *run, struct pb_buffer *out) {
    CHECK_INT(pb_run_encode(run, out), 0);
}

static void check_samples(const struct pb_cell *a, const struct pb_cell *b) {
    CHECK_INT(a->samples, b->samples);
    for (uint32_t i = 0; i < a->samples; i++) {
        const struct pb_sample *s = &a->sample[i], *t = &b->sample[i];
        CHECK(memcmp(s, t, offsetof(struct pb_sample, latency)) == 0);
        for (uint32_t k = 0; k < s->latencies; k++)
            CHECK(s->latency[k].bucket == t->latency[k].bucket && s->latency[k].count == t->latency[k].count);
        CHECK_INT(s->workers, t->workers);
        for (uint32_t w = 0; w < s->workers; w++) {
            CHECK_INT(s->worker[w].tasks, t->worker[w].tasks);
            CHECK_INT(s->worker[w].cpu_ns, t->worker[w].cpu_ns);
            CHECK_INT(s->worker[w].cpu, t->worker[w].cpu);
        }
    }
}

static bool same_real(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

static void check_summary(const struct pb_summary *a, const struct pb_summary *b) {
    const struct pb_estimate *e = &a->time, *f = &b->time;
    for (size_t i = 0; e + i <= &a->kept; i++) {
        CHECK(same_real(e[i].value, f[i].value) && same_real(e[i].low, f[i].low) &&
              same_real(e[i].high, f[i].high));
        CHECK_INT(e[i].samples, f[i].samples);
    }
    const double *d = &a->busy, *g = &b->busy;
    for (size_t i = 0; d + i <= &a->serial_fraction; i++)
        CHECK_MSG(same_real(d[i], g[i]), "number %zu of the summary", i);
    CHECK_TEXT(a->outcome, b->outcome);
    CHECK((a->cause != NULL) == (b->cause != NULL));
}

static void check_cells(const struct pb_cell *a, const struct pb_cell *b) {
    const char *texts[][2] = {
        {a->workload, b->workload},
        {a->workload_name, b->workload_name},
        {a->executor, b->executor},
        {a->workload_summary, b->workload_summary},
        {a->binding, b->binding},
        {a->binding_effective, b->binding_effective},
        {a->via, b->via},
        {a->binding_reason, b->binding_reason},
        {a->planned, b->planned},
        {a->achieved, b->achieved},
        {a->workload_full, b->workload_full},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CHECK_TEXT(texts[i][0], texts[i][1]);
    CHECK_INT(a->role, b->role);
    CHECK_INT(a->bound, b->bound);
    CHECK_INT(a->workers, b->workers);
    CHECK_INT(a->tasks, b->tasks);
    CHECK_INT(a->bytes_per_task, b->bytes_per_task);
    CHECK(a->offered == b->offered);
    CHECK_INT(a->base, b->base);
    CHECK_INT(a->reference, b->reference);
    CHECK_INT(a->reference_base, b->reference_base);
    CHECK_INT(a->misplaced, b->misplaced);
    CHECK_INT(a->state, b->state);
    CHECK_INT(a->notes, b->notes);
    CHECK_INT(a->task_times, b->task_times);
    for (uint32_t i = 0; i < a->task_times; i++)
        CHECK(a->task_ns[i] == b->task_ns[i]);
    for (size_t i = 0; i < PB_STATUS_MAX; i++)
        CHECK((a->status_name[i] != NULL) == (b->status_name[i] != NULL));
    for (size_t i = 0; i < PB_SAMPLE_COUNTERS; i++) {
        CHECK((a->counter_name[i] != NULL) == (b->counter_name[i] != NULL));
        if (a->counter_name[i])
            CHECK_TEXT(a->counter_name[i], b->counter_name[i]);
    }
    CHECK_INT(a->failures, b->failures);
    for (uint32_t i = 0; i < a->failures; i++) {
        CHECK(a->failure[i].task == b->failure[i].task && a->failure[i].status == b->failure[i].status);
        CHECK_TEXT(a->failure[i].reason, b->failure[i].reason);
    }
    check_samples(a, b);
    check_summary(&a->summary, &b->summary);
}

static void check_frame(const struct pb_run *a, const struct pb_run *b) {
    CHECK(a->seed == b->seed && a->started == b->started && a->elapsed == b->elapsed);
    CHECK(a->work_rate == b->work_rate && a->precision == b->precision && a->time_budget == b->time_budget);
    CHECK_INT(a->rounds, b->rounds);
    CHECK_TEXT(a->ended, b->ended);
    CHECK_TEXT(a->command, b->command);
    CHECK_TEXT(a->version, b->version);
    CHECK_TEXT(a->commit, b->commit);
    CHECK(memcmp(a->machine.pu, b->machine.pu, a->machine.pus * sizeof *a->machine.pu) == 0);
    CHECK_INT(a->machine.caches, b->machine.caches);
    for (uint32_t i = 0; i < a->machine.caches; i++) {
        const struct pb_cache *c = &a->machine.cache[i], *d = &b->machine.cache[i];
        CHECK(c->level == d->level && c->type == d->type && c->bytes == d->bytes &&
              c->instances == d->instances && c->sharing == d->sharing);
    }
    CHECK(a->machine.source == b->machine.source && a->machine.smt == b->machine.smt);
    CHECK(a->machine.memory_bytes == b->machine.memory_bytes && a->machine.cores == b->machine.cores);
    CHECK(a->machine.packages == b->machine.packages && a->machine.numa_nodes == b->machine.numa_nodes);
    CHECK_TEXT(a->machine.source_text, b->machine.source_text);
    CHECK_TEXT(a->machine.cpu_model, b->machine.cpu_model);
    CHECK(pb_cpuset_equal(&a->limits.allowed, &b->limits.allowed));
    CHECK(a->limits.quota == b->limits.quota && a->limits.usable == b->limits.usable);
    CHECK(a->limits.processors == b->limits.processors && a->limits.limit == b->limits.limit);
    CHECK_TEXT(a->limits.where, b->limits.where);
    CHECK(memcmp(&a->host, &b->host, offsetof(struct pb_host, smt_active)) == 0);
    CHECK(a->host.smt_active == b->host.smt_active && a->host.turbo == b->host.turbo);
    CHECK(a->host.load1 == b->host.load1 && a->host.memory_available == b->host.memory_available);
}

static void check_laws(const struct pb_run *a, const struct pb_run *b) {
    CHECK_INT(a->doubts, b->doubts);
    for (uint32_t i = 0; i < b->doubts; i++) {
        CHECK_TEXT(a->doubt[i].text, b->doubt[i].text);
        CHECK(a->doubt[i].grave == b->doubt[i].grave);
    }
    CHECK_INT(a->laws, b->laws);
    for (uint32_t i = 0; i < b->laws; i++) {
        const struct pb_scaling_law *l = &a->law[i], *m = &b->law[i];
        CHECK(l->cell == m->cell && l->weak == m->weak && same_real(l->misfit, m->misfit));
        CHECK_TEXT(l->law ? l->law : "", m->law ? m->law : "");
        CHECK(l->widest == m->widest && l->predicted == m->predicted && l->misfit_at == m->misfit_at);
        CHECK_TEXT(l->why ? l->why : "", m->why ? m->why : "");
        const struct pb_estimate *const pairs[][2] = {{&l->one, &m->one},
                                                      {&l->a, &m->a},
                                                      {&l->b, &m->b},
                                                      {&l->peak, &m->peak},
                                                      {&l->throughput, &m->throughput},
                                                      {&l->speedup, &m->speedup}};
        for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
            CHECK_MSG(same_real(pairs[k][0]->value, pairs[k][1]->value) &&
                          same_real(pairs[k][0]->low, pairs[k][1]->low) &&
                          same_real(pairs[k][0]->high, pairs[k][1]->high) &&
                          pairs[k][0]->samples == pairs[k][1]->samples,
                      "estimate %zu of law %u", k, i);
    }
}

/* Makes the first cell tell all that a workload may. */
static void tell_all(struct pb_run *run) {
    CHECK_INT(pb_set_text(&run->commit, "abc1234-dirty"), 0);
    struct pb_cell *c = &run->cell[0];
    struct pb_latency_count latency[] = {{5, 1}, {317, UINT32_MAX}, {PB_LATENCY_BUCKETS - 1, 2}};
    struct pb_sample s = {
        .round = 4, .tasks = 64, .status = {62, 0, 0, 2}, .latencies = 3, .latency = latency};
    c->state = PB_CELL_REFUSED;
    c->summary.p50 = 1000;
    c->summary.p99 = 2000.5;
    c->summary.p999 = 3000;
    c->summary.rate = 1e6;
    c->offered = 800.5;
    c->summary.kept = (struct pb_estimate){0.5, 0.25, 0.75, 13};
    CHECK_INT(pb_set_text(&c->counter_name[0], "requests"), 0);
    CHECK_INT(pb_set_text(&c->counter_name[1], "bytes"), 0);
    CHECK_INT(pb_set_text(&c->counter_name[PB_COUNTERS_MAX], "lock switches"), 0);
    s.counter[0] = 128;
    s.counter[PB_COUNTERS_MAX] = 7;
    s.counter[PB_SAMPLE_COUNTERS - 1] = INT64_MAX;
    CHECK_INT(pb_cell_add_sample(c, &s), 0);
    CHECK_INT(pb_cell_add_failure(c, &(struct pb_failure){9, 3, "HTTP \x1b 404"}), 1);
    CHECK_INT(pb_cell_add_failure(c, &(struct pb_failure){INT64_MAX, 1, ""}), 1);
}

static void round_trip(const void *data) {
    struct pb_run run, back;
    struct pb_buffer text = {0}, again = {0};
    struct pb_error error = {0};
    (void)data;
    sample_run_init(&run);
    tell_all(&run);
    encode(&run, &text);
    CHECK_MSG(pb_run_decode(&back, "r.json", text.data, text.size, &error) == 0, "%s", error.text);
    encode(&back, &again);
    CHECK_TEXT(again.data, text.data);
    check_frame(&back, &run);
    CHECK_INT(back.cells, run.cells);
    for (uint32_t i = 0; i < run.cells; i++)
        check_cells(&back.cell[i], &run.cell[i]);
    CHECK_INT(back.warnings, 1);
    CHECK_TEXT(back.warning[0], run.warning[0]);
    CHECK_INT(back.findings, 2);
    CHECK(!back.finding[0].next);
    CHECK_TEXT(back.finding[1].evidence, run.finding[1].evidence);
    CHECK_TEXT(back.cell[3].error, run.cell[3].error);
    check_laws(&back, &run);
    pb_buffer_release(&text);
    pb_buffer_release(&again);
    pb_run_release(&run);
    pb_run_release(&back);
}

/* A record of which nothing is known. */
static void unknown(const void *data) {
    struct pb_run run, back;
    struct pb_buffer text = {0}, again = {0};
    struct pb_error error = {0};
    (void)data;
    pb_run_init(&run);
    CHECK(pb_run_add_cell(&run));
    run.limits.quota = INFINITY;
    run.elapsed = -0.0;
    run.cell[0].summary.busy = INFINITY;
    run.cell[0].summary.outcome = "a word of no vocabulary";
    encode(&run, &text);
    CHECK_HAS(text.data, "\"turbo\": null");
    CHECK(!strstr(text.data, "inf") && !strstr(text.data, "nan"));
    CHECK_MSG(pb_run_decode(&back, "r.json", text.data, text.size, &error) == 0, "%s", error.text);
    encode(&back, &again);
    CHECK_TEXT(again.data, text.data);
    CHECK(back.elapsed == 0 && signbit(back.elapsed));
    CHECK(isinf(back.limits.quota) && isnan(back.cell[0].summary.busy) && !back.cell[0].summary.outcome);
    CHECK(!back.ended && !back.version && back.host.load1 == -1 && back.cell[0].base == -1);
    pb_buffer_release(&text);
    pb_buffer_release(&again);
    pb_run_release(&run);
    pb_run_release(&back);
}

/* Each failed task is kept once, and too many are not. */
static void failures(const void *data) {
    struct pb_run run;
    (void)data;
    sample_run_bare(&run);
    struct pb_cell *c = pb_run_add_cell(&run);
    CHECK(c);
    CHECK_INT(pb_cell_add_failure(c, &(struct pb_failure){7, 2, "first"}), 1);
    CHECK_INT(pb_cell_add_failure(c, &(struct pb_failure){7, 2, "again"}), 0);
    CHECK_INT(pb_cell_add_failure(c, &(struct pb_failure){7, 3, "another status"}), 1);
    for (uint64_t i = 100; i < 100 + PB_CELL_FAILURES; i++)
        CHECK_INT(pb_cell_add_failure(c, &(struct pb_failure){i, 2, ""}), i < 98 + PB_CELL_FAILURES);
    CHECK_INT(c->failures, PB_CELL_FAILURES);
    CHECK_TEXT(c->failure[0].reason, "first");
    pb_run_release(&run);
}

/* What no file can say is refused by the writer, not by the reader afterwards. */
static void too_large(const void *data) {
    struct pb_run run;
    struct pb_buffer text = {0};
    (void)data;
    sample_run_bare(&run);
    CHECK(pb_run_add_cell(&run));
    run.cell[0].tasks = (uint64_t)INT64_MAX + 1;
    CHECK_INT(pb_run_encode(&run, &text), -ERANGE);
    pb_buffer_release(&text);
    pb_run_release(&run);
}

static void strings(const void *data) {
    static const struct {
        const char *text, *json;
    } rows[] = {
        {"plain", "\"plain\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\x1b[31m\n\x7f", "\"\\u001b[31m\\u000a\\u007f\""},
        {"\xc2\x9b"
         "2J",
         "\"\\u009b2J\""},               /* C1: a terminal's CSI */
        {"\xe2\x80\xae", "\"\\u202e\""}, /* right to left */
        {"\xc2\xb1", "\"\xc2\xb1\""},
        {"\xc0\xaf", "\"\\ufffd\\ufffd\""}, /* overlong */
        {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
        {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
        {"\xf3\xa0\x80\x81", "\"\\udb40\\udc01\""}, /* a tag character */
        {"cut \xe2\x82", "\"cut \\ufffd\\ufffd\""},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_buffer out = {0};
        pb_json_string(&out, rows[i].text);
        CHECK_TEXT(out.data, rows[i].json);
        pb_buffer_release(&out);
    }
}

static void truncated(const void *data) {
    struct pb_run run, back;
    struct pb_buffer text = {0};
    (void)data;
    sample_run_init(&run);
    encode(&run, &text);
    size_t whole = text.size - 1; /* the newline at the end may be missing */
    for (size_t size = 0; size < whole; size++) {
        struct pb_error error = {0};
        char *copy = malloc(size + !size); /* exactly as long, so that a sanitizer sees a step too far */
        CHECK(copy);
        memcpy(copy, text.data, size);
        CHECK_MSG(pb_run_decode(&back, "r.json", copy, size, &error) == -EINVAL, "%zu bytes", size);
        CHECK(strncmp(error.text, "r.json:", 7) == 0 && strstr(error.text, ": not JSON: "));
        free(copy);
    }
    pb_buffer_release(&text);
    pb_run_release(&run);
}

/* A hostile file is the sample with the first `from` replaced by `to`. */
struct hostile {
    const char *from, *to, *error;
};

static void hostile(const void *data) {
    static const struct hostile rows[] = {
        {"\"schema\": 1", "\"schema\": 2", "r.json:2:13: schema: version 2 cannot be read"},
        {"\"schema\": 1", "\"schema\": \"1\"", "r.json:1:1: not a result of parbench"},
        {"\"seed\": \"18364758544493064720\"", "\"seed\": 5", "r.json:5:11: seed: not a string"},
        {"\"18364758544493064720\"", "\"18446744073709551616\"", "seed: not a decimal number"},
        {"\"18364758544493064720\"", "\"-1\"", "seed: not a decimal number"},
        {"2027-01-15T08:00:00Z", "2027-02-30T08:00:00Z", "started: not a time"},
        {"2027-01-15T08:00:00Z", "yesterday", "started: not a time"},
        {"2027-01-15T08:00:00Z", "1800-01-15T08:00:00Z", "started: not a time"},
        {"\"load_1min\": 0.25", "\"load_1min\": -5", "machine.host.load_1min: -5 is below 0"},
        {"\"elapsed_s\": 10.04", "\"elapsed_s\": NaN", "not JSON"},
        {"\"elapsed_s\": 10.04", "\"elapsed_s\": 1e999", "not JSON"},
        {"\"elapsed_s\": 10.04", "\"elapsed_s\": \"10\"", "elapsed_s: neither a number nor null"},
        {"\"rounds\": 13", "\"rounds\": 13, \"rounds\": 13", "not JSON: duplicate object key"},
        {"\"rounds\": 13", "\"rounds\": 13.5", "rounds: not a whole number"},
        {"\"rounds\": 13", "\"rounds\": -1", "rounds: -1 is not between 0 and 4294967295"},
        {"\"rounds\": 13", "\"rounds\": 4294967296", "rounds: 4294967296 is not between"},
        {"\"rounds\": 13", "\"rounds\": 99999999999999999999", "not JSON: too big integer"},
        {"\"rounds\": 13,", "", "r.json:1:1: lacks \"rounds\""},
        {"\"rounds\": 13", "\"round\": 13", "unknown key \"round\": did you mean \"rounds\"?"},
        {"\"rounds\": 13", "\"\\u001b[2J\": 13", "unknown key \"\\u001b[2J\""},
        {"\"ended\": \"time\"", "\"ended\": \"bored\"", "ended: unknown word: one of precision, time"},
        {"\"command\": \"bench", "\"command\": \"\\u0000bench", "not JSON"},
        {"\"command\": \"bench", "\"command\": \"\xff", "not JSON"},
        {"\"allowed\": \"0-1\"", "\"allowed\": \"1-0\"", "machine.limits.allowed: not a list of processors"},
        {"\"allowed\": \"0-1\"", "\"allowed\": \"0-99999\"", "machine.limits.allowed"},
        {"\"where\": \"/user.slice\"", "\"where\": 7", "machine.limits.where: not a string"},
        {"\"smt_active\": true", "\"smt_active\": 1", "smt_active: neither true nor false"},
        {"\"type\": \"data\"", "\"type\": \"date\"", "caches[0].type: unknown word"},
        {"\"id\": 0", "\"id\": 1", "cells[0].id: 1 is not the number of such a cell"},
        {"\"base\": 0", "\"base\": 6", "cells[0].base: 6 is not the number"},
        {"\"base\": 0", "\"base\": -2", "cells[0].base: -2 is not between"},
        {"\"role\": \"base\"", "\"role\": null", "cells[0].role: not a string"},
        {"\"digest\": \"0x00c0ffee00c0ffee\"", "\"digest\": \"00c0ffee\"",
         "cells[0].samples[0].digest: not a hexadecimal ("},
        {"\"status_counts\": [64, ", "\"status_counts\": [64, 0, ", "status_counts: not an array of 8"},
        {"\"status_counts\": [64, ", "\"status_counts\": [null, ", "status_counts[0]: not a whole number"},
        {"\"status_names\": [", "\"status_names\": [null, null, null, null, null, ",
         "not an array of at most 8"},
        {"\"counters\": [128]", "\"counters\": [1, 2, 3, 4, 5, 6, 7, 8, 9]",
         "counters: not an array of at most 8"},
        {"\"counters\": [128]", "\"counters\": [-1]", "counters[0]: -1 is not between"},
        {"\"executor_counters\": [7,", "\"executor_counters\": [7, 8,",
         "executor_counters: not an array of at most 4"},
        {"\"latency\": [[5, 1]", "\"latency\": [[318, 1]", "latency[1][0]: 317 is below a bucket before it"},
        {"\"latency\": [[5, 1]", "\"latency\": [[-5, 1]", "latency[0][0]: -5 is not between 0 and 3775"},
        {"\"latency\": [[5, 1]", "\"latency\": [[3776, 1]", "latency[0][0]: 3776 is not between 0 and 3775"},
        {"\"latency\": [[5, 1]", "\"latency\": [[5, 4294967296]", "latency[0][1]: 4294967296 is not"},
        {"\"latency\": [[5, 1]", "\"latency\": [[5]", "latency[0]: not a pair"},
        {"\"latency\": [[5, 1]", "\"latency\": [5", "latency[0]: not a pair"},
        {"\"latency\": [[5, 1]", "\"latency\": {}, \"x\": [[5, 1]", "unknown key \"x\""},
        {"\"failures\": [", "\"failures\": [null, ", "cells[0].failures[0]: not an object"},
        {"\"status\": 3", "\"status\": 8", "cells[0].failures[0].status: 8 is not between 0 and 7"},
        {"\"reason\": \"\"", "\"reason\": null", "cells[0].failures[1].reason: not a string"},
        {"\"counter_names\": [", "\"counter_names\": [null, null, null, null, null, null, null, ",
         "counter_names: not an array of at most 8"},
        {"\"notes\": []", "\"notes\": [null]", "cells[0].notes[0]: not a string"},
        {"\"outcome\": \"-\"", "\"outcome\": \"great\"", "cells[0].summary.outcome: unknown word"},
        {"\"cells\": [", "\"cells\": [null, ", "cells[0]: not an object"},
        {"\"warnings\": [", "\"warnings\": {}, \"x\": [", "unknown key \"x\""},
        {"\"hostname\": \"example\"",
         "\"hostname\": \"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee\"",
         "machine.host.hostname: longer than 64 bytes"},
        {"\"law\": \"usl\"", "\"law\": \"moore\"", "laws[0].law: unknown word: one of usl, amdahl"},
        {"{\"cell\": 2, \"weak\"", "{\"cell\": 99, \"weak\"", "laws[1].cell: 99 is not the number"},
        {"\"predicted\": 16", "\"predicted\": -1", "laws[0].predicted: -1 is not between"},
        {"\"laws\": [", "\"laws\": [null, ", "laws[0]: not an object"},
        {"\"grave\": false", "\"grave\": null", "doubts[0].grave: neither true nor false"},
        {"{", "[{", "not JSON"},
        {"{", "\xef\xbb\xbf{", "r.json:1:"},
        {"{", "5", "r.json:1:2: not JSON"},
        {"{", "{}{", "r.json:1:1: not a result"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_run run, back;
        struct pb_buffer text = {0}, bad = {0};
        struct pb_error error = {0};
        sample_run_init(&run);
        tell_all(&run);
        encode(&run, &text);
        const char *at = strstr(text.data, rows[i].from);
        CHECK_MSG(at, "row %zu: the sample has no %s", i, rows[i].from);
        pb_buffer_add(&bad, text.data, (size_t)(at - text.data));
        pb_buffer_text(&bad, rows[i].to);
        pb_buffer_text(&bad, at + strlen(rows[i].from));
        CHECK_MSG(pb_run_decode(&back, "r.json", bad.data, bad.size, &error) == -EINVAL,
                  "row %zu: accepted: %s", i, rows[i].to);
        CHECK_HAS(error.text, rows[i].error);
        CHECK(strncmp(error.text, "r.json:", 7) == 0 && error.code == -EINVAL);
        CHECK(!back.cell && !back.machine.pu);
        pb_run_release(&run);
        pb_buffer_release(&text);
        pb_buffer_release(&bad);
    }
}

static void limits(const void *data) {
    struct pb_run back;
    struct pb_error error = {0};
    struct pb_buffer text = {0};
    size_t large = (64u << 20) + 1;
    char *blank = malloc(large);
    (void)data;
    CHECK(blank);
    memset(blank, ' ', large);
    CHECK_INT(pb_run_decode(&back, "big", blank, large, &error), -EINVAL);
    CHECK_TEXT(error.text, "big: larger than 64 MiB: no result file");
    CHECK_INT(pb_run_decode(&back, "blank", blank, large - 1, &error), -EINVAL);
    CHECK_TEXT(error.text, "blank:1:1: not JSON: empty");
    free(blank);
    pb_buffer_text(&text, "{\"[[[[\": \"\\\"[\",\n\"a\":");
    for (int i = 0; i < 100000; i++)
        pb_buffer_text(&text, "[");
    CHECK_INT(pb_run_decode(&back, "deep", text.data, text.size, &error), -EINVAL);
    CHECK_TEXT(error.text, "deep:2:132: nested deeper than 128 levels");
    pb_buffer_release(&text);
}

static void write_file(const char *root, const char *path, const char *text) {
    char full[512];
    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *slash = strchr(full + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(full, 0777);
        *slash = '/';
    }
    FILE *file = fopen(full, "we");
    CHECK_MSG(file, "%s", full);
    fputs(text, file);
    fclose(file);
}

static void host(const void *data) {
    static const char *const files[][2] = {
        {"/etc/os-release", "NAME=x\nPRETTY_NAME=\"Some Linux 1\"\nID=some\n"},
        {"/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sse hypervisor avx\nbugs\t:\n"},
        {"/sys/class/dmi/id/sys_vendor", "QEMU\n"},
        {"/proc/loadavg", "1.25 0.5 0.1 1/100 1234\n"},
        {"/proc/meminfo", "MemTotal: 100 kB\nMemAvailable:   2048 kB\n"},
        {"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n"},
        {"/sys/devices/system/cpu/smt/active", "1\n"},
        {"/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n"},
    };
    char root[] = "/tmp/parbench-host-XXXXXX", command[64];
    struct pb_host h;
    (void)data;
    CHECK(mkdtemp(root));
    pb_host_read_at(&h, root);
    CHECK(!*h.distribution && !*h.virtualisation && !*h.governor && *h.kernel && *h.compiler && *h.libc);
    CHECK(h.smt_active == -1 && h.turbo == -1 && h.load1 == -1 && h.memory_available == -1);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        write_file(root, files[i][0], files[i][1]);
    pb_host_read_at(&h, root);
    snprintf(command, sizeof command, "rm -r %s", root);
    CHECK_INT(system(command), 0);
    CHECK_TEXT(h.distribution, "Some Linux 1");
    CHECK_TEXT(h.virtualisation, "KVM");
    CHECK_TEXT(h.governor, "powersave");
    CHECK(h.smt_active == 1 && h.turbo == 0 && h.load1 == 1.25 && h.memory_available == 2048 * 1024);
}

static const struct pb_case cases[] = {
    {"round_trip", round_trip, NULL},
    {"failures", failures, NULL},
    {"unknown", unknown, NULL},
    {"too_large", too_large, NULL},
    {"strings", strings, NULL},
    {"truncated", truncated, NULL},
    {"hostile", hostile, NULL},
    {"limits", limits, NULL},
    {"host", host, NULL},
    {NULL, NULL, NULL},
};
const struct pb_suite suite_results = {"results", cases, NULL};
