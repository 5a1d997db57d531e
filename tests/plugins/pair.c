/* Cannot be run by one worker. */
#include <errno.h>
#include <stdio.h>

#include "parbench/workload.h"

static uint64_t count(const void *state) {
    (void)state;
    return 8;
}

static int begin(void *state, const struct pb_repetition *repetition, struct pb_message *message) {
    (void)state;
    if (repetition->lanes >= 2)
        return 0;
    snprintf(message->text, sizeof message->text,
             "pair: one task at a time waits for ever: use -n 2 or more");
    return -ENOTSUP;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    (void)task;
    *digest = i;
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER, .name = "pair", .summary = "needs two workers", .bound = PB_CPU, .count = count,
    .begin = begin,     .run = run,
};
