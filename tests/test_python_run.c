/* The whole program over functions in Python: their rows, their answers beside those of C, and how it ends.
 */
#include "program.h"

#include <signal.h>
#include <stdlib.h>

#define FILE_(name) "'python:file=" PB_SOURCE_DIR "/tests/python/" name ".py'"
#define ONCE        " -n 2 --base none --rounds 1 -q"

static void need_python(void) {
    static const char *const word[] = {"-c", "pass", NULL};
    struct program p;
    program_begin(&p, &(struct program_start){.other = "python3", .word = word});
    program_finish(&p);
    program_check_code(&p, 0);
    program_release(&p);
}

/* Both works in one run: as many tasks of the same kind give the same answer in either language. */
static void beside_ours(const void *data) {
    static const char *const theirs[] = {"py.serial", "py.thread", "py.process", "py.asyncio"};
    struct program p;
    struct pb_run run;
    (void)data;
    need_python();
    program_run(
        &p, NULL,
        "-w arcfour:size=1k -w python:func=arcfour,size=1k -e serial,thread,py.serial,py.thread,py.process,"
        "py.asyncio --tasks 8 --format json" ONCE);
    program_check_code(&p, 0);
    program_decode(&run, "arcfour", &p.said);
    const struct pb_cell *ours = program_cell(&run, "arcfour:size=1KiB", "thread", 2);
    CHECK_INT(ours->samples, 1);
    for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
        const struct pb_cell *cell =
            program_cell(&run, "python:func=arcfour", theirs[i], strstr(theirs[i], "serial") ? 1 : 2);
        CHECK_INT(cell->samples, 1);
        CHECK_INT(cell->sample[0].tasks, 8);
        CHECK_MSG(cell->sample[0].digest == ours->sample[0].digest, "%s answers otherwise than C", theirs[i]);
    }
    pb_run_release(&run);
    program_release(&p);
    program_check_nothing_left(false);
}

static const struct outcome {
    const char *name, *words;
    int code;
    const char *said; /* on either output */
} outcomes[] = {
    {"heading", "-w python:func=arcfour,size=1k -e py.serial --tasks 2" ONCE, 0, "RC4 in Python; CPython 3."},
    {"no-function", "-w python:func=arcfuor -e all" ONCE, 2, "did you mean arcfour?"},
    {"no-module", "-w " FILE_("missing") " -e all" ONCE, 2, "missing.py:3: ModuleNotFoundError"},
    {"no-parameter", "-w " FILE_("work") ",fator=2 -e all" ONCE, 2, "did you mean factor?"},
    {"not-theirs", "-w python:func=sha -e thread" ONCE, 2, "thread"},
    {"fails", "-w " FILE_("work") ",func=fails -e py.thread --tasks 5" ONCE, 0,
     "ValueError: two is too many"},
    {"dies", "-w " FILE_("work") ",func=dies -e py.process --tasks 5" ONCE, 5, "BrokenProcessPool"},
    {"leaves-processes", "-w " FILE_("work") ",func=leaves_processes -e all --tasks 5" ONCE, 0, "py.asyncio"},
    {"refused", "-w " FILE_("work") ",func=waits -e py.thread,py.asyncio --tasks 5" ONCE, 0,
     "is a coroutine function"},
};

static void ends(const void *data) {
    const struct outcome *o = data;
    struct program p;
    need_python();
    program_run(&p, NULL, "%s", o->words);
    program_check_code(&p, o->code);
    CHECK_MSG(strstr(pb_buffer_string(&p.said), o->said) || strstr(pb_buffer_string(&p.complained), o->said),
              "\"%s\" is not in: %s%s", o->said, pb_buffer_string(&p.said), pb_buffer_string(&p.complained));
    program_check_nothing_left(false);
    program_release(&p);
}

/* Killed amid its rounds, the program takes runner, pool and server with it. */
static void killed(const void *data) {
    char folder[64], path[96];
    struct program p;
    (void)data;
    need_python();
    program_directory(folder);
    snprintf(path, sizeof path, "%s/flags.json", folder);
    program_begin_line(
        &p, NULL, "-w python:func=flags,delay=1ms -e py.process -n 2 --base none --time 60s -q -o %s", path);
    strcat(path, ".partial");
    program_wait_samples(&p, path, 1);
    CHECK(kill(p.pid, SIGKILL) == 0);
    program_finish(&p);
    program_check_nothing_left(true);
    program_directory_release(folder);
    program_release(&p);
}

static bool generate(size_t i, struct pb_case *out) {
    static const struct pb_case others[] = {{"beside-ours", beside_ours, NULL}, {"killed", killed, NULL}};
    enum { OUTCOMES = sizeof outcomes / sizeof *outcomes, OTHERS = sizeof others / sizeof *others };
    if (i < OUTCOMES)
        *out = (struct pb_case){outcomes[i].name, ends, &outcomes[i]};
    else if (i < OUTCOMES + OTHERS)
        *out = others[i - OUTCOMES];
    return i < OUTCOMES + OTHERS;
}

const struct pb_suite suite_python_run = {"python-run", NULL, generate};
