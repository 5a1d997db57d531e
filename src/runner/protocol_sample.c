/* A sample as JSON. What its workload does not tell is left out; what is read is good enough for a record,
 * whoever wrote it: buckets ascend, statuses are those of failures. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/protocol_json.h"

/* ---- Its parts ---- */

static json_t *put_counts(const uint64_t *value, int count) {
    json_t *array = json_array();
    while (count && !value[count - 1])
        count--;
    for (int i = 0; i < count; i++)
        json_array_append_new(array, json_integer((json_int_t)(value[i] & INT64_MAX)));
    return array;
}
static void get_counts(const json_t *array, uint64_t *value, int count) {
    for (int i = 0; i < count; i++)
        value[i] = pb_wire_count(json_array_get(array, (size_t)i));
}

static json_t *put_workers(const struct pb_sample *s) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < s->workers; i++)
        json_array_append_new(
            array, json_pack("{s:I,s:I,s:i,s:I,s:I,s:I}", "tasks", (json_int_t)s->worker[i].tasks, "cpu_ns",
                             (json_int_t)s->worker[i].cpu_ns, "cpu", s->worker[i].cpu, "gil_ns",
                             (json_int_t)s->worker[i].gil_ns, "io_ns", (json_int_t)s->worker[i].io_ns,
                             "idle_ns", (json_int_t)s->worker[i].idle_ns));
    return array;
}
static void get_workers(const json_t *array, struct pb_sample *s) {
    size_t i;
    json_t *item;
    s->worker = calloc(json_array_size(array) + 1, sizeof *s->worker);
    if (!s->worker)
        return;
    s->workers = (uint32_t)json_array_size(array);
    json_array_foreach(array, i, item) s->worker[i] =
        (struct pb_worker_sample){.tasks = pb_wire_get_count(item, "tasks"),
                                  .cpu_ns = pb_wire_get_count(item, "cpu_ns"),
                                  .cpu = (int32_t)pb_wire_get_signed(item, "cpu"),
                                  .gil_ns = pb_wire_get_signed(item, "gil_ns"),
                                  .io_ns = pb_wire_get_signed(item, "io_ns"),
                                  .idle_ns = pb_wire_get_signed(item, "idle_ns")};
}

/* Pairs of a bucket and its count. */
static json_t *put_latency(const struct pb_sample *s) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < s->latencies; i++)
        json_array_append_new(
            array, json_pack("[I,I]", (json_int_t)s->latency[i].bucket, (json_int_t)s->latency[i].count));
    return array;
}
static void get_latency(const json_t *array, struct pb_sample *s) {
    size_t i;
    json_t *item;
    uint64_t least = 0;
    s->latency = calloc(json_array_size(array) + 1, sizeof *s->latency);
    json_array_foreach(array, i, item) {
        uint64_t bucket = pb_wire_count(json_array_get(item, 0)),
                 count = pb_wire_count(json_array_get(item, 1));
        if (!s->latency || bucket < least || bucket >= PB_LATENCY_BUCKETS || count == 0 || count > UINT32_MAX)
            continue;
        s->latency[s->latencies++] = (struct pb_latency_count){(uint32_t)bucket, (uint32_t)count};
        least = bucket + 1;
    }
}

static json_t *put_failures(const struct pb_wire_sample *m) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < m->failures; i++) {
        json_t *o = json_object();
        pb_wire_put_count(o, "task", m->failure[i].task);
        pb_wire_put_count(o, "status", (uint64_t)m->failure[i].status);
        pb_wire_put_text(o, "reason", m->failure[i].reason);
        json_array_append_new(array, o);
    }
    return array;
}
static void get_failures(const json_t *array, struct pb_wire_sample *m) {
    size_t i;
    json_t *item;
    m->failure = calloc(json_array_size(array) + 1, sizeof *m->failure);
    m->failures = m->failure ? (uint32_t)json_array_size(array) : 0;
    json_array_foreach(array, i, item) {
        const char *reason = json_string_value(json_object_get(item, "reason"));
        uint64_t status = pb_wire_get_count(item, "status");
        if (i >= m->failures)
            break;
        m->failure[i].task = pb_wire_get_count(item, "task");
        m->failure[i].status = status > PB_OK && status < PB_STATUS_MAX ? (int32_t)status : PB_ERROR;
        snprintf(m->failure[i].reason, sizeof m->failure[i].reason, "%s", reason ? reason : "");
    }
}

static json_t *put_times(const struct pb_wire_sample *m) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < m->task_times; i++)
        json_array_append_new(array, json_real(m->task_ns[i]));
    return array;
}
static void get_times(const json_t *array, struct pb_wire_sample *m) {
    size_t i;
    json_t *item;
    m->task_ns = calloc(json_array_size(array) + 1, sizeof *m->task_ns);
    m->task_times = m->task_ns ? (uint32_t)json_array_size(array) : 0;
    json_array_foreach(array, i, item) if (i < m->task_times) m->task_ns[i] = json_number_value(item);
}

static const char *const span_kinds[] = {"task", "gil", "io"};
enum { SPAN_KINDS = sizeof span_kinds / sizeof *span_kinds };

static json_t *put_spans(const struct pb_wire_sample *m) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < m->spans; i++) {
        const struct pb_span *s = &m->span[i];
        json_t *o = json_object();
        pb_wire_put_text(o, "kind", span_kinds[s->kind]);
        pb_wire_put_count(o, "worker", s->worker);
        pb_wire_put_count(o, "lane", s->lane);
        pb_wire_put_count(o, "task", s->task);
        pb_wire_put_count(o, "start_ns", s->start_ns);
        pb_wire_put_count(o, "duration_ns", s->duration_ns);
        json_array_append_new(array, o);
    }
    return array;
}
static void get_spans(const json_t *array, struct pb_wire_sample *m) {
    size_t i;
    json_t *item;
    m->span = calloc(json_array_size(array) + 1, sizeof *m->span);
    json_array_foreach(array, i, item) {
        const char *name = json_string_value(json_object_get(item, "kind"));
        uint32_t kind = 0;
        while (kind < SPAN_KINDS && strcmp(name ? name : "", span_kinds[kind]) != 0)
            kind++;
        if (!m->span || kind == SPAN_KINDS)
            continue;
        m->span[m->spans++] = (struct pb_span){.kind = (enum pb_span_kind)kind,
                                               .worker = (uint32_t)pb_wire_get_count(item, "worker"),
                                               .lane = (uint32_t)pb_wire_get_count(item, "lane"),
                                               .task = pb_wire_get_count(item, "task"),
                                               .start_ns = pb_wire_get_count(item, "start_ns"),
                                               .duration_ns = pb_wire_get_count(item, "duration_ns")};
    }
}

/* ---- The whole ---- */

/* Plain numbers: one row each, for writing and reading alike. */
static const struct {
    const char *key;
    size_t offset;
    bool may_lack; /* -1: unknown */
} sample_numbers[] = {
    {"tasks", offsetof(struct pb_sample, tasks), false},
    {"makespan_ns", offsetof(struct pb_sample, makespan_ns), false},
    {"cpu_ns", offsetof(struct pb_sample, cpu_ns), false},
    {"voluntary", offsetof(struct pb_sample, voluntary), true},
    {"involuntary", offsetof(struct pb_sample, involuntary), true},
    {"migrations", offsetof(struct pb_sample, migrations), true},
    {"minor_faults", offsetof(struct pb_sample, minor_faults), true},
    {"major_faults", offsetof(struct pb_sample, major_faults), true},
    {"peak_bytes", offsetof(struct pb_sample, peak_bytes), true},
    {"throttled", offsetof(struct pb_sample, throttled), true},
    {"throttled_ns", offsetof(struct pb_sample, throttled_ns), true},
    {"steal_ns", offsetof(struct pb_sample, steal_ns), true},
};
enum { SAMPLE_NUMBERS = sizeof sample_numbers / sizeof *sample_numbers };

static void put_unless_empty(json_t *o, const char *key, json_t *array) {
    if (json_array_size(array))
        json_object_set(o, key, array);
    json_decref(array);
}

void pb_wire_put_sample(json_t *o, const struct pb_wire *wire) {
    const struct pb_wire_sample *m = &wire->sample;
    const struct pb_sample *s = &m->sample;
    char digest[17];
    pb_wire_put_count(o, "round", s->round);
    for (int i = 0; i < SAMPLE_NUMBERS; i++) {
        int64_t value;
        memcpy(&value, (const char *)s + sample_numbers[i].offset, sizeof value);
        json_object_set_new(o, sample_numbers[i].key, json_integer(value));
    }
    snprintf(digest, sizeof digest, "%016" PRIx64, s->digest);
    pb_wire_put_text(o, "digest", digest);
    json_object_set_new(o, "status", put_counts(s->status, PB_STATUS_MAX));
    put_unless_empty(o, "counters", put_counts(s->counter, PB_COUNTERS_MAX));
    put_unless_empty(o, "executor_counters",
                     put_counts(s->counter + PB_COUNTERS_MAX, PB_SAMPLE_COUNTERS - PB_COUNTERS_MAX));
    put_unless_empty(o, "latency", put_latency(s));
    put_unless_empty(o, "failures", put_failures(m));
    json_object_set_new(o, "workers", put_workers(s));
    put_unless_empty(o, "task_ns", put_times(m));
    put_unless_empty(o, "spans", put_spans(m));
    if (m->spans_lost)
        pb_wire_put_count(o, "spans_lost", m->spans_lost);
    pb_wire_put_list(o, "pids", &m->pids);
}

void pb_wire_get_sample(const json_t *o, struct pb_wire *wire) {
    struct pb_wire_sample *m = &wire->sample;
    struct pb_sample *s = &m->sample;
    s->round = (uint32_t)pb_wire_get_count(o, "round");
    for (int k = 0; k < SAMPLE_NUMBERS; k++) {
        const char *key = sample_numbers[k].key;
        int64_t value =
            sample_numbers[k].may_lack ? pb_wire_get_signed(o, key) : (int64_t)pb_wire_get_count(o, key);
        memcpy((char *)s + sample_numbers[k].offset, &value, sizeof value);
    }
    const char *digest = json_string_value(json_object_get(o, "digest"));
    s->digest = digest ? strtoull(digest, NULL, 16) : 0;
    get_counts(json_object_get(o, "status"), s->status, PB_STATUS_MAX);
    get_counts(json_object_get(o, "counters"), s->counter, PB_COUNTERS_MAX);
    get_counts(json_object_get(o, "executor_counters"), s->counter + PB_COUNTERS_MAX,
               PB_SAMPLE_COUNTERS - PB_COUNTERS_MAX);
    get_latency(json_object_get(o, "latency"), s);
    get_failures(json_object_get(o, "failures"), m);
    get_workers(json_object_get(o, "workers"), s);
    get_times(json_object_get(o, "task_ns"), m);
    get_spans(json_object_get(o, "spans"), m);
    m->spans_lost = pb_wire_get_count(o, "spans_lost");
    pb_wire_get_list(o, "pids", &m->pids);
}
