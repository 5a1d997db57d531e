/* What rows are called: each case is a run's rows, of which the first is named. */
#include "results/row_name.h"
#include "results/comparable.h"
#include "sample_run.h"
#include "suite.h"

#include <string.h>

enum { ROWS = 3 };

#define ROW(what, by, width) .workload = (what), .executor = (by), .workers = (width)

static const struct named {
    const char *name;
    struct made {
        const char *workload, *executor;
        uint32_t workers;
        const char *binding, *via, *runner, *side;
        bool reference;
    } row[ROWS];
    const char *whole, *apart, *spoken; /* typed with what is unusual, and either with what tells it apart */
} rows[] = {
    {"alone", {{ROW("sha:size=4k", "thread", 2)}}, "sha:size=4k thread 2", "thread 2", "thread 2"},
    {"serial", {{ROW("sha", "serial", 1)}}, "sha serial", "serial", "serial"},
    {"serial of another program", {{ROW("fib", "py.serial", 1)}}, "fib py.serial", "py.serial", "py.serial"},
    {"usual",
     {{ROW("sha", "thread", 2), .binding = "auto", .via = "for"}},
     "sha thread 2",
     "thread 2",
     "thread 2"},
    {"unusual",
     {{ROW("sha", "thread", 2), .binding = "core", .via = "map", .runner = "python3", .side = "head"}},
     "sha thread 2 bind=core via=map runner=python3 head",
     "thread 2",
     "thread 2"},
    {"reference",
     {{ROW("spin", "thread", 2), .reference = true}},
     "spin thread 2 reference",
     "thread 2",
     "thread 2"},
    {"workloads",
     {{ROW("sha", "thread", 2)}, {ROW("sleep", "thread", 8)}},
     "sha thread 2",
     "sha thread 2",
     "sha thread 2"},
    {"a reference is no workload",
     {{ROW("sha", "thread", 2)}, {ROW("spin", "thread", 2), .reference = true}},
     "sha thread 2",
     "thread 2",
     "thread 2"},
    {"bindings",
     {{ROW("sha", "thread", 2), .binding = "auto"}, {ROW("sha", "thread", 2), .binding = "core"}},
     "sha thread 2",
     "thread 2 bind=auto",
     "thread 2 bind=auto"},
    {"bindings at another width",
     {{ROW("sha", "thread", 2), .binding = "auto"}, {ROW("sha", "thread", 4), .binding = "core"}},
     "sha thread 2",
     "thread 2",
     "thread 2"},
    {"the first difference is enough",
     {{ROW("sha", "thread", 2), .binding = "core", .via = "map"},
      {ROW("sha", "thread", 2), .binding = "none", .via = "for"}},
     "sha thread 2 bind=core via=map",
     "thread 2 bind=core",
     "thread 2 bind=core"},
    {"each needs its own",
     {{ROW("sha", "thread", 2), .binding = "core", .via = "map"},
      {ROW("sha", "thread", 2), .binding = "none", .via = "map"},
      {ROW("sha", "thread", 2), .binding = "core", .via = "for"}},
     "sha thread 2 bind=core via=map",
     "thread 2 bind=core via=map",
     "thread 2 bind=core via=map"},
    {"runners",
     {{ROW("f", "thread", 2), .runner = "python3"}, {ROW("f", "thread", 2), .runner = "python3.13t"}},
     "f thread 2 runner=python3",
     "thread 2 runner=python3",
     "thread 2 runner=python3"},
    {"sides",
     {{ROW("f", "thread", 2), .side = "base"}, {ROW("f", "thread", 2), .side = "head"}},
     "f thread 2 base",
     "thread 2 base",
     "thread 2 base"},
    {"programs",
     {{ROW("cmd:/usr/bin/xz -T{n} f", "own", 4)}, {ROW("sha", "thread", 4)}},
     "cmd:/usr/bin/xz -T{n} f own 4",
     "cmd:/usr/bin/xz -T{n} f own 4",
     "xz 4"},
    {"programs of one name",
     {{ROW("cmd:xz -1 f", "own", 4)}, {ROW("cmd:xz -9 f", "own", 4)}},
     "cmd:xz -1 f own 4",
     "cmd:xz -1 f own 4",
     "cmd:xz -1 f 4"},
    {"programs as tasks",
     {{ROW("cmd:gzip -k f", "thread", 4)}, {ROW("sha", "thread", 4)}},
     "cmd:gzip -k f thread 4",
     "cmd:gzip -k f thread 4",
     "gzip thread 4"},
};

static void make(struct pb_run *run, const struct named *n) {
    sample_run_bare(run);
    for (size_t i = 0; i < ROWS && n->row[i].workload; i++) {
        const struct made *m = &n->row[i];
        const struct sample_row row = {m->executor, m->workers, 10, 1, -1, 1, 1, "-", NULL};
        struct pb_cell *cell = sample_run_add(run, m->workload, "", &row);
        cell->role = m->reference ? PB_ROLE_REFERENCE : PB_ROLE_CELL;
        CHECK_INT(pb_set_text(&cell->binding, m->binding), 0);
        CHECK_INT(pb_set_text(&cell->via, m->via), 0);
        CHECK_INT(pb_set_text(&cell->runner, m->runner), 0);
        CHECK_INT(pb_set_text(&cell->side, m->side), 0);
    }
}

static void check(const struct pb_run *run, unsigned parts, const char *expected) {
    struct pb_buffer name = {0};
    pb_row_name(run, &run->cell[0], parts, &name);
    CHECK_TEXT(pb_buffer_string(&name), expected);
    pb_buffer_release(&name);
}

static void names(const void *data) {
    const struct named *n = data;
    struct pb_run run;
    make(&run, n);
    unsigned apart = pb_row_apart(&run, &run.cell[0], pb_row_is_asked);
    check(&run, PB_ROW_WORKLOAD | pb_row_unusual(&run.cell[0]), n->whole);
    check(&run, apart, n->apart);
    check(&run, PB_ROW_SPOKEN | apart, n->spoken);
    pb_run_release(&run);
}

/* A comparison looks at heads alone, so base and control need not be told from them. */
static void counts(const void *data) {
    struct pb_run run;
    (void)data;
    make(&run, &(const struct named){.row = {{ROW("f", "thread", 2), .side = "head"},
                                             {ROW("f", "thread", 2), .side = "base"},
                                             {ROW("f", "thread", 2), .side = "control"}}});
    check(&run, pb_row_apart(&run, &run.cell[0], pb_cell_takes_part), "thread 2");
    pb_run_release(&run);
}

static bool cases(size_t i, struct pb_case *out) {
    size_t all = sizeof rows / sizeof *rows;
    if (i > all)
        return false;
    *out =
        i < all ? (struct pb_case){rows[i].name, names, &rows[i]} : (struct pb_case){"counts", counts, NULL};
    return true;
}

const struct pb_suite suite_row_name = {"row-name", NULL, cases};
