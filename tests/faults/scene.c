#include "faults/scene.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Which the board of the run is known by to tasks, wherever they run. */
static struct inject_board *shared;

static bool is_memory(const struct inject_board *b) {
    return b->kind && b->kind->memory && atomic_load(&b->fired);
}

/* The call that failed was to make a text. */
static bool text_was_lost(const struct inject_board *b) {
    return is_memory(b) &&
           (b->lasting || b->kind->call == INJECT_VASPRINTF || b->kind->call == INJECT_STRDUP);
}

bool scene_is_clean(const struct scene *s) {
    return !s->board->kind || s->board->kind->unseen || !atomic_load(&s->board->fired);
}

bool scene_is_serial(const struct scene *s) {
    return strcmp(s->executor, "serial") == 0;
}

void scene_judge(struct scene *s, const char *what, int code, const char *text) {
    static const int possible[] = {ENOMEM, EAGAIN, EMFILE, EOWNERDEAD};
    struct inject_board *b = s->board;
    bool known = false;
    for (size_t i = 0; i < sizeof possible / sizeof *possible; i++)
        known |= code == -possible[i];
    if (!known)
        inject_violation(b, "%s: ended with %d (%s)", what, code, text ? text : "no text");
    if (text && !*text && !text_was_lost(b))
        inject_violation(b, "%s: failed with %d and no text", what, code);
    else if (text && *text && (!strchr(text, ' ') || strlen(text) < 12 || strstr(text, "process 0)")))
        inject_violation(b, "%s: failed with %d and a text that says nothing: %s", what, code, text);
    if (b->errors++ == 0)
        snprintf(b->first_error, sizeof b->first_error, "%s: %d %s", what, code,
                 text ? text : strerror(-code));
}

bool scene_open(struct scene *s, struct inject_board *b, const char *executor,
                const struct pb_executor_config *config) {
    static struct pb_error error;
    *s = (struct scene){.board = b, .executor = executor};
    shared = b;
    memset(&error, 'x', sizeof error);
    error.text[sizeof error.text - 1] = '\0';
    s->pool = (void *)s;
    int rc = pb_executor_open(&s->pool, executor, config, &error);
    if (rc == 0) {
        if (error.code != 0)
            inject_violation(b, "open succeeded and left the error %d %s", error.code, error.text);
        return true;
    }
    if (s->pool)
        inject_violation(b, "open failed and left an executor");
    if (error.code != rc)
        inject_violation(b, "open failed with %d and left the error %d %s", rc, error.code, error.text);
    if (!*error.text)
        inject_violation(b, "open failed with %d and no text", rc);
    scene_judge(s, "open", rc, error.text);
    s->pool = NULL;
    return false;
}

static void called_back(struct pb_future *f, void *context) {
    struct ticket *t = context;
    (void)f;
    atomic_fetch_add(&t->calls, 1);
}

static struct ticket *keep(struct scene *s, struct ticket *t, struct pb_future *f) {
    int error = errno;
    t->future = f;
    if (!f) {
        scene_judge(s, "submit", -error, NULL);
        return t;
    }
    int rc = pb_future_add_callback(f, called_back, t);
    t->watched = rc == 0;
    if (rc < 0)
        scene_judge(s, "add_callback", rc, NULL);
    return t;
}

static struct ticket *next_ticket(struct scene *s, const struct ticket *wanted) {
    struct ticket *t = &s->ticket[s->tickets++];
    *t = *wanted;
    return t;
}

struct ticket *scene_submit(struct scene *s, pb_function *function, const void *args, size_t size,
                            struct ticket wanted) {
    struct ticket *t = next_ticket(s, &wanted);
    return keep(s, t, pb_submit(s->pool, function, args, size));
}

struct ticket *scene_submit_within(struct scene *s, pb_function *function, const void *args, size_t size,
                                   int64_t timeout_ns, struct ticket wanted) {
    struct ticket *t = next_ticket(s, &wanted);
    return keep(s, t, pb_submit_within(s->pool, function, args, size, timeout_ns));
}

struct ticket *scene_square(struct scene *s, uint64_t x) {
    struct ticket *t = next_ticket(s, &(struct ticket){.size = sizeof t->number});
    t->number = x * x + 1;
    t->result = &t->number;
    return keep(s, t, pb_submit(s->pool, scene_task_square, &x, sizeof x));
}

static void collect_good(struct scene *s, struct ticket *t, const unsigned char *got) {
    size_t size = pb_future_size(t->future);
    if (size != t->size || (size && memcmp(got, t->result, size) != 0))
        inject_violation(s->board, "a task succeeded with a wrong result of %zu bytes, not %zu", size,
                         t->size);
}

void scene_collect(struct scene *s, struct ticket *t) {
    static unsigned char got[SCENE_LARGE];
    if (!t->future)
        return;
    int rc = pb_future_result(t->future, got, sizeof got, PB_FOREVER);
    const char *message = pb_future_message(t->future);
    if (!pb_future_done(t->future))
        inject_violation(s->board, "a future's result came (%d) before its end", rc);
    if (t->may_be_anything || (t->may_be_cancelled && rc == -ECANCELED))
        return;
    if (rc > 0 && rc != t->code && !scene_is_clean(s)) {
        scene_judge(s, "a task", -rc, NULL); /* what it met itself */
    } else if (rc != t->code) {
        scene_judge(s, "a task", rc, message);
    } else if (rc == 0) {
        collect_good(s, t, got);
    } else if (rc < 0 && *message && !scene_is_clean(s)) {
        return; /* lost as it should be, maybe by another hand */
    } else if ((t->said && !strstr(message, t->said)) || (!*message && !t->bare)) {
        if (*message || !is_memory(s->board))
            inject_violation(s->board, "a task failed with %d as it should, but said \"%s\"", rc, message);
    }
}

void scene_collect_all(struct scene *s) {
    for (size_t i = 0; i < s->tickets; i++)
        scene_collect(s, &s->ticket[i]);
}

void scene_close(struct scene *s, enum pb_close how) {
    int rc = pb_executor_close(s->pool, how, PB_FOREVER);
    if (rc < 0)
        inject_violation(s->board, "close failed with %d", rc);
    for (size_t i = 0; i < s->tickets; i++) {
        struct ticket *t = &s->ticket[i];
        if (!t->future)
            continue;
        if (!pb_future_done(t->future))
            inject_violation(s->board, "task %zu is not done after close", i);
        if (t->watched && atomic_load(&t->calls) != 1)
            inject_violation(s->board, "task %zu called back %u times", i, atomic_load(&t->calls));
        pb_future_release(t->future);
    }
}

/* ---- Tasks ---- */

static void nap(long ms) {
    struct timespec t = {.tv_nsec = ms * 1000000};
    nanosleep(&t, NULL);
}

int scene_task_square(struct pb_task *task, const void *args, size_t size) {
    uint64_t x;
    memcpy(&x, args, size);
    x = x * x + 1;
    return pb_return(task, &x, sizeof x);
}

int scene_task_echo(struct pb_task *task, const void *args, size_t size) {
    return pb_return(task, args, size);
}

int scene_task_fail(struct pb_task *task, const void *args, size_t size) {
    int code;
    memcpy(&code, args, size);
    return pb_fail(task, code, "task: failed with %d: %0*d", code, code * 100, 0);
}

int scene_task_huge(struct pb_task *task, const void *args, size_t size) {
    (void)size;
    pb_return(task, args, (16u << 20) + 1);
    return 0;
}

/* They end after some seconds at the latest, so that nothing hangs but what the library lets hang. */
int scene_task_gate(struct pb_task *task, const void *args, size_t size) {
    (void)args;
    (void)size;
    for (int ms = 0; ms < 5000 && !atomic_load(&shared->word[WORD_GATE]) && !pb_should_stop(task); ms++)
        nap(1);
    return 0;
}

int scene_task_stay(struct pb_task *task, const void *args, size_t size) {
    (void)args;
    (void)size;
    for (int ms = 0; ms < 2000 && !pb_should_stop(task); ms++)
        nap(1);
    return 0;
}

int scene_task_nap(struct pb_task *task, const void *args, size_t size) {
    (void)task;
    (void)args;
    (void)size;
    nap(5);
    return 0;
}

int scene_task_die(struct pb_task *task, const void *args, size_t size) {
    (void)task;
    (void)args;
    (void)size;
    _exit(3);
}
