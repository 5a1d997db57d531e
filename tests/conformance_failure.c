/* Failures: a code and a message, carried back whole. */
#include "conformance.h"

#include <limits.h>

static void carries_codes(const void *name) {
    static const int codes[] = {1,           2,     42,   127,        128,        255,
                                256,         -1,    -EIO, -ETIMEDOUT, -ECANCELED, INT_MAX,
                                INT_MIN + 1, 65536, -300, -ENOENT,    -EMSGSIZE,  -EOWNERDEAD};
    struct trial t = trial_open(name, 1);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct pb_future *f = trial_number(&t, fail_with, (uint64_t)(int64_t)codes[i]);
        char expected[32];
        snprintf(expected, sizeof expected, "code %d", codes[i]);
        CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), codes[i]);
        CHECK_INT(pb_future_state(f), PB_FINISHED);
        CHECK_TEXT(pb_future_message(f), expected);
        pb_future_release(f);
    }
    trial_close(&t);
}

static int fail_in_silence(struct pb_task *task, const void *args, size_t size) {
    (void)task, (void)args, (void)size;
    return 3;
}

static void carries_codes_without_message(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f = trial_submit(&t, fail_in_silence, NULL, 0);
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), 3);
    CHECK_TEXT(pb_future_message(f), "");
    pb_future_release(f);
    trial_close(&t);
}

/* Fails with its arguments, a string, as the message. */
static int fail_saying(struct pb_task *task, const void *args, size_t size) {
    (void)size;
    return pb_fail(task, 5, "%s", (const char *)args);
}

static void carries_any_text(const void *name) {
    static const char *const texts[] = {"",
                                        "x",
                                        "100 % of %s, %n and %d",
                                        "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x9a\x80",
                                        "two\nlines\tand \"quotes\" \\ \x1b[1m",
                                        "not UTF-8: \xff\xfe"};
    struct trial t = trial_open(name, 1);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct pb_future *f = trial_submit(&t, fail_saying, texts[i], strlen(texts[i]) + 1);
        struct pb_error error = {0};
        CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), 5);
        CHECK_TEXT(pb_future_message(f), texts[i]);
        CHECK_INT(pb_future_error(f, &error, 0), 0);
        CHECK_TEXT(error.text, texts[i]);
        pb_future_release(f);
    }
    trial_close(&t);
}

static void carries_long_messages_whole(const void *name) {
    static const size_t sizes[] = {507, 508, 4096, 65536, 100000, 1 << 20};
    struct trial t = trial_open(name, 1);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *text = malloc(sizes[i] + 1);
        struct pb_error error = {0};
        for (size_t k = 0; k < sizes[i]; k++)
            text[k] = (char)('a' + (k + k / 26) % 26);
        text[sizes[i]] = 0;
        struct pb_future *f = trial_submit(&t, fail_saying, text, sizes[i] + 1);
        CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), 5);
        CHECK_MSG(strcmp(pb_future_message(f), text) == 0, "a message of %zu bytes is another", sizes[i]);
        CHECK_INT(pb_future_error(f, &error, 0), 0); /* which holds less: the beginning */
        CHECK(strnlen(error.text, sizeof error.text) < sizeof error.text);
        CHECK(strncmp(error.text, text, 400) == 0);
        pb_future_release(f);
        free(text);
    }
    trial_close(&t);
}

static int fail_with_words(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    return pb_fail(task, 42, "flag %d of %s, %5.2f", 7, "Brazil", 2.5);
}

static void formats_messages(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f = trial_submit(&t, fail_with_words, NULL, 0);
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), 42);
    CHECK_TEXT(pb_future_message(f), "flag 7 of Brazil,  2.50");
    pb_future_release(f);
    trial_close(&t);
}

static int fail_twice(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    pb_fail(task, 1, "the first, and longer than the second");
    return pb_fail(task, 2, "the second");
}

static void keeps_the_last_message(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f = trial_submit(&t, fail_twice, NULL, 0);
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), 2);
    CHECK_TEXT(pb_future_message(f), "the second");
    pb_future_release(f);
    trial_close(&t);
}

/* A task that thought better of it. */
static int recover(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    pb_fail(task, 1, "not in the end");
    return pb_return(task, "fine", 5);
}

static void forgets_messages_of_success(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f = trial_submit(&t, recover, NULL, 0);
    struct pb_error error = {.code = 1, .text = "stale"};
    char got[5];
    CHECK_INT(pb_future_result(f, got, sizeof got, PB_FOREVER), 0);
    CHECK_TEXT(got, "fine");
    CHECK_TEXT(pb_future_message(f), "");
    CHECK_INT(pb_future_error(f, &error, 0), 0);
    CHECK_INT(error.code, 0);
    pb_future_release(f);
    trial_close(&t);
}

static int return_and_fail(struct pb_task *task, const void *args, size_t size) {
    CHECK_INT(pb_return(task, args, size), 0);
    return pb_fail(task, 6, "after all");
}

static void drops_results_of_failures(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f = trial_number(&t, return_and_fail, 99);
    uint64_t x = 42;
    CHECK_INT(pb_future_result(f, &x, sizeof x, PB_FOREVER), 6);
    CHECK_INT(x, 42);
    CHECK_TEXT(pb_future_message(f), "after all");
    pb_future_release(f);
    trial_close(&t);
}

static int fail_without_format(struct pb_task *task, const void *args, size_t size) {
    const char *volatile none = NULL;
    (void)args, (void)size;
    return pb_fail(task, 8, none, 0);
}

static void takes_no_message(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f = trial_submit(&t, fail_without_format, NULL, 0);
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), 8);
    CHECK_TEXT(pb_future_message(f), "");
    pb_future_release(f);
    trial_close(&t);
}

static void tells_errors(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_error error = {.code = 1, .text = "stale"};
    struct pb_future *good = trial_number(&t, square, 2), *bad = trial_number(&t, fail_with, 9);
    struct pb_future *late = trial_number(&t, fail_with, (uint64_t)-ETIMEDOUT);
    CHECK_INT(pb_future_error(good, &error, PB_FOREVER), 0);
    CHECK_INT(error.code, 0);
    CHECK_TEXT(error.text, "");
    CHECK_INT(pb_future_error(bad, &error, PB_FOREVER), 0);
    CHECK_INT(error.code, 9);
    CHECK_TEXT(error.text, "code 9");
    CHECK_INT(pb_future_error(late, &error, PB_FOREVER), 0); /* its own code, and no time-out of the wait */
    CHECK_INT(error.code, -ETIMEDOUT);
    pb_future_release(late);
    pb_future_release(bad);
    CHECK_INT(take(good), 4);
    trial_close(&t);
}

static void tells_no_error_before_the_end(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_error error = {0};
    struct pb_future *running = trial_hold(&t), *pending = trial_number(&t, fail_with, 9);
    CHECK_INT(pb_future_error(running, &error, 0), t.is->in_caller ? 0 : -ETIMEDOUT);
    CHECK_INT(pb_future_error(pending, &error, MOMENT), t.is->in_caller ? 0 : -ETIMEDOUT);
    bool cancelled = pb_future_cancel(pending);
    CHECK(cancelled != t.is->in_caller);
    CHECK_INT(pb_future_error(pending, &error, 0), cancelled ? -ECANCELED : 0);
    trial_let_go(&t);
    CHECK_INT(pb_future_error(running, &error, PB_FOREVER), 0);
    CHECK_INT(error.code, 0);
    pb_future_release(running);
    pb_future_release(pending);
    trial_close(&t);
}

static void goes_on_after_failures(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *f[40];
    for (uint64_t i = 0; i < 40; i++)
        f[i] = trial_number(&t, i % 2 ? square : fail_with, i + 1);
    for (uint64_t i = 0; i < 40; i++)
        if (i % 2)
            CHECK_INT(take(f[i]), (i + 1) * (i + 1));
        else
            take_code(f[i], (int)i + 1);
    trial_close(&t);
}

const struct executor_case conformance_failure[] = {
    {"carries-codes", carries_codes},
    {"carries-codes-without-message", carries_codes_without_message},
    {"carries-any-text", carries_any_text},
    {"carries-long-messages-whole", carries_long_messages_whole},
    {"formats-messages", formats_messages},
    {"keeps-the-last-message", keeps_the_last_message},
    {"forgets-messages-of-success", forgets_messages_of_success},
    {"drops-results-of-failures", drops_results_of_failures},
    {"takes-no-message", takes_no_message},
    {"tells-errors", tells_errors},
    {"tells-no-error-before-the-end", tells_no_error_before_the_end},
    {"goes-on-after-failures", goes_on_after_failures},
    {0},
};
