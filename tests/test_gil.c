/* The lock of io/gil.h and the verbs under it. Nothing here is measured: a thread that is to be let in waits
 * for as long as it takes, and where time is told it is a least time. Where nobody must ask for the lock the
 * interval is an hour; where somebody must, it is short. */
#include "io/gil.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "suite.h"

#define HOUR UINT64_C(3600000000000)
enum { SHORT = 100000, THREADS = 4, TURNS = 2000 };

/* A thread that lives under a lock. */
struct dweller {
    struct pb_gil_holder holder;
    _Atomic uint64_t count[PB_GIL_COUNTS];
    struct pb_task task;
};

static void move_in(struct dweller *d, struct pb_gil *gil) {
    *d = (struct dweller){.holder = {.gil = gil, .count = d->count},
                          .task = {.io = &pb_io_gil, .verbs = &d->holder}};
}

static uint64_t counted(const struct dweller *d, enum pb_gil_count what) {
    return atomic_load(&d->count[what]);
}

static pthread_t start(void *(*function)(void *), void *argument) {
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, function, argument), 0);
    return thread;
}

/* ---- The lock ---- */

static void counts_nothing_alone(const void *data) {
    struct pb_gil *gil = pb_gil_new(SHORT);
    struct dweller d;
    (void)data;
    move_in(&d, gil);
    for (int i = 0; i < TURNS; i++) {
        pb_gil_checkpoint(&d.holder); /* without it: nothing */
        CHECK(!d.holder.holds);
        pb_gil_take(&d.holder);
        CHECK(d.holder.holds);
        pb_gil_checkpoint(&d.holder); /* nobody asks */
        CHECK(d.holder.holds);
        pb_gil_drop(&d.holder);
    }
    for (int k = 0; k < PB_GIL_COUNTS; k++)
        CHECK_INT(counted(&d, k), 0);
    pb_gil_free(gil);
}

static void *take_and_drop(void *argument) {
    struct dweller *d = argument;
    pb_gil_take(&d->holder);
    pb_gil_drop(&d->holder);
    return NULL;
}

/* It counts as a switch when the lock was another's before, not when it comes back to the same thread. */
static void counts_switches(const void *data) {
    struct pb_gil *gil = pb_gil_new(HOUR);
    struct dweller d[2];
    (void)data;
    move_in(&d[0], gil);
    move_in(&d[1], gil);
    for (int round = 0; round < 5; round++)
        for (int i = 0; i < 2; i++) {
            take_and_drop(&d[i]);
            take_and_drop(&d[i]);
        }
    CHECK_INT(counted(&d[0], PB_GIL_SWITCHES), 4);
    CHECK_INT(counted(&d[1], PB_GIL_SWITCHES), 5);
    pb_gil_free(gil);
}

struct party {
    struct dweller dweller[THREADS];
    uint64_t sum; /* guarded by the lock alone */
};

struct guest {
    struct party *party;
    struct dweller *dweller;
};

static void *add_up(void *argument) {
    struct guest *g = argument;
    struct pb_gil_holder *h = &g->dweller->holder;
    for (int i = 0; i < TURNS; i++) {
        pb_gil_take(h);
        for (int k = 0; k < 10; k++) {
            uint64_t sum = g->party->sum;
            for (int pause = 0; pause < 20; pause++)
                atomic_signal_fence(memory_order_seq_cst);
            g->party->sum = sum + 1;
            pb_gil_checkpoint(h);
        }
        pb_gil_drop(h);
    }
    return NULL;
}

/* One at a time; and each wake-up that is lost would last for an interval. */
static void excludes_and_wakes(const void *data) {
    static const uint64_t intervals[] = {1000, SHORT, HOUR};
    (void)data;
    for (int k = 0; k < 3; k++) {
        struct pb_gil *gil = pb_gil_new(intervals[k]);
        struct party party = {0};
        struct guest guest[THREADS];
        pthread_t thread[THREADS];
        uint64_t switches = 0, forced = 0;
        for (int i = 0; i < THREADS; i++) {
            move_in(&party.dweller[i], gil);
            guest[i] = (struct guest){&party, &party.dweller[i]};
            thread[i] = start(add_up, &guest[i]);
        }
        for (int i = 0; i < THREADS; i++) {
            pthread_join(thread[i], NULL);
            switches += counted(&party.dweller[i], PB_GIL_SWITCHES);
            forced += counted(&party.dweller[i], PB_GIL_FORCED);
        }
        CHECK_INT(party.sum, THREADS * TURNS * 10);
        CHECK(switches >= THREADS - 1);
        CHECK(intervals[k] < HOUR || forced == 0); /* who asks has waited for an interval */
        pb_gil_free(gil);
    }
}

/* Another that wants the lock, again and again until it is told to go. */
struct rival {
    struct dweller dweller;
    _Atomic uint64_t began; /* when it first tried */
    atomic_bool go;
    uint64_t turns; /* guarded by the lock */
};

static void *rival_main(void *argument) {
    struct rival *r = argument;
    atomic_store(&r->began, pb_now());
    do {
        pb_gil_take(&r->dweller.holder);
        r->turns++;
        pb_gil_drop(&r->dweller.holder);
    } while (!atomic_load(&r->go));
    return NULL;
}

static void forces_a_switch_when_asked(const void *data) {
    struct pb_gil *gil = pb_gil_new(SHORT);
    struct dweller d;
    struct rival rival = {0};
    (void)data;
    move_in(&d, gil);
    move_in(&rival.dweller, gil);
    pb_gil_take(&d.holder);
    pthread_t thread = start(rival_main, &rival);
    for (uint64_t round = 1; round <= 50; round++) {
        uint64_t before = rival.turns;
        while (counted(&d, PB_GIL_FORCED) < round) {
            CHECK_INT(rival.turns, before); /* nobody else has it between checkpoints */
            pb_gil_checkpoint(&d.holder);
        }
        CHECK(rival.turns > before); /* it was not taken straight back */
    }
    atomic_store(&rival.go, true);
    pb_gil_drop(&d.holder);
    pthread_join(thread, NULL);
    CHECK(counted(&d, PB_GIL_SWITCHES) >= 50);
    CHECK(counted(&rival.dweller, PB_GIL_SWITCHES) >= 50);
    CHECK(counted(&rival.dweller, PB_GIL_WAIT_NS) >= 50 * SHORT);
    pb_gil_free(gil);
}

static void asks_after_an_interval(const void *data) {
    static const uint64_t intervals[] = {1000, 1000000, 30000000};
    (void)data;
    for (int k = 0; k < 3; k++) {
        struct pb_gil *gil = pb_gil_new(intervals[k]);
        struct dweller d;
        struct rival rival = {.go = true};
        move_in(&d, gil);
        move_in(&rival.dweller, gil);
        pb_gil_take(&d.holder);
        pthread_t thread = start(rival_main, &rival);
        while (counted(&d, PB_GIL_FORCED) == 0)
            pb_gil_checkpoint(&d.holder);
        CHECK(pb_now() - atomic_load(&rival.began) >= intervals[k]);
        CHECK_INT(rival.turns, 1);
        pb_gil_drop(&d.holder);
        pthread_join(thread, NULL);
        CHECK(counted(&rival.dweller, PB_GIL_WAIT_NS) >= intervals[k]);
        pb_gil_free(gil);
    }
}

static void keeps_it_unasked(const void *data) {
    struct pb_gil *gil = pb_gil_new(HOUR);
    struct dweller d;
    struct rival rival = {.go = true};
    (void)data;
    move_in(&d, gil);
    move_in(&rival.dweller, gil);
    pb_gil_take(&d.holder);
    pthread_t thread = start(rival_main, &rival);
    while (!atomic_load(&rival.began))
        ;
    for (int i = 0; i < TURNS; i++)
        pb_gil_checkpoint(&d.holder);
    CHECK_INT(rival.turns, 0);
    CHECK_INT(counted(&d, PB_GIL_FORCED), 0);
    pb_gil_drop(&d.holder);
    pthread_join(thread, NULL); /* woken by the drop */
    CHECK_INT(rival.turns, 1);
    pb_gil_free(gil);
}

/* ---- The verbs ---- */

/* Descriptors on which each verb has something to do, or fails, at once. */
struct place {
    int null, file, pipe[2], listener;
};

static struct place make_place(void) {
    struct place p = {.null = open("/dev/null", O_RDWR), .file = open("/tmp", O_TMPFILE | O_RDWR, 0600)};
    CHECK(p.null >= 0);
    if (p.file < 0)
        p.file = dup(p.null);
    CHECK_INT(pipe2(p.pipe, O_NONBLOCK), 0);
    p.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_INT(bind(p.listener, (struct sockaddr *)&(struct sockaddr_un){.sun_family = AF_UNIX},
                   sizeof(sa_family_t)),
              0);
    CHECK_INT(listen(p.listener, 5), 0);
    return p;
}

static void leave_place(const struct place *p) {
    const int fd[] = {p->null, p->file, p->pipe[0], p->pipe[1], p->listener};
    for (int k = 0; k < 5; k++)
        close(fd[k]);
}

static char byte[1];

static ssize_t do_open(struct pb_task *t, struct place *p) {
    (void)p;
    return pb_open(t, "/dev/null/none", O_RDONLY, 0);
}
static ssize_t do_close(struct pb_task *t, struct place *p) {
    (void)p;
    return pb_close(t, -1);
}
static ssize_t do_read(struct pb_task *t, struct place *p) {
    return pb_read(t, p->pipe[0], byte, 1);
}
static ssize_t do_write(struct pb_task *t, struct place *p) {
    return pb_write(t, p->null, byte, 1);
}
static ssize_t do_pread(struct pb_task *t, struct place *p) {
    return pb_pread(t, p->null, byte, 1, 0);
}
static ssize_t do_pwrite(struct pb_task *t, struct place *p) {
    return pb_pwrite(t, p->null, byte, 1, 0);
}
static ssize_t do_fsync(struct pb_task *t, struct place *p) {
    return pb_fsync(t, p->pipe[0]);
}
static ssize_t do_connect(struct pb_task *t, struct place *p) {
    return pb_connect(t, p->null, (struct sockaddr *)&(struct sockaddr_un){.sun_family = AF_UNIX},
                      sizeof(sa_family_t));
}
static ssize_t do_accept(struct pb_task *t, struct place *p) {
    return pb_accept(t, p->listener, NULL, NULL);
}
static ssize_t do_send(struct pb_task *t, struct place *p) {
    return pb_send(t, p->listener, byte, 1, 0);
}
static ssize_t do_recv(struct pb_task *t, struct place *p) {
    return pb_recv(t, p->pipe[0], byte, 1, 0);
}
static ssize_t do_poll(struct pb_task *t, struct place *p) {
    return pb_poll(t, p->pipe[0], POLLIN, 0);
}
static ssize_t do_sleep(struct pb_task *t, struct place *p) {
    (void)p;
    return pb_sleep(t, 0);
}
static ssize_t do_checkpoint(struct pb_task *t, struct place *p) {
    (void)p;
    pb_checkpoint(t);
    return 0;
}
static ssize_t do_allow(struct pb_task *t, struct place *p) {
    ssize_t n;
    pb_allow_begin(t);
    CHECK(!((struct pb_gil_holder *)t->verbs)->holds);
    n = pb_write(t, p->null, byte, 1); /* without the lock, and without taking it */
    CHECK(!((struct pb_gil_holder *)t->verbs)->holds);
    pb_allow_end(t);
    return n;
}

static const struct at_once {
    const char *name;
    ssize_t (*verb)(struct pb_task *, struct place *);
    ssize_t result;
    bool checkpoint;
} at_once[] = {
    {"open", do_open, -ENOTDIR, false},     {"close", do_close, -EBADF, false},
    {"read", do_read, -EAGAIN, false},      {"write", do_write, 1, false},
    {"pread", do_pread, 0, false},          {"pwrite", do_pwrite, 1, false},
    {"fsync", do_fsync, -EINVAL, false},    {"connect", do_connect, -ENOTSOCK, false},
    {"accept", do_accept, -EAGAIN, false},  {"send", do_send, -ENOTCONN, false},
    {"recv", do_recv, -ENOTSOCK, false},    {"poll", do_poll, 0, false},
    {"sleep", do_sleep, 0, false},          {"allow", do_allow, 1, false},
    {"checkpoint", do_checkpoint, 0, true},
};

/* A rival gets the lock only in a verb of the holder's; which holds it again after, and returns what the
 * system call does. */
static void gives_it_up_at_once(const void *data) {
    const struct at_once *row = data;
    struct pb_gil *gil = pb_gil_new(SHORT);
    struct place place = make_place();
    struct dweller d;
    struct rival rival = {.go = true};
    move_in(&d, gil);
    move_in(&rival.dweller, gil);
    pb_gil_take(&d.holder);
    pthread_t thread = start(rival_main, &rival);
    while (rival.turns == 0) {
        CHECK_INT(row->verb(&d.task, &place), row->result);
        CHECK(d.holder.holds);
    }
    CHECK_INT(counted(&d, PB_GIL_FORCED), row->checkpoint);
    CHECK_INT(counted(&d, PB_GIL_SWITCHES), 1);
    pb_gil_drop(&d.holder);
    pthread_join(thread, NULL);
    leave_place(&place);
    pb_gil_free(gil);
}

/* A verb that waits in the kernel until the case ends it. */
struct waiter {
    const struct blocking *row;
    struct dweller dweller;
    atomic_bool holds, returned;
    int fd;
    ssize_t result;
};

static ssize_t wait_read(struct waiter *w) {
    return pb_read(&w->dweller.task, w->fd, byte, 1);
}
static ssize_t wait_recv(struct waiter *w) {
    return pb_recv(&w->dweller.task, w->fd, byte, 1, 0);
}
static ssize_t wait_poll(struct waiter *w) {
    return pb_poll(&w->dweller.task, w->fd, POLLIN, -1);
}
static ssize_t wait_allowed(struct waiter *w) {
    pb_allow_begin(&w->dweller.task);
    ssize_t n = read(w->fd, byte, 1);
    pb_allow_end(&w->dweller.task);
    return n;
}

static const struct blocking {
    const char *name;
    ssize_t (*wait)(struct waiter *);
    ssize_t result;
} blocking[] = {{"read", wait_read, 1},
                {"recv", wait_recv, 1},
                {"poll", wait_poll, POLLIN},
                {"allowed", wait_allowed, 1}};

static void *waiter_main(void *argument) {
    struct waiter *w = argument;
    pb_gil_take(&w->dweller.holder);
    atomic_store(&w->holds, true);
    w->result = w->row->wait(w);
    CHECK(w->dweller.holder.holds);
    atomic_store(&w->returned, true);
    pb_gil_drop(&w->dweller.holder);
    return NULL;
}

static void gives_it_up_while_blocked(const void *data) {
    struct pb_gil *gil = pb_gil_new(HOUR); /* nobody asks */
    struct waiter w = {.row = data};
    struct dweller d;
    int pair[2];
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    move_in(&w.dweller, gil);
    move_in(&d, gil);
    w.fd = pair[0];
    pthread_t thread = start(waiter_main, &w);
    while (!atomic_load(&w.holds))
        ;
    pb_gil_take(&d.holder); /* although the verb has not returned */
    CHECK(!atomic_load(&w.returned));
    CHECK_INT(write(pair[1], "x", 1), 1);
    CHECK(!atomic_load(&w.returned)); /* it needs the lock */
    pb_gil_drop(&d.holder);
    pthread_join(thread, NULL);
    CHECK_INT(w.result, w.row->result);
    CHECK_INT(counted(&w.dweller, PB_GIL_SWITCHES), 1);
    CHECK_INT(counted(&w.dweller, PB_GIL_FORCED), 0);
    close(pair[0]);
    close(pair[1]);
    pb_gil_free(gil);
}

static void sleeps_at_least(const void *data) {
    struct pb_gil *gil = pb_gil_new(SHORT);
    struct dweller d;
    (void)data;
    move_in(&d, gil);
    pb_gil_take(&d.holder);
    uint64_t began = pb_now();
    CHECK_INT(pb_sleep(&d.task, 2000000), 0);
    CHECK(pb_now() - began >= 2000000);
    pb_gil_drop(&d.holder);
    pb_gil_free(gil);
}

static const struct pb_case cases[] = {
    {"counts-nothing-alone", counts_nothing_alone, NULL},
    {"counts-switches", counts_switches, NULL},
    {"excludes-and-wakes", excludes_and_wakes, NULL},
    {"forces-a-switch-when-asked", forces_a_switch_when_asked, NULL},
    {"asks-after-an-interval", asks_after_an_interval, NULL},
    {"keeps-it-unasked", keeps_it_unasked, NULL},
    {"sleeps-at-least", sleeps_at_least, NULL},
};

enum {
    CASES = sizeof cases / sizeof *cases,
    AT_ONCE = sizeof at_once / sizeof *at_once,
    BLOCKING = sizeof blocking / sizeof *blocking,
};

static bool generate(size_t i, struct pb_case *out) {
    static char name[64];
    if (i < CASES) {
        *out = cases[i];
        return true;
    }
    i -= CASES;
    if (i < AT_ONCE) {
        snprintf(name, sizeof name, "gives-it-up-at-once/%s", at_once[i].name);
        *out = (struct pb_case){name, gives_it_up_at_once, &at_once[i]};
        return true;
    }
    i -= AT_ONCE;
    if (i >= BLOCKING)
        return false;
    snprintf(name, sizeof name, "gives-it-up-while-blocked/%s", blocking[i].name);
    *out = (struct pb_case){name, gives_it_up_while_blocked, &blocking[i]};
    return true;
}

const struct pb_suite suite_gil = {.name = "gil", .generate = generate};
