/* `lock` guards the coming and going of threads; tasks never see it. Whoever holds it waits for nothing but
 * the event: a caller that is a worker of some executor itself has said that it blocks before it takes it. */
#include "executor/pool.h"

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/thread.h"
#include "base/wait.h"

struct pb_pool_thread {
    struct pb_pool *pool;
    pthread_t id;
    uint32_t index;
    struct pb_member member;
};

static void run(struct pb_member *m, struct pb_future *f) {
    pb_worker_run(&m->worker, f);
    pb_task_boundary(&m->worker.task);
}

static bool renew(struct pb_member *m) {
    pb_worker_renew(&m->worker);
    return true;
}

static void say_entered(struct pb_pool *p, int rc, const struct pb_error *error) {
    pthread_mutex_lock(&p->lock);
    p->entered++;
    if (rc < 0 && p->failed++ == 0)
        p->failure = *error;
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
}

static void say_ended(struct pb_pool *p) {
    pthread_mutex_lock(&p->lock);
    atomic_fetch_add(&p->ended, 1);
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
}

static void work(struct pb_member *m, struct pb_pool *p, uint32_t index) {
    struct pb_error error = {0};
    int rc = pb_worker_enter(&m->worker, p->crew, index, p->kind->io, &error);
    say_entered(p, rc, &error);
    if (rc < 0)
        return;
    pb_helper_here = &m->helper;
    pb_team_serve(m);
    pb_helper_here = NULL;
    pb_worker_leave(&m->worker);
}

static void *thread_main(void *argument) {
    struct pb_pool_thread *t = argument;
    struct pb_pool *p = t->pool;
    struct pb_crew *crew = p->crew;
    struct pb_member *m = &t->member;
    void (*blocks)(struct pb_helper *, bool) = p->kind->blocks;
    *m = (struct pb_member){
        .helper = {.depot = crew->depot, .run_one = pb_team_help, .task = &m->worker.task, .blocks = blocks},
        .run = run,
        .renew = renew};
    if (p->kind->verbs)
        m->worker.task.verbs = p->kind->verbs(p, t->index);
    if (blocks)
        blocks(&m->helper, false);
    work(m, p, t->index);
    if (blocks)
        blocks(&m->helper, true);
    say_ended(p);
    pb_team_left_range(crew); /* a range opened since will have no workers */
    return NULL;
}

static int start_all(struct pb_pool *p, struct pb_error *error) {
    uint32_t workers = p->crew->workers;
    const char *name = p->kind->name;
    p->thread = calloc(workers, sizeof *p->thread);
    if (!p->thread)
        return pb_error_set(error, -ENOMEM, "executor %s: no memory for %u workers: ask for fewer", name,
                            workers);
    for (; p->started < workers; p->started++) {
        struct pb_pool_thread *t = &p->thread[p->started];
        t->pool = p;
        t->index = p->started;
        int rc = pb_thread_start(&t->id, thread_main, t);
        if (rc < 0)
            return pb_error_set(error, rc,
                                "executor %s: thread %u of %u cannot be started: ask for fewer workers", name,
                                p->started + 1, workers);
    }
    return 0;
}

/* Until every thread has entered; true: all initializers succeeded. */
static bool await_entries(struct pb_pool *p) {
    pb_block_begin();
    pthread_mutex_lock(&p->lock);
    while (p->entered < p->started)
        pthread_cond_wait(&p->event, &p->lock);
    bool good = p->failed == 0;
    pthread_mutex_unlock(&p->lock);
    pb_block_end();
    return good;
}

int pb_pool_open(struct pb_pool *p, const struct pb_pool_kind *kind, struct pb_crew *crew,
                 struct pb_error *error) {
    p->kind = kind;
    p->crew = crew;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->event, NULL);
    int rc = start_all(p, error);
    if (rc < 0 || await_entries(p))
        return rc;
    if (error)
        *error = p->failure;
    return p->failure.code ? p->failure.code : -EIO;
}

void pb_pool_notify(void *self) {
    struct pb_pool *p = self;
    pb_team_notify(p->crew);
}

static bool have_ended(void *self) {
    struct pb_pool *p = self;
    return atomic_load(&p->ended) == p->started;
}

int pb_pool_for_range(void *self, struct pb_range *range) {
    struct pb_pool *p = self;
    return pb_team_for(p->crew, range, have_ended, p);
}

/* Until every thread has ended, or the deadline. */
static int await_ends(struct pb_pool *p, uint64_t deadline) {
    int rc = 0;
    pthread_mutex_lock(&p->lock);
    pb_team_close(p->crew);
    while (p->ended < p->started && rc == 0)
        rc = pb_cond_wait(&p->event, &p->lock, deadline);
    pthread_mutex_unlock(&p->lock);
    for (uint32_t i = 0; i < p->started && rc == 0; i++)
        pthread_join(p->thread[i].id, NULL);
    return rc;
}

int pb_pool_close(void *self, enum pb_close how, uint64_t deadline) {
    struct pb_pool *p = self;
    (void)how;
    if (!p->crew)
        return 0;
    pb_block_begin();
    int rc = await_ends(p, deadline);
    pb_block_end();
    if (rc < 0)
        return rc;
    free(p->thread);
    pthread_cond_destroy(&p->event);
    pthread_mutex_destroy(&p->lock);
    return 0;
}
