/* The workload `http` as a client: what it makes of each answer, one task at a time; that every executor
 * counts the same, and as the plan says; that requests overlap where tasks do. */
#include "executor_cases.h"
#include "http_cases.h"

#include <signal.h>
#include <sys/wait.h>

#include "parbench/meter.h"
#include "runner/cell.h"

enum { REQUESTS, CONNECTIONS };

/* ---- One task at a time ---- */

/* Runs task i on the first lane with a meter that is otherwise empty: its status. */
static int run_metered(struct stage *stage, struct pb_meter *meter, uint64_t i, uint64_t *digest) {
    *meter = (struct pb_meter){0};
    stage->task[0].meter = meter;
    return stage->workload->run(&stage->task[0], i, digest);
}

static struct pb_meter *meter_new(void) {
    struct pb_meter *meter = aligned_alloc(128, sizeof *meter);
    CHECK(meter);
    return meter;
}

/* The status and the reason; an ok is observed and has no reason, a failure the other way round. */
static void check_task(struct stage *stage, struct pb_meter *meter, uint64_t i, int status,
                       const char *reason) {
    uint64_t digest;
    int is = run_metered(stage, meter, i, &digest);
    CHECK_MSG(is == status, "task %d: status %d (%s), expected %d", (int)i, is, meter->failure[0].reason,
              status);
    CHECK_INT(meter->observed, status == PB_OK);
    CHECK_INT(meter->failures, status != PB_OK);
    CHECK_TEXT(meter->failure[0].reason, reason);
    if (status != PB_OK) {
        CHECK_INT(meter->failure[0].task, i);
        CHECK_INT(meter->failure[0].status, status);
    }
}

static void statuses(const void *data) {
    static const struct http_plan plan = {
        .seed = 11, .size = 5003, .not_found = 0.2, .errors = 0.2, .reset = 0.2, .truncation = 0.2};
    static const char *const reasons[] = {[HTTP_GOOD] = "",
                                          [HTTP_NOT_FOUND] = "HTTP 404",
                                          [HTTP_ERROR] = "HTTP 503",
                                          [HTTP_RESET] = "reset by the server",
                                          [HTTP_TRUNCATED] = "2501 of 5003 bytes"};
    struct stage stage;
    struct pb_meter *meter = meter_new();
    (void)data;
    http_open(&stage, "delay=0s,size=5003,seed=11,not_found=0.2,errors=0.2,reset=0.2,truncate=0.2");
    CHECK_INT(stage.workload->bytes(stage.state), 5003);
    for (uint64_t i = 0; i < 60; i++) {
        enum http_answer answer = http_answer(&plan, i, 0);
        check_task(&stage, meter, i, http_status(answer), reasons[answer]);
        CHECK_INT(meter->counter[REQUESTS], 1);
    }
    stage_close(&stage);
    free(meter);
}

/* On both sides of what the server makes in one piece, and of what libcurl hands over in one. */
static void sizes(const void *data) {
    static const char *const rows[] = {"size=2", "size=7", "size=64KiB", "size=65537", "size=3000001"};
    (void)data;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct stage stage;
        char params[64];
        snprintf(params, sizeof params, "delay=0s,%s", rows[k]);
        http_open(&stage, params);
        for (uint64_t i = 0; i < 3; i++)
            CHECK(stage_run(&stage, 0, i) != stage_run(&stage, 1, i + 1));
        stage_close(&stage);
        snprintf(params, sizeof params, "delay=0s,truncate=1,%s", rows[k]);
        http_open(&stage, params);
        uint64_t digest;
        CHECK_INT(stage.workload->run(&stage.task[0], 0, &digest), HTTP_STATUS_SHORT);
        stage_close(&stage);
    }
}

/* What an item comes to in the end, and by how many requests. */
static enum http_answer final_answer(const struct http_plan *plan, uint64_t i, uint32_t retries,
                                     uint64_t *requests) {
    enum http_answer answer = HTTP_ERROR;
    for (uint32_t k = 0; k <= retries; k++) {
        answer = http_answer(plan, i, k);
        *requests += 1;
        if (answer == HTTP_GOOD || answer == HTTP_NOT_FOUND)
            break;
    }
    return answer;
}

static void retries(const void *data) {
    static const struct http_plan plan = {.seed = 4, .not_found = 0.2, .errors = 0.3, .truncation = 0.2};
    struct stage stage;
    struct pb_meter *meter = meter_new();
    uint64_t all = 0, mended = 0;
    (void)data;
    http_open(&stage, "delay=0s,seed=4,not_found=0.2,errors=0.3,truncate=0.2,retries=2");
    for (uint64_t i = 0; i < 50; i++) {
        uint64_t requests = 0, digest;
        enum http_answer answer = final_answer(&plan, i, 2, &requests);
        CHECK_INT(run_metered(&stage, meter, i, &digest), http_status(answer));
        CHECK_INT(meter->counter[REQUESTS], requests);
        CHECK_INT(meter->failures, answer != HTTP_GOOD);
        mended += answer == HTTP_GOOD && requests > 1;
        all += requests;
    }
    CHECK(mended > 0);
    CHECK_INT(http_count(http_port_of(http_server_of(getpid()))).requests, all);
    stage_close(&stage);
    free(meter);
}

static void time_out(const void *data) {
    struct stage stage;
    struct pb_meter *meter = meter_new();
    (void)data;
    http_open(&stage, "delay=60s,timeout=30ms");
    for (uint64_t i = 0; i < 3; i++)
        check_task(&stage, meter, i, HTTP_STATUS_TIMEOUT, "not done within 30 ms");
    stage_close(&stage);
    free(meter);
}

static void connections(const void *data) {
    static const struct {
        const char *params;
        uint64_t connections;
    } rows[] = {
        {"delay=0s", 1}, {"delay=0s,keepalive=0", 10}, {"delay=0s,errors=1", 1}, {"delay=0s,truncate=1", 10}};
    struct pb_meter *meter = meter_new();
    (void)data;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct stage stage;
        uint64_t opened = 0, digest;
        http_open(&stage, rows[k].params);
        for (uint64_t i = 0; i < 10; i++) {
            run_metered(&stage, meter, i, &digest);
            opened += meter->counter[CONNECTIONS];
        }
        CHECK_MSG(opened == rows[k].connections, "%s: %d connections", rows[k].params, (int)opened);
        stage_close(&stage);
    }
    free(meter);
}

/* ---- Servers that are not as they should be ---- */

/* Listens on the port and gives everybody the same bytes, in a process of its own. */
static pid_t impostor_start(uint16_t port, const char *answer) {
    const struct sockaddr_in here = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    CHECK(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0);
    CHECK_MSG(bind(fd, (const struct sockaddr *)&here, sizeof here) == 0 && listen(fd, 8) == 0, "port %u: %s",
              port, strerror(errno));
    pid_t child = fork();
    CHECK(child >= 0);
    while (child == 0) {
        char request[1024];
        int client = accept(fd, NULL, NULL);
        if (client < 0 || recv(client, request, sizeof request, 0) < 0)
            _exit(1);
        send(client, answer, strlen(answer), MSG_NOSIGNAL);
        close(client);
    }
    close(fd);
    return child;
}

/* Kills the server without reaping it, which teardown will do. */
static void kill_server(void) {
    siginfo_t info;
    pid_t server = http_server_of(getpid());
    CHECK(server > 0 && kill(server, SIGKILL) == 0);
    CHECK(waitid(P_PID, (id_t)server, &info, WEXITED | WNOWAIT) == 0);
}

static void impostors(const void *data) {
    static const struct {
        const char *answer;
        int status;
        const char *reason;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n0123456789abcdef", PB_ERROR,
         "another body: it differs in byte 0 to 7"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n01234567", HTTP_STATUS_SHORT, "8 of 16 bytes"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", HTTP_STATUS_SHORT, "0 of 16 bytes"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n0123456789abcdef01234567", PB_ERROR,
         "24 bytes where 16 were due"},
        {"HTTP/1.0 200 OK\r\n\r\n01234567", HTTP_STATUS_SHORT, "8 of 16 bytes"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n", HTTP_STATUS_SHORT,
         "ended after 8 bytes"},
        {"HTTP/1.1 204 No Content\r\n\r\n", HTTP_STATUS_SHORT, "0 of 16 bytes"},
        {"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", PB_ERROR, "HTTP 302"},
        {"", PB_ERROR, "empty reply from server"},
        {"SMTP here\r\n", PB_ERROR, "received HTTP/0.9 when not allowed"},
    };
    struct pb_meter *meter = meter_new();
    struct stage stage;
    (void)data;
    http_open(&stage, "size=16");
    uint16_t port = http_port_of(http_server_of(getpid()));
    kill_server();
    check_task(&stage, meter, 0, PB_ERROR, "refused by the server");
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        pid_t impostor = impostor_start(port, rows[k].answer);
        check_task(&stage, meter, k, rows[k].status, rows[k].reason);
        kill(impostor, SIGKILL);
        waitpid(impostor, NULL, 0);
    }
    stage_close(&stage);
    free(meter);
}

/* Another server by its address; here that of a second set-up. */
static void other_server(const void *data) {
    static const struct http_plan plan = {.seed = 11, .not_found = 0.2, .errors = 0.3, .truncation = 0.3};
    struct stage own, stage;
    char params[128];
    (void)data;
    http_open(&own, "delay=0s,seed=11,not_found=0.2,errors=0.3,truncate=0.3");
    uint16_t port = http_port_of(http_server_of(getpid()));
    snprintf(params, sizeof params, "url=http://127.0.0.1:%u/items/{i}/0", port);
    http_open(&stage, params);
    CHECK(http_server_of(getpid()) > 0); /* still one */
    for (uint64_t i = 0; i < 40; i++) {
        uint64_t digest;
        CHECK_INT(stage.workload->run(&stage.task[0], i, &digest), http_status(http_answer(&plan, i, 0)));
    }
    stage_close(&stage);
    CHECK_INT(http_count(port).requests, 40);
    stage_close(&own);
}

/* The environment's proxy (here one that is not there) is for other servers, not for our own. */
static void proxies(const void *data) {
    struct stage own, stage;
    struct pb_meter *meter = meter_new();
    char params[128];
    (void)data;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    unsetenv("no_proxy");
    unsetenv("NO_PROXY");
    http_open(&own, "delay=0s");
    snprintf(params, sizeof params, "url=http://127.0.0.1:%u/items/{i}/0",
             http_port_of(http_server_of(getpid())));
    stage_run(&own, 0, 0);
    http_open(&stage, params);
    check_task(&stage, meter, 0, PB_ERROR, "refused by the server");
    stage_close(&stage);
    stage_close(&own);
    free(meter);
}

static void bad_parameters(const void *data) {
    static const struct {
        const char *params, *message;
    } rows[] = {
        {"not_found=0.5,errors=0.6", "give at most 1 in all"},
        {"url=ftp://here/", "begin it with http:// or https://"},
        {"url=here", "begin it with http:// or https://"},
        {"url=http://{i}{i}{i}{i}{i}{i}{i}{i}{i}/", "too long"},
    };
    (void)data;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct stage stage;
        CHECK_INT(stage_open(&stage, http_workload(), rows[k].params), -EINVAL);
        CHECK_HAS(stage.message.text, rows[k].message);
        CHECK(strncmp(stage.message.text, "http: ", 6) == 0);
        CHECK_INT(http_server_of(getpid()), 0);
    }
}

/* ---- Under executors ---- */

/* One repetition of a cell, and what its server counted; the caller releases the sample. */
static struct http_counts repeat(const char *workload, const char *executor, uint32_t workers,
                                 struct pb_wire_sample *out) {
    char item[256], name[64];
    struct pb_runner_cell cell;
    struct pb_wire ready = {.type = PB_WIRE_READY};
    struct pb_error error = {0};
    snprintf(item, sizeof item, "%s", workload);
    snprintf(name, sizeof name, "%s", executor);
    const struct pb_wire_open open = {.workload = item, .executor = name, .workers = workers};
    (void)http_workload();
    CHECK_MSG(pb_runner_cell_open(&cell, &open, &ready.ready, &error) == 0, "%s", error.text);
    const struct pb_wire_run run = {.tasks = ready.ready.tasks};
    CHECK_MSG(pb_runner_cell_run(&cell, &run, out, &error) == 0, "%s", error.text);
    struct http_counts counts = http_count(http_port_of(http_server_of(getpid())));
    pb_runner_cell_close(&cell);
    pb_wire_release(&ready);
    CHECK_INT(http_server_of(getpid()), 0);
    return counts;
}

static void release(const struct pb_wire_sample *sample) {
    struct pb_wire wire = {.type = PB_WIRE_SAMPLE, .sample = *sample};
    pb_wire_release(&wire);
}

static void skip_absent(const char *name) {
    struct pb_executor_listing listing;
    for (size_t row = 0; pb_executor_list(row, &listing) == 0; row++)
        if (strcmp(listing.name, name) == 0 && listing.absent)
            pb_test_skip("%s", listing.absent);
}

/* The statuses are the plan's, the answer is serial's, and each request was made once. */
static void counts_the_same(const void *executor) {
    static const struct http_plan plan = {
        .seed = 1, .not_found = 0.2, .errors = 0.2, .reset = 0.15, .truncation = 0.15};
    static const char workload[] = "http:items=120,delay=1ms,jitter=2ms,size=3000,not_found=0.2,errors=0.2,"
                                   "reset=0.15,truncate=0.15,retries=1";
    uint64_t expected[PB_STATUS_MAX] = {0}, requests = 0;
    struct pb_wire_sample serial = {0}, sample = {0};
    skip_absent(executor);
    for (uint64_t i = 0; i < 120; i++)
        expected[http_status(final_answer(&plan, i, 1, &requests))]++;
    repeat(workload, "serial", 1, &serial);
    struct http_counts counts = repeat(workload, executor, 6, &sample);
    for (size_t k = 0; k < PB_STATUS_MAX; k++)
        CHECK_MSG(sample.sample.status[k] == expected[k], "status %zu: %d times, expected %d", k,
                  (int)sample.sample.status[k], (int)expected[k]);
    CHECK_INT(sample.sample.tasks, 120);
    CHECK(sample.sample.digest == serial.sample.digest);
    CHECK_INT(counts.requests, requests);
    CHECK_INT(sample.sample.counter[REQUESTS], requests);
    CHECK(counts.peak <= 6);
    uint64_t observed = 0;
    for (uint32_t k = 0; k < sample.sample.latencies; k++)
        observed += sample.sample.latency[k].count;
    CHECK_INT(observed, expected[PB_OK]);
    CHECK(sample.failures > 0);
    release(&sample);
    release(&serial);
}

static void overlaps(const void *data) {
    static const struct {
        const char *workload;
        uint32_t workers;
        unsigned requests;
    } rows[] = {{"http:items=200,delay=20ms", 20, 200}, {"http:items=200,delay=500ms", 200, 200}};
    (void)data;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct pb_wire_sample sample = {0};
        struct http_counts counts = repeat(rows[k].workload, "thread", rows[k].workers, &sample);
        CHECK_INT(counts.requests, rows[k].requests);
        CHECK_MSG(counts.peak >= rows[k].workers / 2 && counts.peak <= rows[k].workers, "%u at once",
                  counts.peak);
        CHECK_INT(sample.sample.status[PB_OK], rows[k].requests);
        release(&sample);
    }
}

static const struct pb_case cases[] = {
    {"statuses", statuses, NULL},
    {"sizes", sizes, NULL},
    {"retries", retries, NULL},
    {"time-out", time_out, NULL},
    {"connections", connections, NULL},
    {"impostors", impostors, NULL},
    {"other-server", other_server, NULL},
    {"proxies", proxies, NULL},
    {"bad-parameters", bad_parameters, NULL},
    {"overlaps", overlaps, NULL},
};

static bool generate(size_t i, struct pb_case *out) {
    static const struct executor_case each = {"counts-the-same", counts_the_same};
    const size_t others = sizeof cases / sizeof *cases;
    if (i < others) {
        *out = cases[i];
        return true;
    }
    return executor_case_of(&each, i - others, out);
}

const struct pb_suite suite_http = {"http", NULL, generate};
