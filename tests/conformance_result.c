/* Results: bytes, copied, as often as they are read; and waiting for them. */
#include "conformance.h"

enum { LARGEST = 16 << 20 };

/* Returns as many bytes as its argument says. */
static int give(struct pb_task *task, const void *args, size_t size) {
    uint64_t bytes;
    (void)size;
    memcpy(&bytes, args, sizeof bytes);
    unsigned char *data = malloc(bytes + 1);
    fill(data, bytes);
    int rc = pb_return(task, data, bytes);
    free(data);
    return rc;
}

static void check_result(struct trial *t, size_t size) {
    unsigned char *got = malloc(size + 1);
    struct pb_future *f = trial_number(t, give, size);
    got[size] = 0xa5;
    CHECK_INT(pb_future_result(f, got, size + 1, PB_FOREVER), 0);
    CHECK_INT(pb_future_size(f), size);
    CHECK_MSG(is_filled(got, size), "%zu bytes of the result were not what was returned", size);
    CHECK_INT(got[size], 0xa5);
    CHECK_TEXT(pb_future_message(f), "");
    pb_future_release(f);
    free(got);
}

static void moves_results_of_all_sizes(const void *name) {
    static const size_t sizes[] = {0,  1,  7,    8,     9,     23,    24,      25,  63,
                                   64, 65, 4096, 65535, 65536, 65537, 1 << 20, 200, 100};
    struct trial t = trial_open(name, 1);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_result(&t, sizes[i]);
    trial_close(&t);
}

static void moves_the_largest_result(const void *name) {
    struct trial t = trial_open(name, 1);
    check_result(&t, LARGEST - 1);
    check_result(&t, LARGEST);
    trial_close(&t);
}

/* pb_return says so, and the task fails whatever it returns. */
static int give_too_much(struct pb_task *task, const void *args, size_t size) {
    void *data = calloc(1, (size_t)LARGEST + 1);
    (void)args, (void)size;
    int rc = pb_return(task, data, (size_t)LARGEST + 1);
    free(data);
    return rc == -EMSGSIZE ? 0 : 99;
}

static void fails_on_larger_result(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f = trial_submit(&t, give_too_much, NULL, 0);
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), -EMSGSIZE);
    CHECK_INT(pb_future_state(f), PB_FINISHED);
    CHECK_HAS(pb_future_message(f), "16777217");
    pb_future_release(f);
    check_result(&t, 100);
    trial_close(&t);
}

static int give_twice(struct pb_task *task, const void *args, size_t size) {
    const uint64_t *sizes = args;
    (void)size;
    unsigned char *data = malloc(200000);
    memset(data, 0xdd, 200000);
    int rc = pb_return(task, data, sizes[0]);
    fill(data, 200000);
    if (rc == 0)
        rc = pb_return(task, data, sizes[1]);
    free(data);
    return rc;
}

static void replaces_results(const void *name) {
    static const uint64_t rows[][2] = {{8, 16}, {16, 8}, {0, 8}, {8, 0}, {200000, 3}, {3, 200000}};
    struct trial t = trial_open(name, 1);
    unsigned char *got = malloc(200000);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_future *f = trial_submit(&t, give_twice, rows[i], sizeof rows[i]);
        CHECK_INT(pb_future_result(f, got, 200000, PB_FOREVER), 0);
        CHECK_INT(pb_future_size(f), rows[i][1]);
        CHECK(is_filled(got, rows[i][1]));
        pb_future_release(f);
    }
    free(got);
    trial_close(&t);
}

static void leaves_out_alone_without_result(const void *name) {
    struct trial t = trial_open(name, 1);
    uint64_t x = 42;
    struct pb_future *f = trial_submit(&t, do_nothing, NULL, 0);
    CHECK_INT(pb_future_result(f, &x, sizeof x, PB_FOREVER), 0);
    CHECK_INT(x, 42);
    CHECK_INT(pb_future_size(f), 0);
    pb_future_release(f);
    trial_close(&t);
}

static void tells_too_small_capacity(const void *name) {
    static const size_t sizes[] = {1, 8, 24, 25, 64, 65, 100000};
    struct trial t = trial_open(name, 1);
    unsigned char *got = malloc(100000);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct pb_future *f = trial_number(&t, give, sizes[i]);
        CHECK_INT(pb_future_result(f, got, sizes[i] - 1, PB_FOREVER), -EMSGSIZE);
        CHECK_INT(pb_future_size(f), sizes[i]); /* so that the second try fits */
        CHECK_INT(pb_future_result(f, got, pb_future_size(f), 0), 0);
        CHECK(is_filled(got, sizes[i]));
        pb_future_release(f);
    }
    free(got);
    trial_close(&t);
}

static void waits_without_reading(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f = trial_number(&t, square, 12);
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), 0);
    CHECK_INT(take(f), 144);
    trial_close(&t);
}

static void moves_any_byte(const void *name) {
    struct trial t = trial_open(name, 1);
    unsigned char sent[512], got[512];
    for (int i = 0; i < 512; i++)
        sent[i] = (unsigned char)(i * 255);
    struct pb_future *f = trial_submit(&t, echo, sent, sizeof sent);
    CHECK_INT(pb_future_result(f, got, sizeof got, PB_FOREVER), 0);
    CHECK(memcmp(sent, got, sizeof got) == 0);
    pb_future_release(f);
    trial_close(&t);
}

static void reads_twice(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f = trial_number(&t, square, 9);
    for (int i = 0; i < 3; i++) {
        uint64_t x = 0;
        CHECK_INT(pb_future_result(f, &x, sizeof x, PB_FOREVER), 0);
        CHECK_INT(x, 81);
    }
    pb_future_release(f);
    trial_close(&t);
}

static void *read_result(void *argument) {
    unsigned char *got = malloc(70000);
    CHECK_INT(pb_future_result(argument, got, 70000, PB_FOREVER), 0);
    CHECK(is_filled(got, 70000));
    free(got);
    return NULL;
}

static void reads_from_threads_at_once(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *f = trial_number(&t, give, 70000);
    pthread_t early[2];
    for (int i = 0; i < 2; i++)
        CHECK_INT(pthread_create(&early[i], NULL, read_result, f), 0);
    trial_let_go(&t);
    in_threads(4, read_result, f);
    for (int i = 0; i < 2; i++)
        pthread_join(early[i], NULL);
    pb_future_release(f);
    take(held);
    trial_close(&t);
}

static void has_no_size_before_its_end(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *f = trial_number(&t, square, 3);
    CHECK_INT(pb_future_size(f), t.is->in_caller ? sizeof(uint64_t) : 0);
    CHECK_INT(pb_future_size(held), t.is->in_caller ? sizeof(uint64_t) : 0);
    CHECK_TEXT(pb_future_message(held), "");
    trial_let_go(&t);
    CHECK_INT(take(held), 77);
    CHECK_INT(take(f), 9);
    trial_close(&t);
}

static void times_out(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *running = trial_hold(&t), *pending = trial_number(&t, square, 4);
    uint64_t x = 42;
    int code = t.is->in_caller ? 0 : -ETIMEDOUT;
    for (int i = 0; i < 2; i++) {
        CHECK_INT(pb_future_result(running, NULL, 0, i * MOMENT), code);
        CHECK_INT(pb_future_result(pending, NULL, 0, i * MOMENT), code);
    }
    CHECK_INT(pb_future_result(pending, &x, sizeof x, MOMENT), code);
    CHECK_INT(x, code ? 42 : 16);
    CHECK(pb_future_done(pending) == t.is->in_caller);
    trial_let_go(&t); /* a time-out stops nothing: both end well */
    CHECK_INT(take(running), 77);
    CHECK_INT(take(pending), 16);
    trial_close(&t);
}

static void needs_no_time_once_done(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f = trial_number(&t, square, 3);
    uint64_t x;
    await_state(f, PB_FINISHED); /* nobody waits in the library */
    CHECK_INT(pb_future_result(f, &x, sizeof x, 0), 0);
    CHECK_INT(x, 9);
    pb_future_release(f);
    trial_close(&t);
}

const struct executor_case conformance_result[] = {
    {"moves-results-of-all-sizes", moves_results_of_all_sizes},
    {"moves-the-largest-result", moves_the_largest_result},
    {"fails-on-larger-result", fails_on_larger_result},
    {"replaces-results", replaces_results},
    {"leaves-out-alone-without-result", leaves_out_alone_without_result},
    {"tells-too-small-capacity", tells_too_small_capacity},
    {"waits-without-reading", waits_without_reading},
    {"moves-any-byte", moves_any_byte},
    {"reads-twice", reads_twice},
    {"reads-from-threads-at-once", reads_from_threads_at_once},
    {"has-no-size-before-its-end", has_no_size_before_its_end},
    {"times-out", times_out},
    {"needs-no-time-once-done", needs_no_time_once_done},
    {0},
};
