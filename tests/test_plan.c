/* The plan: widths, and from a request to the rows of the table, on machines that nobody here owns. */
#include "base/buffer.h"
#include "driver/driver.h"
#include "driver/plan.h"
#include "driver/widths.h"
#include "suite.h"

#include <errno.h>

static void widths(const void *data) {
    static const struct {
        const char *text[3];
        enum pb_bound bound;
        bool own;
        uint32_t usable, cap, expected[8]; /* expected ends with 0; all 0: refused */
        const char *error;
    } rows[] = {
        {{NULL}, PB_CPU, false, 4, 1000, {4}, NULL},
        {{NULL}, PB_IO, false, 1, 1000, {8}, NULL},
        {{NULL}, PB_IO, false, 4, 1000, {16}, NULL},
        {{NULL}, PB_IO, false, 500, 1000, {1000}, NULL},
        {{"1", "2", "8"}, PB_CPU, false, 2, 1000, {1, 2, 8}, NULL},
        {{"max", "2"}, PB_IO, false, 2, 1000, {2}, NULL},
        {{"1-max"}, PB_CPU, false, 3, 1000, {1, 2, 3}, NULL},
        {{"2-4", "3", "1"}, PB_CPU, false, 2, 1000, {2, 3, 4, 1}, NULL},
        {{"max-max"}, PB_CPU, false, 3, 1000, {3}, NULL},
        {{"0"}, PB_CPU, false, 2, 1000, {0}, "-n 0: no number of workers"},
        {{"-1"}, PB_CPU, false, 2, 1000, {0}, "-n -1: no number"},
        {{"2x"}, PB_CPU, false, 2, 1000, {0}, "-n 2x: no number"},
        {{"99999999999"}, PB_CPU, false, 2, 1000, {0}, "no number of workers"},
        {{"3-2"}, PB_CPU, false, 2, 1000, {0}, "runs backwards"},
        {{"max-4"}, PB_CPU, false, 2, 1000, {0}, "runs backwards"},
        {{"4-max"}, PB_CPU, false, 2, 1000, {0}, "-n 4-max: max is 2 here"},
        {{"1001"}, PB_IO, false, 2, 1000, {0}, "raise the cap with --max-in-flight=1001"},
        {{"1001"}, PB_IO, false, 2, 2000, {1001}, NULL},
        /* Programs: the powers of two, and all. */
        {{NULL}, PB_CPU, true, 1, 1000, {1}, NULL},
        {{NULL}, PB_CPU, true, 2, 1000, {1, 2}, NULL},
        {{NULL}, PB_CPU, true, 6, 1000, {1, 2, 4, 6}, NULL},
        {{NULL}, PB_IO, true, 8, 1000, {1, 2, 4, 8}, NULL},
        {{"3"}, PB_CPU, true, 8, 1000, {3}, NULL},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text[3];
        struct pb_request request = {.width = text, .max_in_flight = rows[i].cap};
        while (request.widths < 3 && rows[i].text[request.widths]) {
            text[request.widths] = rows[i].text[request.widths];
            request.widths++;
        }
        struct pb_widths got;
        struct pb_error error = {0};
        int rc = pb_widths_init(&got, &request, rows[i].bound, rows[i].own, rows[i].usable, &error);
        CHECK_MSG((rc == 0) == (rows[i].error == NULL), "row %zu: %s", i, error.text);
        if (rows[i].error)
            CHECK_HAS(error.text, rows[i].error);
        for (uint32_t k = 0; k < got.count; k++)
            CHECK_INT(got.value[k], rows[i].expected[k]);
        CHECK_INT(rows[i].expected[got.count], 0);
        pb_widths_release(&got);
    }
}

#define PLAIN(text, of)                                                                                      \
    {                                                                                                        \
        .item = (char *)text, .name = (char *)text, .summary = (char *)"", .canonical = (char *)text,        \
        .full = (char *)text, .bound = of                                                                    \
    }
#define ITEM(text, short, canon)                                                                             \
    {                                                                                                        \
        .item = (char *)text, .name = (char *)short, .summary = (char *)"", .canonical = (char *)canon,      \
        .full = (char *)canon, .bound = PB_CPU                                                               \
    }

#define LOOP(text, of)                                                                                       \
    {                                                                                                        \
        .item = (char *)text, .name = (char *)"loop", .summary = (char *)"", .canonical = (char *)text,      \
        .full = (char *)text, .threads = of                                                                  \
    }

static struct pb_described workloads[] = {
    PLAIN("arcfour", PB_CPU),
    PLAIN("sleep", PB_IO),
    PLAIN("spin", PB_CPU),
    PLAIN("sha", PB_CPU),
    ITEM("sha:size=4k", "sha", "sha:size=4KiB"),
    ITEM("sha:size=4096", "sha", "sha:size=4KiB"),
    ITEM("cmd:xz -T{n} f", "cmd", "cmd:xz -T{n} f"),
    ITEM("cmd:true", "cmd", "cmd:true"),
};
static struct pb_described executors[] = {
    PLAIN("serial", PB_CPU),
    PLAIN("thread", PB_CPU),
    LOOP("loop", 1),
    {.item = (char *)"mpi",
     .name = (char *)"mpi",
     .canonical = (char *)"mpi",
     .full = (char *)"mpi",
     .absent = (char *)"built without MPI: install libopenmpi-dev"},
    LOOP("loop:threads=2", 2),
    {.item = (char *)"own",
     .name = (char *)"own",
     .canonical = (char *)"own",
     .full = (char *)"own",
     .only = (char *)"cmd"},
};
static const struct pb_descriptions descriptions = {
    .workload = workloads,
    .executor = executors,
    .workloads = sizeof workloads / sizeof *workloads,
    .executors = sizeof executors / sizeof *executors,
};

/* Two cores of two processors each. */
static void machine(struct pb_run *run, const char *synthetic) {
    struct pb_error error = {0};
    pb_run_init(run);
    CHECK_MSG(pb_machine_init_synthetic(&run->machine, synthetic, &error) == 0, "%s", error.text);
    pb_limits_read(&run->limits, &run->machine);
}

/* "ROLE workload executor n binding/effective [planned] base reference reference_base; ..." */
static void describe(const struct pb_run *run, struct pb_buffer *out) {
    static const char roles[] = {'C', 'B', 'R'};
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *c = &run->cell[i];
        pb_buffer_printf(out, "%c %s %s %u %s/%s [%s] %d %d %d\n", roles[c->role], c->workload, c->executor,
                         c->workers, c->binding, c->binding_effective, c->planned, c->base, c->reference,
                         c->reference_base);
    }
}

enum { MOST = 4 };

static const struct plan {
    const char *workload[MOST], *executor[MOST], *width[MOST], *binding[MOST], *base;
    const char *expected; /* the whole plan, or a part of the error when rc < 0 */
    int rc;
    const char *program;
} plans[] = {
    /* What the user asks by two names is one row; serial, asked for, is the base itself. */
    {{"sha:size=4k", "sha:size=4096"},
     {"serial", "thread", "thread"},
     {"2", "max-max", "2"},
     {"pu", "pu"},
     NULL,
     "B sha:size=4KiB serial 1 pu/pu [0] -1 -1 -1\n"
     "C sha:size=4KiB thread 2 pu/pu [0 2] 0 3 4\n"
     "C sha:size=4KiB thread 4 pu/pu [0 2 1 3] 0 5 4\n"
     "R spin:work=100us thread 2 pu/pu [0 2] 4 -1 -1\n"
     "R spin:work=100us serial 1 pu/pu [0] -1 -1 -1\n"
     "R spin:work=100us thread 4 pu/pu [0 2 1 3] 4 -1 -1\n",
     0,
     NULL},
    /* auto binds while workers fit the cores; I/O-bound work has no reference. */
    {{"sleep"},
     {"thread"},
     {"2", "3"},
     {NULL},
     NULL,
     "B sleep serial 1 auto/core [0-1] -1 -1 -1\n"
     "C sleep thread 2 auto/core [0-1 2-3] 0 -1 -1\n"
     "C sleep thread 3 auto/none [] 0 -1 -1\n",
     0,
     NULL},
    /* The default widths: 16 in flight; a loop's one thread is what is placed. */
    {{"sleep"},
     {"loop", "loop:threads=2"},
     {NULL},
     {"core"},
     NULL,
     "B sleep serial 1 core/core [0-1] -1 -1 -1\n"
     "C sleep loop 16 core/core [0-1] 0 -1 -1\n"
     "C sleep loop:threads=2 16 core/core [0-1 2-3] 0 -1 -1\n",
     0,
     NULL},
    /* n=1: each executor's own first row is the base; serial has one row. */
    {{"sleep"},
     {"all"},
     {"2", "1"},
     {"none", "pu"},
     "n=1",
     "B sleep serial 1 none/none [] -1 -1 -1\n"
     "B sleep thread 1 none/none [] -1 -1 -1\n"
     "B sleep thread 1 pu/pu [0] -1 -1 -1\n"
     "C sleep thread 2 none/none [] 1 -1 -1\n"
     "C sleep thread 2 pu/pu [0 2] 2 -1 -1\n"
     "B sleep loop 1 none/none [] -1 -1 -1\n"
     "B sleep loop 1 pu/pu [0] -1 -1 -1\n"
     "C sleep loop 2 none/none [] 5 -1 -1\n"
     "C sleep loop 2 pu/pu [0] 6 -1 -1\n",
     0,
     NULL},
    {{"sha"},
     {"thread", "serial"},
     {"1"},
     {"none"},
     "none",
     "C sha thread 1 none/none [] -1 -1 -1\nC sha serial 1 none/none [] -1 -1 -1\n",
     0,
     NULL},
    /* A loop's reference would need four cores: it is left out, the row is not. */
    {{"sha"},
     {"loop"},
     {"4"},
     {"core"},
     NULL,
     "B sha serial 1 core/core [0-1] -1 -1 -1\nC sha loop 4 core/core [0-1] 0 -1 -1\n",
     0,
     NULL},
    {{"sah"},
     {"all"},
     {NULL},
     {NULL},
     NULL,
     "workload sah: unknown: did you mean sha? there are arcfour, ",
     -EINVAL,
     NULL},
    {{"sha"},
     {"thraed"},
     {NULL},
     {NULL},
     NULL,
     "executor thraed: unknown: did you mean thread?",
     -EINVAL,
     NULL},
    {{"sha"},
     {"xyzzy"},
     {NULL},
     {NULL},
     NULL,
     "executor xyzzy: unknown: there are serial, thread, loop, mpi, own",
     -EINVAL,
     NULL},
    {{"sha"},
     {"mpi"},
     {NULL},
     {NULL},
     NULL,
     "executor mpi: it is absent here: built without MPI",
     -EINVAL,
     NULL},
    {{"sha"}, {"thread"}, {"0"}, {NULL}, NULL, "-n 0: ", -EINVAL, NULL},
    {{"sha"}, {"thread"}, {"3"}, {"core"}, NULL, "core", -ENOSPC, NULL},
    {{"sha"}, {"thread"}, {"2"}, {"coer"}, NULL, "core", -EINVAL, NULL},
    {{"sha"}, {"thread"}, {"2"}, {NULL}, "two", "--base=two", -EINVAL, NULL},
    {{"sha"},
     {"thread"},
     {"2"},
     {NULL},
     "n=0",
     "--base=n=0: unknown: give serial, n=1 or another",
     -EINVAL,
     NULL},
    {{"sha"}, {"thread"}, {"2"}, {NULL}, "n=1001", "raise the cap with --max-in-flight=1001", -EINVAL, NULL},
    {{"sha"}, {"own"}, {"2"}, {NULL}, NULL, "executor own: it runs only cmd, a program that", -EINVAL, NULL},
    {{"sha", "cmd:true"},
     {"own"},
     {"2"},
     {NULL},
     NULL,
     "workload sha: it runs under serial, thread, loop: name one by -e",
     -EINVAL,
     NULL},
    /* Any width may be the base; what is possible is told from there. */
    {{"sha"},
     {"thread"},
     {"1", "4"},
     {"pu"},
     "n=2",
     "B sha thread 2 pu/pu [0 2] -1 -1 -1\n"
     "C sha thread 1 pu/pu [0] 0 3 4\n"
     "C sha thread 4 pu/pu [0 2 1 3] 0 5 4\n"
     "R spin:work=100us thread 1 pu/pu [0] 4 -1 -1\n"
     "R spin:work=100us thread 2 pu/pu [0 2] 4 -1 -1\n"
     "R spin:work=100us thread 4 pu/pu [0 2 1 3] 4 -1 -1\n",
     0,
     NULL},
    /* A program runs alone, from one worker on, and nobody is bound unless asked for. */
    {{NULL},
     {NULL},
     {NULL},
     {NULL},
     NULL,
     "B cmd:xz -T{n} f own 1 auto/none [] -1 -1 -1\n"
     "C cmd:xz -T{n} f own 2 auto/none [] 0 3 4\n"
     "C cmd:xz -T{n} f own 4 auto/none [] 0 5 4\n"
     "R spin:work=100us thread 2 auto/none [] 4 -1 -1\n"
     "R spin:work=100us serial 1 auto/none [] -1 -1 -1\n"
     "R spin:work=100us thread 4 auto/none [] 4 -1 -1\n",
     0,
     "cmd:xz -T{n} f"},
    /* Beside it, -e goes with -w, and each has a base of its own. */
    {{"sleep"},
     {"thread"},
     {"2"},
     {"core"},
     NULL,
     "B sleep thread 1 core/core [0-1] -1 -1 -1\n"
     "C sleep thread 2 core/core [0-1 2-3] 0 -1 -1\n"
     "B cmd:xz -T{n} f own 1 core/core [0-1] -1 -1 -1\n"
     "C cmd:xz -T{n} f own 2 core/core [0-1 2-3] 2 4 5\n"
     "R spin:work=100us thread 2 core/core [0-1 2-3] 5 -1 -1\n"
     "R spin:work=100us serial 1 core/core [0-1] -1 -1 -1\n",
     0,
     "cmd:xz -T{n} f"},
    {{NULL}, {NULL}, {"1"}, {NULL}, NULL, "B cmd:true own 1 auto/none [] -1 -1 -1\n", 0, "cmd:true"},
    {{NULL}, {NULL}, {"3"}, {NULL}, "none", "C cmd:true own 3 auto/none [] -1 -1 -1\n", 0, "cmd:true"},
    {{NULL}, {NULL}, {"2"}, {NULL}, NULL, "{n} stands neither in its arguments nor", -EINVAL, "cmd:true"},
    {{NULL}, {NULL}, {NULL}, {NULL}, NULL, "{n} stands neither in its arguments nor", -EINVAL, "cmd:true"},
    {{NULL}, {"thread"}, {"2"}, {NULL}, NULL, "-e thread: the program after --", -EINVAL, "cmd:xz -T{n} f"},
    {{NULL}, {NULL}, {"2"}, {NULL}, "serial", "has no serial row: give n=1", -EINVAL, "cmd:xz -T{n} f"},
    {{"sleep"},
     {"all", "loop:threads=2"},
     {"1-1000"},
     {"none", "auto"},
     NULL,
     "the plan is too large: it has more than 4096 rows",
     -EINVAL,
     NULL},
};

/* A list that a NULL ends, or the end of its room. */
static uint32_t count(const char *const *list) {
    uint32_t n = 0;
    while (n < MOST && list[n])
        n++;
    return n;
}

static int make(struct pb_run *run, const struct plan *plan, struct pb_error *error) {
    struct plan p = *plan;
    struct pb_request request = {
        .workload = p.workload,
        .workloads = count(p.workload),
        .executor = p.executor,
        .executors = count(p.executor),
        .width = p.width,
        .widths = count(p.width),
        .binding = p.binding,
        .bindings = count(p.binding),
        .base = p.base,
        .program = p.program,
        .via = "for",
        .max_in_flight = 1000,
    };
    return pb_plan(run, &request, &descriptions, error);
}

static void table(const void *data) {
    (void)data;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        struct pb_run run;
        struct pb_error error = {0};
        struct pb_buffer got = {0};
        machine(&run, "core:2 pu:2");
        int rc = make(&run, &plans[i], &error);
        describe(&run, &got);
        CHECK_MSG(rc == plans[i].rc, "row %zu: %d: %s", i, rc, error.text);
        if (rc < 0)
            CHECK_HAS(error.text, plans[i].expected);
        else
            CHECK_MSG(strcmp(pb_buffer_string(&got), plans[i].expected) == 0, "row %zu: %s\n%s", i,
                      error.text, pb_buffer_string(&got));
        pb_buffer_release(&got);
        pb_run_release(&run);
    }
}

/* Without a workload it is the story, under every executor that is there, at each workload's own width. */
static void story(const void *data) {
    struct pb_run run;
    struct pb_error error = {0};
    struct pb_buffer got = {0};
    (void)data;
    machine(&run, "core:2 pu:1");
    CHECK_INT(make(&run, &(struct plan){.workload = {NULL}}, &error), 0);
    describe(&run, &got);
    CHECK_TEXT(pb_buffer_string(&got), "B arcfour serial 1 auto/core [0] -1 -1 -1\n"
                                       "C arcfour thread 2 auto/core [0 1] 0 6 7\n"
                                       "C arcfour loop 2 auto/core [0] 0 6 7\n"
                                       "B sleep serial 1 auto/core [0] -1 -1 -1\n"
                                       "C sleep thread 8 auto/none [] 3 -1 -1\n"
                                       "C sleep loop 8 auto/core [0] 3 -1 -1\n"
                                       "R spin:work=100us thread 2 auto/core [0 1] 7 -1 -1\n"
                                       "R spin:work=100us serial 1 auto/core [0] -1 -1 -1\n");
    pb_buffer_release(&got);
    pb_run_release(&run);
}

/* What a runner is told later is what the plan shows. */
static void placed_again(const void *data) {
    struct pb_run run;
    struct pb_error error = {0};
    struct pb_placement placement;
    (void)data;
    machine(&run, "core:2 pu:2");
    CHECK_INT(make(&run, &plans[2], &error), 0);
    CHECK_INT(pb_plan_placement(&run, &run.cell[2], &placement, &error), 0);
    CHECK_INT(placement.workers, 2);
    CHECK(pb_cpuset_has(&placement.binding[1], 3));
    pb_placement_release(&placement);
    pb_run_release(&run);
}

static void expected_seconds(const void *data) {
    struct pb_run run;
    struct pb_error error = {0};
    struct pb_request request = {.time = 10, .min_rounds = 6};
    (void)data;
    machine(&run, "core:2 pu:2");
    CHECK_INT(make(&run, &plans[1], &error), 0);
    double normal = pb_expected_seconds(&run, &request);
    CHECK(normal >= 10 && normal < 12);
    request.rounds = 100;
    double rounds = pb_expected_seconds(&run, &request);
    request.rounds = 200;
    /* Twice the rounds take twice as long, but for starting. */
    CHECK(rounds > 3 * 100 * 0.02 && rounds < 3 * 100 * 0.1);
    CHECK(pb_expected_seconds(&run, &request) > 1.9 * rounds);
    pb_run_release(&run);
}

const struct pb_suite suite_plan = {
    "plan",
    (const struct pb_case[]){{"widths", widths, NULL},
                             {"table", table, NULL},
                             {"story", story, NULL},
                             {"placed-again", placed_again, NULL},
                             {"expected-seconds", expected_seconds, NULL},
                             {0}},
    NULL,
};
