/* A run: calibrate, start a runner for each cell, then rounds until the intervals are narrow enough or time
 * ends.
 *
 * Between two repetitions nothing runs: the driver waits until the last runner has come to rest. If the
 * runners do not fit into memory together, each is started anew for every repetition (`relaunch`).
 *
 * Several launches share the rounds, or the time, equally: a round never spans two of them. Before the last
 * one nothing but time ends the run, since the interval is between launches. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "analysis/facts.h"
#include "base/clock.h"
#include "base/random.h"
#include "driver/answers.h"
#include "driver/around.h"
#include "driver/driver.h"
#include "driver/session.h"
#include "driver/tasks.h"
#include "driver/traces.h"

struct drive {
    struct pb_drive *ask;
    struct pb_run *run;
    const struct pb_request *request;
    struct pb_children children;
    struct pb_session *session; /* one per cell */
    struct pb_answers answers;
    uint32_t *order; /* of the cells in the next round */
    uint64_t began;
    double round_seconds; /* the last round's duration */
    double rounds_began;  /* s since `began` */
    uint32_t launch;      /* the present one, from 0 */
    uint32_t launched_at; /* the round that it began with */
    /* As it was shown last: to find the widest interval anew would disturb what is measured. */
    struct pb_progress shown;
    bool relaunch, journal_begun;
};

static double elapsed(const struct drive *d) {
    return (double)(pb_now() - d->began) / 1e9;
}

static void show(struct drive *d, const char *phase) {
    struct pb_progress *progress = &d->shown;
    *progress = (struct pb_progress){.phase = phase,
                                     .round = d->run->rounds,
                                     .rounds = d->request->rounds,
                                     .elapsed = elapsed(d),
                                     .budget = d->request->time,
                                     .widest = INFINITY,
                                     .widest_cell = -1,
                                     .cell = -1};
    if (!d->ask->progress)
        return;
    if (d->run->rounds)
        progress->widest = pb_widest_interval(d->run, &progress->widest_cell);
    d->ask->progress(d->ask->progress_context, d->run, progress);
}

static void show_running(void *context, const struct pb_cell *cell, const struct pb_wire_run *run,
                         uint64_t ended) {
    const struct drive *d = context;
    struct pb_progress progress = d->shown;
    progress.elapsed = elapsed(d);
    progress.cell = (int32_t)cell->id;
    progress.tasks_done = ended;
    progress.tasks = run->tasks;
    if (d->ask->progress)
        d->ask->progress(d->ask->progress_context, d->run, &progress);
}

/* ---- Before the rounds ---- */

static int64_t available_memory(void) {
    char line[128];
    long long kib = -1;
    FILE *file = fopen("/proc/meminfo", "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "MemAvailable: %lld kB", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib < 0 ? INT64_MAX : kib * 1024;
}

/* The answer that all cells of a workload and as many tasks must give: that of the first cell that has one.
   Cells start in their order, so serial answers before any other. */
static const struct pb_cell *witness(const struct drive *d, const struct pb_cell *cell) {
    for (uint32_t i = 0; i < d->run->cells; i++)
        if (d->answers.known[i] && d->run->cell[i].tasks == cell->tasks &&
            strcmp(d->run->cell[i].workload, cell->workload) == 0)
            return &d->run->cell[i];
    return NULL;
}

static bool check_answer(struct drive *d, struct pb_cell *cell, const struct pb_sample *s) {
    const struct pb_cell *other = witness(d, cell);
    return pb_answers_check(&d->answers, cell, s, other, other ? other->executor : NULL);
}

/* The journal begins with what was known before the rounds. */
static void note_failures(const struct drive *d, struct pb_cell *cell, const struct pb_wire_sample *sample) {
    for (uint32_t i = 0; i < sample->failures; i++) {
        const struct pb_failure *failure = &sample->failure[i];
        if (pb_cell_add_failure(cell, failure) != 1) /* without memory it is counted all the same */
            continue;
        if (d->ask->journal && d->journal_begun)
            pb_journal_failure(d->ask->journal, cell, failure);
        if (d->ask->failed)
            d->ask->failed(d->ask->failed_context, cell, failure);
    }
}

/* One repetition that is not recorded: pages, caches and pools are as they will be. */
static int warm_up(struct drive *d, struct pb_cell *cell) {
    struct pb_wire sample;
    struct pb_wire_run what = {.tasks = cell->tasks};
    int rc = pb_session_run(&d->session[cell->id], cell, &what, d->request->timeout_ns, &sample);
    if (rc < 0)
        return rc;
    if (sample.sample.sample.peak_bytes > available_memory() / 2)
        d->relaunch = true;
    bool right = check_answer(d, cell, &sample.sample.sample);
    note_failures(d, cell, &sample.sample);
    pb_wire_release(&sample);
    pb_session_settle(&d->session[cell->id]);
    if (!right)
        pb_session_close(&d->session[cell->id]);
    return right ? 0 : -EBADMSG;
}

/* A repetition must fit into the run's time, unless only the rounds count, and into a step's time-out. */
static double longest_repetition(const struct pb_request *r) {
    return r->rounds ? (double)r->timeout_ns : fmin((double)r->timeout_ns, r->time * 1e9);
}

/* Its tasks are to be timed: none knows yet how many there are to be, or whether as many as the user asked
 * for would ever end. */
static bool is_unknown(const struct drive *d, const struct pb_cell *cell) {
    return cell->tasks == 0 ||
           (cell->bound == PB_IO && d->request->tasks && !d->session[cell->id].natural && !witness(d, cell));
}

static int open_cell(struct drive *d, struct pb_cell *cell) {
    struct pb_session *session = &d->session[cell->id];
    int rc = pb_session_open(session, d->run, cell, d->request->timeout_ns);
    if (rc == 0 && is_unknown(d, cell))
        rc = pb_choose_tasks(d->run, cell, session, d->request->timeout_ns, longest_repetition(d->request));
    if (rc == 0 && !pb_cell_sound(cell)) {
        pb_session_close(session);
        rc = -ENOTSUP;
    }
    if (rc == 0)
        rc = warm_up(d, cell);
    return rc;
}

static int open_and_share(struct drive *d, struct pb_cell *cell) {
    if (!pb_cell_sound(cell) || cell->state == PB_CELL_RUNNING)
        return 0;
    int rc = open_cell(d, cell);
    if (rc == 0)
        rc = pb_time_tasks(cell, &d->session[cell->id], d->request->timeout_ns);
    if (rc == -EINTR)
        return rc;
    pb_share_tasks(d->run, cell, d->request->weak);
    if (d->relaunch)
        pb_session_close(&d->session[cell->id]);
    if (pb_cell_sound(cell))
        cell->state = PB_CELL_RUNNING;
    return 0;
}

/* Cells of one workload run the same tasks: what the first of them finds, by nature or calibration, holds for
 * all. That is the base, wherever it stands, so that what takes so long is one worker's work. */
static int open_all(struct drive *d) {
    for (uint32_t i = 0; i < d->run->cells; i++) {
        struct pb_cell *cell = &d->run->cell[i];
        if (pb_cell_sound(cell))
            show(d, i == 0 ? "calibrating" : "starting");
        int rc = cell->base > (int32_t)i ? open_and_share(d, &d->run->cell[cell->base]) : 0;
        rc = rc ? rc : open_and_share(d, cell);
        if (rc == -EINTR)
            return rc;
    }
    for (uint32_t i = 0; d->relaunch && i < d->run->cells; i++)
        pb_session_close(&d->session[i]);
    return 0;
}

/* ---- Rounds ---- */

static int measure(struct drive *d, struct pb_cell *cell) {
    struct pb_session *session = &d->session[cell->id];
    struct pb_wire answer;
    struct pb_wire_run what = {.round = d->run->rounds, .tasks = cell->tasks};
    int rc = pb_session_is_open(session) ? 0 : open_cell(d, cell);
    uint64_t slept_before = pb_slept();
    if (rc == 0)
        rc = pb_session_run(session, cell, &what, d->request->timeout_ns, &answer);
    if (rc < 0)
        return rc;
    bool right = check_answer(d, cell, &answer.sample.sample);
    rc = pb_keep_sample(d->ask->journal, cell, &answer.sample.sample, d->launch, slept_before);
    note_failures(d, cell, &answer.sample);
    pb_wire_release(&answer);
    if (!right || d->relaunch)
        pb_session_close(session);
    else if (!pb_session_settle(session))
        pb_cell_add_note(cell, "its workers never came to rest between repetitions: see OMP_WAIT_POLICY");
    return rc;
}

/* References alone are not worth a round. */
static bool any_alive(const struct drive *d) {
    for (uint32_t i = 0; i < d->run->cells; i++)
        if (d->run->cell[i].role != PB_ROLE_REFERENCE && pb_cell_sound(&d->run->cell[i]))
            return true;
    return false;
}

/* Every cell once, in shuffled order. 0 or -EINTR. */
static int run_round(struct drive *d, struct pb_random *random) {
    uint64_t began = pb_now();
    pb_random_shuffle(random, d->order, d->run->cells);
    for (uint32_t k = 0; k < d->run->cells; k++) {
        struct pb_cell *cell = &d->run->cell[d->order[k]];
        if (!pb_cell_sound(cell))
            continue;
        int rc = measure(d, cell);
        if (rc == -EINTR)
            return rc;
        if (rc == -ENOMEM) {
            cell->state = PB_CELL_FAILED;
            pb_set_text(&cell->error, "no memory for its samples: ask for fewer rounds");
        }
        show(d, "measuring");
    }
    d->run->rounds++;
    d->round_seconds = (double)(pb_now() - began) / 1e9;
    return 0;
}

static uint32_t launches(const struct drive *d) {
    return d->request->forks > 1 ? d->request->forks : 1;
}

/* Of one launch fewer rounds than these have no median worth the name. */
enum { LEAST_ROUNDS = 3 };

/* Whether the present launch has had its share, and is not the last. */
static bool has_had_its_share(const struct drive *d) {
    const struct pb_request *r = d->request;
    uint32_t all = launches(d), done = d->run->rounds - d->launched_at;
    double share = (d->launch + 1.0) / all;
    if (d->launch + 1 >= all)
        return false;
    if (r->rounds)
        return d->run->rounds >= share * r->rounds;
    double ends = d->rounds_began + share * (r->time - d->rounds_began);
    return done >= LEAST_ROUNDS && done * all >= r->min_rounds && elapsed(d) + d->round_seconds / 2 > ends;
}

/* Every runner anew, one after the other; what fails is marked so. 0 or -EINTR. */
static int launch_again(struct drive *d) {
    int rc = 0;
    for (uint32_t i = 0; i < d->run->cells; i++)
        pb_session_close(&d->session[i]);
    d->launch++;
    d->launched_at = d->run->rounds;
    for (uint32_t i = 0; i < d->run->cells && rc != -EINTR && !d->relaunch; i++)
        if (pb_cell_sound(&d->run->cell[i])) {
            show(d, "starting");
            rc = open_cell(d, &d->run->cell[i]);
        }
    return rc == -EINTR ? rc : 0;
}

/* Why the run ends here, or NULL if it goes on. */
static const char *ending(const struct drive *d) {
    const struct pb_request *r = d->request;
    if (r->rounds)
        return d->run->rounds >= r->rounds ? "rounds" : NULL;
    if (d->run->rounds < r->min_rounds || d->launch + 1 < launches(d))
        return NULL;
    if (launches(d) > 1 && d->run->rounds - d->launched_at < LEAST_ROUNDS)
        return NULL;
    if (r->precision > 0 && pb_widest_interval(d->run, NULL) <= r->precision)
        return "precision";
    return elapsed(d) + d->round_seconds > r->time ? "time" : NULL;
}

static void run_rounds(struct drive *d) {
    struct pb_random random;
    pb_random_seed(&random, d->run->seed);
    d->rounds_began = elapsed(d);
    while (!d->run->ended) {
        if (!any_alive(d))
            d->run->ended = "failed";
        else if (run_round(d, &random) < 0 || (has_had_its_share(d) && launch_again(d) < 0))
            d->run->ended = "interrupted";
        else
            d->run->ended = ending(d);
    }
}

/* ---- After the rounds ---- */

static void finish(struct drive *d) {
    for (uint32_t i = 0; i < d->run->cells; i++) {
        struct pb_cell *cell = &d->run->cell[i];
        if (d->run->ended && strcmp(d->run->ended, "interrupted") == 0)
            pb_child_end(&d->session[i].child);
        pb_session_close(&d->session[i]);
        if (cell->state == PB_CELL_RUNNING && cell->samples)
            cell->state = PB_CELL_DONE;
        pb_note_placement(d->run, cell);
    }
    d->run->elapsed = elapsed(d);
}

static int acquire(struct drive *d) {
    size_t cells = d->run->cells + 1;
    d->session = calloc(cells, sizeof *d->session);
    d->order = calloc(cells, sizeof *d->order);
    if (pb_answers_init(&d->answers, d->run->cells) < 0 || !d->session || !d->order)
        return -ENOMEM;
    for (uint32_t i = 0; i < d->run->cells; i++) {
        d->session[i] =
            (struct pb_session){.child = PB_CHILD_NONE,
                                .children = &d->children,
                                .program = pb_sources_program(d->ask->sources, d->run->cell[i].program),
                                .launcher = &d->ask->sources->launcher,
                                .progress = show_running,
                                .progress_context = d};
        d->order[i] = i;
    }
    return 0;
}

static void release(struct drive *d) {
    free(d->session);
    pb_answers_release(&d->answers);
    free(d->order);
}

int pb_drive(struct pb_drive *ask, struct pb_error *error) {
    struct drive d = {.ask = ask, .run = ask->run, .request = ask->request, .began = pb_now()};
    int rc = acquire(&d);
    if (rc < 0) {
        release(&d);
        return pb_error_set(error, rc, "run: no memory for %u cells: ask for fewer", d.run->cells);
    }
    rc = pb_calibrate_work(d.run, &d.children, d.request->timeout_ns, error);
    if (rc == 0)
        rc = open_all(&d);
    /* Only now is known how many tasks a repetition has. A failure is remembered for the end. */
    if (rc == 0 && ask->journal)
        pb_journal_begin(ask->journal, d.run);
    d.journal_begun = true;
    if (rc == 0)
        run_rounds(&d);
    if (rc == 0 && d.request->trace && strcmp(d.run->ended, "interrupted") != 0) {
        show(&d, "tracing");
        rc = pb_take_traces(d.run, d.session, d.request->timeout_ns);
    }
    if (rc == -EINTR) {
        d.run->ended = "interrupted";
        rc = 0;
    }
    finish(&d);
    release(&d);
    return rc;
}
