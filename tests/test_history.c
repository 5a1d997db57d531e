/* scripts/history by histories that are made up (tests/pictures/history.py), and as it is started. */
#include "drawing.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define CHECK_PY PB_SOURCE_DIR "/tests/pictures/history.py"
#define TEMPLATE PB_SOURCE_DIR "/results/primes.json"

static void one(const void *name) {
    char directory[64], line[1024];
    need_drawing();
    program_directory(directory);
    snprintf(line, sizeof line, "MPLCONFIGDIR='%s' " PYTHON " -B '" CHECK_PY "' %s '%s' '" TEMPLATE "' >&2",
             directory, (const char *)name, directory);
    int status = system(line);
    snprintf(line, sizeof line, "rm -rf '%s'", directory);
    CHECK_INT(system(line), 0);
    CHECK_MSG(status == 0, "%s: status %#x", (const char *)name, status);
}

/* The script finds its Python, and what --save wrote. */
static void starts(const void *data) {
    char directory[64], line[2048];
    struct program p;
    (void)data;
    need_drawing();
    program_directory(directory);
    snprintf(line, sizeof line,
             "cd '%s' && export GIT_CEILING_DIRECTORIES=/tmp MPLCONFIGDIR='%s' && for i in 1 2; do '" PROGRAM
             "' -q -w sha:size=4k -e thread -n 2 -b none --rounds 6 --tasks 4 --save || exit; done && "
             "exec '" SCRIPTS "/history' -o out.png",
             directory, directory);
    program_begin(&p, &(struct program_start){.other = "sh", .word = (const char *[]){"-c", line, NULL}});
    program_finish(&p);
    program_check_code(&p, 0);
    CHECK_HAS(pb_buffer_string(&p.said), ": 2 measurements of 0 commits, ");
    CHECK_HAS(pb_buffer_string(&p.said), "too few measurements in 2 rows (sha:size=4KiB serial bind=none, "
                                         "sha:size=4KiB thread 2 bind=none)");
    CHECK_HAS(pb_buffer_string(&p.said), "\nout.png\n");
    program_release(&p);
    snprintf(line, sizeof line, "test -s '%s/out.png' && rm -rf '%s'", directory, directory);
    CHECK_INT(system(line), 0);
}

const struct pb_suite suite_history = {
    "history",
    (const struct pb_case[]){{"step", one, "step"},
                             {"way-back", one, "way_back"},
                             {"not-the-commit", one, "alone"},
                             {"white-noise", one, "noise"},
                             {"power", one, "power"},
                             {"pure", one, "pure"},
                             {"machines", one, "machines"},
                             {"missing", one, "missing"},
                             {"no-reference", one, "no_reference"},
                             {"single", one, "single"},
                             {"hostile", one, "hostile"},
                             {"refuses", one, "refuses"},
                             {"starts", starts, NULL},
                             {0}},
    NULL,
};
