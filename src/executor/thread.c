/* A pool of threads: a team whose members are threads of this process. `lock` guards their coming and going;
 * tasks never see it. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/thread.h"
#include "base/wait.h"
#include "executor/executors.h"
#include "executor/team.h"
#include "io/io.h"

struct thread {
    struct pool *pool;
    pthread_t id;
    uint32_t index;
    struct pb_member member;
};

struct pool {
    struct pb_crew *crew;
    pthread_mutex_t lock;
    pthread_cond_t event; /* one entered or ended */
    uint32_t started, entered, failed;
    atomic_uint ended;
    struct pb_error failure; /* the first initializer's that failed */
    struct thread *thread;
};

static void run(struct pb_member *m, struct pb_future *f) {
    pb_worker_run(&m->worker, f);
}

static bool renew(struct pb_member *m) {
    pb_worker_renew(&m->worker);
    return true;
}

static void *thread_main(void *argument) {
    struct thread *t = argument;
    struct pool *p = t->pool;
    struct pb_crew *crew = p->crew;
    struct pb_error error = {0};
    t->member = (struct pb_member){
        .helper = {.depot = p->crew->depot, .run_one = pb_team_help, .task = &t->member.worker.task},
        .run = run,
        .renew = renew};
    int rc = pb_worker_enter(&t->member.worker, p->crew, t->index, &pb_io_blocking, &error);
    pthread_mutex_lock(&p->lock);
    p->entered++;
    if (rc < 0 && p->failed++ == 0)
        p->failure = error;
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
    if (rc == 0) {
        pb_helper_here = &t->member.helper;
        pb_team_serve(&t->member);
        pb_helper_here = NULL;
        pb_worker_leave(&t->member.worker);
    }
    pthread_mutex_lock(&p->lock);
    atomic_fetch_add(&p->ended, 1);
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
    pb_team_left_range(crew); /* a range opened since will have no workers */
    return NULL;
}

static int thread_open(void *self, struct pb_crew *crew, const struct pb_params *params,
                       struct pb_error *error) {
    struct pool *p = self;
    (void)params;
    p->crew = crew;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->event, NULL);
    p->thread = calloc(crew->workers, sizeof *p->thread);
    if (!p->thread)
        return pb_error_set(error, -ENOMEM, "executor thread: no memory for %u workers: ask for fewer",
                            crew->workers);
    for (; p->started < crew->workers; p->started++) {
        struct thread *t = &p->thread[p->started];
        t->pool = p;
        t->index = p->started;
        int rc = pb_thread_start(&t->id, thread_main, t);
        if (rc < 0)
            return pb_error_set(error, rc,
                                "executor thread: thread %u of %u cannot be started: ask for fewer workers",
                                p->started + 1, crew->workers);
    }
    pthread_mutex_lock(&p->lock);
    while (p->entered < p->started)
        pthread_cond_wait(&p->event, &p->lock);
    bool failed = p->failed != 0;
    pthread_mutex_unlock(&p->lock);
    if (failed && error)
        *error = p->failure;
    return failed ? (p->failure.code ? p->failure.code : -EIO) : 0;
}

static void thread_notify(void *self) {
    struct pool *p = self;
    pb_team_notify(p->crew);
}

static bool have_ended(void *self) {
    struct pool *p = self;
    return atomic_load(&p->ended) == p->started;
}

static int thread_for_range(void *self, struct pb_range *range) {
    struct pool *p = self;
    return pb_team_for(p->crew, range, have_ended, p);
}

static int thread_close(void *self, enum pb_close how, uint64_t deadline) {
    struct pool *p = self;
    int rc = 0;
    (void)how;
    pthread_mutex_lock(&p->lock);
    pb_team_close(p->crew);
    while (p->ended < p->started && rc == 0)
        rc = pb_cond_wait(&p->event, &p->lock, deadline);
    pthread_mutex_unlock(&p->lock);
    if (rc < 0)
        return rc;
    for (uint32_t i = 0; i < p->started; i++)
        pthread_join(p->thread[i].id, NULL);
    free(p->thread);
    pthread_cond_destroy(&p->event);
    pthread_mutex_destroy(&p->lock);
    return 0;
}

const struct pb_executor_ops pb_thread_ops = {
    .name = "thread",
    .summary = "a pool of threads in this process",
    .size = sizeof(struct pool),
    .open = thread_open,
    .notify = thread_notify,
    .for_range = thread_for_range,
    .close = thread_close,
};
