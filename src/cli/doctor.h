/* The parts of `bench doctor`. All that return int return an exit code, 0 to go on, and have complained else.
 */
#ifndef PB_CLI_DOCTOR_H
#define PB_CLI_DOCTOR_H

#include "cli/options.h"
#include "driver/duel.h"
#include "results/doctor.h"

enum { PB_DOCTOR_ADDED = 16 };

/* What is measured: gates of which head hashes more bytes than base. */
struct pb_doctor_work {
    char base[32], head[PB_DOCTOR_ADDED][32]; /* items of -w */
    const char *item[PB_DOCTOR_ADDED + 1];    /* all of them */
    double added[PB_DOCTOR_ADDED];            /* how much more, a share */
    uint32_t count;
};
/* By --added, else nothing, 0.5, 1, 2, 5 and 10 %: of each threshold that is tried at least twice. */
int pb_doctor_work_init(struct pb_doctor_work *, const struct pb_options *);

struct pb_doctor_command {
    struct pb_options *options;
    struct pb_run run; /* the machine, and what is warned of */
    struct pb_sources sources;
    struct pb_descriptions descriptions;
    struct pb_doctor_work work;
    struct pb_doctor doctor;
};

/* Before anything is measured: --relink is a command with a {} in it, or not given. */
int pb_doctor_check_relink(const struct pb_options *);

/* Adds a run's cells for work i of `count` works. */
int pb_doctor_plan(struct pb_doctor_command *, struct pb_run *, uint32_t first, uint32_t count);
/* One gate of what the run holds. */
struct pb_doctor_gate {
    double seconds, threshold;
    bool to_the_end, same_answers;
    uint64_t seed;
};
int pb_doctor_gate(struct pb_doctor_command *, struct pb_run *, const struct pb_doctor_gate *);

/* A run that borrows the machine of the command's; released so that it stays. */
void pb_doctor_run_init(struct pb_doctor_command *, struct pb_run *);
void pb_doctor_run_release(struct pb_run *);

/* Fills doctor->drawn and carried; made; relinked. A signal ends them early: doctor->interrupted. */
int pb_doctor_drawn(struct pb_doctor_command *);
int pb_doctor_made(struct pb_doctor_command *);
int pb_doctor_relinked(struct pb_doctor_command *);

#endif
