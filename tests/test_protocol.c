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
    double times[] = {1.5, 2.25};
    struct pb_wire got, sent = {.type = PB_WIRE_SAMPLE,
                                .sample = {.sample = {.round = 9,
                                                      .tasks = 11,
                                                      .makespan_ns = 123456789012,
                                                      .migrations = -1,
                                                      .digest = 0xfedcba9876543210,
                                                      .status = {10, 1},
                                                      .workers = 2,
                                                      .worker = workers},
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
        {20e6, 8, true, 16},      /* waiting tasks: two turns */
        {1, 1, false, 25000000},  /* short ones: many */
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_INT(pb_tasks_for(rows[i].ns, rows[i].widest, rows[i].io), rows[i].tasks);
}

const struct pb_suite suite_protocol = {
    "protocol",
    (const struct pb_case[]){{"open", open_message, NULL},
                             {"sample", sample_message, NULL},
                             {"description", description_message, NULL},
                             {"plain", plain_messages, NULL},
                             {"error", error_message, NULL},
                             {"nonsense", nonsense, NULL},
                             {"wrong-types", wrong_types, NULL},
                             {"task-counts", task_counts, NULL},
                             {0}},
    NULL,
};
