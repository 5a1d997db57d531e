/* Coroutines, their timers, yields, cancels and wakes, on both engines; and which engine is chosen. The verbs
 * themselves: test_suspend.c. */
#include "denial.h"
#include "reactor_stage.h"

#include <fcntl.h>
#include <fenv.h>
#include <linux/audit.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/timers.h"

/* ---- Starting and ending ---- */

static void nothing(struct actor *a) {
    note(a, a->name);
}

static void start_and_end(const void *data) {
    struct stage s = open_stage(engine_of(data), 2);
    struct actor a = {.play = nothing, .name = 'a'}, b = {.play = nothing, .name = 'b'};
    for (int round = 0; round < 3; round++) {
        start(&s, &a);
        start(&s, &b);
        CHECK(pb_reactor_start(s.reactor, enter, &a) == NULL);
        CHECK_INT(pb_reactor_under_way(s.reactor), 2);
        CHECK_INT(pb_reactor_turn(s.reactor, UINT64_MAX), 2);
        CHECK_INT(pb_reactor_under_way(s.reactor), 0);
    }
    CHECK_TEXT(s.order, "ababab");
    CHECK_INT(pb_reactor_turn(s.reactor, 0), 0);
    CHECK_INT(pb_reactor_turn(s.reactor, pb_now() + 1000), 0);
    pb_reactor_close(s.reactor);
}

struct pair {
    struct actor parent, child;
};

static void parent(struct actor *a) {
    note(a, 'p');
    start(a->stage, &((struct pair *)a)->child);
    note(a, 'q');
}

static void start_within(const void *data) {
    struct stage s = open_stage(engine_of(data), 2);
    struct pair pair = {.parent = {.play = parent}, .child = {.play = nothing, .name = 'c'}};
    start(&s, &pair.parent);
    CHECK_INT(pb_reactor_turn(s.reactor, UINT64_MAX), 1);
    CHECK_TEXT(s.order, "pq");
    CHECK_INT(pb_reactor_turn(s.reactor, UINT64_MAX), 1);
    CHECK_TEXT(s.order, "pqc");
    pb_reactor_close(s.reactor);
}

/* Values in registers and on the stack, and the rounding mode of each. */
static void rounds(struct actor *a) {
    static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    volatile double one = 1, three = 3;
    int mode = modes[a->number % 4];
    CHECK(fesetround(mode) == 0);
    double third = one / three, product = (double)a->number;
    for (int i = 0; i < 10; i++) {
        CHECK_INT(pb_sleep(&a->task, 0), 0);
        CHECK_INT(fegetround(), mode);
        CHECK(one / three == third);
        product *= 1.5;
    }
    CHECK_NEAR(product, (double)a->number * 57.6650390625, 1e-12);
    fesetround(FE_TONEAREST);
}

static void kept_across_switches(const void *data) {
    struct stage s = open_stage(engine_of(data), 8);
    struct actor actors[8];
    for (int i = 0; i < 8; i++) {
        actors[i] = (struct actor){.play = rounds, .number = i};
        start(&s, &actors[i]);
    }
    play_all(&s);
    CHECK_INT(s.ended, 8);
    CHECK_INT(fegetround(), FE_TONEAREST);
    pb_reactor_close(s.reactor);
}

static void resumed(void *context, void *argument) {
    const struct actor *a = argument;
    char *seen = context;
    seen[strlen(seen)] = a->name;
}

static void sleeper(struct actor *a) {
    CHECK_INT(pb_sleep(&a->task, a->number), 0);
    note(a, a->name);
}

static void resumes_is_called(const void *data) {
    char seen[16] = "";
    struct pb_reactor_config config = {
        .engine = engine_of(data), .coroutines = 2, .resumes = resumed, .context = seen};
    struct stage s = open_stage(engine_of(data), 1);
    pb_reactor_close(s.reactor);
    CHECK_INT(pb_reactor_open(&s.reactor, &config, NULL), 0);
    struct actor a = {.play = nothing, .name = 'a'}, b = {.play = sleeper, .name = 'b'};
    start(&s, &a);
    start(&s, &b);
    play_all(&s);
    CHECK_TEXT(seen, "abb");
    pb_reactor_close(s.reactor);
}

/* ---- Timers ---- */

/* Against a plain search: random sets, clears and pops. */
static void timers_heap(const void *data) {
    enum { OWNERS = 300, STEPS = 20000 };
    struct pb_timers t;
    uint64_t deadlines[OWNERS] = {0}, random = 1;
    (void)data;
    CHECK_INT(pb_timers_init(&t, OWNERS), 0);
    for (int step = 0; step < STEPS; step++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint32_t owner = (uint32_t)(random >> 33) % OWNERS, least = OWNERS;
        if (deadlines[owner]) {
            pb_timers_clear(&t, owner);
            deadlines[owner] = 0;
        } else {
            deadlines[owner] = 1 + (random >> 20) % 1000;
            pb_timers_set(&t, owner, deadlines[owner]);
        }
        for (uint32_t i = 0; i < OWNERS; i++)
            if (deadlines[i] && (least == OWNERS || deadlines[i] < deadlines[least]))
                least = i;
        CHECK(pb_timers_next(&t) == (least < OWNERS ? deadlines[least] : UINT64_MAX));
        if (random >> 62 == 0 && least < OWNERS) {
            CHECK(!pb_timers_pop(&t, deadlines[least] - 1, &owner));
            CHECK(pb_timers_pop(&t, deadlines[least], &owner));
            CHECK_INT(deadlines[owner], deadlines[least]);
            deadlines[owner] = 0;
        }
    }
    pb_timers_release(&t);
}

static void equal_timers_in_order(const void *data) {
    struct pb_timers t;
    uint32_t owner;
    (void)data;
    CHECK_INT(pb_timers_init(&t, 100), 0);
    for (uint32_t i = 0; i < 100; i++)
        pb_timers_set(&t, (i * 37) % 100, 5);
    for (uint32_t i = 0; i < 100; i++) {
        CHECK(pb_timers_pop(&t, 5, &owner));
        CHECK_INT(owner, (i * 37) % 100);
    }
    CHECK(!pb_timers_pop(&t, UINT64_MAX, &owner));
    pb_timers_release(&t);
}

static void timers_in_order(const void *data) {
    struct stage s = open_stage(engine_of(data), 5);
    struct actor actors[] = {{.play = sleeper, .name = 'd', .number = 30000000},
                             {.play = sleeper, .name = 'a', .number = -1},
                             {.play = sleeper, .name = 'c', .number = 10000000},
                             {.play = sleeper, .name = 'b', .number = 0},
                             {.play = sleeper, .name = 'e', .number = 40000000}};
    uint64_t begun = pb_now();
    for (size_t i = 0; i < 5; i++)
        start(&s, &actors[i]);
    play_all(&s);
    CHECK_TEXT(s.order, "abcde");
    CHECK(pb_now() - begun >= 40000000);
    pb_reactor_close(s.reactor);
}

/* ---- Yields and wakes ---- */

static void yielder(struct actor *a) {
    note(a, a->name);
    pb_coroutine_yield(a->coroutine, (uint64_t)a->number);
    note(a, a->name);
}

static void yields(const void *data) {
    struct stage s = open_stage(engine_of(data), 4);
    struct actor actors[] = {{.play = yielder, .name = 'y', .number = INT64_MAX},
                             {.play = yielder, .name = 'z', .number = -1}, /* for ever */
                             {.play = sleeper, .name = 'a'},
                             {.play = nothing, .name = 'b'}};
    for (size_t i = 0; i < 4; i++)
        start(&s, &actors[i]);
    play_all(&s);
    CHECK_TEXT(s.order, "yzbayz");
    pb_reactor_close(s.reactor);
}

/* Nobody else is there: it runs on when its time is over, and a turn's deadline may be earlier. */
static void yields_alone(const void *data) {
    struct stage s = open_stage(engine_of(data), 1);
    struct actor a = {.play = yielder, .name = 'y', .number = 2000000};
    start(&s, &a);
    CHECK_INT(pb_reactor_turn(s.reactor, UINT64_MAX), 1);
    CHECK_INT(pb_reactor_turn(s.reactor, UINT64_MAX), 1);
    CHECK_TEXT(s.order, "yy");
    pb_reactor_close(s.reactor);
}

static void *waker(void *reactor) {
    pb_reactor_wake(reactor);
    return NULL;
}

static void woken_by_a_thread(const void *data) {
    struct stage s = open_stage(engine_of(data), 1);
    pthread_t thread;
    for (int i = 0; i < 100; i++) {
        CHECK(pthread_create(&thread, NULL, waker, s.reactor) == 0);
        CHECK_INT(pb_reactor_turn(s.reactor, UINT64_MAX), 0);
        CHECK(pthread_join(thread, NULL) == 0);
    }
    pb_reactor_wake(s.reactor);
    pb_reactor_wake(s.reactor);
    CHECK_INT(pb_reactor_turn(s.reactor, UINT64_MAX), 0);
    /* A turn with something to do does not use a wake up. */
    struct actor a = {.play = nothing, .name = 'a'};
    start(&s, &a);
    pb_reactor_wake(s.reactor);
    CHECK_INT(pb_reactor_turn(s.reactor, UINT64_MAX), 1);
    CHECK_INT(pb_reactor_turn(s.reactor, UINT64_MAX), 0);
    pb_reactor_close(s.reactor);
}

/* ---- Cancelling ---- */

struct suspension {
    const char *name;
    void (*prepare)(struct stage *);
    long (*verb)(struct actor *);
    bool not_by_epoll; /* what its thread for files has begun is waited for */
};

static void empty_pipe(struct stage *s) {
    CHECK(pipe(s->fd) == 0);
}

static void fill_up(int fd) {
    static const char block[4096];
    CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    while (write(fd, block, sizeof block) > 0 || write(fd, block, 1) > 0)
        ;
    CHECK(fcntl(fd, F_SETFL, 0) == 0);
}

static void full_pipe(struct stage *s) {
    empty_pipe(s);
    fill_up(s->fd[1]);
}

static void idle_pair(struct stage *s) {
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s->fd) == 0);
}

static void full_pair(struct stage *s) {
    idle_pair(s);
    fill_up(s->fd[1]);
}

/* An address of which the system chooses the name: abstract, so that nothing is left behind. */
static socklen_t own_address(int fd, struct sockaddr_un *address) {
    socklen_t size = sizeof *address;
    CHECK(getsockname(fd, (struct sockaddr *)address, &size) == 0);
    return size;
}

static void listener(struct stage *s) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    s->fd[0] = socket(AF_UNIX, SOCK_STREAM, 0);
    s->fd[1] = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(bind(s->fd[0], (struct sockaddr *)&address, sizeof(sa_family_t)) == 0);
    CHECK(listen(s->fd[0], 0) == 0);
}

/* One connection waits to be accepted, and there is no room for another. */
static void busy_listener(struct stage *s) {
    struct sockaddr_un address;
    listener(s);
    socklen_t size = own_address(s->fd[0], &address);
    CHECK(connect(s->fd[1], (struct sockaddr *)&address, size) == 0);
    s->fd[1] = socket(AF_UNIX, SOCK_STREAM, 0);
}

static long do_read(struct actor *a) {
    return pb_read(&a->task, a->stage->fd[0], &(char){0}, 1);
}

static long do_write(struct actor *a) {
    return pb_write(&a->task, a->stage->fd[1], "x", 1);
}

static long do_connect(struct actor *a) {
    struct sockaddr_un address;
    socklen_t size = own_address(a->stage->fd[0], &address);
    return pb_connect(&a->task, a->stage->fd[1], (struct sockaddr *)&address, size);
}

static long do_accept(struct actor *a) {
    return pb_accept(&a->task, a->stage->fd[0], NULL, NULL);
}

static long do_send(struct actor *a) {
    return pb_send(&a->task, a->stage->fd[1], "x", 1, 0);
}

static long do_recv(struct actor *a) {
    return pb_recv(&a->task, a->stage->fd[0], &(char){0}, 1, 0);
}

static long do_poll(struct actor *a) {
    return pb_poll(&a->task, a->stage->fd[0], POLLIN, -1);
}

static long do_poll_long(struct actor *a) {
    return pb_poll(&a->task, a->stage->fd[0], POLLIN, 3600000000000);
}

static long do_sleep(struct actor *a) {
    return pb_sleep(&a->task, INT64_MAX);
}

static long do_open(struct actor *a) {
    char path[64] = "/tmp/parbench-reactor-XXXXXX";
    CHECK(mkdtemp(path));
    char *name = strcat(path, "/fifo");
    CHECK(mkfifo(name, 0600) == 0);
    int rc = pb_open(&a->task, path, O_RDONLY, 0);
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
    return rc;
}

static const struct suspension suspensions[] = {
    {"read", empty_pipe, do_read, false},          {"write", full_pipe, do_write, false},
    {"connect", busy_listener, do_connect, false}, {"accept", listener, do_accept, false},
    {"send", full_pair, do_send, false},           {"recv", idle_pair, do_recv, false},
    {"poll", empty_pipe, do_poll, false},          {"poll with time-out", empty_pipe, do_poll_long, false},
    {"sleep", empty_pipe, do_sleep, false},        {"open", empty_pipe, do_open, true},
};

static void victim(struct actor *a) {
    const struct suspension *row = &suspensions[a->number];
    note(a, '(');
    long rc = row->verb(a);
    CHECK_MSG(rc == -ECANCELED, "%s: %ld", row->name, rc);
    note(a, ')');
    CHECK_INT(pb_sleep(&a->task, 0), -ECANCELED);
    CHECK_INT(pb_poll(&a->task, 1, POLLOUT, 0), -ECANCELED);
    CHECK_INT(pb_write(&a->task, a->stage->fd[1], "x", 1), -ECANCELED);
    CHECK_INT(pb_open(&a->task, "/", O_RDONLY, 0), -ECANCELED);
    CHECK_INT(pb_close(&a->task, a->stage->fd[0]), -ECANCELED); /* and it is closed */
    pb_coroutine_yield(a->coroutine, UINT64_MAX);
}

static void cancels(const void *data) {
    for (size_t i = 0; i < sizeof suspensions / sizeof suspensions[0]; i++) {
        struct stage s = open_stage(engine_of(data), 1);
        struct actor a = {.play = victim, .number = (int64_t)i};
        if (suspensions[i].not_by_epoll && engine_of(data) == PB_ENGINE_EPOLL) {
            pb_reactor_close(s.reactor);
            continue;
        }
        suspensions[i].prepare(&s);
        start(&s, &a);
        settle(&s);
        CHECK_TEXT(s.order, "(");
        pb_coroutine_cancel(a.coroutine);
        pb_coroutine_cancel(a.coroutine);
        play_all(&s);
        CHECK_TEXT(s.order, "()");
        CHECK_INT(s.ended, 1);
        CHECK_INT(close(s.fd[0]), -1);
        close(s.fd[1]);
        pb_reactor_close(s.reactor);
    }
}

/* Cancelled before its first verb; and the coroutine's next task is not. */
static void cancelled_early(struct actor *a) {
    CHECK_INT(pb_sleep(&a->task, 0), a->number);
}

static void cancels_before_and_not_after(const void *data) {
    struct stage s = open_stage(engine_of(data), 1);
    struct actor a = {.play = cancelled_early, .number = -ECANCELED}, b = {.play = cancelled_early};
    start(&s, &a);
    pb_coroutine_cancel(a.coroutine);
    play_all(&s);
    start(&s, &b);
    play_all(&s);
    CHECK_INT(s.ended, 2);
    pb_reactor_close(s.reactor);
}

/* ---- Many ---- */

static void adds(struct actor *a) {
    for (int i = 0; i < 3; i++)
        CHECK_INT(pb_sleep(&a->task, a->number % 7 * 100000), 0);
}

static void many(const void *data) {
    enum { MANY = 5000 };
    struct stage s = open_stage(engine_of(data), MANY);
    struct actor *actors = calloc(MANY, sizeof *actors);
    CHECK(actors);
    for (int i = 0; i < MANY; i++) {
        actors[i] = (struct actor){.play = adds, .number = i};
        start(&s, &actors[i]);
    }
    play_all(&s);
    CHECK_INT(s.ended, MANY);
    free(actors);
    pb_reactor_close(s.reactor);
}

/* ---- Which engine ---- */

static const struct denial {
    int error;
    const char *why;
} permission = {EPERM, "io_uring is not permitted here (Operation not permitted)"},
  absence = {ENOSYS, "this kernel has no io_uring (Function not implemented)"},
  memory = {ENOMEM, "io_uring gets no memory here (see `ulimit -l`) (Cannot allocate memory)"};

static void denied(const void *data) {
    const struct denial *denial = data;
    struct pb_reactor_config config = {.engine = PB_ENGINE_URING, .coroutines = 4};
    struct pb_reactor *r;
    struct pb_error error = {0};
    char expected[128];
    pb_reactor_close(open_stage(PB_ENGINE_URING, 1).reactor); /* skips where there is none to deny */
    deny_uring(denial->error);
    CHECK_INT(pb_reactor_open(&r, &config, &error), -denial->error);
    snprintf(expected, sizeof expected, "engine=uring: %s: use engine=epoll, or engine=auto", denial->why);
    CHECK_TEXT(error.text, expected);
    config.engine = PB_ENGINE_AUTO;
    CHECK_INT(pb_reactor_open(&r, &config, &error), 0);
    CHECK_TEXT(pb_reactor_engine(r), "epoll");
    snprintf(expected, sizeof expected, "engine=epoll: %s", denial->why);
    CHECK_TEXT(pb_reactor_engine_note(r), expected);
    pb_reactor_close(r);
}

static void chosen(const void *data) {
    struct stage s = open_stage(engine_of(data), 1);
    const char *name = engine_of(data) == PB_ENGINE_URING ? "uring" : "epoll";
    char expected[32];
    snprintf(expected, sizeof expected, "engine=%s", name);
    CHECK_TEXT(pb_reactor_engine(s.reactor), name);
    CHECK_TEXT(pb_reactor_engine_note(s.reactor), expected);
    pb_reactor_close(s.reactor);
}

/* ---- The suite ---- */

static bool generate(size_t i, struct pb_case *out) {
    static const struct pb_case single[] = {{"timers-heap", timers_heap, NULL},
                                            {"timers-equal", equal_timers_in_order, NULL},
                                            {"uring-denied", denied, &permission},
                                            {"uring-unknown", denied, &absence},
                                            {"uring-without-memory", denied, &memory}};
    static const struct engine_case cases[] = {
        {"start-and-end", start_and_end},
        {"start-within", start_within},
        {"kept-across-switches", kept_across_switches},
        {"resumes", resumes_is_called},
        {"timers-in-order", timers_in_order},
        {"yields", yields},
        {"yields-alone", yields_alone},
        {"woken-by-a-thread", woken_by_a_thread},
        {"cancels", cancels},
        {"cancels-before-and-not-after", cancels_before_and_not_after},
        {"many", many},
        {"chosen", chosen},
    };
    enum { SINGLE = sizeof single / sizeof single[0] };
    if (i < SINGLE) {
        *out = single[i];
        return true;
    }
    return engine_case_of(cases, sizeof cases / sizeof cases[0], i - SINGLE, out);
}

const struct pb_suite suite_reactor = {"reactor", NULL, generate};
