/* docs/futures.md, held to what it says. Its blocks of C are parts of the programs in docs/examples/; its
 * blocks "console" are commands and what those print, and every executor that can run the program prints the
 * same. */
#include "suite.h"

#include <sys/wait.h>
#include <unistd.h>

#include "parbench/executor.h"
#include "program.h"
#include "tree.h"

#define GUIDE    PB_SOURCE_DIR "/docs/futures.md"
#define EXAMPLES PB_SOURCE_DIR "/docs/examples/"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

/* ---- What the guide shows ---- */

/* A program, and the executors that it is run with. */
static const struct example {
    const char *name;
    const char *executors[6]; /* NULL-ended; "": it chooses for itself */
} examples[] = {
    {"map", {"serial", "thread", "gil", "process", "openmp"}},
    {"as_completed", {"serial", "thread", "gil", "process", "openmp"}},
    {"errors", {"serial", "thread", "gil", "process", "openmp"}},
    {"mixed", {""}},
    {"crash", {""}},
    /* serial has ended every task when submit returns: nothing is pending, nothing can be late. */
    {"cancel", {"thread", "gil", "process", "openmp"}},
    {"bounded", {"thread", "gil", "process", "openmp"}},
};

/* The next block ```LANGUAGE of the page, without its fences, as a string of its own; NULL after the last. */
static char *next_block(const char **page, const char *language) {
    char fence[32];
    snprintf(fence, sizeof fence, "\n```%s\n", language);
    const char *from = strstr(*page, fence);
    if (!from)
        return NULL;
    from += strlen(fence);
    const char *to = strstr(from, "\n```");
    CHECK_MSG(to, "a block of %s is not closed", language);
    *page = to + 1;
    return strndup(from, (size_t)(to + 1 - from));
}

static void shows_programs(const void *data) {
    char *page = slurp(GUIDE), *source[COUNT(examples)], *block;
    bool shown[COUNT(examples)] = {false};
    (void)data;
    for (size_t i = 0; i < COUNT(examples); i++) {
        char path[sizeof EXAMPLES + 64];
        snprintf(path, sizeof path, "%s%s.c", EXAMPLES, examples[i].name);
        source[i] = slurp(path);
    }
    for (const char *at = page; (block = next_block(&at, "c")); free(block)) {
        bool known = false;
        for (size_t i = 0; i < COUNT(examples); i++)
            if (strstr(source[i], block))
                known = shown[i] = true;
        CHECK_MSG(known, "docs/futures.md shows what is in no program:\n%s", block);
    }
    for (size_t i = 0; i < COUNT(examples); i++) {
        CHECK_MSG(shown[i], "docs/futures.md shows nothing of %s.c", examples[i].name);
        free(source[i]);
    }
    free(page);
}

/* Whatever of the library the page names, the headers have. */
static void names_what_exists(const void *data) {
    char *page = slurp(GUIDE), *executor = slurp(PB_SOURCE_DIR "/src/include/parbench/executor.h"),
         *task = slurp(PB_SOURCE_DIR "/src/include/parbench/task.h"), name[64];
    size_t names = 0;
    (void)data;
    for (const char *at = page; (at = strcasestr(at, "pb_")); at += strlen(name), names++) {
        CHECK(sscanf(at, "%63[A-Za-z_]", name) == 1);
        CHECK_MSG(strstr(executor, name) || strstr(task, name),
                  "docs/futures.md names %s, which no header has", name);
    }
    CHECK(names > 50);
    free(page);
    free(executor);
    free(task);
}

/* ---- What the programs print ---- */

/* A command of the shell, run where the programs lie: it succeeds, and prints this. */
static void check_prints(const char *command, const char *expected) {
    char line[2048], part[4096];
    struct pb_buffer said = {0};
    int n = snprintf(line, sizeof line, "cd '%s' && (%s) </dev/null", PB_BINARY_DIR, command);
    CHECK(n < (int)sizeof line);
    FILE *shell = popen(line, "r");
    CHECK(shell);
    for (size_t got; (got = fread(part, 1, sizeof part, shell)) > 0;)
        pb_buffer_add(&said, part, got);
    int status = pclose(shell);
    CHECK_MSG(status == 0, "%s: status %#x, and it said: %s", command, (unsigned)status,
              pb_buffer_string(&said));
    CHECK_MSG(strcmp(pb_buffer_string(&said), expected) == 0, "%s prints\n%sbut docs/futures.md shows\n%s",
              command, pb_buffer_string(&said), expected);
    pb_buffer_release(&said);
}

/* The page's block that runs the program: returns its command without "$ ", to be freed, and where in it what
 * the program prints begins. */
static char *find_console(const char *name, const char **prints) {
    char *page = slurp(GUIDE), *block, program[64];
    snprintf(program, sizeof program, "example-%s\n", name);
    for (const char *at = page; (block = next_block(&at, "console")); free(block)) {
        char *use = strstr(block, program);
        if (!use || !starts(block, "$ "))
            continue;
        use[strlen(program) - 1] = '\0';
        *prints = use + strlen(program);
        free(page);
        return block;
    }
    pb_test_failed(__FILE__, __LINE__, "docs/futures.md does not show what %s prints", name);
}

struct row {
    const struct example *example;
    const char *executor;
};

static void prints_as_shown(const void *data) {
    const struct row *row = data;
    struct pb_executor_listing listing;
    const char *prints;
    char command[256];
    for (size_t i = 0; pb_executor_list(i, &listing) == 0; i++)
        if (strcmp(listing.name, row->executor) == 0 && listing.absent)
            pb_test_skip("%s", listing.absent);
    if (*row->executor)
        program_skip_unseen(row->executor);
    char *block = find_console(row->example->name, &prints);
    snprintf(command, sizeof command, "%s %s", block + strlen("$ "), row->executor);
    check_prints(command, prints);
    free(block);
}

/* ---- How a program is built ---- */

#define BY_HAND "%s -I src/include -o %s docs/examples/map.c %s/lib/libparbench.a -lm"

static void builds_by_hand(const void *data) {
    char line[1024], directory[64], *page = slurp(GUIDE);
    const char *prints;
    (void)data;
    if (sanitized)
        pb_test_skip("the page does not say how to link the sanitizer that the library was built with");
    snprintf(line, sizeof line, "\n    " BY_HAND "\n", "cc", "map", "build/dev");
    CHECK_HAS(page, line);
    program_directory(directory);
    char program[128], build[512];
    snprintf(program, sizeof program, "%s/map", directory);
    snprintf(build, sizeof build, "'%s/..'", PB_BINARY_DIR);
    int n = snprintf(line, sizeof line, "cd '%s' && " BY_HAND, PB_SOURCE_DIR, PB_COMPILER, program, build);
    CHECK(n < (int)sizeof line);
    check_prints(line, "");
    char *block = find_console("map", &prints);
    check_prints(program, prints);
    program_directory_release(directory);
    free(block);
    free(page);
}

/* ---- The suite ---- */

static const struct pb_case fixed[] = {
    {"shows-programs", shows_programs, NULL},
    {"names-what-exists", names_what_exists, NULL},
    {"builds-by-hand", builds_by_hand, NULL},
};

static bool case_at(size_t i, struct pb_case *out) {
    static char name[64];
    static struct row row;
    if (i < COUNT(fixed)) {
        *out = fixed[i];
        return true;
    }
    i -= COUNT(fixed);
    for (size_t k = 0; k < COUNT(examples); k++)
        for (const char *const *e = examples[k].executors; *e; e++)
            if (i-- == 0) {
                row = (struct row){&examples[k], *e};
                snprintf(name, sizeof name, "%s%s%s", examples[k].name, **e ? "-" : "", *e);
                *out = (struct pb_case){name, prints_as_shown, &row};
                return true;
            }
    return false;
}

const struct pb_suite suite_examples = {.name = "examples", .generate = case_at};
