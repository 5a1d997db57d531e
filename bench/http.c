/* Downloads, as in the story of the flags: one task gets one item from a server of our own (http_server.c),
 * whose faults are a function of the item (http_item.h), or from the one that `url` names.
 *
 * Each lane has a multi handle and an easy handle of libcurl, with one connection kept alive in between.
 * libcurl is never waited in: it names the sockets and the moment that it waits for, the lane's epoll set
 * collects the sockets, and the verb `poll` waits for that set, blocking a thread or suspending a coroutine.
 * So one source serves every executor, without a thread or a signal of libcurl's own (save its look-up of
 * names, with `url`).
 *
 * Only a body that is whole is ok: as long as announced, and each byte as the generator says. */
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/clock.h"
#include "bench/http_server.h"

enum { URL_MAX = 2048, URL_NUMBERS_MAX = 8, NUMBER_LENGTH = 20, MILLISECOND = 1000000, SOCKETS = 8 };

/* What run returns beyond ok and error; in the order of `statuses`. */
enum { NOT_FOUND = PB_STATUS_FIRST, TIMED_OUT, SHORT };

enum { REQUESTS, CONNECTIONS };

struct state {
    struct http_plan plan;
    struct http_server server; /* unless url is given */
    const char *url;           /* NULL: our own server */
    uint64_t items;
    int64_t timeout_ns;
    uint32_t retries;
    bool keep_alive;
};

struct lane {
    CURLM *multi;
    CURL *easy;
    int sockets;        /* the epoll set of libcurl's sockets, or -1 */
    uint64_t wake;      /* the moment libcurl waits for, UINT64_MAX: none */
    char *body;         /* room for plan.size bytes; NULL with url */
    uint64_t room, got; /* bytes; more may come than there is room for */
    char error[CURL_ERROR_SIZE];
    char reason[CURL_ERROR_SIZE + 64];
};

enum { ITEMS, SIZE, DELAY, JITTER, MISSING, ERRORS, RESET, TRUNCATE, SEED, RETRIES, TIMEOUT, KEEPALIVE, URL };

#define SHARE(text) .type = PB_PARAM_REAL, .fallback = "0", .min = 0, .max = 1, .help = text
static const struct pb_param params[] = {
    [ITEMS] = {.name = "items",
               .type = PB_PARAM_COUNT,
               .fallback = "20",
               .min = 1,
               .max = 1000000,
               .help = "how many items there are to download"},
    [SIZE] = {.name = "size",
              .type = PB_PARAM_SIZE,
              .fallback = "8KiB",
              .min = 2,
              .max = 0x1p26,
              .help = "bytes of an item"},
    [DELAY] = {.name = "delay",
               .type = PB_PARAM_TIME,
               .fallback = "10ms",
               .min = 0,
               .max = 60e9,
               .help = "how long the server takes for an answer"},
    [JITTER] = {.name = "jitter",
                .type = PB_PARAM_TIME,
                .fallback = "0s",
                .min = 0,
                .max = 60e9,
                .help = "how much longer it may take, evenly spread"},
    [MISSING] = {.name = "not_found", SHARE("share of items that are missing: 404")},
    [ERRORS] = {.name = "errors", SHARE("share of requests that fail: 503")},
    [RESET] = {.name = "reset", SHARE("share whose connection is reset within the body")},
    [TRUNCATE] = {.name = "truncate", SHARE("share whose body ends at half the length announced")},
    [SEED] = {.name = "seed",
              .type = PB_PARAM_COUNT,
              .fallback = "1",
              .min = 0,
              .max = 4294967295,
              .help = "decides which requests meet which fault, and the items' bytes"},
    [RETRIES] = {.name = "retries",
                 .type = PB_PARAM_COUNT,
                 .fallback = "0",
                 .min = 0,
                 .max = 100,
                 .help = "further attempts at an item that failed, unless it is missing"},
    [TIMEOUT] = {.name = "timeout",
                 .type = PB_PARAM_TIME,
                 .fallback = "10s",
                 .min = 1e6,
                 .max = 3600e9,
                 .help = "how long one attempt may take"},
    [KEEPALIVE] = {.name = "keepalive",
                   .type = PB_PARAM_COUNT,
                   .fallback = "1",
                   .min = 0,
                   .max = 1,
                   .help = "keep connections for the next request (1) or not (0)"},
    [URL] = {.name = "url",
             .type = PB_PARAM_TEXT,
             .fallback = "",
             .help = "another server to ask, {i} being the item: http://host/{i}.gif"},
    {0},
};

/* ---- Set-up ---- */

static int complain(struct pb_message *message, int code, const char *what) {
    snprintf(message->text, sizeof message->text, "http: %s", what);
    return code;
}

/* The URL with each {i} replaced. */
static void expand(const char *url, uint64_t i, char out[URL_MAX]) {
    size_t used = 0;
    for (const char *hole; (hole = strstr(url, "{i}")); url = hole + 3)
        used += (size_t)snprintf(out + used, URL_MAX - used, "%.*s%llu", (int)(hole - url), url,
                                 (unsigned long long)i);
    snprintf(out + used, URL_MAX - used, "%s", url);
}

static int check_url(const char *url, struct pb_message *message) {
    unsigned numbers = 0;
    for (const char *hole = url; (hole = strstr(hole, "{i}")); hole += 3)
        numbers++;
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return complain(message, -EINVAL,
                        "url: it is no address of a page: begin it with http:// or https://");
    if (numbers > URL_NUMBERS_MAX || strlen(url) >= URL_MAX - URL_NUMBERS_MAX * NUMBER_LENGTH)
        return complain(message, -EINVAL,
                        "url: it is too long: give at most 1800 bytes, with {i} in 8 places");
    return 0;
}

/* A lane of an event loop needs some five descriptors; most systems let a process raise its limit itself. */
static void raise_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void read_params(struct state *self, const union pb_value *value) {
    self->plan = (struct http_plan){
        .seed = (uint64_t)value[SEED].integer,
        .size = (size_t)value[SIZE].integer,
        .delay_ns = value[DELAY].integer,
        .jitter_ns = value[JITTER].integer,
        .not_found = value[MISSING].real,
        .errors = value[ERRORS].real,
        .reset = value[RESET].real,
        .truncation = value[TRUNCATE].real,
    };
    self->items = (uint64_t)value[ITEMS].integer;
    self->timeout_ns = value[TIMEOUT].integer;
    self->retries = (uint32_t)value[RETRIES].integer;
    self->keep_alive = value[KEEPALIVE].integer != 0;
    self->url = value[URL].text[0] ? value[URL].text : NULL;
}

static void teardown(void *state) {
    struct state *self = state;
    http_server_stop(&self->server);
    curl_global_cleanup();
}

/* The server is forked first: it needs nothing of libcurl. */
static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    read_params(self, given->value);
    const struct http_plan *plan = &self->plan;
    if (plan->not_found + plan->errors + plan->reset + plan->truncation > 1 + 1e-9)
        return complain(
            message, -EINVAL,
            "not_found, errors, reset and truncate are shares of all requests: give at most 1 in all");
    raise_descriptors();
    int rc = self->url ? check_url(self->url, message) : http_server_start(&self->server, plan, message);
    if (rc < 0)
        return rc;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        http_server_stop(&self->server);
        return complain(message, -EIO, "libcurl cannot be set up: see whether `curl --version` works");
    }
    return 0;
}

static uint64_t count(const void *state) {
    return ((const struct state *)state)->items;
}

static uint64_t bytes(const void *state) {
    const struct state *self = state;
    return self->url ? 0 : self->plan.size;
}

/* ---- What libcurl calls ---- */

/* `known` is what was assigned when the socket was added. */
static int watch(CURL *easy, curl_socket_t fd, int what, void *context, void *known) {
    struct lane *lane = context;
    struct epoll_event event = {.data.fd = fd};
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(lane->sockets, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    event.events |= what & CURL_POLL_IN ? EPOLLIN : 0;
    event.events |= what & CURL_POLL_OUT ? EPOLLOUT : 0;
    if (!known)
        curl_multi_assign(lane->multi, fd, lane);
    return epoll_ctl(lane->sockets, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
}

static int set_timer(CURLM *multi, long ms, void *context) {
    struct lane *lane = context;
    (void)multi;
    lane->wake = ms < 0 ? UINT64_MAX : pb_clock_ns() + (uint64_t)ms * MILLISECOND;
    return 0;
}

static size_t take(char *data, size_t one, size_t size, void *context) {
    struct lane *lane = context;
    (void)one;
    if (lane->got < lane->room) {
        size_t room = (size_t)(lane->room - lane->got);
        memcpy(lane->body + lane->got, data, size < room ? size : room);
    }
    lane->got += size;
    return size;
}

/* ---- Lanes ---- */

static void lane_teardown(void *lane, void *state) {
    struct lane *self = lane;
    (void)state;
    curl_easy_cleanup(self->easy);
    curl_multi_cleanup(self->multi); /* closes the connection, and says so to `watch` */
    if (self->sockets >= 0)
        close(self->sockets);
    free(self->body);
    *self = (struct lane){.sockets = -1};
}

/* Our own server is asked directly; of `url` the environment may say by which proxy. */
static void set_options(struct lane *lane, const struct state *state) {
    CURL *easy = lane->easy;
    curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane);
    curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, state->url ? NULL : "*");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, state->url ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 10L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, state->keep_alive ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(state->timeout_ns / MILLISECOND));
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "parbench");
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, lane->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, lane);
}

static int lane_setup(void *lane, void *state, struct pb_message *message) {
    struct lane *self = lane;
    const struct state *shared = state;
    *self = (struct lane){.wake = UINT64_MAX, .room = shared->url ? 0 : shared->plan.size};
    self->sockets = epoll_create1(EPOLL_CLOEXEC);
    self->multi = curl_multi_init();
    self->easy = curl_easy_init();
    self->body = malloc(self->room + 8); /* read by whole words */
    if (self->sockets >= 0 && self->multi && self->easy && self->body) {
        set_options(self, shared);
        return 0;
    }
    int rc = self->sockets < 0 ? -errno : -ENOMEM;
    lane_teardown(lane, state);
    return complain(message, rc,
                    "a lane gets no descriptors or no memory: ask for fewer workers, or a "
                    "smaller size");
}

/* ---- One attempt ---- */

/* Hands libcurl what has happened; 0, or -errno of the waiting. */
static int step(struct pb_task *task, struct lane *lane, int *running) {
    struct epoll_event event[SOCKETS];
    uint64_t now = pb_clock_ns();
    int64_t wait = lane->wake == UINT64_MAX ? -1 : lane->wake > now ? (int64_t)(lane->wake - now) : 0;
    int rc = wait == 0 ? 0 : pb_poll(task, lane->sockets, POLLIN, wait);
    if (rc < 0)
        return rc;
    if (rc == 0) {
        lane->wake = UINT64_MAX;
        curl_multi_socket_action(lane->multi, CURL_SOCKET_TIMEOUT, 0, running);
        return 0;
    }
    int ready = epoll_wait(lane->sockets, event, SOCKETS, 0);
    for (int k = 0; k < ready; k++) {
        int what = (event[k].events & (EPOLLIN | EPOLLHUP | EPOLLERR) ? CURL_CSELECT_IN : 0) |
                   (event[k].events & (EPOLLOUT | EPOLLERR) ? CURL_CSELECT_OUT : 0);
        curl_multi_socket_action(lane->multi, event[k].data.fd, what, running);
    }
    return 0;
}

/* Gets what the easy handle is set to; 0 with libcurl's result, or -errno. */
static int get(struct pb_task *task, struct lane *lane, CURLcode *result) {
    int rc = 0, running = 1, left;
    lane->got = 0;
    lane->error[0] = '\0';
    if (curl_multi_add_handle(lane->multi, lane->easy) != CURLM_OK)
        return -ENOMEM;
    while (rc == 0 && running)
        rc = pb_should_stop(task) ? -ECANCELED : step(task, lane, &running);
    CURLMsg *message = rc == 0 ? curl_multi_info_read(lane->multi, &left) : NULL;
    if (message)
        *result = message->data.result;
    else if (rc == 0)
        rc = -EIO;
    curl_multi_remove_handle(lane->multi, lane->easy);
    return rc;
}

#define BECAUSE(lane, status, ...) (snprintf((lane)->reason, sizeof(lane)->reason, __VA_ARGS__), (status))

/* A status for what libcurl could not bring to an end. */
static int judge_failure(const struct state *state, struct lane *lane, CURLcode result) {
    long os_error = 0;
    curl_off_t announced = -1;
    curl_easy_getinfo(lane->easy, CURLINFO_OS_ERRNO, &os_error);
    curl_easy_getinfo(lane->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    switch (result) {
    case CURLE_OPERATION_TIMEDOUT:
        return BECAUSE(lane, TIMED_OUT, "not done within %lld ms",
                       (long long)(state->timeout_ns / MILLISECOND));
    case CURLE_PARTIAL_FILE:
        if (announced >= 0)
            return BECAUSE(lane, SHORT, "%llu of %lld bytes", (unsigned long long)lane->got,
                           (long long)announced);
        return BECAUSE(lane, SHORT, "ended after %llu bytes", (unsigned long long)lane->got);
    case CURLE_RECV_ERROR:
        if (os_error == ECONNRESET)
            return BECAUSE(lane, PB_ERROR, "reset by the server");
        break;
    case CURLE_COULDNT_CONNECT:
        if (os_error == ECONNREFUSED)
            return BECAUSE(lane, PB_ERROR, "refused by the server");
        break;
    default:
        break;
    }
    const char *text = lane->error[0] ? lane->error : curl_easy_strerror(result);
    bool is_name = isupper((unsigned char)text[0]) && isupper((unsigned char)text[1]); /* "SSL ..." */
    return BECAUSE(lane, PB_ERROR, "%c%s", is_name ? text[0] : tolower((unsigned char)text[0]), text + 1);
}

/* A status for a body that has come to its end. */
static int judge_body(const struct state *state, struct lane *lane, uint64_t i, uint64_t *digest) {
    uint64_t size = state->plan.size, sum = 0;
    if (lane->got != size)
        return BECAUSE(lane, lane->got < size ? SHORT : PB_ERROR,
                       lane->got < size ? "%llu of %llu bytes" : "%llu bytes where %llu were due",
                       (unsigned long long)lane->got, (unsigned long long)size);
    for (uint64_t k = 0; k * 8 < size; k++) {
        uint64_t word = 0, right = http_word(&state->plan, i, k);
        size_t part = size - k * 8 < 8 ? (size_t)(size - k * 8) : 8;
        memcpy(&word, lane->body + k * 8, part);
        if (memcmp(&word, &right, part) != 0)
            return BECAUSE(lane, PB_ERROR, "another body: it differs in byte %llu to %llu",
                           (unsigned long long)k * 8, (unsigned long long)k * 8 + part - 1);
        sum = pb_mix(sum, word);
    }
    *digest = sum;
    return PB_OK;
}

static int judge(const struct state *state, struct lane *lane, uint64_t i, uint64_t *digest) {
    long code = 0;
    curl_easy_getinfo(lane->easy, CURLINFO_RESPONSE_CODE, &code);
    if (code == 404)
        return BECAUSE(lane, NOT_FOUND, "HTTP 404");
    if (code < 200 || code > 299)
        return BECAUSE(lane, PB_ERROR, "HTTP %ld", code);
    return state->url ? PB_OK : judge_body(state, lane, i, digest);
}

static int attempt(struct pb_task *task, uint64_t i, uint32_t number, uint64_t *digest) {
    const struct state *state = task->state;
    struct lane *lane = task->lane;
    CURLcode result = CURLE_OK;
    char url[URL_MAX];
    long connections = 0;
    if (state->url)
        expand(state->url, i, url);
    else
        snprintf(url, sizeof url, "http://127.0.0.1:%u/items/%llu/%u", state->server.port,
                 (unsigned long long)i, number);
    curl_easy_setopt(lane->easy, CURLOPT_URL, url);
    int rc = get(task, lane, &result);
    if (rc < 0)
        return BECAUSE(lane, PB_ERROR, "%s", rc == -ECANCELED ? "given up" : strerror(-rc));
    curl_easy_getinfo(lane->easy, CURLINFO_NUM_CONNECTS, &connections);
    pb_count(task, REQUESTS, 1);
    pb_count(task, CONNECTIONS, (uint64_t)connections);
    return result == CURLE_OK ? judge(state, lane, i, digest) : judge_failure(state, lane, result);
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *state = task->state;
    struct lane *lane = task->lane;
    uint64_t began = pb_clock_ns(), body = 0;
    int status = PB_ERROR;
    for (uint32_t k = 0; k <= state->retries; k++) {
        status = attempt(task, i, k, &body);
        if (status == PB_OK || status == NOT_FOUND || pb_should_stop(task))
            break;
    }
    *digest = pb_mix(i, status == PB_OK ? body : (uint64_t)status);
    if (status != PB_OK)
        return pb_reason(task, i, status, "%s", lane->reason);
    pb_observe(task, pb_clock_ns() - began);
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER,
    .name = "http",
    .summary = "downloads from a server of its own, with faults (libcurl)",
    .bound = PB_IO,
    .params = params,
    .statuses = (const char *const[]){"not_found", "timeout", "short", NULL},
    .counters = (const char *const[]){"requests", "connections", NULL},
    .state_size = sizeof(struct state),
    .lane_size = sizeof(struct lane),
    .stack_size = 256 << 10,
    .count = count,
    .bytes = bytes,
    .setup = setup,
    .lane_setup = lane_setup,
    .run = run,
    .lane_teardown = lane_teardown,
    .teardown = teardown,
};
