/* Programs that make their own workers: what they are called, how they are planned, measured and told of. */
#include "results/short_name.h"
#include "sample_run.h"
#include "suite.h"

static void short_names(const void *data) {
    static const struct {
        const char *workload, *name;
    } rows[] = {
        {"cmd:gzip -c file", "gzip"},
        {"cmd:/usr/bin/xz -T{n} -k -c big", "xz"},
        {"cmd:check=1,shell=1,LEVEL=9 OMP_NUM_THREADS={n} ./solver -n 4", "solver"},
        {"cmd:OMP_PLACES=a,b=c ./solver", "solver"},
        {"cmd:'/opt/my tools/do it' x", "do it"},
        {"cmd:'it'\\''s' x", "it's"},
        {"cmd:A='b c' d\\ e", "d e"},
        {"cmd:tar --directory=a,b=c", "tar"},
        {"cmd:", "cmd:"},
        {"sha:size=4KiB", "sha:size=4KiB"},
        {"./mine.so:size=4k", "./mine.so:size=4k"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_run run;
        char name[PB_SHORT_NAME];
        sample_run_bare(&run);
        const struct sample_row row = {"own", 1, 10, 1, -1, 1, 1, "-", NULL};
        const struct pb_cell *cell = sample_run_add(&run, rows[i].workload, "", &row);
        CHECK_TEXT(pb_cell_short_name(&run, cell, name, sizeof name), rows[i].name);
        pb_run_release(&run);
    }
}

/* Two programs of one name are told apart by their lines, and a long one is cut. */
static void same_names(const void *data) {
    struct pb_run run;
    char name[PB_SHORT_NAME];
    (void)data;
    sample_run_bare(&run);
    const struct sample_row row = {"own", 1, 10, 1, -1, 1, 1, "-", NULL};
    sample_run_add(&run, "cmd:gzip -1 f", "", &row);
    sample_run_add(&run, "cmd:gzip -9 a-file-whose-name-is-as-long-as-names-of-files-may-well-be", "", &row);
    CHECK_TEXT(pb_cell_short_name(&run, &run.cell[0], name, sizeof name), "cmd:gzip -1 f");
    CHECK_TEXT(pb_cell_short_name(&run, &run.cell[1], name, sizeof name),
               "cmd:gzip -9 a-file-whose-name-is-as-long-as-names-of-fil...");
    pb_run_release(&run);
}

static const struct pb_case cases[] = {
    {"short-names", short_names, NULL},
    {"same-names", same_names, NULL},
    {NULL, NULL, NULL},
};
const struct pb_suite suite_own = {"own", cases, NULL};
