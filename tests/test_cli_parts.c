/* The small parts of the command line: quoting, wrapping, the progress bar, the dry run. */
#include "cli/dry_run.h"
#include "cli/failures.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/quote.h"
#include "suite.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void quoting(const void *data) {
    char *words[] = {(char *)"bench", (char *)"-w",   (char *)"sha:size=4k", (char *)"a b",
                     (char *)"",      (char *)"it's", (char *)"-j{n}",       (char *)"{m}"};
    struct pb_buffer out = {0};
    (void)data;
    pb_quote(&out, 8, words);
    CHECK_TEXT(pb_buffer_string(&out), "bench -w sha:size=4k 'a b' '' 'it'\\''s' -j{n} '{m}'");
    pb_buffer_release(&out);
}

static void wrapping(const void *data) {
    struct pb_buffer out = {0};
    (void)data;
    pb_output_wrap(&out, 2, 12, "one two three  fourteen-letters five");
    CHECK_TEXT(pb_buffer_string(&out), "  one two\n  three\n  fourteen-letters\n  five\n");
    pb_buffer_release(&out);
}

static void bar(const void *data) {
    char name[] = "sha", executor[] = "thread";
    struct pb_cell cell = {.workload_name = name, .executor = executor, .workers = 2};
    struct pb_run run = {.cell = &cell, .cells = 1};
    const struct {
        struct pb_progress progress;
        uint32_t width;
        bool utf8;
        const char *expected;
    } rows[] = {
        {{"measuring", 12, 0, 5, 10, 0.031, 0, -1, 0, 0},
         100,
         false,
         "[##########..........] measuring, round 12, 5 of 10 s, 5 s left; +-3.1 % at sha thread 2"},
        {{"measuring", 5, 20, 7, 10, INFINITY, -1, -1, 0, 0},
         100,
         true,
         "[#####...............] measuring, round 5 of 20, 7 s"},
        {{"starting", 0, 0, 0, 10, INFINITY, 7, -1, 0, 0}, 30, false, "[....................] startin"},
        {{"measuring", 99, 0, 12, 10, NAN, 0, -1, 0, 0},
         100,
         false,
         "[####################] measuring, round 99, 12 of 10 s, 0 s left"},
        {{"measuring", 12, 0, 5, 10, 0.031, 0, -1, 0, 0},
         68,
         true,
         "[##########..........] measuring, round 12, 5 of 10 s, 5 s left; ±3."},
        {{"measuring", 2, 0, 12, 30, 0.031, 0, 0, 120, 500},
         100,
         true,
         "[#####...............] sha thread 2: 120 of 500 tasks, round 3, 12 of 30 s"},
        {{"measuring", 2, 6, 12, 30, INFINITY, -1, 0, 500, 500},
         100,
         true,
         "[####################] sha thread 2: 500 of 500 tasks, round 3 of 6, 12 s"},
        {{"starting", 0, 0, 2, 30, INFINITY, -1, 0, 1, 40},
         100,
         true,
         "[#...................] sha thread 2: 1 of 40 tasks, starting, 2 s"},
        {{"measuring", 1, 0, 12, 30, INFINITY, -1, 7, 1, 40},
         100,
         true,
         "[########............] measuring, round 1, 12 of 30 s, 18 s left"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_buffer out = {0};
        pb_bar_format(&run, &rows[i].progress, rows[i].width, rows[i].utf8, &out);
        CHECK_TEXT(pb_buffer_string(&out), rows[i].expected);
        pb_buffer_release(&out);
    }
}

static void failure_lines(const void *data) {
    char name[] = "http", executor[] = "thread", ok[] = "ok", error[] = "error", odd[] = "not\x1b[2J";
    struct pb_cell cell = {.workload_name = name, .executor = executor, .workers = 8};
    const struct {
        struct pb_failure failure;
        const char *expected;
    } rows[] = {
        {{17, 1, "HTTP 503"}, "bench: http thread 8: task 17: error: HTTP 503"},
        {{17, 1, ""}, "bench: http thread 8: task 17: error"},
        {{UINT64_MAX, 2, "a\nb"}, "bench: http thread 8: task 18446744073709551615: not?[2J: a b"},
        {{0, 7, "why"}, "bench: http thread 8: task 0: status 7: why"},
        {{0, -5, "why"}, "bench: http thread 8: task 0: status -5: why"},
        {{0, 100, "why"}, "bench: http thread 8: task 0: status 100: why"},
    };
    (void)data;
    cell.status_name[0] = ok;
    cell.status_name[1] = error;
    cell.status_name[2] = odd;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_buffer out = {0};
        pb_failure_format(&cell, &rows[i].failure, true, &out);
        CHECK_TEXT(pb_buffer_string(&out), rows[i].expected);
        pb_buffer_release(&out);
    }
}

/* Standard error in a file for that moment, with a bar on the screen before each line. */
static void many_failures(const void *data) {
    char name[] = "http", executor[] = "thread", path[] = "/tmp/pb-failures-XXXXXX", text[4096];
    struct pb_cell cell[] = {{.workload_name = name, .executor = executor, .workers = 8},
                             {.id = 1, .workload_name = name, .executor = executor, .workers = 9}};
    struct pb_run run = {.cell = cell, .cells = 2};
    struct pb_bar bar = {.on = true, .drawn = true};
    struct pb_failures failures;
    (void)data;
    int fd = mkstemp(path), before = dup(STDERR_FILENO);
    CHECK(fd >= 0 && before >= 0);
    fflush(stderr);
    dup2(fd, STDERR_FILENO);
    pb_failures_init(&failures, &bar, true);
    for (uint64_t i = 0; i < 23; i++)
        pb_failures_print(&failures, &cell[1], &(struct pb_failure){i, 1, "why"});
    pb_failures_print(&failures, &cell[0], &(struct pb_failure){0, 1, "why"});
    pb_failures_finish(&failures, &run);
    fflush(stderr);
    dup2(before, STDERR_FILENO);
    close(before);
    ssize_t size = pread(fd, text, sizeof text - 1, 0);
    close(fd);
    unlink(path);
    CHECK(size > 0);
    text[size] = '\0';
    CHECK_MSG(strstr(text, "\r\033[Kbench: http thread 9: task 0: ") == text, "the bar was not cleared");
    CHECK_HAS(text, "task 19: status 1: why\nbench: http thread 8: task 0: ");
    CHECK(!strstr(text, "task 20:"));
    CHECK_HAS(text, "\nbench: http thread 9: and 3 more tasks\n");
    CHECK(!strstr(text, "thread 8: and"));
}

static void dry_run(const void *data) {
    static const struct {
        const char *workload, *executor, *binding, *effective, *planned;
        uint32_t workers;
        enum pb_role role;
    } rows[] = {{"sha", "serial", "auto", "core", "0", 1, PB_ROLE_BASE},
                {"sha", "thread", "none", "none", "", 12, PB_ROLE_CELL}};
    struct pb_run run;
    struct pb_request request = {.rounds = 10};
    struct pb_buffer out = {0};
    (void)data;
    pb_run_init(&run);
    run.seed = 7;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_cell *cell = pb_run_add_cell(&run);
        CHECK(cell && !pb_set_text(&cell->workload, rows[i].workload) &&
              !pb_set_text(&cell->executor, rows[i].executor) &&
              !pb_set_text(&cell->binding, rows[i].binding) &&
              !pb_set_text(&cell->binding_effective, rows[i].effective) &&
              !pb_set_text(&cell->planned, rows[i].planned));
        cell->workers = rows[i].workers;
        cell->role = rows[i].role;
    }
    pb_dry_run_format(&run, &request, &out);
    CHECK_TEXT(pb_buffer_string(&out), "workload  executor  n   binding     processors  role\n"
                                       "sha       serial    1   auto: core  0           base\n"
                                       "sha       thread    12  none        any\n\n"
                                       "2 rows, about 1 s, seed 7; nothing was measured.\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

const struct pb_suite suite_cli_parts = {
    "cli-parts",
    (const struct pb_case[]){{"quoting", quoting, NULL},
                             {"wrapping", wrapping, NULL},
                             {"bar", bar, NULL},
                             {"failure lines", failure_lines, NULL},
                             {"many failures", many_failures, NULL},
                             {"dry-run", dry_run, NULL},
                             {0}},
    NULL,
};
