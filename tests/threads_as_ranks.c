#include "threads_as_ranks.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "executor/mpi_worker.h"
#include "parbench/executor.h"
#include "ranks/ranks.h"
#include "suite.h"

enum { RANKS_MAX = 8, LANES = 2 /* normal, urgent */ };

struct letter {
    struct letter *next;
    uint32_t from;
    void *bytes;
    size_t size;
};

static struct post {
    pthread_mutex_t lock;
    uint32_t ranks, hosts;
    bool cut_off[RANKS_MAX];
    struct box {
        struct letter *first, **last;
    } box[RANKS_MAX][LANES];
    pthread_t thread[RANKS_MAX];
    struct pb_bell bell[RANKS_MAX];
} post = {.lock = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local uint32_t own_rank; /* of the thread that opens the transport */

static int post_open(void **self, struct pb_transport_place *place, struct pb_error *error) {
    uint32_t *rank = malloc(sizeof *rank);
    (void)error;
    CHECK(rank);
    *rank = own_rank;
    *self = rank;
    *place =
        (struct pb_transport_place){.rank = own_rank, .ranks = post.ranks, .node = own_rank % post.hosts};
    return 0;
}

static int post_send(void *self, uint32_t to, bool urgent, void *bytes, size_t size) {
    struct letter *l = malloc(sizeof *l);
    uint32_t from = *(uint32_t *)self;
    CHECK(l);
    *l = (struct letter){NULL, from, bytes, size};
    pthread_mutex_lock(&post.lock);
    bool lost = post.cut_off[from] || post.cut_off[to];
    struct box *box = &post.box[to][urgent];
    if (!lost) {
        *box->last = l;
        box->last = &l->next;
    }
    pthread_mutex_unlock(&post.lock);
    if (lost) {
        free(bytes);
        free(l);
    }
    return 0;
}

static int post_receive(void *self, bool urgent, uint32_t *from, void **bytes, size_t *size) {
    struct box *box = &post.box[*(uint32_t *)self][urgent];
    pthread_mutex_lock(&post.lock);
    struct letter *l = box->first;
    if (l) {
        box->first = l->next;
        if (!box->first)
            box->last = &box->first;
    }
    pthread_mutex_unlock(&post.lock);
    if (!l)
        return 0;
    *from = l->from;
    *bytes = l->bytes;
    *size = l->size;
    free(l);
    return 1;
}

static struct pb_bell *post_bell(void *self, uint32_t rank) {
    uint32_t own = *(uint32_t *)self;
    return own % post.hosts == rank % post.hosts ? &post.bell[rank] : NULL;
}

static int32_t post_unsent(void *self) {
    (void)self;
    return -1;
}

static void post_close(void *self) {
    free(self);
}

static void post_abort(void *self) {
    (void)self;
}

static const struct pb_transport_ops transport = {.name = "threads",
                                                  .open = post_open,
                                                  .send = post_send,
                                                  .receive = post_receive,
                                                  .bell = post_bell,
                                                  .unsent = post_unsent,
                                                  .close = post_close,
                                                  .abort = post_abort};

static void *serve(void *rank) {
    struct pb_ranks *ranks;
    struct pb_error error = {0};
    own_rank = (uint32_t)(uintptr_t)rank;
    CHECK_MSG(pb_ranks_open(&ranks, &transport, &error) == 0, "%s", error.text);
    struct pb_mpi_worker *w = pb_mpi_worker_new(ranks);
    CHECK(w);
    pb_ranks_serve(ranks);
    pb_mpi_worker_free(w);
    pb_ranks_leave(ranks);
    return NULL;
}

void threads_as_ranks_begin(uint32_t ranks, uint32_t hosts) {
    struct pb_ranks *own;
    struct pb_error error = {0};
    CHECK(ranks <= RANKS_MAX);
    post.ranks = ranks;
    post.hosts = hosts;
    for (uint32_t i = 0; i < ranks; i++)
        for (int lane = 0; lane < LANES; lane++)
            post.box[i][lane] = (struct box){NULL, &post.box[i][lane].first};
    for (uint32_t i = 1; i < ranks; i++)
        CHECK_INT(pthread_create(&post.thread[i], NULL, serve, (void *)(uintptr_t)i), 0);
    own_rank = 0;
    CHECK_MSG(pb_ranks_open(&own, &transport, &error) == 0, "%s", error.text);
    pb_ranks_settle_here(own);
}

void threads_as_ranks_cut_off(uint32_t rank) {
    pthread_mutex_lock(&post.lock);
    post.cut_off[rank] = true;
    pthread_mutex_unlock(&post.lock);
}

void threads_as_ranks_end(void) {
    pb_ranks_end();
    for (uint32_t i = 1; i < post.ranks; i++)
        if (!post.cut_off[i])
            pthread_join(post.thread[i], NULL);
}
