/* scripts/simulate: its model where what comes out is known (tests/pictures/simulate.py), and as it is
 * started. */
#include "drawing.h"

#define CHECK_PY PB_SOURCE_DIR "/tests/pictures/simulate.py"
#define TEMPLATE PB_SOURCE_DIR "/results/story.json"
#define FIGURES  PB_SOURCE_DIR "/tests/data/simulate/invented.json"

static void one(const void *name) {
    char directory[64], line[1024];
    need_drawing();
    program_directory(directory);
    snprintf(line, sizeof line,
             "MPLCONFIGDIR='%s' " PYTHON " -B '" CHECK_PY "' %s '%s' '" TEMPLATE "' '" FIGURES "' >&2",
             directory, (const char *)name, directory);
    int status = system(line);
    program_directory_release(directory);
    CHECK_MSG(status == 0, "%s: status %#x", (const char *)name, status);
}

/* The script finds its Python, and takes no other figures than those it is given. */
static void starts(const void *data) {
    char directory[64], line[1024];
    struct program p;
    (void)data;
    need_drawing();
    program_directory(directory);
    snprintf(line, sizeof line,
             "cd '%s' && MPLCONFIGDIR='%s' exec '" SCRIPTS "/simulate' --figures '" FIGURES
             "' --workers 16 --tasks-per-worker 5",
             directory, directory);
    program_begin(&p, &(struct program_start){.other = "sh", .word = (const char *[]){"-c", line, NULL}});
    program_finish(&p);
    program_check_code(&p, 0);
    CHECK_HAS(pb_buffer_string(&p.said), "\nfigures: " FIGURES ", invented: ");
    program_release(&p);
    program_directory_release(directory);
}

const struct pb_suite suite_simulate = {
    "simulate",
    (const struct pb_case[]){{"one-worker", one, "one_worker"},
                             {"list-scheduling", one, "list_scheduling"},
                             {"every-task", one, "every_task"},
                             {"rank-0", one, "rank_0"},
                             {"shortest", one, "shortest"},
                             {"network", one, "network"},
                             {"latency", one, "latency"},
                             {"naps", one, "naps"},
                             {"seeds", one, "seeds"},
                             {"chunks", one, "chunks"},
                             {"tells", one, "tells"},
                             {"against", one, "against"},
                             {"refuses", one, "refuses"},
                             {"starts", starts, NULL},
                             {0}},
    NULL,
};
