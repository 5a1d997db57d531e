/* request and echo: latencies counted from the right moment, exactly so many requests, and an end whoever
 * dies. Latencies are only ever compared with what they cannot be below. */
#include "metered.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define MS UINT64_C(1000000)

/* ---- Latencies of requests ---- */

/* One lane cannot keep up: each request ends 2 ms after the one before and was due 1 ms after it, so each
 * waits 1 ms longer. Counted from its begin each would be 2 ms. */
static void counts_from_due(const void *data) {
    enum { REQUESTS = 6 };
    static struct pb_meter meter[STAGE_LANES];
    struct stage stage;
    (void)data;
    open_metered(&stage, "request", "cpu=0,wait=2ms,rate=1000,items=6", meter);
    CHECK_INT(stage.workload->count(stage.state), REQUESTS);
    CHECK(stage.workload->offered(stage.state) == 1000);
    for (int repetition = 0; repetition < 2; repetition++) {
        CHECK_INT(begin_with(&stage, 1, 1), 0);
        for (uint64_t k = 0; k < REQUESTS; k++) {
            stage_run(&stage, 0, REQUESTS - 1 - k); /* in the order in which they begin, not of numbers */
            CHECK(take_latency(meter) > (2 + k) * MS);
        }
    }
    stage_close(&stage);
}

/* The first is due at once, in every repetition: with a request in 1000 s the case would hang else. Those
 * that come early wait until they are due. */
static void waits_until_due(const void *data) {
    struct stage stage;
    (void)data;
    CHECK_INT(stage_open(&stage, workload("request"), "cpu=0,wait=0,rate=0.001"), 0);
    for (int repetition = 0; repetition < 3; repetition++) {
        CHECK_INT(begin_with(&stage, 1, 1), 0);
        stage_run(&stage, 0, 0);
    }
    stage_close(&stage);
    CHECK_INT(stage_open(&stage, workload("request"), "cpu=0,wait=0,rate=500"), 0);
    CHECK_INT(begin_with(&stage, 1, 1), 0);
    uint64_t began = pb_now();
    for (uint64_t i = 0; i < 5; i++)
        stage_run(&stage, (int)i % STAGE_LANES, i);
    CHECK(pb_now() - began >= 4 * 2 * MS);
    stage_close(&stage);
}

static void closed_loop(const void *data) {
    static const struct {
        const char *params;
        uint64_t count;
    } counts[] = {{NULL, 0},      {"items=7", 7},       {"rate=100", 25},
                  {"rate=1", 10}, {"rate=1e6", 100000}, {"rate=1000,items=3", 3}};
    static struct pb_meter meter[STAGE_LANES];
    struct stage stage;
    (void)data;
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        CHECK_INT(stage_open(&stage, workload("request"), counts[k].params), 0);
        CHECK_INT(stage.workload->count(stage.state), counts[k].count);
        stage_close(&stage);
    }
    open_metered(&stage, "request", "cpu=100,wait=2ms", meter);
    for (uint64_t i = 0; i < 3; i++) {
        stage_run(&stage, 0, i);
        CHECK(take_latency(meter) > 2 * MS);
    }
    stage_close(&stage);
}

/* ---- Echo ---- */

static void serves_all(const void *data) {
    static struct pb_meter meter[STAGE_LANES];
    struct stage stage;
    (void)data;
    open_metered(&stage, "echo", "cpu=1,requests=25,size=100k", meter);
    CHECK_TEXT(stage.workload->counters[0], "requests");
    CHECK(!stage.workload->counters[1]);
    CHECK_INT(stage.workload->count(stage.state), 2);
    for (uint64_t repetition = 1; repetition <= 3; repetition++) {
        CHECK_INT(begin_with(&stage, 2, 2), 0);
        stage_run(&stage, 0, 0);
        stage_run(&stage, 1, 1); /* the server has let it end */
        CHECK_INT(meter[0].counter[0], 25 * repetition);
        CHECK_INT(observed(&meter[0]), 25 * repetition);
        CHECK_INT(meter[1].counter[0] + observed(&meter[1]), 0);
        CHECK_INT(stage.workload->end(stage.state), 25);
    }
    stage_close(&stage);
}

static void notes_its_client(const void *data) {
    static const struct {
        const char *params, *note;
    } notes[] = {{NULL, "client unbound"},
                 {"client=0", "client on processors 0"},
                 {"client=0+0", "client on processors 0+0"},
                 {"client=0,0-0", "client on processors 0,0-0"}};
    (void)data;
    for (size_t k = 0; k < sizeof notes / sizeof *notes; k++) {
        struct stage stage;
        cpu_set_t set;
        CHECK(sched_getaffinity(0, sizeof set, &set) == 0);
        if (notes[k].params && !CPU_ISSET(0, &set))
            continue;
        CHECK_INT(stage_open(&stage, workload("echo"), notes[k].params), 0);
        CHECK_TEXT(stage.message.text, notes[k].note);
        stage_close(&stage);
    }
}

static void refuses_few_workers(const void *data) {
    static const struct {
        const char *params;
        uint32_t workers, lanes;
        int code;
        const char *says;
    } few[] = {
        {"cpu=1", 1, 1, -ENOTSUP,
         "echo: cpu=1 needs 2 workers that compute at once, and there is 1: give -n 2 or more"},
        {"cpu=3", 2, 2, -ENOTSUP,
         "echo: cpu=3 needs 4 workers that compute at once, and there are 2: give -n 4 or more"},
        {"cpu=1", 2, 8, -ENOTSUP, "tasks that share a thread wait while one of them computes"},
        {"cpu=1", 2, 2, 0, ""},
        {"cpu=1", 5, 5, 0, ""},
        {"cpu=0", 1, 1, 0, ""},
        {"cpu=0", 1, 100, 0, ""},
    };
    (void)data;
    for (size_t k = 0; k < sizeof few / sizeof *few; k++) {
        struct stage stage;
        int rc = stage_open(&stage, workload("echo"), few[k].params); /* which begins with two */
        if (rc == 0) {
            rc = begin_with(&stage, few[k].workers, few[k].lanes);
            stage_close(&stage);
        }
        CHECK_INT(rc, few[k].code);
        CHECK_HAS(stage.message.text, few[k].says);
    }
}

/* Our only child. */
static pid_t only_child(void) {
    pid_t found = 0;
    DIR *processes = opendir("/proc");
    CHECK(processes);
    for (struct dirent *entry; (entry = readdir(processes));) {
        char path[300], text[512] = "";
        pid_t pid = atoi(entry->d_name), parent;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        int fd = pid > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        if (fd < 0)
            continue;
        ssize_t size = read(fd, text, sizeof text - 1);
        close(fd);
        const char *after = size > 0 ? strrchr(text, ')') : NULL;
        if (after && sscanf(after, ") %*c %d", &parent) == 1 && parent == getpid()) {
            CHECK_INT(found, 0);
            found = pid;
        }
    }
    closedir(processes);
    CHECK(found);
    return found;
}

/* A client that is killed ends the server, which says why, and with it the task that computes. */
static void survives_its_client(const void *data) {
    static struct pb_meter meter[STAGE_LANES];
    struct stage stage;
    uint64_t digest;
    int status;
    (void)data;
    open_metered(&stage, "echo", "cpu=1,requests=10000000", meter);
    pid_t client = only_child();
    CHECK_INT(begin_with(&stage, 2, 2), 0);
    fflush(NULL);
    pid_t server = fork();
    CHECK(server >= 0);
    if (server == 0) {
        int rc = stage.workload->run(&stage.task[0], 0, &digest);
        _exit(rc == PB_ERROR && strncmp(meter[0].failure[0].reason, "the client: ", 12) == 0 ? 7 : 8);
    }
    while (stage.workload->end(stage.state) == 0)
        sched_yield();
    CHECK(kill(client, SIGKILL) == 0);
    stage_run(&stage, 1, 1);
    CHECK(waitpid(server, &status, 0) == server);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    CHECK_INT(begin_with(&stage, 2, 2), -EPIPE);
    CHECK_TEXT(stage.message.text, "echo: its client was killed: start again");
    stage_close(&stage);
}

/* A server that is killed lets the computing task end, through the client; and the next one is served. */
static void survives_its_server(const void *data) {
    static struct pb_meter meter[STAGE_LANES];
    struct stage stage;
    uint64_t digest;
    (void)data;
    open_metered(&stage, "echo", "cpu=1,requests=2000", meter);
    CHECK_INT(begin_with(&stage, 2, 2), 0);
    fflush(NULL);
    pid_t server = fork();
    CHECK(server >= 0);
    if (server == 0) {
        stage.task[0].meter = NULL;
        stage.workload->run(&stage.task[0], 0, &digest);
        _exit(0);
    }
    while (stage.workload->end(stage.state) == 0)
        sched_yield();
    CHECK(kill(server, SIGKILL) == 0);
    CHECK(waitpid(server, NULL, 0) == server);
    stage_run(&stage, 1, 1);
    CHECK_INT(begin_with(&stage, 2, 2), 0);
    stage_run(&stage, 0, 0);
    CHECK_INT(stage.workload->end(stage.state), 2000);
    stage_close(&stage);
}

const struct pb_suite suite_service = {
    "service",
    (const struct pb_case[]){{"request-counts-from-due", counts_from_due, NULL},
                             {"request-waits-until-due", waits_until_due, NULL},
                             {"request-closed-loop", closed_loop, NULL},
                             {"echo-serves-all", serves_all, NULL},
                             {"echo-notes-its-client", notes_its_client, NULL},
                             {"echo-refuses-few-workers", refuses_few_workers, NULL},
                             {"echo-survives-its-client", survives_its_client, NULL},
                             {"echo-survives-its-server", survives_its_server, NULL},
                             {0}},
    NULL,
};
