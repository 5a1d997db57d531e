/* Calls of functions in other ranks: an identity, a function and bytes go out, bytes come back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ranks/bytes.h"
#include "ranks/inside.h"

/* ---- In rank 0 ---- */

static void note_error(struct call *c, int code, const char *text) {
    if (!c->error.code)
        pb_error_set(&c->error, code, "%s", text);
}

static int64_t place_of(const struct call *c, uint32_t rank) {
    for (uint32_t k = 0; k < c->count; k++)
        if (c->rank[k] == rank)
            return k;
    return -1;
}

void pb_ranks_take_answer(struct pb_ranks *r, uint32_t from, const void *bytes, size_t size) {
    struct pb_reader in = pb_reader_of(bytes, size);
    uint64_t id;
    int code;
    PB_TAKE(&in, id);
    PB_TAKE(&in, code);
    const char *text = pb_take_text(&in);
    pthread_mutex_lock(&r->lock);
    struct call *c = r->calls;
    while (c && c->id != id)
        c = c->next;
    int64_t k = c ? place_of(c, from) : -1;
    if (k >= 0) {
        pb_buffer_add(&c->reply[k], in.at, (size_t)(in.end - in.at));
        if (code)
            note_error(c, code, text);
        c->left--;
        pthread_cond_broadcast(&r->event);
    }
    pthread_mutex_unlock(&r->lock);
}

void pb_ranks_fail_calls(struct pb_ranks *r, uint32_t rank, const char *why) {
    pthread_mutex_lock(&r->lock);
    for (struct call *c = r->calls; c; c = c->next)
        if (place_of(c, rank) >= 0) {
            note_error(c, -EOWNERDEAD, why);
            c->left = 0;
        }
    pthread_cond_broadcast(&r->event);
    pthread_mutex_unlock(&r->lock);
}

static void leave(struct pb_ranks *r, struct call *c) {
    struct call **at = &r->calls;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    atomic_fetch_sub(&r->waiting, 1);
}

int pb_ranks_call(struct pb_ranks *r, const uint32_t *rank, uint32_t count, pb_rank_function *function,
                  const void *args, size_t size, struct pb_buffer *reply, struct pb_error *error) {
    struct pb_code_cache cache = {0};
    struct pb_code code;
    struct call c = {.rank = rank, .count = count, .left = count, .reply = reply};
    memset(reply, 0, count * sizeof *reply);
    int rc = pb_code_of(&cache, (pb_any_function *)function, &code, error);
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&r->lock);
    c.id = ++r->next_call;
    c.next = r->calls;
    r->calls = &c;
    atomic_fetch_add(&r->waiting, 1);
    pthread_mutex_unlock(&r->lock);
    for (uint32_t k = 0; rc == 0 && k < count; k++) {
        struct pb_buffer out = {0};
        PB_PUT(&out, c.id);
        PB_PUT(&out, code);
        pb_buffer_add(&out, args, size);
        rc = r->peer[rank[k]].lost ? -EOWNERDEAD : pb_ranks_send_buffer(r, rank[k], CALL, &out);
        if (rc < 0)
            pb_error_set(&c.error, rc, "rank %u on %s cannot be called: %s", rank[k], r->peer[rank[k]].host,
                         strerror(-rc));
    }
    pb_ranks_ring(r);
    pthread_mutex_lock(&r->lock);
    while (rc == 0 && c.left)
        pthread_cond_wait(&r->event, &r->lock);
    leave(r, &c);
    pthread_mutex_unlock(&r->lock);
    if (c.error.code && error)
        *error = c.error;
    return c.error.code;
}

/* ---- In a rank that serves ---- */

void pb_ranks_answer(struct pb_ranks *r, const void *bytes, size_t size) {
    struct pb_reader in = pb_reader_of(bytes, size);
    struct pb_code code;
    struct pb_error error = {0};
    struct pb_buffer reply = {0}, out = {0};
    pb_any_function *function;
    uint64_t id;
    PB_TAKE(&in, id);
    PB_TAKE(&in, code);
    int rc = pb_code_here(&r->cache, &code, &function, &error);
    if (rc == 0)
        rc = ((pb_rank_function *)function)(r->shown, in.at, (size_t)(in.end - in.at), &reply, &error);
    if (rc < 0 && !error.code)
        pb_error_set(&error, rc, "%s", strerror(-rc));
    PB_PUT(&out, id);
    PB_PUT(&out, rc);
    pb_put_text(&out, rc < 0 ? error.text : "");
    pb_buffer_add(&out, reply.data, reply.size);
    pb_buffer_release(&reply);
    pb_ranks_send_buffer(r, 0, ANSWER, &out);
}
