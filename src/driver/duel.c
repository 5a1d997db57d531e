/* A row is calibrated once, on base. Then every launch opens four runners in random order, one of base, one
 * of control and two of head, warms each up, and runs its blocks: each runner once, in an order that is
 * random but balanced. What a launch says is not looked at before the next planned look.
 *
 * Launches differ from each other by where memory came to lie, which is luck that all repetitions of one
 * launch share. The size of the environment moves the stack and is the part of it that can be dealt out:
 * every runner gets a variable of another length (Mytkowicz et al., Producing Wrong Data, ASPLOS 2009). */
#include "driver/duel.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/facts.h"
#include "analysis/gate.h"
#include "base/clock.h"
#include "base/random.h"
#include "driver/answers.h"
#include "driver/around.h"
#include "driver/session.h"
#include "driver/tasks.h"
#include "results/comparable.h"
#include "results/row_name.h"
#include "runner/runner.h"

enum {
    SIDES = 3,   /* base, head, control */
    RUNNERS = 4, /* of a launch: head has two, so that each build has */
    REPETITION_NS = 10000000,
    SHORT_NS = 2500000, /* of one where others take processors away */
    TRIES = 12,         /* repetitions that show whether they do */
    LEAST_NS = 2500000, /* of a repetition to calibrate by */
    AGAIN = 4,          /* times that it is timed */
    TURNS = 4,          /* tasks for each worker, at least, unless they are long */
    LONG_NS = 25000000, /* of a repetition for the sake of turns */
    LAUNCH_NS = 400000000,
    BETWEEN_NS = 500000, /* two repetitions: coming to rest, and asking */
    WARM_UP = 4,         /* the part of a repetition that warms up */
    CLOCKED_LEAST = 32,  /* tasks of a repetition, for what is undisturbed to mean something */
    CLOCKED_MOST = 8192, /* for which each worker has room */
    CLOCKED_NS = 5000,   /* that a task takes, so that clocking it does not show */
    USUAL_TRIES = 5,
    BLOCKS_MAX = 36,
    LAUNCHES_WANTED = 24, /* within the time */
    PADDING = 4096,
};

static const uint8_t side_of[RUNNERS] = {0, 1, 2, 1};

/* A Latin square of runners in which each follows each other once (Williams 1949); each second order is the
 * one before backwards, so that drift within a block cancels in two. */
static const uint8_t orders[RUNNERS][RUNNERS] = {{0, 1, 3, 2}, {2, 3, 1, 0}, {1, 2, 0, 3}, {3, 0, 2, 1}};

struct row {
    uint32_t cell[SIDES];
    uint32_t blocks; /* of a launch */
    double *usual;   /* what each task takes on base, ns; NULL: tasks are not clocked */
    uint32_t launches, look, next_look;
    double launch_seconds; /* the longest yet */
    bool over;             /* answered, or cannot go on */
};

struct duel {
    struct pb_duel *ask;
    struct pb_run *run;
    struct pb_random random;
    struct pb_children children;
    struct pb_gate_rule rule;
    struct row *row;
    uint32_t rows;
    struct pb_session session[RUNNERS]; /* of the row whose turn it is */
    struct pb_answers answers;
    uint64_t began;
    bool journal_begun;
};

static double elapsed(const struct duel *d) {
    return (double)(pb_now() - d->began) / 1e9;
}

static void show(const struct duel *d, const char *phase) {
    uint32_t launches = UINT32_MAX;
    for (uint32_t i = 0; i < d->rows; i++)
        if (!d->row[i].over && d->row[i].launches < launches)
            launches = d->row[i].launches;
    struct pb_progress progress = {.phase = phase,
                                   .round = launches == UINT32_MAX ? 0 : launches,
                                   .elapsed = elapsed(d),
                                   .budget = d->ask->request->time,
                                   .widest = INFINITY,
                                   .widest_cell = -1,
                                   .cell = -1};
    if (d->ask->progress)
        d->ask->progress(d->ask->progress_context, d->run, &progress);
}

/* ---- Runners ---- */

/* What each runner is started by: the cell's program with one more variable. */
struct start {
    struct pb_program program;
    char *own[3], padding[sizeof "PARBENCH_PADDING=" + PADDING];
};

static int start_init(struct start *s, struct duel *d, const struct pb_cell *cell) {
    const struct pb_program *program = pb_sources_program(d->ask->sources, cell->program);
    size_t count = 0, length = pb_random_below(&d->random, PADDING);
    *s = (struct start){.own = {(char *)"/proc/self/exe", (char *)PB_RUNNER_WORD, NULL}};
    memset(stpcpy(s->padding, "PARBENCH_PADDING="), 'x', length);
    while (program && program->environment && program->environment[count])
        count++;
    char **environment = calloc(count + 2, sizeof *environment);
    if (!environment)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        environment[i] = program->environment[i];
    environment[count] = s->padding;
    s->program = (struct pb_program){.name = program ? program->name : (char *)"bench",
                                     .argv = program ? program->argv : s->own,
                                     .environment = environment};
    return 0;
}

static int call_off(struct pb_cell *cell, enum pb_cell_state state, int rc, const char *why) {
    cell->state = state;
    pb_set_text(&cell->error, why);
    return rc;
}

static int start_runner(struct duel *d, struct pb_session *session, struct pb_cell *cell) {
    struct start start;
    if (start_init(&start, d, cell) < 0)
        return call_off(cell, PB_CELL_FAILED, -ENOMEM, "no memory for its environment");
    *session = (struct pb_session){.child = PB_CHILD_NONE,
                                   .children = &d->children,
                                   .program = &start.program,
                                   .launcher = &d->ask->sources->launcher,
                                   .trace = true};
    int rc = pb_session_start(session, d->run, cell);
    session->program = NULL;
    free(start.program.environment);
    return rc;
}

static int make_ready(struct duel *d, struct pb_session *session, struct pb_cell *cell) {
    int rc = pb_session_make_ready(session, cell, d->ask->request->timeout_ns);
    if (rc == 0)
        cell->state = PB_CELL_RUNNING;
    return rc;
}

static int open_runner(struct duel *d, struct pb_session *session, struct pb_cell *cell) {
    int rc = start_runner(d, session, cell);
    return rc ? rc : make_ready(d, session, cell);
}

/* Whose answer a cell must give besides its own first one: base's, unless head is other work. */
static const struct pb_cell *witness(const struct duel *d, const struct row *row,
                                     const struct pb_cell *cell) {
    uint32_t base = row->cell[0];
    bool bound = cell->id != row->cell[1] || d->ask->same_answers;
    if (d->answers.known[cell->id])
        return cell;
    return bound && d->answers.known[base] ? &d->run->cell[base] : NULL;
}

static int check_answer(struct duel *d, const struct row *row, struct pb_cell *cell,
                        const struct pb_sample *s) {
    return pb_answers_check(&d->answers, cell, s, witness(d, row, cell), "base") ? 0 : -EBADMSG;
}

/* Where base has a count by nature, head has its own, and it must be the same. */
static int check_count(const struct duel *d, const struct row *row, struct pb_cell *cell) {
    uint64_t expected = d->run->cell[row->cell[0]].tasks;
    char text[120];
    cell->tasks = cell->tasks ? cell->tasks : expected;
    if (cell->tasks == expected)
        return 0;
    snprintf(text, sizeof text, "it has %llu tasks, base has %llu: compare what does the same",
             (unsigned long long)cell->tasks, (unsigned long long)expected);
    return call_off(cell, PB_CELL_REFUSED, -ENOTSUP, text);
}

static void close_runners(struct duel *d, bool at_once) {
    for (int r = 0; r < RUNNERS; r++) {
        if (at_once)
            pb_child_end(&d->session[r].child);
        pb_session_close(&d->session[r]);
    }
}

static bool is_off(const struct duel *d, const struct row *row) {
    bool off = false;
    for (int side = 0; side < SIDES; side++)
        off |= !pb_cell_sound(&d->run->cell[row->cell[side]]);
    return off;
}

/* ---- Calibration ---- */

/* Repetitions are short, since machines change from one to the next; but never so short that handing out
 * shows, unless the tasks are long. */
static uint64_t tasks_for(double ns_per_task, uint32_t workers, double repetition_ns) {
    double turn = ns_per_task, turns = ceil(repetition_ns / turn);
    if (turns < TURNS)
        turns = TURNS * turn <= LONG_NS ? TURNS : fmax(1, floor(LONG_NS / turn));
    return (uint64_t)turns * workers;
}

/* As many as leave time for the launches; whole pairs of orders. */
static uint32_t blocks_for(const struct duel *d, double block_ns) {
    double share = d->ask->request->time * 1e9 / (LAUNCHES_WANTED * d->rows);
    double blocks = fmin(fmin(LAUNCH_NS, share) / block_ns, BLOCKS_MAX);
    return blocks < 2 ? 1 : (uint32_t)blocks / 2 * 2;
}

static int compare_times(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One repetition of so many tasks as the cell has. */
static int time_repetition(struct duel *d, struct pb_session *session, struct pb_cell *cell, double *ns) {
    const struct pb_timing once = {.again = 0};
    uint64_t tasks = cell->tasks;
    return pb_time_enough(session, cell, &once, d->ask->request->timeout_ns, &tasks, ns);
}

/* Where others take processors away for some milliseconds at a time, short repetitions are left alone more
 * often, and those tell (analysis/gate_series.c). It is so where a quarter of them takes a tenth longer than
 * the shortest. */
static int is_busy(struct duel *d, struct pb_session *session, struct pb_cell *cell, bool *busy) {
    double ns[TRIES];
    int rc = 0;
    for (int i = 0; rc == 0 && i < TRIES; i++)
        rc = time_repetition(d, session, cell, &ns[i]);
    if (rc == 0) {
        qsort(ns, TRIES, sizeof *ns, compare_times);
        *busy = ns[TRIES * 3 / 4] > 1.1 * ns[0];
    }
    return rc;
}

static int choose_tasks(struct duel *d, struct pb_session *session, struct pb_cell *cell) {
    const struct pb_timing rule = {LEAST_NS, LONG_NS, AGAIN};
    uint64_t tasks = cell->workers;
    double ns = 0;
    int rc = pb_time_enough(session, cell, &rule, d->ask->request->timeout_ns, &tasks, &ns);
    if (rc < 0)
        return rc;
    bool busy = false;
    double task_ns = ns * cell->workers / (double)tasks;
    cell->tasks = tasks_for(task_ns, cell->workers, SHORT_NS);
    if (task_ns * TURNS < REPETITION_NS)
        rc = is_busy(d, session, cell, &busy);
    if (!busy)
        cell->tasks = tasks_for(task_ns, cell->workers, REPETITION_NS);
    return rc;
}

/* What each task takes usually: the least of some repetitions. Where the runner does not clock tasks, or they
 * are too few or too short, the row goes by the makespan alone. */
static int find_usual(struct duel *d, struct row *row, struct pb_session *session, double ns) {
    struct pb_cell *base = &d->run->cell[row->cell[0]];
    double task_ns = ns * base->workers / (double)base->tasks;
    int rc = 0;
    if (base->tasks < CLOCKED_LEAST || base->tasks > CLOCKED_MOST || task_ns < CLOCKED_NS)
        return 0;
    for (int i = 0; rc == 0 && i < USUAL_TRIES; i++) {
        struct pb_wire answer;
        rc = pb_session_time(session, base, d->ask->request->timeout_ns, &answer);
        if (rc < 0)
            break;
        if (!row->usual) {
            row->usual = answer.sample.task_ns;
            answer.sample.task_ns = NULL;
        } else {
            for (uint64_t k = 0; k < base->tasks; k++)
                row->usual[k] = fmin(row->usual[k], answer.sample.task_ns[k]);
        }
        pb_wire_release(&answer);
        pb_session_settle(session);
    }
    for (uint64_t k = 0; row->usual && k < base->tasks; k++)
        row->usual[k] = fmax(row->usual[k], 1);
    return rc == -ENOTSUP ? 0 : rc;
}

/* On base: how many tasks, which holds for all three. `ns`: of a repetition. */
static int calibrate_base(struct duel *d, struct row *row, struct pb_session *session, double *ns) {
    struct pb_cell *base = &d->run->cell[row->cell[0]];
    int rc = open_runner(d, session, base);
    if (rc == 0 && base->tasks == 0)
        rc = choose_tasks(d, session, base);
    rc = rc ? rc : time_repetition(d, session, base, ns);
    rc = rc ? rc : find_usual(d, row, session, *ns);
    for (int side = 1; rc == 0 && side < SIDES && !session->natural; side++)
        d->run->cell[row->cell[side]].tasks = base->tasks;
    return rc;
}

/* A head that cannot, such as an older build, leaves the row without. */
static int clock_head(struct duel *d, struct row *row, struct pb_session *session, struct pb_cell *head) {
    struct pb_wire answer;
    int rc = row->usual ? pb_session_time(session, head, d->ask->request->timeout_ns, &answer) : -ENOTSUP;
    if (rc == 0)
        pb_wire_release(&answer);
    if (rc != -ENOTSUP)
        return rc;
    free(row->usual);
    row->usual = NULL;
    return 0;
}

/* Head may be much slower. */
static int time_head(struct duel *d, struct row *row, struct pb_session *session, double *ns) {
    struct pb_cell *head = &d->run->cell[row->cell[1]];
    int rc = open_runner(d, session, head);
    rc = rc ? rc : check_count(d, row, head);
    for (int i = 0; rc == 0 && i < 2; i++)
        rc = time_repetition(d, session, head, ns);
    return rc ? rc : clock_head(d, row, session, head);
}

static int calibrate(struct duel *d, struct row *row) {
    double base = 0, head = 0;
    int rc = calibrate_base(d, row, &d->session[0], &base);
    rc = rc ? rc : time_head(d, row, &d->session[1], &head);
    if (rc == 0) {
        double block = 2 * base + 2 * head + RUNNERS * BETWEEN_NS;
        row->blocks = blocks_for(d, block);
        row->launch_seconds = row->blocks * block / 1e9;
    }
    close_runners(d, rc == -EINTR);
    return rc;
}

/* ---- A launch ---- */

static struct pb_cell *cell_of(const struct duel *d, const struct row *row, uint32_t runner) {
    return &d->run->cell[row->cell[side_of[runner]]];
}

/* A part of a repetition, unless the number of tasks is given by nature; its answer is another one. */
static int warm_up(struct duel *d, const struct row *row, uint32_t runner) {
    struct pb_session *session = &d->session[runner];
    struct pb_cell *cell = cell_of(d, row, runner);
    uint64_t part = cell->tasks / WARM_UP;
    struct pb_wire_run what = {.tasks = session->natural || part < cell->workers ? cell->tasks : part};
    struct pb_wire answer;
    int rc = pb_session_run(session, cell, &what, d->ask->request->timeout_ns, &answer);
    if (rc < 0)
        return rc;
    if (what.tasks == cell->tasks)
        rc = check_answer(d, row, cell, &answer.sample.sample);
    pb_wire_release(&answer);
    pb_session_settle(session);
    return rc;
}

/* All start before any is waited for, which takes as long as one where there are processors. */
static int open_runners(struct duel *d, const struct row *row) {
    uint32_t order[RUNNERS] = {0, 1, 2, 3};
    int rc = 0;
    pb_random_shuffle(&d->random, order, RUNNERS);
    for (int i = 0; rc == 0 && i < RUNNERS; i++)
        rc = start_runner(d, &d->session[order[i]], cell_of(d, row, order[i]));
    for (uint32_t r = 0; rc == 0 && r < RUNNERS; r++) {
        rc = make_ready(d, &d->session[r], cell_of(d, row, r));
        rc = rc ? rc : check_count(d, row, cell_of(d, row, r));
    }
    for (int i = 0; rc == 0 && i < RUNNERS; i++)
        rc = warm_up(d, row, order[i]);
    return rc;
}

/* Left at 0 where tasks are not clocked, or not all: a task that ran twice after a crash, or waits that took
 * the room of a track. From then on the row goes by the makespan alone. */
static int find_undisturbed(const struct row *row, struct pb_cell *cell, struct pb_wire_sample *sample) {
    if (!row->usual || sample->task_times != cell->tasks)
        return 0;
    double *scratch = calloc(cell->tasks, sizeof *scratch);
    if (!scratch)
        return call_off(cell, PB_CELL_FAILED, -ENOMEM, "no memory for its tasks");
    sample->sample.undisturbed_ns = pb_gate_undisturbed(sample->task_ns, row->usual, cell->tasks, scratch);
    free(scratch);
    return 0;
}

static int measure(struct duel *d, const struct row *row, uint32_t runner, uint32_t round) {
    struct pb_session *session = &d->session[runner];
    struct pb_cell *cell = cell_of(d, row, runner);
    struct pb_wire answer;
    uint64_t slept_before = pb_slept();
    const struct pb_wire_run what = {.round = round, .tasks = cell->tasks, .times = row->usual != NULL};
    int rc = pb_session_run(session, cell, &what, d->ask->request->timeout_ns, &answer);
    if (rc < 0)
        return rc;
    struct pb_sample *sample = &answer.sample.sample;
    rc = check_answer(d, row, cell, sample);
    rc = rc ? rc : find_undisturbed(row, cell, &answer.sample);
    if (rc == 0 && pb_keep_sample(d->ask->journal, cell, sample, row->launches, slept_before) < 0)
        rc = call_off(cell, PB_CELL_FAILED, -ENOMEM, "no memory for its samples: ask for less time");
    pb_wire_release(&answer);
    if (!pb_session_settle(session))
        pb_cell_add_note(cell, "its workers never came to rest between repetitions: see OMP_WAIT_POLICY");
    return rc;
}

/* Two rounds: base is of the first, control of the second, and of head's repetitions the one that comes first
 * is of the first. */
static int run_block(struct duel *d, const struct row *row, const uint8_t *order, uint32_t first_round) {
    uint32_t next[SIDES] = {first_round, first_round, first_round + 1};
    int rc = 0;
    for (int i = 0; rc == 0 && i < RUNNERS; i++)
        rc = measure(d, row, order[i], next[side_of[order[i]]]++);
    if (rc == 0 && d->run->rounds < first_round + 2)
        d->run->rounds = first_round + 2;
    return rc;
}

static int run_blocks(struct duel *d, const struct row *row) {
    uint32_t order[BLOCKS_MAX], first = (uint32_t)pb_random_below(&d->random, 2) * 2;
    int rc = 0;
    for (uint32_t b = 0; b < row->blocks; b++)
        order[b] = (first + b) % RUNNERS;
    pb_random_shuffle(&d->random, order, row->blocks);
    for (uint32_t b = 0; rc == 0 && b < row->blocks; b++)
        rc = run_block(d, row, orders[order[b]], 2 * (row->launches * row->blocks + b));
    return rc;
}

static int launch(struct duel *d, struct row *row) {
    uint64_t began = pb_now();
    int rc = open_runners(d, row);
    rc = rc ? rc : run_blocks(d, row);
    close_runners(d, rc == -EINTR);
    row->launches++;
    row->launch_seconds = fmax(row->launch_seconds, (double)(pb_now() - began) / 1e9);
    return rc;
}

/* ---- Turns ---- */

static int look(struct duel *d, struct row *row, uint32_t k) {
    uint32_t i = (uint32_t)(row - d->row);
    int rc = pb_gate_look(d->run, i, &d->rule, k);
    row->next_look = pb_gate_next_look(&d->rule, row->launches);
    bool known = strcmp(d->run->comparison[i].verdict, PB_INCONCLUSIVE) != 0;
    row->over |= known && (!d->ask->to_the_end || is_off(d, row));
    return rc;
}

/* One launch, unless time would be over before its end. 1: there was none. Else 0 or -EINTR, -ENOMEM. */
static int take_turn(struct duel *d, struct row *row) {
    if (row->over || elapsed(d) + row->launch_seconds > d->ask->request->time)
        return 1;
    int rc = row->blocks ? launch(d, row) : calibrate(d, row);
    if (rc == -EINTR)
        return rc;
    row->over |= rc < 0;
    show(d, "measuring");
    return rc == 0 && row->launches >= row->next_look ? look(d, row, ++row->look) : 0;
}

static const char *ending(const struct duel *d) {
    bool answered = true, failed = true;
    for (uint32_t i = 0; i < d->rows; i++) {
        answered &= d->row[i].over;
        failed &= is_off(d, &d->row[i]);
    }
    return failed ? "failed" : answered ? "answered" : "time";
}

/* Only now, after the first turn of each, is known how many tasks the rows' repetitions have. A failure is
 * remembered for the end. */
static void begin_journal(struct duel *d) {
    if (d->ask->journal && !d->journal_begun)
        pb_journal_begin(d->ask->journal, d->run);
    d->journal_begun = true;
}

static int take_turns(struct duel *d) {
    for (uint32_t turns = 1; turns;) {
        turns = 0;
        for (uint32_t i = 0; i < d->rows; i++) {
            int rc = take_turn(d, &d->row[i]);
            if (rc < 0)
                return rc;
            turns += rc == 0;
        }
        begin_journal(d);
    }
    d->run->ended = ending(d);
    return 0;
}

/* ---- The whole ---- */

/* "thread 2", with the workload before it where both sides have the same. */
static int name_row(struct pb_run *run, uint32_t i) {
    struct pb_gate_row row = pb_gate_row(run, i);
    struct pb_buffer name = {0};
    bool shared = strcmp(row.base->workload, row.head->workload) == 0;
    unsigned apart = pb_row_apart(run, row.head, pb_cell_takes_part);
    pb_row_name(run, row.head, apart | (shared ? PB_ROW_WORKLOAD : 0), &name);
    int rc = name.failed || !pb_run_add_comparison(run, name.data) ? -ENOMEM : 0;
    pb_buffer_release(&name);
    return rc;
}

static int acquire(struct duel *d) {
    uint32_t first = pb_gate_next_look(&d->rule, 0);
    d->row = calloc(d->rows + 1, sizeof *d->row);
    int rc = pb_answers_init(&d->answers, d->run->cells);
    rc = d->row ? rc : -ENOMEM;
    for (uint32_t i = 0; rc == 0 && i < d->rows; i++) {
        d->row[i] = (struct row){.cell = {i, d->rows + i, 2 * d->rows + i}, .next_look = first};
        d->row[i].over = is_off(d, &d->row[i]); /* a plug-in that cannot be loaded */
        rc = name_row(d->run, i);
    }
    for (int r = 0; r < RUNNERS; r++)
        d->session[r] = (struct pb_session){.child = PB_CHILD_NONE};
    return rc;
}

/* Rows that time has cut short have their last look; when that is does not depend on what they said. */
static int finish(struct duel *d) {
    int rc = 0;
    for (uint32_t i = 0; i < d->rows && rc == 0; i++)
        if (!d->row[i].over || is_off(d, &d->row[i]))
            rc = look(d, &d->row[i], PB_LAST_LOOK);
    for (uint32_t i = 0; i < d->run->cells; i++) {
        struct pb_cell *cell = &d->run->cell[i];
        if (cell->state == PB_CELL_RUNNING && cell->samples)
            cell->state = PB_CELL_DONE;
        pb_note_placement(d->run, cell);
    }
    if (d->run->ended && strcmp(d->run->ended, "time") == 0)
        d->run->ended = ending(d);
    d->run->elapsed = elapsed(d);
    return rc;
}

int pb_duel(struct pb_duel *ask, struct pb_error *error) {
    struct duel d = {.ask = ask, .run = ask->run, .began = pb_now(), .rows = pb_gate_rows(ask->run)};
    d.rule = (struct pb_gate_rule){ask->threshold, ask->error, d.rows};
    pb_random_seed(&d.random, ask->run->seed);
    int rc = acquire(&d);
    if (rc == 0) {
        show(&d, "starting");
        rc = pb_calibrate_work(d.run, &d.children, ask->request->timeout_ns, error);
    }
    rc = rc ? rc : take_turns(&d);
    if (rc == -EINTR) {
        d.run->ended = "interrupted";
        rc = 0;
    }
    rc = rc ? rc : finish(&d);
    if (rc == -ENOMEM)
        pb_error_set(error, rc, "gate: no memory: ask for fewer rows or less time");
    for (uint32_t i = 0; d.row && i < d.rows; i++)
        free(d.row[i].usual);
    free(d.row);
    pb_answers_release(&d.answers);
    return rc;
}
