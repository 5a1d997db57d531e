/* What `bench doctor` finds out: looked up by cli/fitness.h, measured by driver/duel.h, judged by
 * analysis/doctor.h, printed by report/doctor.h. */
#ifndef PB_RESULTS_DOCTOR_H
#define PB_RESULTS_DOCTOR_H

#include "results/record.h"

enum pb_fit { PB_FIT, PB_UNFIT, PB_FIT_UNKNOWN };

/* One thing that can disturb measuring. */
struct pb_check {
    const char *name; /* static: "governor" */
    enum pb_fit state;
    bool warned;      /* if it is unfit, that is said before every run, too */
    char found[160];  /* what was found: "powersave", "1.5 processors in /ci"; never "" */
    char advice[240]; /* what it does, and what to do; "" unless it is unfit */
};

enum {
    PB_DOCTOR_THRESHOLDS = 5,
    PB_DOCTOR_LEAST = 10, /* launches: from fewer no gate is drawn */
    PB_DOCTOR_EXECUTOR = 64
};

/* Of gates that were drawn from launches of one width, of which head did a known share of work more. */
struct pb_drawn_row {
    char executor[PB_DOCTOR_EXECUTOR];
    uint32_t workers;
    double added;                           /* the work that it really has more, a share; 0: none */
    struct pb_estimate change;              /* as measured, of all launches, with an interval of 99 % */
    double regressed[PB_DOCTOR_THRESHOLDS]; /* share of the trials that say so; NAN: too few launches */
    double improved[PB_DOCTOR_THRESHOLDS];
};

/* Of gates that were run one by one. */
struct pb_made_row {
    char executor[PB_DOCTOR_EXECUTOR];
    uint32_t workers;
    double added;
    uint32_t regressed, improved, equivalent, inconclusive;
    double *change, *seconds; /* of each, in order: as estimated, and how long it took */
    uint32_t trials;
    double change_median, change_deviation; /* computed; deviation: standard; NAN: too few */
    double seconds_median, seconds_longest;
};

/* This build against an equal one that was linked again. */
struct pb_relinked_row {
    char executor[PB_DOCTOR_EXECUTOR];
    uint32_t workers, link;    /* link: from 1 */
    struct pb_estimate change; /* with an interval of 99 % */
};

/* How finely one width can be judged. */
struct pb_carried {
    uint32_t first, rows; /* of drawn rows: those of the width */
    double threshold;     /* the least that is carried; NAN: none */
    uint32_t found,
        none; /* the drawn rows that show it: of added work, and of the least, which is to be none */
};

struct pb_doctor {
    const struct pb_check *check; /* borrowed */
    uint32_t checks;
    const char *work;                       /* borrowed: what base runs */
    double gate_seconds;                    /* of one trial, at most */
    double threshold[PB_DOCTOR_THRESHOLDS]; /* ascending, of drawn gates */
    uint32_t trials, launches;              /* drawn gates, and their launches at most */
    struct pb_drawn_row *drawn;
    uint32_t drawn_rows;
    struct pb_carried *carried; /* a width each */
    uint32_t widths;
    double made_threshold;
    struct pb_made_row *made;
    uint32_t made_rows;
    struct pb_relinked_row *relinked;
    uint32_t relinked_rows, links; /* links: how many builds */
    const char *relinked_work;     /* static */
    bool interrupted;
};
void pb_doctor_release(struct pb_doctor *);

#endif
