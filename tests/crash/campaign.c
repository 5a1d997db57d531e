/* The crash campaign of the process executor.
 *
 *     campaign [--seed S] [--jobs J] [--rounds N] [--kills N]     all of it; so many workers killed in storms
 *     campaign --list                                             the points, and who takes them
 *     campaign --point X --action A --who W --pass K --how H --workers N --seed S [--deadlines]
 *     campaign --storm KILLS --workers N --seed S
 *
 * It records which points the standard scenario takes, and which kind of process takes them how often; then
 * at each of them lets every fault strike every such process, and last storms a stream of tasks with kills.
 * Before its end stands a line for each trial in which something was wrong, with the options that run it
 * again (one of the last two forms, --rounds of it); then which points were taken, then "points P, runs R,
 * violations V". The exit code is 1 if there were any, 2 if it could not run. */
#include "trial.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"

enum { JOBS_MAX = 64, HOWS = 3, KILLS_PER_STORM = 25, TRIES = 4 };

static const char *const how_name[HOWS] = {[PB_DRAIN] = "drain", [PB_CANCEL] = "cancel", [PB_KILL] = "kill"};

struct job {
    pid_t pid; /* 0: free */
    unsigned tries;
    struct trial *trial;
};

struct campaign {
    uint64_t seed;
    unsigned jobs;
    /* As recorded: by whether tasks have deadlines, and how the pool is closed. */
    uint32_t passes[2][HOWS][WHO_COUNT][POINTS_MAX];
    struct job job[JOBS_MAX];
    unsigned runs, violations, unfired;
    struct pb_random random;
};

/* ---- Running trials ---- */

static void print_wrongs(const struct trial *t) {
    const struct plan *p = &t->plan;
    char again[256];
    if (p->kills)
        snprintf(again, sizeof again, "campaign --storm %u --workers %u --seed %llu", p->kills, p->workers,
                 (unsigned long long)p->seed);
    else
        snprintf(again, sizeof again,
                 "campaign --point %s --action %s --who %s --pass %u --how %s%s --workers %u --seed %llu",
                 p->point < 0 ? "none" : point_name(p->point), action_name[p->action], who_name[p->who],
                 p->pass, how_name[p->how], p->deadlines ? " --deadlines" : "", p->workers,
                 (unsigned long long)p->seed);
    printf("violation: %s: %s, in phase %s: ", again,
           p->point < 0             ? "no fault"
           : atomic_load(&t->fired) ? "struck"
                                    : "not struck",
           phase_name[atomic_load(&t->fired) ? atomic_load(&t->fired_in) : atomic_load(&t->phase)]);
    for (const char *c = t->text; *c; c++)
        fputs(*c != '\n' ? (char[]){*c, 0} : c[1] ? "; " : "\n", stdout);
    fflush(stdout);
}

static void record(struct campaign *c, const struct trial *t) {
    for (int who = 0; who < WHO_COUNT; who++)
        for (int i = 0; i < POINTS_MAX; i++) {
            uint32_t now = atomic_load(&t->passes[who][i]);
            uint32_t *most = &c->passes[t->plan.deadlines][t->plan.how][who][i];
            *most = *most > now ? *most : now;
        }
}

static void begin(struct job *job, const struct plan *plan) {
    memset(job->trial, 0, sizeof *job->trial);
    job->trial->plan = *plan;
    fflush(NULL);
    job->pid = fork();
    if (job->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        trial = job->trial;
        monitor_run(plan->kills ? stream : scenario);
        _exit(0);
    }
    if (job->pid < 0) {
        perror("campaign: fork");
        exit(2);
    }
}

/* Looks at a trial that has ended. A fault that did not strike, because the processes ran in another order
 * this time, is tried again at an earlier pass. */
static void end(struct campaign *c, struct job *job, int status) {
    struct trial *t = job->trial;
    struct plan plan = t->plan;
    trial = t;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        wrong("the monitor ended with status %d", status);
    trial = NULL;
    c->runs++;
    job->pid = 0;
    if (plan.action == NOTHING && !plan.kills)
        record(c, t);
    if (atomic_load(&t->wrongs)) {
        c->violations++;
        print_wrongs(t);
    } else if (plan.action != NOTHING && !atomic_load(&t->fired)) {
        if (++job->tries < TRIES) {
            plan.pass = (plan.pass + 1) / 2;
            begin(job, &plan);
            return;
        }
        c->unfired++;
    }
    job->tries = 0;
}

static struct job *find_job(struct campaign *c, pid_t pid) {
    for (unsigned i = 0; i < c->jobs; i++)
        if (c->job[i].pid == pid)
            return &c->job[i];
    return NULL;
}

/* Waits for one to end; false if none runs. */
static bool reap(struct campaign *c) {
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    if (pid < 0)
        return errno == EINTR;
    struct job *job = find_job(c, pid);
    if (job)
        end(c, job, status);
    return true;
}

static void run(struct campaign *c, const struct plan *plan) {
    struct job *job;
    while (!(job = find_job(c, 0)))
        reap(c);
    begin(job, plan);
}

static void finish(struct campaign *c) {
    while (reap(c))
        ;
}

/* ---- What is run ---- */

static void record_all(struct campaign *c) {
    for (unsigned repeat = 0; repeat < 3; repeat++)
        for (int deadlines = 0; deadlines < 2; deadlines++)
            for (int how = 0; how < HOWS; how++)
                run(c, &(struct plan){.seed = c->seed + repeat,
                                      .workers = 2,
                                      .point = -1,
                                      .how = (enum pb_close)how,
                                      .deadlines = deadlines});
    finish(c);
}

/* A pool of two as recorded, or of another size. One that is stopped needs another to go on beside it. */
static uint32_t choose_workers(struct campaign *c, enum action action) {
    uint32_t least = action == HALTED ? 2 : 1;
    return least + (uint32_t)pb_random_below(&c->random, 3);
}

/* One fault, closing in one of the ways in which the point is taken. */
static void strike_point(struct campaign *c, int point, enum who who, enum action action) {
    bool deadlines = action == HALTED;
    unsigned start = (unsigned)pb_random_below(&c->random, HOWS);
    for (unsigned i = 0; i < HOWS; i++) {
        unsigned how = (start + i) % HOWS;
        uint32_t most = c->passes[deadlines][how][who][point];
        if (most == 0)
            continue;
        run(c, &(struct plan){.seed = pb_random_next(&c->random) >> 16,
                              .workers = choose_workers(c, action),
                              .action = action,
                              .who = who,
                              .point = point,
                              .pass = 1 + (uint32_t)pb_random_below(&c->random, most),
                              .how = (enum pb_close)how,
                              .deadlines = deadlines});
        return;
    }
}

static bool taken(const struct campaign *c, enum who who, int point) {
    for (int how = 0; how < HOWS; how++)
        if (c->passes[0][how][who][point] || c->passes[1][how][who][point])
            return true;
    return false;
}

static void strike_all(struct campaign *c) {
    for (int point = 0; point_name(point); point++)
        for (int who = 0; who < WHO_COUNT; who++)
            for (int action = KILLED; action < ACTION_COUNT; action++)
                if (taken(c, (enum who)who, point))
                    strike_point(c, point, (enum who)who, (enum action)action);
    finish(c);
}

static void storm_all(struct campaign *c, unsigned left) {
    for (unsigned i = 0; left; i++) {
        unsigned kills = left < KILLS_PER_STORM ? left : KILLS_PER_STORM;
        run(c,
            &(struct plan){
                .seed = pb_random_next(&c->random) >> 16, .workers = 1 + i % 4, .point = -1, .kills = kills});
        left -= kills;
    }
    finish(c);
}

static void list_points(const struct campaign *c) {
    for (int point = 0; point_name(point); point++) {
        printf("%-28s", point_name(point));
        for (int who = 0; who < WHO_COUNT; who++)
            if (taken(c, (enum who)who, point))
                printf("  %s %u", who_name[who], c->passes[0][PB_DRAIN][who][point]);
        putchar('\n');
    }
}

/* ---- Options ---- */

enum { SEED, JOBS, ROUNDS, KILLS, STORM, POINT, ACTION, WHO, PASS, HOW, WORKERS, DEADLINES, LIST, OPTIONS };

static const struct {
    const char *name;
    int argument;
    const char *const *words; /* that the argument is one of; else it is a number */
    int count;
    uint64_t without; /* its value when it is not given */
} table[OPTIONS] = {
    [SEED] = {"seed", required_argument, NULL, 0, 1},
    [JOBS] = {"jobs", required_argument, NULL, 0, 8},
    [ROUNDS] = {"rounds", required_argument, NULL, 0, 1},
    [KILLS] = {"kills", required_argument, NULL, 0, 2000},
    [STORM] = {"storm", required_argument, NULL, 0, 0},
    [POINT] = {"point", required_argument, NULL, 0, 0},
    [ACTION] = {"action", required_argument, action_name, ACTION_COUNT, NOTHING},
    [WHO] = {"who", required_argument, who_name, WHO_COUNT, PARENT},
    [PASS] = {"pass", required_argument, NULL, 0, 1},
    [HOW] = {"how", required_argument, how_name, HOWS, PB_DRAIN},
    [WORKERS] = {"workers", required_argument, NULL, 0, 2},
    [DEADLINES] = {"deadlines", no_argument, NULL, 0, 0},
    [LIST] = {"list", no_argument, NULL, 0, 0},
};

static uint64_t value_of(int option, const char *text) {
    char *rest;
    if (!text)
        return 1;
    for (int i = 0; i < table[option].count; i++)
        if (strcmp(text, table[option].words[i]) == 0)
            return (uint64_t)i;
    uint64_t number = strtoull(text, &rest, 10);
    if (option == POINT || (!table[option].words && *text && !*rest))
        return number;
    fprintf(stderr, "campaign: --%s %s: unknown: give %s", table[option].name, text,
            table[option].words ? "one of" : "a number");
    for (int i = 0; i < table[option].count; i++)
        fprintf(stderr, " %s", table[option].words[i]);
    fputc('\n', stderr);
    exit(2);
}

static void read_options(int argc, char **argv, uint64_t value[OPTIONS], const char **point) {
    struct option options[OPTIONS + 1] = {0};
    for (int i = 0; i < OPTIONS; i++) {
        options[i] = (struct option){table[i].name, table[i].argument, NULL, 256 + i};
        value[i] = table[i].without;
    }
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (o < 256)
            exit(2);
        value[o - 256] = value_of(o - 256, optarg);
        if (o - 256 == POINT)
            *point = optarg;
    }
}

static void run_one(struct campaign *c, const uint64_t value[OPTIONS], const char *point) {
    bool struck = point && strcmp(point, "none") != 0;
    struct plan plan = {.seed = c->seed,
                        .workers = (uint32_t)value[WORKERS],
                        .action = struck ? (enum action)value[ACTION] : NOTHING,
                        .who = (enum who)value[WHO],
                        .point = struck ? point_index(point) : -1,
                        .pass = (uint32_t)value[PASS],
                        .how = (enum pb_close)value[HOW],
                        .deadlines = value[DEADLINES] || value[ACTION] == HALTED,
                        .kills = (uint32_t)value[STORM]};
    for (uint64_t i = 0; i < value[ROUNDS]; i++)
        run(c, &plan);
    finish(c);
}

static void run_all(struct campaign *c, const uint64_t value[OPTIONS]) {
    record_all(c);
    if (value[LIST]) {
        list_points(c);
        return;
    }
    for (uint64_t i = 0; i < value[ROUNDS]; i++)
        strike_all(c);
    storm_all(c, (unsigned)value[KILLS]);
}

int main(int argc, char **argv) {
    static struct campaign c;
    uint64_t value[OPTIONS];
    const char *point = NULL;
    int points = 0;
    read_options(argc, argv, value, &point);
    points_open();
    c.seed = value[SEED];
    c.jobs = value[JOBS] < 1 ? 1 : value[JOBS] > JOBS_MAX ? JOBS_MAX : (unsigned)value[JOBS];
    struct trial *trials =
        mmap(NULL, c.jobs * sizeof *trials, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (trials == MAP_FAILED) {
        perror("campaign: mmap");
        return 2;
    }
    for (unsigned i = 0; i < c.jobs; i++)
        c.job[i].trial = &trials[i];
    pb_random_seed(&c.random, c.seed);
    if (point || value[STORM])
        run_one(&c, value, point);
    else
        run_all(&c, value);
    fputs("taken:", stdout);
    for (; point_name(points); points++)
        printf(" %s", point_name(points));
    putchar('\n');
    if (c.unfired)
        printf("%u faults were not struck, because their points were not taken again\n", c.unfired);
    printf("points %d, runs %u, violations %u\n", points, c.runs, c.violations);
    return c.violations ? 1 : 0;
}
