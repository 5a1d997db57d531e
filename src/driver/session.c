#include "driver/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "driver/placed.h"
#include "driver/source.h"
#include "driver/unreachable.h"

bool pb_session_is_open(const struct pb_session *s) {
    return s->child.pid > 0;
}

/* Interruption is not the cell's fault. A runner that still answers is let clean up. */
static int fail(struct pb_session *s, struct pb_cell *cell, int rc, struct pb_error *error) {
    if (rc != -EINTR) {
        if (cell->opens)
            pb_rename_object(error, cell->opens, cell->workload);
        cell->state = rc == -ENOTSUP ? PB_CELL_REFUSED : PB_CELL_FAILED;
        pb_set_text(&cell->error, error->text);
    }
    if (rc == -EIO || rc == -ENOTSUP)
        pb_session_close(s);
    else
        pb_child_end(&s->child);
    return rc;
}

/* Who waits for what, while a repetition runs. */
struct wait {
    const struct pb_session *session;
    const struct pb_cell *cell;
    const struct pb_wire_run *run;
};

static void tell_progress(void *context, uint64_t ended) {
    const struct wait *w = context;
    w->session->progress(w->session->progress_context, w->cell, w->run, ended);
}

/* How a launcher's runner ended, or why it does not answer, as far as that was said: which rank, where, and
 * of what. */
static void explain(const struct pb_session *s, const struct pb_cell *cell, int rc, struct pb_error *error) {
    const char *name = pb_launcher_name(s->launcher);
    const struct pb_last_words words = {
        .launcher = name, .text = pb_buffer_string(&s->child.said), .host = cell->host, .hosts = cell->hosts};
    const struct pb_error plain = *error;
    struct pb_buffer text = {0};
    bool known = pb_last_words(&words, &text);
    if (known && rc == -ECONNRESET)
        pb_error_set(error, rc, "%s", pb_buffer_string(&text));
    else
        pb_error_set(error, rc, "%s: %s%s%s", name, plain.text, text.size ? ": it said: " : "",
                     pb_buffer_string(&text));
    pb_buffer_release(&text);
}

/* `error` is filled if it goes wrong. */
static int hear(struct pb_session *s, const struct pb_cell *cell, enum pb_wire_type expected,
                int64_t timeout_ns, struct pb_wire *answer, struct pb_error *error) {
    int rc = pb_child_hear(&s->child, answer, timeout_ns, error);
    if ((rc == -ECONNRESET || rc == -ETIMEDOUT) && s->child.launched)
        explain(s, cell, rc, error);
    if (rc == 0 && answer->type != expected) {
        pb_wire_release(answer);
        rc = pb_error_set(error, -EPROTO, "runner protocol: an unexpected answer");
    }
    return rc;
}

static int ask(struct pb_session *s, struct pb_cell *cell, const struct pb_wire *question,
               enum pb_wire_type expected, int64_t timeout_ns, struct pb_wire *answer,
               struct pb_error *error) {
    struct wait wait = {s, cell, &question->run};
    s->child.progress = question->type == PB_WIRE_RUN && s->progress ? tell_progress : NULL;
    s->child.progress_context = &wait;
    pb_child_say(&s->child, question); /* a failure shows in what is heard */
    int rc = hear(s, cell, expected, timeout_ns, answer, error);
    s->child.progress = NULL;
    if (rc == -EIO && question->type == PB_WIRE_RUN && error->code == -ENOTSUP)
        rc = -ENOTSUP;
    return rc;
}

static int exchange(struct pb_session *s, struct pb_cell *cell, const struct pb_wire *question,
                    enum pb_wire_type expected, int64_t timeout_ns, struct pb_wire *answer) {
    struct pb_error error = {0};
    int rc = ask(s, cell, question, expected, timeout_ns, answer, &error);
    return rc < 0 ? fail(s, cell, rc, &error) : 0;
}

static int list_bindings(const struct pb_run *run, const struct pb_cell *cell, struct pb_wire_list *list) {
    struct pb_placement placement = {.workers = 0};
    int rc = pb_plan_placement(run, cell, &placement, NULL);
    for (uint32_t i = 0; rc == 0 && i < placement.workers; i++) {
        char text[4096];
        rc = pb_wire_list_add(list, pb_cpuset_format(&placement.binding[i], text, sizeof text));
    }
    pb_placement_release(&placement);
    return rc;
}

static void take_ready(struct pb_cell *cell, const struct pb_wire_ready *ready) {
    if (cell->tasks == 0)
        cell->tasks = ready->tasks;
    cell->bytes_per_task = ready->bytes_per_task;
    cell->offered = ready->offered > 0 ? ready->offered : 0;
    for (uint32_t i = 0; i < ready->statuses.count && i < PB_STATUS_MAX; i++)
        pb_set_text(&cell->status_name[i], ready->statuses.item[i]);
    for (uint32_t i = 0; i < ready->counters.count && i < PB_COUNTERS_MAX; i++)
        pb_set_text(&cell->counter_name[i], ready->counters.item[i]);
    for (uint32_t i = 0; i < ready->executor_counters.count && PB_COUNTERS_MAX + i < PB_SAMPLE_COUNTERS; i++)
        pb_set_text(&cell->counter_name[PB_COUNTERS_MAX + i], ready->executor_counters.item[i]);
    for (uint32_t i = 0; i < ready->notes.count; i++)
        pb_cell_add_note(cell, ready->notes.item[i]);
}

/* A worker of which nothing is known, or one too many, is no placement. */
static bool has_all_workers(const struct pb_cell *cell) {
    uint32_t workers = 0;
    for (uint32_t h = 0; h < cell->hosts; h++)
        workers += cell->host[h].workers;
    return cell->hosts && workers == cell->workers;
}

static bool is_here(const struct pb_ranks_host *host) {
    char here[65] = "";
    gethostname(here, sizeof here - 1);
    return host->name && strcmp(host->name, here) == 0;
}

/* The clocks that can be watched are those of this machine: rank 0's, which the launcher stands before, and
   those that it names. */
static void watch_ranks(struct pb_session *s, const struct pb_ranks_host *first) {
    char pid[24];
    if (!is_here(first)) {
        pb_wire_list_release(&s->pids);
        return;
    }
    snprintf(pid, sizeof pid, "%u", first->pid[0]);
    pb_wire_list_add(&s->pids, pid);
}

static int take_hosts(struct pb_session *s, struct pb_cell *cell, struct pb_wire_ready *ready,
                      struct pb_error *error) {
    pb_hosts_release(cell->host, cell->hosts);
    cell->host = ready->host;
    cell->hosts = ready->hosts;
    ready->host = NULL;
    ready->hosts = 0;
    if (ready->hosts_wrong)
        return pb_error_set(error, -EPROTO, "runner protocol: %s", ready->hosts_wrong);
    if (!has_all_workers(cell))
        return pb_error_set(error, -EPROTO,
                            "runner protocol: `hosts` of `ready` does not say where the %u workers are",
                            cell->workers);
    watch_ranks(s, &cell->host[0]);
    if (cell->hosts > 1 || !is_here(&cell->host[0])) /* what this machine alone can give is no ceiling */
        cell->reference = cell->reference_base = -1;
    return pb_placed_plan(cell) < 0 ? pb_error_set(error, -ENOMEM, "no memory for its hosts") : 0;
}

static void take_pids(struct pb_session *s, struct pb_wire_list *pids) {
    pb_wire_list_release(&s->pids);
    s->pids = *pids;
    *pids = (struct pb_wire_list){0};
}

static int start_child(struct pb_session *s, const struct pb_cell *cell, struct pb_error *error) {
    struct pb_program ranks;
    if (!cell->launched)
        return pb_child_start(&s->child, s->children, s->program, error);
    uint32_t count = pb_launcher_ranks(cell->executor, cell->workers);
    int rc = pb_launcher_program(s->launcher, s->program, count, &ranks, error);
    if (rc < 0)
        return rc;
    rc = pb_child_start(&s->child, s->children, &ranks, error);
    pb_program_release(&ranks);
    return rc;
}

int pb_session_start(struct pb_session *s, const struct pb_run *run, struct pb_cell *cell) {
    struct pb_error error = {0};
    struct pb_wire question = {.type = PB_WIRE_OPEN,
                               .open = {.protocol = PB_PROTOCOL_VERSION,
                                        .workload = cell->opens ? cell->opens : cell->workload,
                                        .executor = cell->executor,
                                        .workers = cell->workers,
                                        .via = cell->via,
                                        .work_rate = run->work_rate,
                                        .trace = s->trace}};
    int rc = start_child(s, cell, &error);
    if (rc < 0)
        return fail(s, cell, rc, &error);
    if (cell->launched)
        question.open.policy = cell->binding;
    else
        rc = list_bindings(run, cell, &question.open.binding);
    if (rc == 0)
        pb_child_say(&s->child, &question); /* a failure shows in what is heard */
    else
        fail(s, cell, pb_error_set(&error, rc, "no memory for its bindings"), &error);
    pb_wire_list_release(&question.open.binding);
    return rc;
}

/* A launcher that waits for what will not come. */
static int is_hopeless(const struct pb_child *c, struct pb_error *error) {
    struct pb_buffer why = {0};
    int rc = 0;
    if (pb_last_words_are_final(&c->said))
        rc = pb_error_set(error, -EHOSTUNREACH, "it gave up");
    else if (pb_unreachable(c->pid, &why))
        rc = pb_error_set(error, -EHOSTUNREACH, "%s", pb_buffer_string(&why));
    pb_buffer_release(&why);
    return rc;
}

int pb_session_make_ready(struct pb_session *s, struct pb_cell *cell, int64_t timeout_ns) {
    struct pb_error error = {0};
    struct pb_wire ready;
    s->child.hopeless = cell->launched ? is_hopeless : NULL;
    int rc = hear(s, cell, PB_WIRE_READY, timeout_ns, &ready, &error);
    s->child.hopeless = NULL;
    if (rc < 0)
        return fail(s, cell, rc, &error);
    if (ready.ready.protocol != PB_PROTOCOL_VERSION) {
        pb_error_set(&error, -EPROTO,
                     "runner protocol: the runner speaks version %u, this driver %d: use one build for both",
                     ready.ready.protocol, PB_PROTOCOL_VERSION);
        pb_wire_release(&ready);
        return fail(s, cell, -EPROTO, &error);
    }
    s->natural = ready.ready.tasks != 0;
    take_ready(cell, &ready.ready);
    take_pids(s, &ready.ready.pids);
    rc = cell->launched ? take_hosts(s, cell, &ready.ready, &error) : 0;
    pb_wire_release(&ready);
    return rc < 0 ? fail(s, cell, rc, &error) : 0;
}

int pb_session_open(struct pb_session *s, const struct pb_run *run, struct pb_cell *cell,
                    int64_t timeout_ns) {
    int rc = pb_session_start(s, run, cell);
    return rc ? rc : pb_session_make_ready(s, cell, timeout_ns);
}

int pb_session_run(struct pb_session *s, struct pb_cell *cell, const struct pb_wire_run *what,
                   int64_t timeout_ns, struct pb_wire *sample) {
    const struct pb_wire question = {.type = PB_WIRE_RUN, .run = *what};
    int rc = exchange(s, cell, &question, PB_WIRE_SAMPLE, timeout_ns, sample);
    if (rc < 0)
        return rc;
    if (!cell->launched) /* ranks stay who they are */
        take_pids(s, &sample->sample.pids);
    sample->sample.sample.round = what->round; /* whatever it says: rounds are paired */
    return 0;
}

int pb_session_time(struct pb_session *s, struct pb_cell *cell, int64_t timeout_ns, struct pb_wire *sample) {
    const struct pb_wire question = {.type = PB_WIRE_RUN, .run = {.tasks = cell->tasks, .times = true}};
    struct pb_error error = {0};
    int rc = ask(s, cell, &question, PB_WIRE_SAMPLE, timeout_ns, sample, &error);
    if (rc == -EIO || rc == -ENOTSUP)
        return -ENOTSUP;
    if (rc < 0)
        return fail(s, cell, rc, &error);
    if (!cell->launched)
        take_pids(s, &sample->sample.pids);
    if (sample->sample.task_times == cell->tasks)
        return 0;
    pb_wire_release(sample);
    return -ENOTSUP;
}

static uint64_t cpu_of(const struct pb_session *s) {
    uint64_t sum = pb_process_cpu(s->child.pid);
    for (uint32_t i = 0; i < s->pids.count; i++) {
        pid_t pid = (pid_t)atoi(s->pids.item[i]);
        uint64_t cpu = pid > 0 ? pb_process_cpu(pid) : UINT64_MAX;
        sum += cpu == UINT64_MAX ? 0 : cpu;
    }
    return sum;
}

enum { STILL_NS = 100000, MOST_NS = 100000000 };

bool pb_session_settle(const struct pb_session *s) {
    static const struct timespec still = {.tv_nsec = STILL_NS};
    if (!pb_session_is_open(s))
        return true;
    uint64_t before = cpu_of(s);
    for (int i = 0; i < MOST_NS / STILL_NS; i++) {
        nanosleep(&still, NULL);
        uint64_t now = cpu_of(s);
        if (now == before)
            return true;
        before = now;
    }
    return false;
}

enum { CLOSE_NS = 2000000000 };

void pb_session_close(struct pb_session *s) {
    if (pb_session_is_open(s)) {
        struct pb_wire closed;
        pb_child_say(&s->child, &(struct pb_wire){.type = PB_WIRE_CLOSE});
        if (pb_child_hear(&s->child, &closed, CLOSE_NS, NULL) == 0) {
            s->child.closed = closed.type == PB_WIRE_CLOSED;
            pb_wire_release(&closed);
        }
    }
    pb_child_end(&s->child);
    pb_wire_list_release(&s->pids);
}
