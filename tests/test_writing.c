/* docs/writing-a-workload.md and docs/writing-an-executor.md, held to what they say: they show what lies in
 * docs/examples/, the commands of the one make of that what is measured with the right answers (that of the C
 * files: test_cfile.c), and the executor of the other passes the conformance suite. */
#include "cfile.h"
#include "tree.h"

#include <unistd.h>

#define PAGE PB_SOURCE_DIR "/docs/writing-a-workload.md"

/* A page, and the folder whose files stand on it, each whole, as a block. */
static const struct shown {
    const char *page, *folder;
    unsigned files;
} workloads = {PAGE, PB_SOURCE_DIR "/docs/examples/workloads", 6},
  executors = {PB_SOURCE_DIR "/docs/writing-an-executor.md", PB_SOURCE_DIR "/docs/examples/executors", 1};

static void page_shows(const void *data) {
    const struct shown *s = data;
    char *page = slurp(s->page);
    struct pb_buffer paths = {0};
    unsigned shown = 0;
    files_below(s->folder, &paths);
    for (const char *path = paths.data; path < paths.data + paths.size; path += strlen(path) + 1, shown++) {
        char *source = slurp(path);
        struct pb_buffer block = {0};
        const char *ending = strrchr(path, '.') + 1;
        pb_buffer_printf(&block, "\n```%s\n%s```\n", strcmp(ending, "rs") == 0 ? "rust" : ending, source);
        CHECK_MSG(strstr(page, pb_buffer_string(&block)), "%s shows another %s", s->page, path);
        pb_buffer_release(&block);
        free(source);
    }
    CHECK_INT(shown, s->files);
    pb_buffer_release(&paths);
    free(page);
}

/* ---- The executor ---- */

#define CASES       "conformance/textbook/"
#define CONFORMANCE "build/dev/bin/tests-textbook " CASES

/* The page's command, on the program where it was built: its last line counts what passed. */
static void conforms(const void *data) {
    static const char *const words[] = {CASES, NULL};
    struct program p;
    unsigned passed, failed, skipped;
    char *page = slurp(executors.page);
    (void)data;
    CHECK_HAS(page, "\n    " CONFORMANCE "\n");
    free(page);
    program_begin(&p, &(struct program_start){.other = PB_BINARY_DIR "/tests-textbook", .word = words});
    program_finish(&p);
    program_check_code(&p, 0);
    const char *said = pb_buffer_string(&p.said), *last = strstr(said, " passed");
    while (last > said && last[-1] != '\n')
        last--;
    CHECK_MSG(last && sscanf(last, "%u passed, %u failed, %u skipped", &passed, &failed, &skipped) == 3,
              "no line counts the cases: %s", said);
    CHECK_MSG(passed > 100 && failed == 0 && skipped == 0, "%s%s", said, pb_buffer_string(&p.complained));
    program_release(&p);
}

/* ---- Shared objects ---- */

static uint64_t collatz(uint64_t i) {
    return cfile_collatz(i, 1000);
}

/* How many there are from i * 100 to i * 100 + 99: pi(100) = 25, pi(200) = 46, ... (OEIS A028505). */
static uint64_t primes(uint64_t i) {
    static const uint64_t count[CFILE_TASKS] = {25, 21, 16, 16, 17};
    return count[i];
}

/* What the page says to type, from the root of the tree. */
static const struct object {
    const char *name, *compiler, *command, *file, *object, *item;
    uint64_t (*task)(uint64_t);
} objects[] = {
    {"c", PB_COMPILER, "cc -O2 -shared -fPIC -I src/include -o ", "collatz.c", "collatz.so", "", collatz},
    {"c++", "c++", "c++ -std=c++20 -O2 -shared -fPIC -I src/include -o ", "sieve.cpp", "sieve.so",
     ":numbers=100", primes},
    {"rust", "rustc", "rustc -O --crate-type cdylib -o ", "collatz.rs", "collatz.so", "", collatz},
};

static void built(const void *data) {
    const struct object *b = data;
    char line[2048], *page = slurp(PAGE);
    struct cfile_place place;
    struct program p;
    struct pb_run run;
    snprintf(line, sizeof line, "\n    %s%s docs/examples/workloads/%s\n", b->command, b->object, b->file);
    CHECK_HAS(page, line);
    free(page);
    snprintf(line, sizeof line, "'%s' --version >/dev/null 2>&1", b->compiler);
    if (system(line) != 0)
        pb_test_skip("there is no %s here", b->compiler);
    cfile_place_init(&place);
    snprintf(line, sizeof line, "cd '%s' && '%s' %s'%s/%s' docs/examples/workloads/%s", PB_SOURCE_DIR,
             b->compiler, strchr(b->command, ' ') + 1, place.files, b->object, b->file);
    CHECK_MSG(system(line) == 0, "it does not build: %s", line);
    snprintf(line, sizeof line, "@/%s%s", b->object, b->item);
    char *shown = cfile_text(&place, line);
    cfile_begin(&p, &place, line, "-e thread,process " BRIEFLY, "");
    program_finish(&p);
    program_check_code(&p, 0);
    program_decode(&run, "standard output", &p.said);
    CHECK_INT(cfile_check_rows(&run, shown, b->task), 3);
    pb_run_release(&run);
    program_release(&p);
    cfile_place_release(&place);
    free(shown);
}

static const struct pb_case fixed[] = {
    {"page-shows", page_shows, &workloads},
    {"executor-page-shows", page_shows, &executors},
    {"executor-conforms", conforms, NULL},
};

static bool generate(size_t i, struct pb_case *out) {
    if (i < COUNT(fixed))
        *out = fixed[i];
    else if ((i -= COUNT(fixed)) < COUNT(objects))
        *out = (struct pb_case){objects[i].name, built, &objects[i]};
    else
        return false;
    return true;
}

const struct pb_suite suite_writing = {"writing", NULL, generate};
