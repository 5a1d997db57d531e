/* Ranges: a caller that opens two ranges, one after the other, and workers that join them. Every index runs
 * once, and when the call returns no worker is in the range any more: the caller may change what the body
 * reads. */
#include "executor/team.h"
#include "ground.h"

enum { RANGES = 2, INDICES = 2 };

static struct pb_crew *crew;
static struct pb_member member[GROUND_WORKERS];
static struct {
    uint64_t open;
    uint64_t ran[RANGES][INDICES];
} range_data;

static void open(void) {
    crew = ground_open();
    for (uint32_t i = 0; i < GROUND_WORKERS; i++)
        member[i].worker = (struct pb_worker){.crew = crew, .account = &crew->account[i], .task.worker = i};
    checker_keep(member, sizeof member);
    checker_keep(&range_data, sizeof range_data);
    checker_plain(&range_data, sizeof range_data, sizeof(uint64_t), "what the body uses");
}

static void before(void) {
    crew->spins = checker_random(2);
    crew->depot->processors = 1 + checker_random(3);
}

static int body(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    const uint64_t *number = args;
    (void)task;
    CHECKER_ASSERT(range_data.open == *number);
    CHECKER_ASSERT(range_data.ran[*number - 1][i]++ == 0);
    *digest = i;
    return PB_OK;
}

static bool never_lost(void *context) {
    (void)context;
    return false;
}

static void live(void) {
    for (uint64_t number = 1; number <= RANGES; number++) {
        struct pb_range range;
        range_data.open = number;
        pb_range_init(&range, 0, INDICES, body, &range_data.open, sizeof range_data.open, GROUND_WORKERS);
        pb_team_for(crew, &range, never_lost, NULL);
        CHECKER_ASSERT(range.total.tasks == INDICES);
        for (unsigned i = 0; i < INDICES; i++)
            CHECKER_ASSERT(range_data.ran[number - 1][i] == 1);
        range_data.open = 0;
    }
    pb_team_close(crew);
}

static void thread(unsigned i) {
    if (i)
        pb_team_serve(&member[i - 1]);
    else
        live();
}

const struct checker_model model_range = {
    .name = "range", .schedules = 20000, .open = open, .before = before, .thread = thread};
