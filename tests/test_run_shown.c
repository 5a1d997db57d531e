/* What a user sees of a run: columns, counts, refusals, races and failed tasks, from the program itself. */
#include "denial.h"
#include "program.h"

#include <errno.h>

/* How the program is called, how it ends, and what it must say. */
static const struct shown {
    const char *name, *options;
    int code;
    const char *said[4], *complained[4];
} rows[] = {
    {"latencies and statuses",
     "-w " PLUGINS "metered.so -e thread -n 2 --tasks 14 --rounds 2",
     0,
     {"requests/s", "   p99   p99.9      peak  verdict\n",
      "\nevery row: ok 12 · late 2\nlate: task 3 came late (-v names the tasks)\n",
      "\nall of it is made up (every row)\n"},
     {NULL}},
    {"failed tasks",
     "-v -w " PLUGINS "metered.so -e thread -n 2 --tasks 14 --rounds 2",
     0,
     {"\nevery row: requests 28 · bytes 91\n"},
     {"bench: " PLUGINS "metered.so serial 1: task 3: late: task 3 came late\n",
      "bench: " PLUGINS "metered.so thread 2: task 10: late: task 10 came late\n"}},
    {"too many failed tasks",
     "-v -w " PLUGINS "metered.so -e serial --tasks 210 --rounds 1",
     0,
     {NULL},
     {"task 136: late: task 136 came late\n", "metered.so serial 1: and 10 more tasks\n"}},
    {"refused base",
     "-w " PLUGINS "pair.so -e thread -n 2 --rounds 2",
     0,
     {"\nserial     refused: pair: one task at a time waits for ever: use -n 2 or more\n",
      "\nserial was refused, so there are no speedups.\n"},
     {NULL}},
    {"nothing but refused",
     "-w " PLUGINS "pair.so -e serial --rounds 2",
     6,
     {"\nserial     refused: pair: one task at a time waits for ever: use -n 2 or more\n"},
     {"pair.so serial: refused: pair: one task at a time waits for ever: use -n 2 or more\n"}},
    {"race",
     "-w " PLUGINS "race.so -e thread -n 2 --rounds 2",
     4,
     {"\nthread  2  wrong answers: digest ", "(a race: tasks change shared state",
      "without a lock); put a lock around it", NULL},
     {"race.so thread 2: digest "}},
    {"tasks that come by themselves",
     "-w request:cpu=0,wait=0,rate=2000,items=12 -e thread -n 2 --rounds 2",
     0,
     {"  2000 come in a second\n", "tasks/s", "that come in a second"},
     {NULL}},
    {"an engine of one's own choice",
     "-w sleep:ms=1 -e loop:engine=epoll -n 8 --rounds 2",
     0,
     {"engine=epoll (loop:engine=epoll 8)\n"},
     {NULL}},
};

/* The same where io_uring is not permitted. */
static const struct shown denied[] = {
    {"the engine that is permitted",
     "-w sleep:ms=1 -e loop -n 8 --rounds 2",
     0,
     {"engine=epoll: io_uring is not permitted here (Operation not permitted) (loop 8)\n"},
     {NULL}},
    {"an engine that is not permitted",
     "-w sleep:ms=1 -e loop:engine=uring -n 8 --rounds 2",
     5,
     {"failed"},
     {"executor loop: engine=uring: io_uring is not permitted here (Operation not permitted): use "
      "engine=epoll"}},
    {"file under epoll",
     "-w file:size=64k -e loop -n 4 --rounds 2 --tasks 8",
     0,
     {"engine=epoll: io_uring is not permitted here"},
     {NULL}},
};

static void shown(const void *data) {
    static const char *const environment[] = {"LC_ALL=C.UTF-8", NULL};
    const struct shown *row = data;
    struct program p;
    program_run(&p, environment, "-b none %s", row->options);
    program_check_code(&p, row->code);
    for (size_t i = 0; i < sizeof row->said / sizeof *row->said && row->said[i]; i++)
        CHECK_HAS(pb_buffer_string(&p.said), row->said[i]);
    for (size_t i = 0; i < sizeof row->complained / sizeof *row->complained && row->complained[i]; i++)
        CHECK_HAS(pb_buffer_string(&p.complained), row->complained[i]);
    program_release(&p);
}

static void shown_without_uring(const void *data) {
    deny_uring(EPERM);
    shown(data);
}

static bool cases(size_t i, struct pb_case *out) {
    enum { ROWS = sizeof rows / sizeof *rows, DENIED = sizeof denied / sizeof *denied };
    if (i < ROWS)
        *out = (struct pb_case){rows[i].name, shown, &rows[i]};
    else if (i < ROWS + DENIED)
        *out = (struct pb_case){denied[i - ROWS].name, shown_without_uring, &denied[i - ROWS]};
    return i < ROWS + DENIED;
}

const struct pb_suite suite_run_shown = {"run-shown", NULL, cases};
