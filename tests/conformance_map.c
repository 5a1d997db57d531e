/* Maps: results in the order of the inputs, through a window. */
#include "conformance.h"

/* Of a uint64_t: its cube; 13 is unlucky. */
static int cube(struct pb_task *task, const void *args, size_t size) {
    uint64_t x;
    CHECK_INT(size, sizeof x);
    memcpy(&x, args, sizeof x);
    atomic_fetch_add(&words_of(task)[COUNT], 1);
    if (x == 13)
        return pb_fail(task, 5, "unlucky");
    x = x * x * x;
    return pb_return(task, &x, sizeof x);
}

static struct pb_map *map_open(struct trial *t, pb_function *function, const void *args, size_t size,
                               uint64_t count, const struct pb_map_options *options) {
    struct pb_map *map;
    CHECK_INT(pb_map_open(&map, t->e, function, args, size, count, options), 0);
    return map;
}

static void map_end(struct pb_map *map) {
    for (int i = 0; i < 2; i++)
        CHECK_INT(pb_map_next(map, NULL, 0, NULL), -ENOENT);
    pb_map_close(map);
}

/* Takes the cubes of the indices from `from` to before `to`. */
static void expect_cubes(struct pb_map *map, uint64_t from, uint64_t to) {
    for (uint64_t i = from; i < to; i++) {
        struct pb_error error = {0};
        uint64_t x = 0;
        int rc = pb_map_next(map, &x, sizeof x, &error);
        CHECK_MSG(rc == (i == 13 ? 5 : 0), "result %llu is %d, %s", (unsigned long long)i, rc, error.text);
        if (i == 13) {
            CHECK_INT(error.code, 5);
            CHECK_TEXT(error.text, "unlucky");
        } else {
            CHECK_INT(x, i * i * i);
        }
    }
}

static void maps_in_order(const void *name) {
    enum { COUNT_ALL = 1000 };
    struct trial t = trial_open(name, 3);
    static uint64_t args[COUNT_ALL];
    for (uint64_t i = 0; i < COUNT_ALL; i++)
        args[i] = i;
    struct pb_map *map = map_open(&t, cube, args, sizeof *args, COUNT_ALL, NULL);
    expect_cubes(map, 0, COUNT_ALL);
    map_end(map);
    CHECK_INT(atomic_load(&t.word[COUNT]), COUNT_ALL);
    trial_close(&t);
}

static void takes_any_window_and_chunk(const void *name) {
    static const struct {
        size_t window, chunk;
        uint64_t count;
    } rows[] = {{0, 0, 100}, {1, 0, 20},    {1, 1, 20},     {2, 1, 50},   {3, 0, 50},
                {7, 1, 50},  {7, 3, 50},    {64, 5, 100},   {2, 16, 100}, {16, 100, 50},
                {0, 8, 100}, {0, 1000, 20}, {100000, 0, 50}};
    struct trial t = trial_open(name, 2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_map *map =
            map_open(&t, cube, NULL, 0, rows[i].count,
                     &(struct pb_map_options){.window = rows[i].window, .chunk = rows[i].chunk});
        expect_cubes(map, 0, rows[i].count);
        map_end(map);
    }
    trial_close(&t);
}

static void maps_few(const void *name) {
    struct trial t = trial_open(name, 2);
    for (uint64_t count = 0; count < 4; count++) {
        struct pb_map *map = map_open(&t, cube, NULL, 0, count, NULL);
        expect_cubes(map, 0, count);
        map_end(map);
    }
    trial_close(&t);
}

/* What has begun is what was taken, and a window more at most. */
static void honours_the_window(const void *name) {
    static const size_t windows[] = {1, 2, 8};
    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
        struct trial t = trial_open(name, 2);
        struct pb_map *map =
            map_open(&t, cube, NULL, 0, 60, &(struct pb_map_options){.window = windows[w], .chunk = 1});
        for (uint64_t i = 0; i < 60; i++) {
            CHECK(atomic_load(&t.word[COUNT]) <= i + windows[w]);
            expect_cubes(map, i, i + 1);
            CHECK(atomic_load(&t.word[COUNT]) >= i + 1);
        }
        map_end(map);
        trial_close(&t);
    }
}

/* Nothing in it grows with the count. */
static void maps_without_end(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_map *map = map_open(&t, cube, NULL, 0, UINT64_C(1) << 50, NULL);
    expect_cubes(map, 0, 300);
    pb_map_close(map);
    trial_end(&t, PB_DRAIN);
    CHECK(atomic_load(&t.word[COUNT]) < 100000);
    trial_close(&t);
}

struct pair {
    uint64_t a, b, c;
};

static int add_pair(struct pb_task *task, const void *args, size_t size) {
    struct pair pair;
    CHECK_INT(size, sizeof pair);
    memcpy(&pair, args, sizeof pair);
    uint64_t x = pair.a + pair.b * pair.c;
    return pb_return(task, &x, sizeof x);
}

static void takes_structs(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pair args[50];
    for (uint64_t i = 0; i < 50; i++)
        args[i] = (struct pair){i, 3 * i, 7};
    struct pb_map *map = map_open(&t, add_pair, args, sizeof *args, 50, NULL);
    for (uint64_t i = 0; i < 50; i++) {
        uint64_t x = 0;
        CHECK_INT(pb_map_next(map, &x, sizeof x, NULL), 0);
        CHECK_INT(x, i + 21 * i);
    }
    map_end(map);
    trial_close(&t);
}

/* Task i returns i * 4001 bytes. */
static int grow(struct pb_task *task, const void *args, size_t size) {
    uint64_t i;
    (void)size;
    memcpy(&i, args, sizeof i);
    unsigned char *data = malloc(i * 4001 + 1);
    fill(data, i * 4001);
    int rc = pb_return(task, data, i * 4001);
    free(data);
    return rc;
}

static void maps_to_any_size(const void *name) {
    enum { RESULTS = 80 };
    struct trial t = trial_open(name, 2);
    unsigned char *got = malloc((size_t)RESULTS * 4001);
    struct pb_map *map = map_open(&t, grow, NULL, 0, RESULTS, NULL);
    for (uint64_t i = 0; i < RESULTS; i++) {
        memset(got, 0, i * 4001);
        CHECK_INT(pb_map_next(map, got, (size_t)RESULTS * 4001, NULL), 0);
        CHECK_MSG(is_filled(got, i * 4001), "result %d is another", (int)i);
    }
    map_end(map);
    free(got);
    trial_close(&t);
}

static void maps_large_arguments(const void *name) {
    enum { SIZE = 300000 };
    struct trial t = trial_open(name, 2);
    unsigned char *args = malloc((size_t)6 * SIZE), *got = malloc(SIZE);
    fill(args, (size_t)6 * SIZE);
    struct pb_map *map = map_open(&t, echo, args, SIZE, 6, NULL);
    for (size_t i = 0; i < 6; i++) {
        CHECK_INT(pb_map_next(map, got, SIZE, NULL), 0);
        CHECK(memcmp(got, args + i * SIZE, SIZE) == 0);
    }
    map_end(map);
    free(args);
    free(got);
    trial_close(&t);
}

static void takes_nothing_out(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_map *map = map_open(&t, cube, NULL, 0, 30, NULL);
    for (int i = 0; i < 30; i++)
        CHECK_INT(pb_map_next(map, NULL, 0, NULL), i == 13 ? 5 : 0);
    map_end(map);
    trial_close(&t);
}

static void fails_each_alone(const void *name) {
    struct trial t = trial_open(name, 2);
    static const size_t chunks[] = {0, 1, 4};
    for (size_t c = 0; c < 3; c++) {
        uint64_t codes[40];
        for (uint64_t i = 0; i < 40; i++)
            codes[i] = i % 3 == 0 ? i + 1 : 0;
        struct pb_map *map =
            map_open(&t, fail_with, codes, sizeof *codes, 40, &(struct pb_map_options){.chunk = chunks[c]});
        for (int i = 0; i < 40; i++) {
            struct pb_error error = {0};
            char expected[32];
            snprintf(expected, sizeof expected, "code %d", i + 1);
            CHECK_INT(pb_map_next(map, NULL, 0, &error), i % 3 == 0 ? i + 1 : 0);
            if (i % 3 == 0)
                CHECK_TEXT(error.text, expected);
        }
        map_end(map);
    }
    trial_close(&t);
}

static void times_out_and_goes_on(const void *name) {
    struct trial t = trial_open(name, 1);
    if (t.is->in_caller)
        trial_let_go(&t);
    struct pb_map *map = map_open(&t, wait_at_gate, NULL, 0, 3,
                                  &(struct pb_map_options){.window = 3, .chunk = 1, .timeout_ns = MOMENT});
    uint64_t x = 42;
    int rc = pb_map_next(map, &x, sizeof x, NULL);
    if (!t.is->in_caller) {
        struct pb_error error = {0};
        CHECK_INT(rc, -ETIMEDOUT);
        CHECK_INT(pb_map_next(map, &x, sizeof x, &error), -ETIMEDOUT);
        CHECK(error.text[0] != 0);
        trial_let_go(&t);
        while ((rc = pb_map_next(map, &x, sizeof x, NULL)) == -ETIMEDOUT)
            ; /* the same one is next, and comes once it is done */
    }
    CHECK_INT(rc, 0);
    CHECK_INT(x, 0);
    pb_map_close(map);
    trial_close(&t);
}

static void cancels_the_rest(const void *name) {
    struct trial t = trial_open(name, 1);
    if (t.is->in_caller)
        trial_let_go(&t);
    struct pb_map *map = map_open(&t, wait_at_gate, NULL, 0, 20,
                                  &(struct pb_map_options){.window = 8, .chunk = 1, .timeout_ns = MOMENT});
    CHECK_INT(pb_map_next(map, NULL, 0, NULL), t.is->in_caller ? 0 : -ETIMEDOUT);
    await(&t.word[BEGUN], 1);
    unsigned begun = atomic_load(&t.word[BEGUN]);
    pb_map_close(map);
    trial_let_go(&t);
    trial_end(&t, PB_DRAIN);
    unsigned ran = atomic_load(&t.word[BEGUN]);
    CHECK(begun <= 8);
    if (t.is->in_caller)
        CHECK_INT(ran, begun);
    else
        CHECK_INT(ran, 1); /* the one that ran goes on, unheard */
    trial_close(&t);
}

static void abandons_untouched(const void *name) {
    struct trial t = trial_open(name, 2);
    pb_map_close(map_open(&t, cube, NULL, 0, 1000, NULL));
    pb_map_close(NULL);
    struct pb_map *map = map_open(&t, cube, NULL, 0, 1000, &(struct pb_map_options){.chunk = 10});
    expect_cubes(map, 0, 15);
    pb_map_close(map);
    CHECK_INT(take(trial_number(&t, square, 3)), 9);
    trial_close(&t);
}

static void maps_two_at_once(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_map *a = map_open(&t, cube, NULL, 0, 100, &(struct pb_map_options){.window = 5});
    struct pb_map *b = map_open(&t, cube, NULL, 0, 100, NULL);
    for (uint64_t i = 0; i < 100; i++) {
        expect_cubes(a, i, i + 1);
        expect_cubes(b, i, i + 1);
    }
    map_end(a);
    map_end(b);
    trial_close(&t);
}

static void refuses_after_shutdown(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_map *map = NULL;
    CHECK_INT(pb_executor_shutdown(t.e, PB_DRAIN, PB_FOREVER), 0);
    int rc = pb_map_open(&map, t.e, cube, NULL, 0, 10, NULL);
    if (rc == 0)
        rc = pb_map_next(map, NULL, 0, NULL);
    CHECK_INT(rc, -ESHUTDOWN);
    pb_map_close(map);
    trial_close(&t);
}

const struct executor_case conformance_map[] = {
    {"maps-in-order", maps_in_order},
    {"takes-any-window-and-chunk", takes_any_window_and_chunk},
    {"maps-few", maps_few},
    {"honours-the-window", honours_the_window},
    {"maps-without-end", maps_without_end},
    {"takes-structs", takes_structs},
    {"maps-to-any-size", maps_to_any_size},
    {"maps-large-arguments", maps_large_arguments},
    {"takes-nothing-out", takes_nothing_out},
    {"fails-each-alone", fails_each_alone},
    {"times-out-and-goes-on", times_out_and_goes_on},
    {"cancels-the-rest", cancels_the_rest},
    {"abandons-untouched", abandons_untouched},
    {"maps-two-at-once", maps_two_at_once},
    {"map-refuses-after-shutdown", refuses_after_shutdown},
    {0},
};
