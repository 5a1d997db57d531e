/* Ranks without MPI: the conformance suite where ranks are threads, and what is promised of ranks alone. */
#include "conformance.h"

#include "parbench/workload.h"
#include "rank_exceptions.h"
#include "ranks/code.h"
#include "ranks/deal.h"
#include "threads_as_ranks.h"

#include <unistd.h>

enum { RANKS = 6 };

/* ---- Conformance ---- */

static void conforms(const void *data) {
    const struct executor_case *c = data;
    threads_as_ranks_begin(RANKS, 1);
    c->run("mpi");
    threads_as_ranks_end();
}

static bool is_left_out(const char *name) {
    return rank_exception(name) ||
           strcmp(name, "tells-where-workers-are") == 0; /* whose processes are one here */
}

/* ---- One at a time ---- */

static void opens_one_at_a_time(const void *data) {
    struct pb_executor *one, *other;
    struct pb_error error;
    (void)data;
    threads_as_ranks_begin(3, 2);
    CHECK_INT(pb_executor_open(&one, "mpi", &(struct pb_executor_config){.workers = 2}, &error), 0);
    CHECK_INT(pb_executor_open(&other, "mpi", &(struct pb_executor_config){.workers = 1}, &error), -EBUSY);
    CHECK_HAS(error.text, "close that first");
    CHECK_INT(pb_executor_close(one, PB_DRAIN, PB_FOREVER), 0);
    CHECK_INT(pb_executor_open(&other, "mpi", &(struct pb_executor_config){.workers = 1}, &error), 0);
    CHECK_INT(pb_executor_close(other, PB_DRAIN, PB_FOREVER), 0);
    threads_as_ranks_end();
}

static void refuses_without_ranks(const void *data) {
    struct pb_executor *e;
    struct pb_error error;
    (void)data;
    CHECK(pb_executor_open(&e, "mpi", &(struct pb_executor_config){.workers = 1}, &error) < 0);
    CHECK_HAS(error.text, "executor mpi: ");
}

static void refuses_more_workers_than_ranks(const void *data) {
    struct pb_executor *e;
    struct pb_error error;
    (void)data;
    threads_as_ranks_begin(3, 2);
    CHECK_INT(pb_executor_open(&e, "mpi", &(struct pb_executor_config){.workers = 3}, &error), -EINVAL);
    CHECK_HAS(error.text, "3 worker ranks");
    CHECK_HAS(error.text, "started 3 ranks");
    threads_as_ranks_end();
}

/* ---- Inner executors ---- */

static int triple(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)task, (void)args;
    *digest = 3 * i;
    return PB_OK;
}

static uint64_t expected_digest(uint64_t n) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < n; i++)
        sum += pb_mix(i, 3 * i);
    return sum;
}

/* Ranges are split twice, futures are handed on, and numbers of workers are those of the whole. */
static void runs_inner_executors(const void *data) {
    static const uint64_t lengths[] = {1, 2, 63, 1000, 100000};
    struct pb_executor *e;
    struct pb_error error;
    (void)data;
    threads_as_ranks_begin(3, 2);
    const struct pb_executor_config config = {.workers = 4, .options = "inner=thread,ranks=2"};
    CHECK_MSG(pb_executor_open(&e, "mpi", &config, &error) == 0, "%s", error.text);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct pb_range_result result;
        CHECK_MSG(pb_for(e, lengths[i], triple, NULL, 0, &result, &error) == 0, "%s", error.text);
        CHECK_INT(result.tasks, lengths[i]);
        CHECK(result.digest == expected_digest(lengths[i]));
    }
    struct pb_future *f[MANY];
    for (uint64_t i = 0; i < MANY; i++)
        f[i] = pb_submit(e, square, &i, sizeof i);
    for (uint64_t i = 0; i < MANY; i++)
        CHECK_INT(take(f[i]), i * i);
    uint64_t tasks = 0;
    for (uint32_t i = 0; i < 4; i++) {
        struct pb_worker_info info;
        CHECK_INT(pb_executor_worker(e, i, &info), 0);
        tasks += info.tasks;
    }
    CHECK_INT(tasks, MANY + 1 + 2 + 63 + 1000 + 100000);
    CHECK_INT(pb_executor_close(e, PB_DRAIN, PB_FOREVER), 0);
    threads_as_ranks_end();
}

/* ---- Which rank has which workers ---- */

static void check_parts(struct pb_ranks *r, uint32_t workers, bool together, uint32_t ranks,
                        const char *expected) {
    struct pb_part *part;
    struct pb_error error;
    uint32_t parts;
    char text[256] = "";
    CHECK_MSG(pb_ranks_deal(r, workers, together, ranks, &part, &parts, &error) == 0, "%s", error.text);
    for (uint32_t i = 0; i < parts; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%u:%u+%u", i ? " " : "", part[i].rank,
                 part[i].first, part[i].workers);
    free(part);
    CHECK_TEXT(text, expected);
}

/* Ranks 0, 2, 4 are on one host, 1, 3, 5 on the other. */
static void deals_workers(const void *data) {
    (void)data;
    threads_as_ranks_begin(RANKS, 2);
    struct pb_ranks *r = pb_ranks_here();
    check_parts(r, 3, false, 0, "1:0+1 2:1+1 3:2+1");
    check_parts(r, 5, true, 0, "1:0+3 2:3+2");
    check_parts(r, 1, true, 0, "1:0+1");
    check_parts(r, 16, true, 0, "1:0+8 2:8+8");
    check_parts(r, 7, true, 3, "1:0+3 2:3+2 3:5+2");
    check_parts(r, 2, true, 5, "1:0+1 2:1+1");
    threads_as_ranks_end();
}

/* ---- Calls ---- */

static int tell_size(void *state, const void *args, size_t size, struct pb_buffer *reply,
                     struct pb_error *error) {
    (void)state, (void)args, (void)error;
    pb_buffer_add(reply, &size, sizeof size);
    return 0;
}

static int refuse_call(void *state, const void *args, size_t size, struct pb_buffer *reply,
                       struct pb_error *error) {
    (void)state, (void)args, (void)size, (void)reply;
    return pb_error_set(error, -ENXIO, "not here");
}

static void calls_other_ranks(const void *data) {
    static const uint32_t rank[] = {2, 1};
    struct pb_buffer reply[2];
    struct pb_error error = {0};
    (void)data;
    threads_as_ranks_begin(3, 2);
    CHECK_INT(pb_ranks_call(pb_ranks_here(), rank, 2, tell_size, "abc", 3, reply, &error), 0);
    for (int i = 0; i < 2; i++) {
        size_t size = 0;
        CHECK_INT(reply[i].size, sizeof size);
        memcpy(&size, reply[i].data, sizeof size);
        CHECK_INT(size, 3);
        pb_buffer_release(&reply[i]);
    }
    CHECK_INT(pb_ranks_call(pb_ranks_here(), rank, 2, refuse_call, NULL, 0, reply, &error), -ENXIO);
    CHECK_TEXT(error.text, "not here");
    threads_as_ranks_end();
}

/* ---- Functions as they travel ---- */

static void names_functions(const void *data) {
    struct pb_code_cache cache = {0}, other = {0};
    struct pb_code code, unknown = {1, 2};
    struct pb_error error;
    pb_any_function *found;
    (void)data;
    for (int again = 0; again < 2; again++) {
        CHECK_INT(pb_code_of(&cache, (pb_any_function *)square, &code, &error), 0);
        CHECK(code.build != 0);
        CHECK_INT(pb_code_here(&other, &code, &found, &error), 0);
        CHECK(found == (pb_any_function *)square);
    }
    CHECK_INT(pb_code_of(&cache, NULL, &code, &error), 0);
    CHECK(code.build == 0);
    CHECK_INT(pb_code_here(&other, &code, &found, &error), 0);
    CHECK(found == NULL);
    CHECK_INT(pb_code_here(&other, &unknown, &found, &error), -ENOENT);
    CHECK_HAS(error.text, "0000000000000001");
}

/* ---- A rank that cannot be reached ---- */

static void gives_up_a_silent_rank(const void *data) {
    struct pb_error error = {0};
    (void)data;
    threads_as_ranks_begin(3, 2);
    struct trial t = trial_open("mpi", 2);
    struct pb_future *held[2] = {trial_hold(&t), trial_hold(&t)};
    threads_as_ranks_cut_off(2);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(pb_future_result(held[i], NULL, 0, PB_FOREVER), -EOWNERDEAD);
        CHECK_HAS(pb_future_message(held[i]), "rank 2 on ");
        CHECK_HAS(pb_future_message(held[i]), "does not answer");
        pb_future_release(held[i]);
    }
    uint64_t x = 1;
    CHECK(!pb_submit(t.e, square, &x, sizeof x) && errno == EOWNERDEAD);
    CHECK_INT(pb_for(t.e, 10, triple, NULL, 0, NULL, &error), -EOWNERDEAD);
    trial_let_go(&t);
    _exit(0); /* the thread that is cut off cannot be told to end, and so what it has is never freed */
}

static const struct pb_case own_cases[] = {
    {"opens-one-at-a-time", opens_one_at_a_time, NULL},
    {"refuses-without-ranks", refuses_without_ranks, NULL},
    {"refuses-more-workers-than-ranks", refuses_more_workers_than_ranks, NULL},
    {"runs-inner-executors", runs_inner_executors, NULL},
    {"deals-workers", deals_workers, NULL},
    {"calls-other-ranks", calls_other_ranks, NULL},
    {"names-functions", names_functions, NULL},
    {"gives-up-a-silent-rank", gives_up_a_silent_rank, NULL},
};

static bool generate(size_t i, struct pb_case *out) {
    enum { OWN = sizeof own_cases / sizeof *own_cases };
    static char name[128];
    if (i < OWN) {
        *out = own_cases[i];
        return true;
    }
    i -= OWN;
    for (size_t k = 0; conformance_case(k); k++)
        if (!is_left_out(conformance_case(k)->name) && i-- == 0) {
            snprintf(name, sizeof name, "conforms/%s", conformance_case(k)->name);
            *out = (struct pb_case){name, conforms, conformance_case(k)};
            return true;
        }
    return false;
}

const struct pb_suite suite_ranks = {"ranks", NULL, generate};
