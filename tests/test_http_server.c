/* The server of the workload `http`: what it is to answer, as numbers; what it answers, by a plain socket;
 * and that it goes when its workload goes, however that goes. */
#include "http_cases.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* ---- The plan ---- */

enum { MANY = 20000 };

/* Within five standard deviations of a binomial. */
static void check_share(const char *what, uint64_t hits, uint64_t of, double share) {
    double expected = share * (double)of, deviation = sqrt(expected * (1 - share)) + 1e-9;
    CHECK_MSG(fabs((double)hits - expected) <= 5 * deviation, "%s: %llu of %llu, expected %.0f", what,
              (unsigned long long)hits, (unsigned long long)of, expected);
}

static void shares(const void *data) {
    static const struct http_plan rows[] = {
        {.seed = 1, .not_found = 0.3, .errors = 0.25, .reset = 0.1, .truncation = 0.05},
        {.seed = 2, .errors = 1},
        {.seed = 3, .not_found = 1},
        {.seed = 4, .not_found = 0.5, .truncation = 0.5},
        {.seed = 5, .reset = 0.02},
        {.seed = 6},
    };
    (void)data;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        for (uint32_t attempt = 0; attempt < 3; attempt++) {
            const struct http_plan *p = &rows[k];
            uint64_t hits[HTTP_TRUNCATED + 1] = {0};
            for (uint64_t i = 0; i < MANY; i++)
                hits[http_answer(p, i, attempt)]++;
            check_share("not_found", hits[HTTP_NOT_FOUND], MANY, p->not_found);
            check_share("errors", hits[HTTP_ERROR], MANY, p->errors);
            check_share("reset", hits[HTTP_RESET], MANY, p->reset);
            check_share("truncate", hits[HTTP_TRUNCATED], MANY, p->truncation);
        }
}

/* A missing item stays missing; whether another fails is drawn anew; another seed draws all anew. */
static void attempts(const void *data) {
    const struct http_plan plan = {.seed = 7, .not_found = 0.3, .errors = 0.35},
                           other = {.seed = 8, .errors = 0.5};
    uint64_t present = 0, twice = 0, same = 0;
    (void)data;
    for (uint64_t i = 0; i < MANY; i++) {
        enum http_answer first = http_answer(&plan, i, 0), second = http_answer(&plan, i, 1);
        CHECK((first == HTTP_NOT_FOUND) == (second == HTTP_NOT_FOUND));
        CHECK(http_answer(&plan, i, 0) == first);
        present += first != HTTP_NOT_FOUND;
        twice += first == HTTP_ERROR && second == HTTP_ERROR;
        same += http_answer(&other, i, 0) == http_answer(&(struct http_plan){.seed = 9, .errors = 0.5}, i, 0);
    }
    check_share("an error on both attempts", twice, present, 0.25);
    check_share("the same under two seeds", same, MANY, 0.5);
}

static void delays(const void *data) {
    const struct http_plan plan = {.seed = 3, .delay_ns = 1000, .jitter_ns = 500}, even = {.delay_ns = 77};
    uint64_t late = 0;
    (void)data;
    for (uint64_t i = 0; i < MANY; i++) {
        int64_t delay = http_delay(&plan, i, 0);
        CHECK(delay >= 1000 && delay <= 1500);
        late += delay >= 1250;
        CHECK_INT(http_delay(&even, i, 0), 77);
    }
    check_share("the later half", late, MANY, 0.5);
}

/* Whatever the pieces it is made in, a body is its words one after the other. */
static void pieces(const void *data) {
    const struct http_plan plan = {.seed = 5, .size = 100};
    char whole[100], part[100];
    (void)data;
    http_fill(&plan, 3, 0, whole, sizeof whole);
    for (uint64_t k = 0; k < 12; k++) {
        uint64_t word = http_word(&plan, 3, k);
        CHECK(memcmp(&word, whole + 8 * k, 8) == 0);
    }
    for (size_t from = 0; from < sizeof whole; from++)
        for (size_t size = 1; from + size <= sizeof whole; size++) {
            http_fill(&plan, 3, from, part, size);
            CHECK(memcmp(part, whole + from, size) == 0);
        }
    http_fill(&plan, 4, 0, part, sizeof part);
    CHECK(memcmp(part, whole, sizeof part) != 0);
}

/* ---- What it answers ---- */

/* The plan that the parameters of `answers` say. */
static const struct http_plan plan = {
    .seed = 11, .size = 5003, .not_found = 0.2, .errors = 0.2, .reset = 0.2, .truncation = 0.2};
static const char params[] = "delay=0s,size=5003,seed=11,not_found=0.2,errors=0.2,reset=0.2,truncate=0.2";

static void check_answer(uint16_t port, uint64_t item, uint32_t attempt) {
    static const char *const lines[] = {[HTTP_GOOD] = "HTTP/1.1 200 ",
                                        [HTTP_NOT_FOUND] = "HTTP/1.1 404 ",
                                        [HTTP_ERROR] = "HTTP/1.1 503 ",
                                        [HTTP_RESET] = "HTTP/1.1 200 ",
                                        [HTTP_TRUNCATED] = "HTTP/1.1 200 "};
    enum http_answer answer = http_answer(&plan, item, attempt);
    bool whole = answer == HTTP_GOOD, body_due = whole || answer >= HTTP_RESET;
    struct pb_buffer got = {0};
    char path[64], body[5003];
    snprintf(path, sizeof path, "/items/%llu/%u", (unsigned long long)item, attempt);
    CHECK_INT(http_ask(port, path, &got), answer == HTTP_RESET ? -ECONNRESET : 0);
    CHECK_MSG(strncmp(pb_buffer_string(&got), lines[answer], strlen(lines[answer])) == 0, "%s: \"%.40s\"",
              path, pb_buffer_string(&got));
    if (body_due) {
        const char *start = strstr(got.data, "\r\n\r\n");
        CHECK(start && strstr(got.data, "Content-Length: 5003\r\n"));
        start += 4;
        size_t size = got.size - (size_t)(start - got.data);
        http_fill(&plan, item, 0, body, sizeof body);
        CHECK_INT(size, whole ? 5003 : 5003 / 2);
        CHECK(memcmp(start, body, size) == 0);
    }
    pb_buffer_release(&got);
}

static void answers(const void *data) {
    struct stage stage;
    unsigned seen[HTTP_TRUNCATED + 1] = {0};
    (void)data;
    http_open(&stage, params);
    uint16_t port = http_port_of(http_server_of(getpid()));
    for (uint64_t item = 0; item < 40; item++)
        for (uint32_t attempt = 0; attempt < 2; attempt++) {
            check_answer(port, item, attempt);
            seen[http_answer(&plan, item, attempt)]++;
        }
    for (size_t k = 0; k < sizeof seen / sizeof *seen; k++)
        CHECK_MSG(seen[k] > 0, "answer %zu never came: choose another seed", k);
    CHECK_INT(http_count(port).requests, 80);
    CHECK_INT(http_count(port).peak, 1);
    stage_close(&stage);
}

/* ---- That it goes ---- */

static int open_pidfd(pid_t pid) {
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    CHECK_MSG(fd >= 0, "process %d: %s", (int)pid, strerror(errno));
    return fd;
}

static void check_over(int pidfd) {
    struct pollfd wait = {.fd = pidfd, .events = POLLIN};
    CHECK_MSG(poll(&wait, 1, 20000) == 1, "the server runs on");
    close(pidfd);
}

static void goes_with_teardown(const void *data) {
    struct stage stage;
    (void)data;
    http_open(&stage, NULL);
    pid_t server = http_server_of(getpid());
    CHECK(server > 0);
    int pidfd = open_pidfd(server);
    stage_close(&stage);
    check_over(pidfd);
    CHECK_INT(http_server_of(getpid()), 0); /* no zombie either */
    CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void goes_with_its_parent(const void *data) {
    int tell[2];
    pid_t server = 0;
    (void)data;
    (void)http_workload(); /* skips here, not in the child */
    CHECK(pipe(tell) == 0);
    fflush(NULL);
    pid_t parent = fork();
    CHECK(parent >= 0);
    if (parent == 0) {
        struct stage stage;
        http_open(&stage, NULL);
        server = http_server_of(getpid());
        CHECK(write(tell[1], &server, sizeof server) == sizeof server);
        for (;;)
            pause();
    }
    CHECK(read(tell[0], &server, sizeof server) == sizeof server && server > 0);
    int pidfd = open_pidfd(server);
    kill(parent, SIGKILL);
    check_over(pidfd);
    CHECK(waitpid(parent, NULL, 0) == parent);
}

/* A pipe of its parent closes when the parent closes it. */
static void holds_nothing_open(const void *data) {
    struct stage stage;
    int ends[2];
    (void)data;
    CHECK(pipe(ends) == 0);
    http_open(&stage, NULL);
    close(ends[1]);
    struct pollfd wait = {.fd = ends[0], .events = POLLIN};
    CHECK_MSG(poll(&wait, 1, 20000) == 1 && wait.revents & POLLHUP,
              "the server holds a pipe of its parent open");
    close(ends[0]);
    stage_close(&stage);
}

const struct pb_suite suite_http_server = {
    "http-server",
    (const struct pb_case[]){{"shares", shares, NULL},
                             {"attempts", attempts, NULL},
                             {"delays", delays, NULL},
                             {"pieces", pieces, NULL},
                             {"answers", answers, NULL},
                             {"goes-with-teardown", goes_with_teardown, NULL},
                             {"goes-with-its-parent", goes_with_its_parent, NULL},
                             {"holds-nothing-open", holds_nothing_open, NULL},
                             {0}},
    NULL,
};
