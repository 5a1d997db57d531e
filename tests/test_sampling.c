/* Launches and suspended machines, from the program itself. */
#include "program.h"

static void measure(struct pb_run *run, const char *const *environment, const char *options) {
    struct program p;
    program_run(&p, environment, "-w spin:work=10us --tasks 20 -e thread -n 2 --format json %s", options);
    program_check_code(&p, 0);
    program_decode(run, "the result", &p.said);
    program_release(&p);
}

/* A round belongs to one launch, which is the same for every row; launches follow each other. */
static uint32_t check_launches(const struct pb_run *run) {
    uint32_t launches = 0;
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *cell = &run->cell[i];
        CHECK_INT(cell->samples, run->rounds);
        CHECK_INT(cell->suspended, 0);
        for (uint32_t s = 0; s < cell->samples; s++) {
            CHECK_INT(cell->sample[s].round, s);
            CHECK_INT(cell->sample[s].fork, run->cell[0].sample[s].fork);
            CHECK(s == 0 ? cell->sample[s].fork == 0 : cell->sample[s].fork - cell->sample[s - 1].fork <= 1);
            launches = cell->sample[s].fork + 1;
        }
    }
    return launches;
}

static void launches_share_rounds(const void *data) {
    static const uint32_t fork[] = {0, 0, 0, 1, 1, 2, 2};
    struct pb_run run;
    (void)data;
    program_need();
    measure(&run, NULL, "--forks 3 --rounds 7");
    CHECK_INT(run.rounds, 7);
    CHECK_INT(run.forks, 3);
    CHECK_INT(check_launches(&run), 3);
    for (uint32_t s = 0; s < 7; s++)
        CHECK_INT(run.cell[0].sample[s].fork, fork[s]);
    pb_run_release(&run);
}

static void launches_share_time(const void *data) {
    struct pb_run run;
    (void)data;
    program_need();
    measure(&run, NULL, "--forks 2 --time 0.5 --precision 0");
    CHECK_TEXT(run.ended, "time");
    CHECK(run.rounds >= 6);
    CHECK_INT(check_launches(&run), 2);
    pb_run_release(&run);
}

static void told(const void *data) {
    static const struct {
        const char *options, *said;
    } rows[] = {{"--forks 3 --rounds 6", "\n3 launches x 2 rounds in "},
                {"--forks 2 --rounds 5", "\n5 rounds of 2 launches in "},
                {"--forks 1 --rounds 2", "\n2 rounds in "}};
    struct program p;
    (void)data;
    program_need();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        program_run(&p, NULL, "-w spin:work=10us --tasks 20 -e serial %s", rows[i].options);
        program_check_code(&p, 0);
        CHECK_HAS(pb_buffer_string(&p.said), rows[i].said);
        program_release(&p);
    }
}

static void too_few_rounds(const void *data) {
    struct program p;
    (void)data;
    program_need();
    program_run(&p, NULL, "-w spin -e serial --forks 5 --rounds 3");
    program_check_code(&p, 2);
    CHECK_HAS(pb_buffer_string(&p.complained),
              "bench: --forks 5: each launch needs a round, and --rounds says 3");
    program_release(&p);
}

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { PRELOADS = false };
#else
enum { PRELOADS = true };
#endif

/* Each repetition falls into a sleep: none is kept, all are counted, and the run ends all the same. */
static void asleep(const void *data) {
    static const char *const environment[] = {"LD_PRELOAD=" PLUGINS "dozing.so", "LC_ALL=C.UTF-8", NULL};
    struct program p;
    struct pb_run run;
    (void)data;
    program_need();
    if (!PRELOADS)
        pb_test_skip("the sanitizer must be the first library");
    measure(&run, environment, "--rounds 3");
    for (uint32_t i = 0; i < run.cells; i++) {
        CHECK_INT(run.cell[i].samples, 0);
        CHECK_INT(run.cell[i].suspended, 3);
    }
    pb_run_release(&run);
    program_run(&p, environment, "-w spin:work=10us --tasks 20 -e serial --rounds 1");
    CHECK_HAS(pb_buffer_string(&p.said),
              "Dropped, since the machine was suspended meanwhile: serial: 1 repetition.\n");
    program_release(&p);
}

const struct pb_suite suite_sampling = {
    "sampling",
    (const struct pb_case[]){{"launches-share-rounds", launches_share_rounds, NULL},
                             {"launches-share-time", launches_share_time, NULL},
                             {"told", told, NULL},
                             {"too-few-rounds", too_few_rounds, NULL},
                             {"asleep", asleep, NULL},
                             {0}},
    NULL,
};
