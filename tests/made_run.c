#include "made_run.h"

#include "base/random.h"
#include "sample_run.h"
#include "suite.h"

#include <stdlib.h>

static double or_one(double value) {
    return value > 0 ? value : 1;
}

static void add_samples(struct pb_cell *cell, const struct made *m, double ns, struct pb_random *random) {
    uint32_t rounds = m->rounds ? m->rounds : 20;
    double scatter = m->scatter > 0 ? m->scatter : 0.01;
    for (uint32_t i = 0; i < rounds; i++) {
        double off = 1 + scatter * (pb_random_unit(random) + pb_random_unit(random) - 1);
        struct pb_sample s = {.round = i,
                              .fork = m->forks ? i % m->forks : 0,
                              .tasks = cell->tasks,
                              .makespan_ns = (uint64_t)(ns * off),
                              .cpu_ns = (uint64_t)ns,
                              .digest = 0xd1ce};
        CHECK_INT(pb_cell_add_sample(cell, &s), 0);
    }
}

void made_run_init(struct pb_run *run, const struct made *m) {
    static const struct sample_row rows[MADE_ROWS] = {
        [MADE_SHA] = {"serial", 1, 34.1, 1, -1, 1, 1, "-", NULL},
        [MADE_THREAD] = {"thread", 2, 17.2, 1.98, 0.01, 1.98, 1, "parallel", NULL},
        [MADE_LOOP] = {"loop", 8, 20.1, 7.9, 0.01, 0.02, 1, "overlapped", NULL},
        [MADE_SPIN] = {"serial", 1, 25, 1, -1, 1, 1, "-", NULL},
    };
    static const char *const names[MADE_ROWS] = {"sha:size=1MiB", "sha:size=1MiB", "sleep:ms=20",
                                                 "spin:work=100us"};
    struct pb_random random;
    pb_random_seed(&random, m->seed);
    sample_run_bare(run);
    run->seed = m->seed;
    run->work_rate = m->rate > 0 ? m->rate : 500;
    for (int i = 0; i < (m->lone ? MADE_SPIN : MADE_ROWS); i++) {
        struct pb_cell *cell = sample_run_add(run, names[i], "made up", &rows[i]);
        bool computes = i != MADE_LOOP;
        while (cell->samples)
            pb_sample_release(&cell->sample[--cell->samples]);
        free(cell->sample);
        cell->sample = NULL;
        cell->bound = computes ? PB_CPU : PB_IO;
        cell->role = i == MADE_SPIN ? PB_ROLE_REFERENCE : cell->role;
        double iterations = i == MADE_SPIN ? run->work_rate / 500 : 1;
        add_samples(cell, m,
                    1e6 * rows[i].time_ms * or_one(m->factor[i]) * iterations *
                        (computes ? or_one(m->mood) : 1),
                    &random);
    }
}

void made_run_elsewhere(struct pb_run *r) {
    snprintf(r->machine.cpu_model, sizeof r->machine.cpu_model, "Another Processor");
}

void check_columns(const char *text, size_t most) {
    for (const char *end; *text; text = end + (*end == '\n')) {
        end = text + strcspn(text, "\n");
        size_t columns = 0;
        for (const char *p = text; p < end; p++)
            columns += ((unsigned char)*p & 0xc0) != 0x80;
        CHECK_MSG(columns <= most, "%zu columns: %.*s", columns, (int)(end - text), text);
    }
}
