/* coroutines FLIGHT TASKS [ENGINE]: what a task of an event loop costs that only waits. FLIGHT of them at a
 * time sleep for 1 ms, TASKS in all: resident bytes per task that waits, and tasks per second. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/reactor.h"

enum { MILLISECOND = 1000000 };

struct seat {
    struct pb_coroutine *coroutine;
    struct bench *bench;
    struct seat *next_free;
};

struct bench {
    struct pb_reactor *reactor;
    struct seat *seats, *free;
    unsigned long started, ended, tasks;
};

static void wait_once(void *argument) {
    struct seat *seat = argument;
    struct pb_task task = {.io = &pb_io_suspend, .verbs = seat->coroutine};
    pb_sleep(&task, MILLISECOND);
    seat->bench->ended++;
    seat->next_free = seat->bench->free;
    seat->bench->free = seat;
}

static void fill_seats(struct bench *b) {
    for (struct seat *seat; b->started < b->tasks && (seat = b->free); b->started++) {
        b->free = seat->next_free;
        seat->coroutine = pb_reactor_start(b->reactor, wait_once, seat);
    }
}

static long resident(void) {
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%*d %ld", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return pages * sysconf(_SC_PAGESIZE);
}

static void measure(struct bench *b, unsigned long flight) {
    long before = resident();
    uint64_t begun = pb_now();
    fill_seats(b);
    pb_reactor_turn(b->reactor, 0);
    printf("bytes %.0f\n", (double)(resident() - before) / (double)flight);
    while (b->ended < b->tasks) {
        fill_seats(b);
        pb_reactor_turn(b->reactor, UINT64_MAX);
    }
    double seconds = (double)(pb_now() - begun) / 1e9;
    printf("tasks_per_s %.0f\ncpu_ns_per_task %.1f\n", (double)b->tasks / seconds,
           (double)pb_thread_cpu() / (double)b->tasks);
}

int main(int argc, char **argv) {
    unsigned long flight = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
    struct bench bench = {.tasks = argc > 2 ? strtoul(argv[2], NULL, 10) : 0};
    struct pb_reactor_config config = {.coroutines = (uint32_t)flight};
    struct pb_error error;
    if (flight == 0 || flight > 1000000 || bench.tasks < flight) {
        fputs("usage: coroutines FLIGHT TASKS [uring|epoll]: as many tasks as are in flight, or more\n",
              stderr);
        return PB_EXIT_USAGE;
    }
    if (argc > 3)
        config.engine = strcmp(argv[3], "uring") == 0 ? PB_ENGINE_URING : PB_ENGINE_EPOLL;
    bench.seats = calloc(flight, sizeof *bench.seats);
    if (!bench.seats || pb_reactor_open(&bench.reactor, &config, &error) != 0) {
        fprintf(stderr, "coroutines: %s\n", bench.seats ? error.text : strerror(ENOMEM));
        free(bench.seats);
        return PB_EXIT_CANNOT_RUN;
    }
    for (unsigned long i = 0; i < flight; i++) { /* all touched before anything is measured */
        bench.seats[i] = (struct seat){.bench = &bench, .next_free = bench.free};
        bench.free = &bench.seats[i];
    }
    puts(pb_reactor_engine_note(bench.reactor));
    measure(&bench, flight);
    pb_reactor_close(bench.reactor);
    free(bench.seats);
    return PB_EXIT_OK;
}
