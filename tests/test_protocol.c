/* What driver and runner say: every message comes back as it went, and nonsense is refused by name. */
#include "driver/tasks.h"
#include "runner/protocol.h"
#include "suite.h"

#include <errno.h>
#include <stdlib.h>

static void there_and_back(const struct pb_wire *sent, struct pb_wire *got) {
    struct pb_buffer line = {0}, again = {0};
    struct pb_error error = {0};
    CHECK_INT(pb_wire_encode(sent, &line), 0);
    CHECK(line.data[line.size - 1] == '\n' && strchr(line.data, '\n') == line.data + line.size - 1);
    CHECK_MSG(pb_wire_decode(got, line.data, line.size - 1, &error) == 0, "%s", error.text);
    CHECK_INT(got->type, sent->type);
    CHECK_INT(pb_wire_encode(got, &again), 0);
    CHECK_TEXT(pb_buffer_string(&again), pb_buffer_string(&line));
    pb_buffer_release(&line);
    pb_buffer_release(&again);
}

static char *texts[] = {(char *)"0-1", (char *)"\"quoted\"\n\t\x1b", (char *)""};

static void open_message(const void *data) {
    struct pb_wire got, sent = {.type = PB_WIRE_OPEN,
                                .open = {.protocol = 3,
                                         .workload = (char *)"sha:size=4k",
                                         .executor = (char *)"openmp:schedule=static",
                                         .workers = 3,
                                         .binding = {texts, 3},
                                         .via = (char *)"for",
                                         .work_rate = 615.25}};
    (void)data;
    there_and_back(&sent, &got);
    CHECK_TEXT(got.open.workload, "sha:size=4k");
    CHECK_INT(got.open.protocol, 3);
    CHECK_INT(got.open.workers, 3);
    CHECK_TEXT(got.open.binding.item[1], texts[1]);
    CHECK_NEAR(got.open.work_rate, 615.25, 0);
    pb_wire_release(&got);
}

static void sample_message(const void *data) {
    struct pb_worker_sample workers[] = {{.tasks = 5, .cpu_ns = 77, .cpu = 1},
                                         {.tasks = 6, .cpu_ns = 78, .cpu = -1}};
    struct pb_latency_count latency[] = {{0, 1}, {64, UINT32_MAX}, {PB_LATENCY_BUCKETS - 1, 7}};
    struct pb_failure failures[] = {{.task = 3, .status = 2, .reason = "HTTP 503"},
                                    {.task = UINT64_C(1) << 60, .status = 1}};
    double times[] = {1.5, 2.25};
    struct pb_wire got, sent = {.type = PB_WIRE_SAMPLE,
                                .sample = {.sample = {.round = 9,
                                                      .tasks = 11,
                                                      .makespan_ns = 123456789012,
                                                      .migrations = -1,
                                                      .digest = 0xfedcba9876543210,
                                                      .status = {10, 1},
                                                      .counter = {0, 5, [PB_SAMPLE_COUNTERS - 1] = 6},
                                                      .latencies = 3,
                                                      .latency = latency,
                                                      .workers = 2,
                                                      .worker = workers},
                                           .failure = failures,
                                           .failures = 2,
                                           .task_ns = times,
                                           .task_times = 2,
                                           .pids = {texts, 1}}};
    (void)data;
    there_and_back(&sent, &got);
    CHECK(got.sample.sample.digest == 0xfedcba9876543210);
    CHECK_INT(got.sample.sample.makespan_ns, 123456789012);
    CHECK_INT(got.sample.sample.migrations, -1);
    CHECK_INT(got.sample.sample.worker[1].cpu, -1);
    CHECK_NEAR(got.sample.task_ns[1], 2.25, 0);
    CHECK_INT(got.sample.sample.counter[1], 5);
    CHECK_INT(got.sample.sample.counter[PB_SAMPLE_COUNTERS - 1], 6);
    CHECK_INT(got.sample.sample.latencies, 3);
    CHECK(memcmp(got.sample.sample.latency, latency, sizeof latency) == 0);
    CHECK_INT(got.sample.failures, 2);
    CHECK_INT(got.sample.failure[0].status, 2);
    CHECK_TEXT(got.sample.failure[0].reason, "HTTP 503");
    CHECK_INT(got.sample.failure[1].task, UINT64_C(1) << 60);
    pb_wire_release(&got);
}

static void ready_message(const void *data) {
    struct pb_wire got, sent = {.type = PB_WIRE_READY,
                                .ready = {.tasks = 20,
                                          .offered = 0.125,
                                          .statuses = {texts, 3},
                                          .counters = {texts, 1},
                                          .executor_counters = {texts + 1, 2},
                                          .notes = {texts, 2}}};
    (void)data;
    there_and_back(&sent, &got);
    CHECK(got.ready.offered == 0.125);
    CHECK_INT(got.ready.counters.count, 1);
    CHECK_INT(got.ready.executor_counters.count, 2);
    CHECK_TEXT(got.ready.executor_counters.item[0], texts[1]);
    pb_wire_release(&got);
}

/* What a launched runner says of its hosts, as a record keeps it. */
static void hosts_message(const void *data) {
    static struct pb_pu pus[] = {{.cpu = 0}, {.cpu = 1, .core = 1}};
    static uint32_t ranks[] = {0, 2}, pids[] = {4711, 4713}, workers[] = {1};
    static char *planned[] = {(char *)"0,4"};
    struct pb_ranks_host host[] = {{.name = (char *)"node \"1\"",
                                    .rank = ranks,
                                    .pid = pids,
                                    .ranks = 2,
                                    .pids = 2,
                                    .worker = workers,
                                    .planned = planned,
                                    .workers = 1,
                                    .plans = 1,
                                    .effective = (char *)"core",
                                    .reason = (char *)"",
                                    .achieved = (char *)"never spoken",
                                    .machine = {.cores = 2, .pus = 2, .pu = pus},
                                    .limits = {.quota = INFINITY, .usable = 2, .processors = 2}},
                                   {.name = (char *)"node2",
                                    .rank = ranks + 1,
                                    .pid = pids,
                                    .ranks = 1,
                                    .pids = 1,
                                    .effective = (char *)"none",
                                    .reason = (char *)"why not"}};
    struct pb_wire got, sent = {.type = PB_WIRE_READY, .ready = {.protocol = 1, .host = host, .hosts = 2}};
    (void)data;
    there_and_back(&sent, &got);
    CHECK(!got.ready.hosts_wrong);
    CHECK_INT(got.ready.hosts, 2);
    const struct pb_ranks_host *h = got.ready.host;
    CHECK_TEXT(h[0].name, host[0].name);
    CHECK_INT(h[0].rank[1], 2);
    CHECK_INT(h[0].pid[1], 4713);
    CHECK_INT(h[0].worker[0], 1);
    CHECK_TEXT(h[0].planned[0], "0,4");
    CHECK(!h[0].achieved);
    CHECK_INT(h[0].machine.pu[1].core, 1);
    CHECK(isinf(h[0].limits.quota));
    CHECK_TEXT(h[1].reason, "why not");
    CHECK_INT(h[1].workers, 0);
    pb_wire_release(&got);
}

/* Hosts that no record could keep are none, and it is said why. */
static void hostile_hosts(const void *data) {
    static const char *const rows[][2] = {
        {"7", "not a list"},
        {"[7]", "not an object"},
        {"[{\"name\":\"a\"}]", "lacks \"ranks\""},
        {"[{\"name\":\"a\",\"ranks\":[-1]}]", "not between"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[128];
        struct pb_wire got;
        snprintf(line, sizeof line, "{\"type\":\"ready\",\"protocol\":1,\"hosts\":%s}", rows[i][0]);
        CHECK_INT(pb_wire_decode(&got, line, strlen(line), NULL), 0);
        CHECK_INT(got.ready.hosts, 0);
        CHECK_HAS(got.ready.hosts_wrong, rows[i][1]);
        pb_wire_release(&got);
    }
}

static void launched_executor(const void *data) {
    struct pb_described executor = {.item = (char *)"mpi", .launched = true};
    struct pb_wire got,
        open = {.type = PB_WIRE_OPEN, .open = {.policy = (char *)"auto"}},
        sent = {.type = PB_WIRE_DESCRIPTION, .description = {.executor = &executor, .executors = 1}};
    (void)data;
    there_and_back(&sent, &got);
    CHECK(got.description.executor[0].launched);
    pb_wire_release(&got);
    there_and_back(&open, &got);
    CHECK_TEXT(got.open.policy, "auto");
    pb_wire_release(&got);
}

static void progress_message(const void *data) {
    struct pb_wire got, sent = {.type = PB_WIRE_PROGRESS, .ended = 12};
    (void)data;
    there_and_back(&sent, &got);
    CHECK_INT(got.ended, 12);
    pb_wire_release(&got);
}

/* A reason may have been cut amid a character, and a plug-in may write whatever it likes. */
static void no_utf8(const void *data) {
    static const struct {
        const char *said, *heard;
    } rows[] = {{"caf\xc3", "caf"},
                {"\xe2\x82", ""},
                {"\xff of \xc3\xa9", "? of ??"},
                {"caf\xc3\xa9", "caf\xc3\xa9"}};
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_failure failure = {.task = 1, .status = 1};
        struct pb_wire got, sent = {.type = PB_WIRE_SAMPLE, .sample = {.failure = &failure, .failures = 1}};
        struct pb_buffer line = {0};
        strcpy(failure.reason, rows[i].said);
        CHECK_INT(pb_wire_encode(&sent, &line), 0);
        CHECK_INT(pb_wire_decode(&got, line.data, line.size - 1, NULL), 0);
        CHECK_TEXT(got.sample.failure[0].reason, rows[i].heard);
        pb_wire_release(&got);
        pb_buffer_release(&line);
    }
}

/* Whoever wrote the sample: a record can be made of what is read. */
static void hostile_sample(const void *data) {
    static const char line[] =
        "{\"type\":\"sample\",\"tasks\":-1,\"status\":[-5,2,\"x\"],\"counters\":[-1,3,4,5,6,7,8,9,10],"
        "\"executor_counters\":{},\"latency\":[[9,1],[5,1],7,[],[9,1],[10,0],[11,5000000000],[99999999,1],"
        "[12,-1],[13,2]],\"failures\":[{\"task\":-4,\"status\":77},3,{\"reason\":\"%0200d\",\"status\":0}]}";
    char text[1024];
    struct pb_wire got;
    (void)data;
    snprintf(text, sizeof text, line, 0);
    CHECK_INT(pb_wire_decode(&got, text, strlen(text), NULL), 0);
    const struct pb_sample *s = &got.sample.sample;
    CHECK(s->tasks == 0 && s->status[0] == 0 && s->status[1] == 2 && s->status[2] == 0);
    CHECK(s->counter[0] == 0 && s->counter[7] == 9 && s->counter[8] == 0);
    CHECK_INT(s->latencies, 2);
    CHECK(s->latency[0].bucket == 9 && s->latency[1].bucket == 13 && s->latency[1].count == 2);
    CHECK_INT(got.sample.failures, 3);
    for (uint32_t i = 0; i < 3; i++)
        CHECK_INT(got.sample.failure[i].status, PB_ERROR);
    CHECK_INT(strlen(got.sample.failure[2].reason), sizeof got.sample.failure[2].reason - 1);
    pb_wire_release(&got);
}

static void description_message(const void *data) {
    struct pb_described_param param = {
        .name = (char *)"size", .type = (char *)"size", .fallback = (char *)"1MiB"};
    struct pb_described workload = {
        .item = (char *)"sha", .name = (char *)"sha", .bound = PB_IO, .param = &param, .params = 1};
    struct pb_described executor = {.item = (char *)"openmp", .absent = (char *)"no libgomp"};
    struct pb_wire got, sent = {.type = PB_WIRE_DESCRIPTION, .description = {&workload, &executor, 1, 1}};
    (void)data;
    there_and_back(&sent, &got);
    CHECK_INT(got.description.workload[0].bound, PB_IO);
    CHECK(got.description.workload[0].absent == NULL);
    CHECK_TEXT(got.description.executor[0].absent, "no libgomp");
    CHECK_TEXT(got.description.workload[0].param[0].fallback, "1MiB");
    pb_wire_release(&got);
}

static void plain_messages(const void *data) {
    static const enum pb_wire_type types[] = {PB_WIRE_DESCRIBE,  PB_WIRE_CALIBRATE, PB_WIRE_RUN,
                                              PB_WIRE_CLOSE,     PB_WIRE_READY,     PB_WIRE_CLOSED,
                                              PB_WIRE_CALIBRATED};
    (void)data;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct pb_wire got, sent = {.type = types[i]};
        there_and_back(&sent, &got);
        pb_wire_release(&got);
    }
}

static void error_message(const void *data) {
    struct pb_wire got, sent = {.type = PB_WIRE_ERROR, .error = {-ENODEV, "worker 1: no such device"}};
    (void)data;
    there_and_back(&sent, &got);
    CHECK_INT(got.error.code, -ENODEV);
    CHECK_TEXT(got.error.text, "worker 1: no such device");
    pb_wire_release(&got);
}

static void nonsense(const void *data) {
    static const struct {
        const char *line, *said;
    } rows[] = {
        {"", "runner protocol"},
        {"hello", "runner protocol: column"},
        {"{\"type\":\"open\"", "runner protocol: column"},
        {"{}", "without a type"},
        {"[1,2]", "without a type"},
        {"{\"type\":\"dance\"}", "no message of type \"dance\""},
        {"{\"type\":\"run\",\"type\":\"run\"}", "duplicate"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_wire got;
        struct pb_error error = {0};
        CHECK_INT(pb_wire_decode(&got, rows[i].line, strlen(rows[i].line), &error), -EPROTO);
        CHECK_HAS(error.text, rows[i].said);
    }
}

/* Keys that are missing or of the wrong type are as if they said nothing; nothing of them is trusted. */
static void wrong_types(const void *data) {
    static const char *const lines[] = {
        "{\"type\":\"open\",\"workers\":\"two\",\"binding\":7,\"workload\":[]}",
        "{\"type\":\"sample\",\"status\":[1,2,3,4,5,6,7,8,9,10],\"workers\":{},\"digest\":5}",
        "{\"type\":\"description\",\"workloads\":[1,null,{\"params\":[3]}]}",
        "{\"type\":\"run\",\"tasks\":-5,\"round\":1e300}",
        "{\"type\":\"error\",\"code\":0}",
    };
    (void)data;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct pb_wire got;
        CHECK_INT(pb_wire_decode(&got, lines[i], strlen(lines[i]), NULL), 0);
        pb_wire_release(&got);
    }
}

static void task_counts(const void *data) {
    static const struct {
        double ns;
        uint32_t widest;
        bool io;
        uint64_t tasks;
    } rows[] = {
        {500000, 1, false, 50},   /* 25 ms on serial */
        {500000, 2, false, 100},  /* 50 ms on serial, so that two workers have 25 */
        {500000, 16, false, 208}, /* at most about 100 ms, in whole turns of 16 */
        {80e6, 2, false, 8},      /* long tasks: four turns */
        {125e6, 2, false, 8},     /* four while that is a second on serial */
        {126e6, 2, false, 4},     /* two while that is */
        {5e9, 2, false, 2},       /* a command of 5 s: one */
        {5e9, 4, false, 4},       {5e9, 4, true, 8}, {20e6, 8, true, 16}, /* waiting tasks: two turns */
        {1, 1, false, 25000000},                                          /* short ones: many */
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_INT(pb_tasks_for(rows[i].ns, rows[i].widest, rows[i].io), rows[i].tasks);
}

const struct pb_suite suite_protocol = {
    "protocol",
    (const struct pb_case[]){{"open", open_message, NULL},
                             {"sample", sample_message, NULL},
                             {"ready", ready_message, NULL},
                             {"ready-hosts", hosts_message, NULL},
                             {"hostile-hosts", hostile_hosts, NULL},
                             {"launched", launched_executor, NULL},
                             {"progress", progress_message, NULL},
                             {"no-utf8", no_utf8, NULL},
                             {"hostile-sample", hostile_sample, NULL},
                             {"description", description_message, NULL},
                             {"plain", plain_messages, NULL},
                             {"error", error_message, NULL},
                             {"nonsense", nonsense, NULL},
                             {"wrong-types", wrong_types, NULL},
                             {"task-counts", task_counts, NULL},
                             {0}},
    NULL,
};
