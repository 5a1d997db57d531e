/* Ordered results through a window.
 *
 * Tasks are handed over in chunks, one future each. A worker that runs a chunk writes small results into it,
 * side by side; nothing else is stored per task. The first task whose outcome does not fit there, a large
 * result or a message, ends the chunk, and its outcome is the future's own. So does the death of a worker:
 * the task that it ran fails, the rest of the chunk is handed over again. How many tasks make a chunk follows
 * from how long they run: one at first and whenever they are long, so that they balance; more when they are
 * short.
 *
 * Chunks lie in memory that workers see, in a list in the order of their tasks. */
#include "executor/map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/copy.h"
#include "base/error.h"
#include "future/range.h"

enum {
    SMALL = 16,           /* bytes of a result that lies in the chunk */
    CHUNK_NS = 50000,     /* as long as a chunk should run: a sleep and a wake are a small part of it */
    WINDOW = 1 << 15,     /* tasks, of which ... */
    CHUNKS = 1024,        /* ... chunks, or two for each lane */
    COPIED_MAX = 1 << 20, /* bytes of arguments that are copied for one chunk */
};

struct entry {
    int32_t code;
    uint32_t size;
    unsigned char bytes[SMALL];
};

struct chunk {
    struct chunk *next;
    struct pb_future *future;
    struct pb_depot *depot;
    size_t bytes;
    pb_function *function;
    const unsigned char *args; /* of the first task; NULL: each gets its index */
    size_t args_size;
    uint64_t first;
    uint32_t count;
    uint32_t elapsed_ns;
    atomic_uint done;      /* tasks whose entries are written */
    atomic_uint abandoned; /* nobody wants what is not done */
    struct entry entry[];
};

struct pb_map {
    struct pb_executor *executor;
    struct pb_depot *depot;
    pb_function *function;
    const unsigned char *args;
    size_t size;
    uint64_t count, submitted, taken;
    uint64_t window;
    uint32_t fixed; /* chunk size, as given */
    uint32_t chunk; /* chunk size, as chosen */
    bool measured;  /* a chunk has told how long tasks run */
    uint64_t deadline;
    uint32_t chunks; /* in the list */
    struct chunk *head, **tail;
    uint32_t at;         /* tasks of the head that were taken */
    uint32_t ready;      /* of which were seen done */
    struct chunk *spare; /* taken ones, to be used again */
};

/* ---- In the worker ---- */

static bool fits(const struct pb_call *call) {
    return call->code == 0 && !call->message && !call->block && call->result_size <= SMALL;
}

int pb_map_run_chunk(struct pb_task *task, const void *args, size_t size) {
    struct chunk *c = *(struct chunk *const *)args;
    struct pb_call *call = task->call;
    uint64_t began = pb_now();
    (void)size;
    for (uint32_t k = 0; k < c->count && !atomic_load_explicit(&c->abandoned, memory_order_relaxed); k++) {
        uint64_t index = c->first + k;
        int code = c->args ? c->function(task, c->args + k * c->args_size, c->args_size)
                           : c->function(task, &index, sizeof index);
        call->more = k;
        if (!fits(call))
            return code;
        struct entry *e = &c->entry[k];
        e->code = code;
        e->size = call->result_size;
        pb_copy(e->bytes, call->bytes, call->result_size);
        call->result_size = 0;
        atomic_store_explicit(&c->done, k + 1, memory_order_release);
        pb_task_boundary(task);
    }
    uint64_t elapsed = pb_now() - began;
    c->elapsed_ns = elapsed < UINT32_MAX ? (uint32_t)elapsed : UINT32_MAX;
    return 0;
}

/* ---- Handing over ---- */

static void free_chunk(struct chunk *c) {
    pb_depot_unblock(c->depot, c, c->bytes);
}

/* Memory for a chunk of at least that size; *bytes becomes its size. */
static struct chunk *take_block(struct pb_map *m, size_t *bytes) {
    struct chunk *c = m->spare;
    if (!c)
        return pb_depot_block(m->depot, *bytes);
    m->spare = c->next;
    if (c->bytes >= *bytes) {
        *bytes = c->bytes;
        return c;
    }
    free_chunk(c);
    return take_block(m, bytes);
}

static struct chunk *new_chunk(struct pb_map *m, uint64_t first, uint32_t count) {
    size_t entries = sizeof(struct chunk) + count * sizeof(struct entry);
    size_t copied = m->args && m->depot->shared ? count * m->size : 0;
    size_t bytes = entries + copied;
    struct chunk *c = take_block(m, &bytes);
    if (!c)
        return NULL;
    *c = (struct chunk){.depot = m->depot,
                        .bytes = bytes,
                        .function = m->function,
                        .args = m->args ? m->args + first * m->size : NULL,
                        .args_size = m->size,
                        .first = first,
                        .count = count};
    if (copied) {
        memcpy((unsigned char *)c + entries, c->args, copied);
        c->args = (unsigned char *)c + entries;
    }
    return c;
}

/* Hands over tasks [first, first + count); NULL with errno. */
static struct chunk *hand_over(struct pb_map *m, uint64_t first, uint32_t count) {
    if (pb_depot_is_foreign(m->depot)) {
        errno = EDEADLK;
        return NULL;
    }
    struct chunk *c = new_chunk(m, first, count);
    if (!c) {
        errno = ENOMEM;
        return NULL;
    }
    c->future = pb_submit(m->executor, pb_map_run_chunk, &c, sizeof c);
    if (!c->future) {
        int why = errno;
        free_chunk(c);
        errno = why;
        return NULL;
    }
    return c;
}

static uint32_t next_count(const struct pb_map *m) {
    uint64_t lanes = pb_executor_lanes(m->executor), left = m->count - m->submitted;
    uint64_t room = m->window - (m->submitted - m->taken), count = m->fixed;
    if (!count) {
        uint64_t fair = left / (2 * lanes) + 1, share = m->window / (4 * lanes) + 1;
        count = m->chunk < fair ? m->chunk : fair;
        count = count < share ? count : share;
    }
    if (m->args && m->depot->shared && count * m->size > COPIED_MAX)
        count = COPIED_MAX / m->size + 1;
    count = count < left ? count : left;
    return (uint32_t)(count < room ? count : room);
}

/* Until a chunk has told how long tasks run, just enough are handed over to keep the lanes busy. */
static bool wants_more(const struct pb_map *m) {
    uint32_t lanes = pb_executor_lanes(m->executor), most = CHUNKS > 2 * lanes ? CHUNKS : 2 * lanes;
    uint32_t chunks = m->measured || m->fixed ? most : 64 * lanes;
    return m->submitted < m->count && m->submitted - m->taken < m->window && m->chunks < chunks;
}

static int fill(struct pb_map *m) {
    while (wants_more(m)) {
        struct chunk *c = hand_over(m, m->submitted, next_count(m));
        if (!c)
            return -errno;
        m->submitted += c->count;
        *m->tail = c;
        m->tail = &c->next;
        m->chunks++;
    }
    return 0;
}

/* ---- Where workers see no memory of the caller ---- */

static struct chunk *chunk_of(const struct pb_future *f) {
    return *(struct chunk *const *)pb_future_args(f);
}

bool pb_map_is_chunk(const struct pb_future *f) {
    return f->function == pb_map_run_chunk;
}

pb_function *pb_map_pack(const struct pb_future *f, struct pb_buffer *out) {
    const struct chunk *c = chunk_of(f);
    struct pb_map_packed head = {
        .first = c->first, .count = c->count, .args_size = c->args ? c->args_size : UINT64_MAX};
    pb_buffer_add(out, &head, sizeof head);
    if (c->args)
        pb_buffer_add(out, c->args, c->count * c->args_size);
    return c->function;
}

void *pb_map_unpack(struct pb_depot *d, pb_function *function, const void *bytes, size_t size) {
    struct pb_map_packed head;
    memcpy(&head, bytes, sizeof head);
    size_t entries = sizeof(struct chunk) + head.count * sizeof(struct entry), args = size - sizeof head;
    struct chunk *c = pb_depot_block(d, entries + args);
    if (!c)
        return NULL;
    *c = (struct chunk){.depot = d,
                        .bytes = entries + args,
                        .function = function,
                        .args = head.args_size == UINT64_MAX ? NULL : (unsigned char *)c + entries,
                        .args_size = head.args_size,
                        .first = head.first,
                        .count = head.count};
    memcpy((unsigned char *)c + entries, (const unsigned char *)bytes + sizeof head, args);
    return c;
}

void pb_map_pack_outcome(void *chunk, struct pb_buffer *out) {
    struct chunk *c = chunk;
    uint32_t done = atomic_load_explicit(&c->done, memory_order_acquire);
    pb_buffer_add(out, &c->elapsed_ns, sizeof c->elapsed_ns);
    pb_buffer_add(out, c->entry, done * sizeof *c->entry);
    free_chunk(c);
}

uint32_t pb_map_take_outcome(const struct pb_future *f, const void *bytes, size_t size) {
    struct chunk *c = chunk_of(f);
    size_t done = (size - sizeof c->elapsed_ns) / sizeof *c->entry;
    if (size < sizeof c->elapsed_ns || done > c->count)
        return 0;
    memcpy(&c->elapsed_ns, bytes, sizeof c->elapsed_ns);
    memcpy(c->entry, (const unsigned char *)bytes + sizeof c->elapsed_ns, done * sizeof *c->entry);
    atomic_store_explicit(&c->done, (uint32_t)done, memory_order_release);
    return c->count;
}

/* ---- Taking ---- */

static void learn(struct pb_map *m, const struct chunk *c) {
    uint64_t each = c->elapsed_ns / c->count + 1, count = CHUNK_NS / each + 1;
    if (atomic_load_explicit(&c->done, memory_order_relaxed) < c->count)
        count = 1; /* its outcomes do not fit into chunks */
    m->chunk = (uint32_t)(count < 2 * (uint64_t)m->chunk || !m->measured ? count : 2 * (uint64_t)m->chunk);
    m->measured = true;
}

static void drop_head(struct pb_map *m) {
    struct chunk *c = m->head;
    m->head = c->next;
    if (!m->head)
        m->tail = &m->head;
    m->chunks--;
    m->at = m->ready = 0;
    pb_future_release(c->future);
    c->next = m->spare;
    m->spare = c;
}

/* The task at `at` has its outcome in the future; what comes after it is handed over again, as the new head.
 */
static int split_head(struct pb_map *m) {
    struct chunk *c = m->head, *rest = NULL;
    uint32_t left = c->count - m->at - 1;
    if (left) {
        rest = hand_over(m, c->first + m->at + 1, left);
        if (!rest)
            return -errno;
        rest->next = c->next;
        c->next = rest;
        m->chunks++;
        if (m->tail == &c->next)
            m->tail = &rest->next;
    }
    drop_head(m);
    return 0;
}

static int take_entry(struct pb_map *m, const struct entry *e, void *out, size_t capacity,
                      struct pb_error *message) {
    int rc = e->code ? e->code : !out && capacity == 0 ? 0 : e->size > capacity ? -EMSGSIZE : 0;
    if (rc == 0 && out)
        pb_copy(out, e->bytes, e->size);
    else if (rc)
        pb_error_set(message, rc, "%s", "");
    m->at++;
    m->taken++;
    if (m->at == m->head->count) {
        learn(m, m->head);
        drop_head(m);
    }
    return rc;
}

static int take_own(struct pb_map *m, void *out, size_t capacity, struct pb_error *message) {
    struct pb_future *f = m->head->future;
    int rc = pb_future_result(f, out, capacity, 0);
    if (rc)
        pb_error_set(message, rc, "%s", pb_future_message(f));
    learn(m, m->head);
    int failed = split_head(m);
    if (failed < 0)
        return pb_error_set(message, failed, "task %llu cannot be submitted: %s",
                            (unsigned long long)m->taken + 1, strerror(-failed));
    m->taken++;
    return rc;
}

int pb_map_next(struct pb_map *m, void *out, size_t capacity, struct pb_error *message) {
    if (m->taken == m->count)
        return -ENOENT;
    if (m->at < m->ready) {
        const struct entry *e = &m->head->entry[m->at];
        if (e->code || e->size > capacity || m->at + 1 == m->head->count)
            return take_entry(m, e, out, capacity, message);
        pb_copy(out, e->bytes, e->size);
        m->at++;
        m->taken++;
        return 0;
    }
    int rc = fill(m);
    struct chunk *c = m->head;
    if (!c)
        return pb_error_set(message, rc, "task %llu cannot be submitted: %s", (unsigned long long)m->taken,
                            strerror(-rc));
    uint64_t left = pb_remaining(m->deadline);
    rc = pb_future_await(c->future, left > INT64_MAX ? PB_FOREVER : (int64_t)left);
    if (rc < 0)
        return pb_error_set(message, rc, "task %llu: %s", (unsigned long long)m->taken,
                            rc == -ETIMEDOUT ? "not done in time" : strerror(-rc));
    m->ready = atomic_load_explicit(&c->done, memory_order_acquire);
    if (m->at < m->ready)
        return take_entry(m, &c->entry[m->at], out, capacity, message);
    return take_own(m, out, capacity, message);
}

/* ---- Life ---- */

int pb_map_open(struct pb_map **out, struct pb_executor *executor, pb_function *function, const void *args,
                size_t size, uint64_t count, const struct pb_map_options *options) {
    static const struct pb_map_options defaults;
    const struct pb_map_options *o = options ? options : &defaults;
    struct pb_map *m = malloc(sizeof *m);
    *out = m;
    if (!m)
        return -ENOMEM;
    *m = (struct pb_map){.executor = executor,
                         .depot = pb_executor_depot(executor),
                         .function = function,
                         .args = args,
                         .size = size,
                         .count = count,
                         .window = o->window ? o->window : WINDOW,
                         .fixed = (uint32_t)(o->chunk < WINDOW ? o->chunk : WINDOW),
                         .chunk = 1,
                         .deadline = pb_deadline(o->timeout_ns ? o->timeout_ns : PB_FOREVER),
                         .tail = &m->head};
    return 0;
}

static void free_when_done(struct pb_future *f, void *context) {
    (void)f;
    free_chunk(context);
}

void pb_map_close(struct pb_map *m) {
    if (!m)
        return;
    for (struct chunk *c = m->head, *next; c; c = next) {
        struct pb_future *f = c->future;
        next = c->next;
        atomic_store(&c->abandoned, 1);
        pb_future_cancel(f);
        /* A worker may still write into it. Without memory for the callback it is left to the process's end.
         */
        pb_future_add_callback(f, free_when_done, c);
        pb_future_release(f);
    }
    for (struct chunk *c; (c = m->spare);) {
        m->spare = c->next;
        free_chunk(c);
    }
    free(m);
}
