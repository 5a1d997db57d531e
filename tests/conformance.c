#include "conformance.h"

#include <fcntl.h>
#include <sched.h>

/* Executors that are not here are pools of threads, as far as these cases can see. */
static const struct traits traits[] = {
    {.name = "serial", .in_caller = true},
    {.name = "process", .own_memory = true, .killable = true},
    {.name = "mpi", .own_memory = true},
    {.name = "loop", .one_thread = true},
    {0},
};

static const struct traits *traits_of(const char *name) {
    const struct traits *t = traits;
    while (t->name && strcmp(t->name, name) != 0)
        t++;
    return t;
}

/* In a rank: the words of rank 0, whom it shares a host with. */
struct words_place {
    pid_t pid;
    unsigned fd;
};

static int words_open(void **state, uint32_t first, uint32_t workers, const void *args, size_t size,
                      struct pb_error *error) {
    struct words_place at;
    char path[64];
    (void)first, (void)workers, (void)size, (void)error;
    memcpy(&at, args, sizeof at);
    snprintf(path, sizeof path, "/proc/%d/fd/%u", (int)at.pid, at.fd);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    *state = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    return *state == MAP_FAILED ? -errno : 0;
}

static void words_close(void *state) {
    munmap(state, 4096);
}

int trial_executor_open(struct pb_executor **e, const char *name, struct pb_executor_config config,
                        struct pb_error *error) {
    struct words_place place = {getpid(), 0};
    if (pb_ranks_here() && config.state) { /* states there are words, see run_ranks.c */
        place.fd = atomic_load(&((atomic_uint *)config.state)[WORDS - 1]);
        config.state_open = words_open;
        config.state_close = words_close;
        config.state_args = &place;
        config.state_args_size = sizeof place;
    }
    return pb_executor_open(e, name, &config, error);
}

struct trial trial_open_with(const void *name, struct pb_executor_config config) {
    struct trial t = {.is = traits_of(name), .word = shared_words()};
    struct pb_error error = {0};
    if (!config.state)
        config.state = t.word;
    CHECK_MSG(trial_executor_open(&t.e, name, config, &error) == 0, "%s", error.text);
    return t;
}

struct trial trial_open(const void *name, uint32_t workers) {
    return trial_open_with(name, (struct pb_executor_config){.workers = workers});
}

void trial_end(struct trial *t, enum pb_close how) {
    CHECK_INT(pb_executor_close(t->e, how, PB_FOREVER), 0);
    t->e = NULL;
}

void trial_close(struct trial *t) {
    if (t->e)
        trial_end(t, PB_DRAIN);
    munmap(t->word, 4096);
}

struct pb_future *trial_submit(struct trial *t, pb_function *function, const void *args, size_t size) {
    struct pb_future *f = pb_submit(t->e, function, args, size);
    CHECK_MSG(f, "%s", strerror(errno));
    return f;
}

struct pb_future *trial_number(struct trial *t, pb_function *function, uint64_t argument) {
    return trial_submit(t, function, &argument, sizeof argument);
}

struct pb_future *trial_hold(struct trial *t) {
    unsigned begun = atomic_load(&t->word[BEGUN]);
    if (t->is->in_caller)
        trial_let_go(t);
    struct pb_future *f = trial_number(t, wait_at_gate, 77);
    await(&t->word[BEGUN], begun + 1);
    return f;
}

void trial_let_go(struct trial *t) {
    atomic_store(&t->word[GATE], 1);
}

void await(atomic_uint *word, unsigned value) {
    while (atomic_load(word) < value)
        sched_yield();
}

void await_state(struct pb_future *f, enum pb_future_state state) {
    while (pb_future_state(f) < state)
        sched_yield();
}

uint64_t take(struct pb_future *f) {
    uint64_t x = 0;
    int rc = pb_future_result(f, &x, sizeof x, PB_FOREVER);
    CHECK_MSG(rc == 0, "the result is %d, \"%s\"", rc, pb_future_message(f));
    CHECK_INT(pb_future_size(f), sizeof x);
    pb_future_release(f);
    return x;
}

void take_code(struct pb_future *f, int code) {
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), code);
    CHECK(pb_future_done(f));
    pb_future_release(f);
}

static unsigned char byte_at(size_t i) {
    return (unsigned char)(i * 31 + i / 4096);
}

void fill(void *data, size_t size) {
    for (size_t i = 0; i < size; i++)
        ((unsigned char *)data)[i] = byte_at(i);
}

bool is_filled(const void *data, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (((const unsigned char *)data)[i] != byte_at(i))
            return false;
    return true;
}

void in_threads(unsigned count, void *(*function)(void *), void *argument) {
    pthread_t thread[16];
    CHECK(count <= 16);
    for (unsigned i = 0; i < count; i++)
        CHECK_INT(pthread_create(&thread[i], NULL, function, argument), 0);
    for (unsigned i = 0; i < count; i++)
        pthread_join(thread[i], NULL);
}

/* ---- Tasks ---- */

atomic_uint *words_of(const struct pb_task *task) {
    return task->state;
}

void breathe(struct pb_task *task) {
    pb_sleep(task, 20000);
}

int do_nothing(struct pb_task *task, const void *args, size_t size) {
    (void)task, (void)args, (void)size;
    return 0;
}

int echo(struct pb_task *task, const void *args, size_t size) {
    return pb_return(task, args, size);
}

int square(struct pb_task *task, const void *args, size_t size) {
    uint64_t x;
    CHECK_INT(size, sizeof x);
    memcpy(&x, args, sizeof x);
    x *= x;
    return pb_return(task, &x, sizeof x);
}

int count_up(struct pb_task *task, const void *args, size_t size) {
    atomic_fetch_add(&words_of(task)[COUNT], 1);
    return pb_return(task, args, size);
}

int fail_with(struct pb_task *task, const void *args, size_t size) {
    uint64_t code;
    CHECK_INT(size, sizeof code);
    memcpy(&code, args, sizeof code);
    return code ? pb_fail(task, (int)code, "code %d", (int)code) : 0;
}

int wait_at_gate(struct pb_task *task, const void *args, size_t size) {
    atomic_fetch_add(&words_of(task)[BEGUN], 1);
    while (atomic_load(&words_of(task)[GATE]) == 0 && !pb_should_stop(task))
        breathe(task);
    return pb_return(task, args, size);
}

int wait_stubbornly(struct pb_task *task, const void *args, size_t size) {
    atomic_fetch_add(&words_of(task)[BEGUN], 1);
    while (atomic_load(&words_of(task)[GATE]) == 0)
        breathe(task);
    return pb_return(task, args, size);
}
