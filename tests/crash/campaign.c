/* The crash campaign of the process executor.
 *
 *     campaign [--seed S] [--jobs J] [--rounds N] [--kills N]
 *     campaign --point X --action A --who W --pass K --how H --workers N --seed S     one trial again
 *     campaign --storm N --workers N --seed S                                         one storm again
 *     campaign --list                                                                 the points, and who
 * takes them
 *
 * It records which points the standard scenario takes, and which kind of process takes them how often; then
 * at each of them lets every fault strike every such process, and last storms a stream of tasks with kills.
 * Ends with a line "points P, runs R, violations V", before it one for each trial in which something was
 * wrong, with the options that run it again; the exit code is 1 if there is any. */
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
    unsigned jobs, rounds, kills;
    bool list;
    struct plan single;
    const char *single_point;
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

static void begin(struct campaign *c, struct job *job, const struct plan *plan) {
    (void)c;
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
            begin(c, job, &plan);
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
    begin(c, job, plan);
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
                              .workers = 2,
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

static void storm_all(struct campaign *c) {
    for (unsigned left = c->kills, i = 0; left; i++) {
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

static int lookup(const char *option, const char *word, const char *const *names, int count) {
    for (int i = 0; i < count; i++)
        if (strcmp(word, names[i]) == 0)
            return i;
    fprintf(stderr, "campaign: --%s %s: unknown: there are", option, word);
    for (int i = 0; i < count; i++)
        fprintf(stderr, " %s", names[i]);
    fputc('\n', stderr);
    exit(2);
}

static void read_options(struct campaign *c, int argc, char **argv) {
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},   {"jobs", required_argument, NULL, 'j'},
        {"rounds", required_argument, NULL, 'r'}, {"kills", required_argument, NULL, 'k'},
        {"point", required_argument, NULL, 'p'},  {"action", required_argument, NULL, 'a'},
        {"who", required_argument, NULL, 'w'},    {"pass", required_argument, NULL, 'n'},
        {"how", required_argument, NULL, 'h'},    {"workers", required_argument, NULL, 'c'},
        {"storm", required_argument, NULL, 'S'},  {"deadlines", no_argument, NULL, 'd'},
        {"list", no_argument, NULL, 'l'},         {0}};
    struct plan *p = &c->single;
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        unsigned long long value = optarg ? strtoull(optarg, NULL, 10) : 0;
        switch (o) {
        case 's':
            c->seed = p->seed = value;
            break;
        case 'j':
            c->jobs = value < 1 ? 1 : value > JOBS_MAX ? JOBS_MAX : (unsigned)value;
            break;
        case 'r':
            c->rounds = (unsigned)value;
            break;
        case 'k':
            c->kills = (unsigned)value;
            break;
        case 'p':
            c->single_point = optarg;
            break;
        case 'a':
            p->action = (enum action)lookup("action", optarg, action_name, ACTION_COUNT);
            break;
        case 'w':
            p->who = (enum who)lookup("who", optarg, who_name, WHO_COUNT);
            break;
        case 'n':
            p->pass = (uint32_t)value;
            break;
        case 'h':
            p->how = (enum pb_close)lookup("how", optarg, how_name, HOWS);
            break;
        case 'c':
            p->workers = (uint32_t)value;
            break;
        case 'S':
            p->kills = (uint32_t)value;
            break;
        case 'd':
            p->deadlines = true;
            break;
        case 'l':
            c->list = true;
            break;
        default:
            exit(2);
        }
    }
}

static void run_single(struct campaign *c) {
    struct plan *p = &c->single;
    p->point = c->single_point && strcmp(c->single_point, "none") != 0 ? point_index(c->single_point) : -1;
    p->deadlines = p->deadlines || p->action == HALTED;
    for (unsigned i = 0; i < c->rounds; i++)
        run(c, p);
    finish(c);
}

int main(int argc, char **argv) {
    static struct campaign c = {.seed = 1,
                                .jobs = 8,
                                .rounds = 1,
                                .kills = 2000,
                                .single = {.seed = 1, .workers = 2, .pass = 1, .point = -1}};
    unsigned points = 0;
    read_options(&c, argc, argv);
    points_open();
    struct trial *trials =
        mmap(NULL, c.jobs * sizeof *trials, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (trials == MAP_FAILED)
        return 2;
    for (unsigned i = 0; i < c.jobs; i++)
        c.job[i].trial = &trials[i];
    pb_random_seed(&c.random, c.seed);
    if (c.single_point || c.single.kills) {
        run_single(&c);
    } else {
        record_all(&c);
        for (unsigned i = 0; i < c.rounds && !c.list; i++)
            strike_all(&c);
        if (c.list)
            list_points(&c);
        else
            storm_all(&c);
    }
    while (point_name((int)points))
        points++;
    if (c.unfired)
        printf("%u faults were not struck, because their points were not taken again\n", c.unfired);
    printf("points %u, runs %u, violations %u\n", points, c.runs, c.violations);
    return c.violations ? 1 : 0;
}
