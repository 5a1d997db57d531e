/* The ring between a worker process and the collector, which both sleep: the worker while the ring is full,
 * the collector while it is empty. The worker's side is process_worker.c itself; the collector's loop is told
 * again here, without what is not about the ring, and an eventfd is a counter with sleepers. */
#include <stdlib.h>
#include <sys/types.h>

#include "base/futex.h"
#include "checker.h"

static ssize_t ring_bell(int doorbell, const void *data, size_t size);
#define write ring_bell
#include "executor/process_worker.c"
#undef write

enum { UNIT = PB_RING_SIZE / 4, MESSAGE = 2 * UNIT, MESSAGES = 4, WORDS = UNIT / sizeof(uint64_t) };

static struct pb_hive *hive;
static atomic_uint bell;
static uint64_t message[MESSAGES][2 * WORDS], came[MESSAGES][2 * WORDS];

static void open(void) {
    size_t size = sizeof *hive + sizeof *hive->slot;
    hive = aligned_alloc(64, size);
    if (!hive)
        abort();
    memset(hive, 0, size);
    struct pb_slot *slot = hive->slot;
    atomic_store(&slot->up.head, 3 * UNIT); /* so that messages lie across the end */
    atomic_store(&slot->up.tail, 3 * UNIT);
    CHECKER_SHARE(slot->up.head, "head");
    CHECKER_SHARE(slot->up.tail, "tail");
    CHECKER_SHARE(slot->room, "room");
    CHECKER_SHARE(slot->waiting, "waiting");
    CHECKER_SHARE(hive->collector_asleep, "collector_asleep");
    CHECKER_SHARE(bell, "bell");
    checker_keep(&slot->up, offsetof(struct pb_ring, data));
    checker_keep(&slot->room, sizeof slot->room);
    checker_keep(&slot->waiting, sizeof slot->waiting);
    checker_keep(&hive->collector_asleep, sizeof hive->collector_asleep);
    checker_keep(&bell, sizeof bell);
    checker_plain(slot->up.data, PB_RING_SIZE, UNIT, "bytes");
    for (unsigned k = 0; k < MESSAGES; k++)
        message[k][0] = message[k][WORDS] = k + 1;
}

static ssize_t ring_bell(int doorbell, const void *data, size_t size) {
    (void)doorbell, (void)data;
    atomic_fetch_add(&bell, 1);
    pb_futex_wake(&bell, 1, true);
    return (ssize_t)size;
}

static void send_all(void) {
    struct home h = {.hive = hive, .slot = hive->slot};
    for (unsigned k = 0; k < MESSAGES; k++)
        transmit(&h, message[k], MESSAGE);
}

/* collect of process_collector.c. */
static size_t collect(size_t passed) {
    struct pb_slot *slot = hive->slot;
    size_t got;
    while ((got = pb_ring_read(&slot->up, (unsigned char *)came + passed, UNIT))) {
        passed += got;
        atomic_fetch_add(&slot->room, 1);
        if (atomic_load(&slot->waiting))
            pb_futex_wake(&slot->room, 1, true);
    }
    return passed;
}

/* collector_main of process_collector.c. */
static void receive_all(void) {
    for (size_t passed = 0; (passed = collect(passed)) < sizeof came;) {
        atomic_exchange(&hive->collector_asleep, 1);
        while (pb_ring_empty(&hive->slot->up) && !atomic_load(&bell))
            pb_futex_wait(&bell, 0, UINT64_MAX, true);
        atomic_exchange(&hive->collector_asleep, 0);
        atomic_exchange(&bell, 0);
    }
    for (unsigned k = 0; k < MESSAGES; k++)
        CHECKER_ASSERT(came[k][0] == k + 1 && came[k][WORDS] == k + 1);
}

static void thread(unsigned i) {
    if (i == 0)
        receive_all();
    else if (i == 1)
        send_all();
}

const struct checker_model model_ring = {.name = "ring", .schedules = 20000, .open = open, .thread = thread};
