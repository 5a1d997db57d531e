/* What tasks tell beside their digest: from their meters, through runner and driver, to the record. The
 * plug-in tests/plugins/metered.c tells the same under every executor. */
#include "program.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parbench/executor.h"
#include "runner/meters.h"
#include "runner/work.h"

/* ---- Meters ---- */

static const struct pb_workload workload = {PB_WORKLOAD_HEADER, .name = "none", .bound = PB_IO,
                                            .state_size = 5000};
enum { WORKERS = 3 };

static struct pb_task task_of(struct pb_work *work, uint32_t worker) {
    struct pb_task task = {.state = work->state, .worker = worker};
    struct pb_error error = {0};
    CHECK_INT(pb_work_enter(&task, &error), 0);
    return task;
}

/* Each worker has its own; one beyond the last has none, and telling does no harm. */
static void apart(const void *data) {
    struct pb_work *work = pb_work_new(&workload, WORKERS);
    (void)data;
    CHECK(work);
    memset(work->state, 0xff, workload.state_size); /* reaches no meter */
    for (uint32_t w = 0; w <= WORKERS; w++) {
        struct pb_task task = task_of(work, w);
        CHECK_INT(task.meter == NULL, w == WORKERS);
        pb_count(&task, 1, w + 1);
        pb_observe(&task, 10);
        CHECK_INT(pb_reason(&task, w, 1, "worker %u", w), 1);
    }
    CHECK_INT(pb_meters_counter(&work->meters, WORKERS + 1, 0), 0);
    CHECK_INT(pb_meters_counter(&work->meters, WORKERS + 1, 1), 1 + 2 + 3);
    CHECK_INT(pb_meters_counter(&work->meters, 2, 1), 1 + 2);
    pb_meters_clear(&work->meters, WORKERS + 1);
    CHECK_INT(pb_meters_counter(&work->meters, WORKERS + 1, 1), 0);
    pb_work_free(work);
}

static void latencies(const void *data) {
    struct pb_work *work = pb_work_new(&workload, WORKERS);
    struct pb_latency_count *latency;
    uint32_t buckets;
    (void)data;
    CHECK(work);
    struct pb_task first = task_of(work, 0), last = task_of(work, WORKERS - 1);
    for (int i = 0; i < 3; i++)
        pb_observe(&first, 7);
    pb_observe(&last, UINT64_MAX);
    pb_observe(&last, 7);
    last.meter->latency[pb_latency_bucket(100)] = UINT32_MAX; /* more than can be told */
    first.meter->latency[pb_latency_bucket(100)] = 1;
    CHECK_INT(pb_meters_latency(&work->meters, WORKERS, &latency, &buckets), 0);
    CHECK_INT(buckets, 3);
    CHECK(latency[0].bucket == 7 && latency[0].count == 4);
    CHECK(latency[1].bucket == pb_latency_bucket(100) && latency[1].count == UINT32_MAX);
    CHECK(latency[2].bucket == PB_LATENCY_BUCKETS - 1 && latency[2].count == 1);
    free(latency);
    pb_meters_clear(&work->meters, WORKERS);
    CHECK_INT(pb_meters_latency(&work->meters, WORKERS, &latency, &buckets), 0);
    CHECK_INT(buckets, 0);
    free(latency);
    pb_work_free(work);
}

/* A bucket is known to 1/64 of itself, and each value lies in the one that counts it. */
static void buckets(const void *data) {
    (void)data;
    for (unsigned shift = 0; shift < 64; shift++)
        for (int off = -1; off <= 1; off++) {
            uint64_t ns = (UINT64_C(1) << shift) + (uint64_t)off;
            unsigned b = pb_latency_bucket(ns);
            uint64_t floor = pb_latency_floor(b), next = pb_latency_floor(b + 1);
            CHECK_MSG(b < PB_LATENCY_BUCKETS && floor <= ns && (ns < next || b == PB_LATENCY_BUCKETS - 1),
                      "%llu ns in bucket %u", (unsigned long long)ns, b);
            CHECK(next - floor <= (floor < 64 ? 1 : floor / 64));
        }
}

/* The first of each worker, in the order of tasks. */
static void failures(const void *data) {
    struct pb_work *work = pb_work_new(&workload, WORKERS);
    struct pb_failure *failure;
    uint32_t count;
    (void)data;
    CHECK(work);
    struct pb_task first = task_of(work, 0), last = task_of(work, 2);
    for (uint64_t i = 0; i < PB_FAILURES_MAX + 5; i++)
        pb_reason(&last, 100 + i, PB_STATUS_FIRST, "late by %d", (int)i);
    pb_reason(&first, 110, 99, "%0200d", 7);
    CHECK_INT(pb_meters_failures(&work->meters, WORKERS, &failure, &count), 0);
    CHECK_INT(count, PB_FAILURES_MAX + 1);
    for (uint32_t i = 1; i < count; i++)
        CHECK(failure[i - 1].task <= failure[i].task);
    CHECK_INT(failure[10].status, PB_ERROR); /* no status of the workload: as it is counted */
    CHECK_INT(strlen(failure[10].reason), sizeof failure[10].reason - 1);
    CHECK_INT(failure[11].status, PB_STATUS_FIRST);
    CHECK_TEXT(failure[12].reason, "late by 11");
    free(failure);
    pb_work_free(work);
}

/* ---- Under every executor ---- */

/* Of tasks 0 to 99, as metered.c says: each tells 2 requests and its index as bytes, and 0, 1 or 2
   microseconds; 3, 10, ... 94 fail. */
static void check_told(const struct pb_cell *c) {
    static const struct pb_latency_count latency[] = {{0, 34}, {317, 33}, {381, 33}};
    CHECK_MSG(c->state == PB_CELL_DONE, "%s: %s", c->executor, c->error ? c->error : "");
    CHECK_TEXT(c->status_name[PB_STATUS_FIRST], "late");
    CHECK_TEXT(c->counter_name[0], "requests");
    CHECK_TEXT(c->counter_name[1], "bytes");
    CHECK(!c->counter_name[2] && c->notes && strcmp(c->note[0], "all of it is made up") == 0);
    CHECK_INT(c->samples, 2);
    for (uint32_t i = 0; i < c->samples; i++) {
        const struct pb_sample *s = &c->sample[i];
        CHECK_INT(s->status[PB_OK], 86);
        CHECK_INT(s->status[PB_ERROR], 0);
        CHECK_INT(s->status[PB_STATUS_FIRST], 14);
        CHECK_INT(s->counter[0], 200);
        CHECK_INT(s->counter[1], 4950);
        CHECK_INT(s->latencies, 3);
        CHECK(memcmp(s->latency, latency, sizeof latency) == 0);
    }
    CHECK_INT(c->failures, 14);
    for (uint32_t i = 0; i < c->failures; i++) {
        char reason[64];
        snprintf(reason, sizeof reason, "task %d came late", (int)c->failure[i].task);
        CHECK_INT(c->failure[i].task % 7, 3);
        CHECK_INT(c->failure[i].status, PB_STATUS_FIRST);
        CHECK_TEXT(c->failure[i].reason, reason);
    }
}

static void told(const void *data) {
    struct program p;
    struct pb_run run;
    program_run(&p, NULL,
                "-q --format json -w " PLUGINS "metered.so -e " EXECUTORS
                " -n 2 -b none --rounds 2 --tasks 100 --via %s",
                (const char *)data);
    program_check_code(&p, 0);
    program_decode(&run, "standard output", &p.said);
    CHECK(run.cells >= 3);
    for (uint32_t i = 0; i < run.cells; i++)
        if (run.cell[i].role != PB_ROLE_REFERENCE)
            check_told(&run.cell[i]);
    pb_run_release(&run);
    program_release(&p);
}

/* ---- Progress ---- */

static json_t *hear(FILE *from) {
    json_t *line = json_loadf(from, JSON_DISABLE_EOF_CHECK, NULL);
    CHECK(json_is_object(line));
    return line;
}

static bool is_type(const json_t *line, const char *type) {
    return strcmp(json_string_value(json_object_get(line, "type")), type) == 0;
}

/* One of two tasks has ended, the other waits: that is told, however long it takes, and then the gate is
   opened. */
static void progress(const void *data) {
    static const char *const word[] = {"--runner", NULL};
    static const char talk[] =
        "{\"type\":\"open\",\"workload\":\"" PLUGINS
        "gated.so\",\"executor\":\"%s\",\"workers\":2}\n{\"type\":\"run\",\"tasks\":2}\n";
    char directory[64], gate[128], environment[160], ask[512];
    struct program p;
    program_directory(directory);
    snprintf(gate, sizeof gate, "%s/gate", directory);
    snprintf(environment, sizeof environment, "GATE=%s", gate);
    CHECK_INT(mkfifo(gate, 0600), 0);
    const char *const variables[] = {environment, NULL};
    program_begin(&p, &(struct program_start){.word = word, .environment = variables, .listens = true});
    int size = snprintf(ask, sizeof ask, talk, (const char *)data);
    CHECK(write(p.in, ask, (size_t)size) == size);
    FILE *from = fdopen(dup(p.out), "r");
    CHECK(from);
    json_t *line = hear(from);
    CHECK(is_type(line, "ready"));
    for (bool told = false; !told;) {
        json_decref(line);
        line = hear(from);
        CHECK(is_type(line, "progress"));
        told = json_integer_value(json_object_get(line, "ended")) == 1;
    }
    int opened = open(gate, O_WRONLY | O_CLOEXEC);
    CHECK(opened >= 0);
    while (is_type(line, "progress")) {
        json_decref(line);
        line = hear(from);
    }
    CHECK(is_type(line, "sample"));
    CHECK_INT(json_integer_value(json_array_get(json_object_get(line, "status"), PB_OK)), 2);
    json_decref(line);
    close(opened);
    fclose(from);
    program_finish(&p);
    program_check_code(&p, 0);
    program_release(&p);
    program_directory_release(directory);
}

/* Progress is no answer: the time-out comes all the same. */
static void not_prolonged(const void *data) {
    struct program p;
    struct pb_run run;
    (void)data;
    program_run(&p, NULL,
                "-q --format json -w sleep:ms=60000 -e thread -n 2 -b none --rounds 1 --tasks 2 "
                "--base none --timeout 1200ms");
    program_check_code(&p, 5);
    program_check_nothing_left(false);
    program_decode(&run, "standard output", &p.said);
    const struct pb_cell *c = program_cell(&run, "sleep", "thread", 2);
    CHECK_INT(c->state, PB_CELL_FAILED);
    CHECK_HAS(c->error, "no answer within 1.2 s");
    pb_run_release(&run);
    program_release(&p);
}

static const struct pb_case cases[] = {
    {"apart", apart, NULL},
    {"latencies", latencies, NULL},
    {"buckets", buckets, NULL},
    {"failures", failures, NULL},
    {"for", told, "for"},
    {"submit", told, "submit"},
    {"map", told, "map"},
    {"progress-thread", progress, "thread"},
    {"progress-process", progress, "process"},
    {"not-prolonged", not_prolonged, NULL},
    {NULL, NULL, NULL},
};
const struct pb_suite suite_told = {"told", cases, NULL};
