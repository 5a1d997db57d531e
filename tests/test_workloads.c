/* What every workload of the list promises, the documentation's examples among them; and that the bad
 * plug-ins are bad in the way that other tests rely on. */
#include "stage.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { TASKS = 8 };

/* ---- Counting allocations: this program's malloc stands before the C library's, unless a sanitizer's does
 * ---- */

static _Thread_local unsigned long allocations, frees;

#if !SANITIZED
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void __libc_free(void *);

void *malloc(size_t size) {
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    allocations++;
    return __libc_realloc(block, size);
}

void free(void *block) {
    frees += block != NULL;
    __libc_free(block);
}
#endif

/* ---- What the list and the tables say ---- */

static void check_line(const char *what, const char *text) {
    CHECK_MSG(text && *text, "%s is missing", what);
    CHECK_MSG(strlen(text) <= 72 && !strchr(text, '\n'), "%s is no line: \"%s\"", what, text);
    bool abbreviation = text[0] && !(text[1] >= 'a' && text[1] <= 'z'); /* "RC4 encryption" */
    CHECK_MSG((text[0] >= 'a' && text[0] <= 'z') || abbreviation, "%s begins with a capital: \"%s\"", what,
              text);
    CHECK_MSG(text[strlen(text) - 1] != '.', "%s ends with a full stop: \"%s\"", what, text);
}

static void described(const void *data) {
    const struct pb_workload_entry *entry = data;
    CHECK((entry->workload != NULL) != (entry->module != NULL));
    CHECK((entry->module != NULL) == (entry->needs != NULL));
    check_line("the list's summary", entry->summary);
    for (const struct pb_workload_entry *other = pb_workloads; other < entry; other++)
        CHECK_MSG(strcmp(other->name, entry->name) != 0, "%s is listed twice", entry->name);
    const struct pb_workload *w = stage_load(entry);
    CHECK_INT(w->abi, PB_WORKLOAD_ABI);
    CHECK_INT(w->size, sizeof *w);
    CHECK_TEXT(w->name, entry->name);
    CHECK_TEXT(w->summary, entry->summary);
    CHECK(w->bound == PB_CPU || w->bound == PB_IO);
    CHECK(w->run);
    CHECK(w->lane_setup || !w->lane_teardown);
    for (size_t k = 0; w->statuses && w->statuses[k]; k++)
        CHECK(k < PB_STATUS_MAX - PB_STATUS_FIRST);
}

/* Each parameter has a help line, a range where it is a number, and refuses what lies just outside. */
static void parameters(const void *data) {
    const struct pb_workload *w = stage_load(data);
    for (const struct pb_param *p = w->params; p && p->name; p++) {
        struct pb_param_set set;
        struct pb_error error = {0};
        char text[128];
        check_line("a parameter's help", p->help);
        CHECK_MSG(p->fallback, "%s has no default", p->name);
        snprintf(text, sizeof text, "%s=%s", p->name, p->fallback);
        CHECK_MSG(pb_param_set_init(&set, w->name, w->params, text, 500, &error) == 0, "%s", error.text);
        pb_param_set_release(&set);
        if (p->type == PB_PARAM_CHOICE || p->type == PB_PARAM_TEXT || p->type == PB_PARAM_REST ||
            p->type == PB_PARAM_WORK)
            continue;
        CHECK_MSG(p->max > p->min, "%s has no range", p->name);
        snprintf(text, sizeof text, "%s=%.0f%s", p->name, p->max + 1, p->type == PB_PARAM_TIME ? "ns" : "");
        CHECK_MSG(pb_param_set_init(&set, w->name, w->params, text, 500, &error) < 0, "%s is taken", text);
    }
}

/* ---- What running shows ---- */

static void sane_count(const void *data) {
    struct stage stage;
    CHECK_INT(stage_open(&stage, stage_load(data), NULL), 0);
    if (stage.workload->count) {
        uint64_t count = stage.workload->count(stage.state);
        CHECK_MSG(count <= 1000000, "it counts %llu tasks", (unsigned long long)count);
    }
    if (stage.workload->bytes)
        CHECK(stage.workload->bytes(stage.state) > 0);
    stage_close(&stage);
}

/* A task's answer depends on i, and on nothing else: not on the lane, nor on what ran before. */
static void answers(const void *data) {
    struct stage stage;
    uint64_t digest[TASKS];
    CHECK_INT(stage_open(&stage, stage_load(data), NULL), 0);
    for (uint64_t i = 0; i < TASKS; i++)
        digest[i] = stage_run(&stage, 0, i);
    for (uint64_t i = TASKS; i-- > 0;)
        CHECK_MSG(stage_run(&stage, 1, i) == digest[i], "task %d differs on another lane", (int)i);
    for (uint64_t i = 0; i < TASKS; i++)
        for (uint64_t k = 0; k < i; k++)
            CHECK_MSG(digest[i] != digest[k], "tasks %d and %d answer the same", (int)k, (int)i);
    stage_close(&stage);
    CHECK_INT(stage_open(&stage, stage_load(data), NULL), 0);
    CHECK_MSG(stage_run(&stage, 1, 5) == digest[5], "set up again, task 5 differs");
    stage_close(&stage);
}

/* Workloads whose subject is allocation. */
static const char *const allocators[] = {"malloc"};

static bool allocates(const char *workload) {
    for (size_t k = 0; k < sizeof allocators / sizeof *allocators; k++)
        if (strcmp(allocators[k], workload) == 0)
            return true;
    return false;
}

/* Only workloads whose subject it is allocate, and a module's library may (libcrypto does); whatever a task
 * got it frees. Of memory that is held, the allocator's own reserves are part: so it tells nothing where the
 * subject is to make them change. */
static void allocates_nothing(const void *data) {
    const struct pb_workload_entry *entry = data;
    struct stage stage;
    if (SANITIZED)
        pb_test_skip("the sanitizer's allocator is not counted");
    CHECK_INT(stage_open(&stage, stage_load(entry), NULL), 0);
    if (stage.workload->bound != PB_CPU)
        pb_test_skip("only CPU-bound workloads promise it");
    stage_run(&stage, 0, 0);
    size_t held = mallinfo2().uordblks + mallinfo2().hblkhd;
    unsigned long before = allocations, freed = frees;
    for (uint64_t i = 0; i < TASKS; i++)
        stage_run(&stage, 0, i);
    bool subject = allocates(entry->name);
    if (entry->workload && !subject)
        CHECK_INT(allocations - before, 0);
    if (subject)
        CHECK(allocations > before);
    else
        CHECK_INT(mallinfo2().uordblks + mallinfo2().hblkhd - held, 0);
    CHECK_INT((allocations - before) - (frees - freed), 0);
    stage_close(&stage);
}

static void prints_nothing(const void *data) {
    const struct pb_workload *w = stage_load(data);
    int out = dup(1), err = dup(2), memory = memfd_create("printed", 0);
    struct stage stage;
    CHECK(out >= 0 && err >= 0 && memory >= 0);
    fflush(NULL);
    dup2(memory, 1);
    dup2(memory, 2);
    int rc = stage_open(&stage, w, NULL);
    if (rc == 0) {
        uint64_t digest;
        for (uint64_t i = 0; i < 2; i++)
            w->run(&stage.task[i], i, &digest);
        stage_close(&stage);
    }
    fflush(NULL);
    dup2(out, 1);
    dup2(err, 2);
    CHECK_INT(rc, 0);
    CHECK_INT(lseek(memory, 0, SEEK_END), 0);
    close(memory);
    close(out);
    close(err);
}

/* ---- Set-ups that fail ---- */

static void no_memory(const void *data) {
    static const struct {
        const char *workload, *params;
    } rows[] = {{"sha", "size=1GiB"},
                {"stream", "size=1GiB"},
                {"chase", "size=1GiB"},
                {"pagefault", "size=1GiB,kind=discard"}};
    struct rlimit limit = {256 << 20, 256 << 20};
    (void)data;
    if (SANITIZED)
        pb_test_skip("the sanitizer's own memory is above any limit");
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    for (const struct pb_workload_entry *entry = pb_workloads; entry->name; entry++)
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
            struct stage stage;
            if (strcmp(rows[k].workload, entry->name) != 0)
                continue;
            CHECK_INT(stage_open(&stage, stage_load(entry), rows[k].params), -ENOMEM);
            CHECK_HAS(stage.message.text, "no memory for");
            CHECK_HAS(stage.message.text, "give a smaller size");
            CHECK(strncmp(stage.message.text, entry->name, strlen(entry->name)) == 0);
        }
}

/* ---- The documentation's examples ---- */

static const struct example {
    const char *name;
    struct {
        const char *params;
        uint64_t i, digest;
    } answer[2];
} collatz = {"collatz", {{"numbers=10", 0, 67}, {NULL, 5, 87748}}}, /* 0 1 7 2 5 8 16 3 19 6: OEIS A006577 */
    ping = {"ping",
            {{NULL, 0, 0xe220a8397b1dcdaf}, {NULL, 1, 0x6e789e6aa1b965f4}}}; /* SplitMix64 of seed 0 */

static void read_file(const char *path, struct pb_buffer *out) {
    char block[4096];
    ssize_t size;
    int fd = open(path, O_RDONLY);
    CHECK_MSG(fd >= 0, "%s: %s", path, strerror(errno));
    while ((size = read(fd, block, sizeof block)) > 0)
        pb_buffer_add(out, block, (size_t)size);
    close(fd);
    CHECK(out->size > 0);
}

static void example_is_printed(const void *data) {
    const struct example *example = data;
    struct pb_buffer page = {0}, source = {0};
    char path[4096];
    snprintf(path, sizeof path, PB_SOURCE_DIR "/docs/examples/workloads/%s.c", example->name);
    read_file(PB_SOURCE_DIR "/docs/writing-a-workload.md", &page);
    read_file(path, &source);
    CHECK_MSG(strstr(page.data, source.data), "docs/writing-a-workload.md shows another %s.c", example->name);
    pb_buffer_release(&page);
    pb_buffer_release(&source);
}

static void example_works(const void *data) {
    const struct example *example = data;
    char directory[] = "/tmp/parbench-example-XXXXXX", path[64], source[4096];
    char *const command[] = {PB_COMPILER, "-shared", "-fPIC",
                             "-O2",       "-Wall",   "-Wextra",
                             "-Werror",   "-I",      PB_SOURCE_DIR "/src/include",
                             source,      "-o",      path,
                             NULL};
    struct pb_error error = {0};
    pid_t child;
    int status;
    CHECK(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/%s.so", directory, example->name);
    snprintf(source, sizeof source, PB_SOURCE_DIR "/docs/examples/workloads/%s.c", example->name);
    CHECK_INT(posix_spawnp(&child, command[0], NULL, NULL, command, environ), 0);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_MSG(status == 0, "the example does not compile");
    const struct pb_workload *w = pb_plugin_symbol(path, PB_WORKLOAD_SYMBOL, &error);
    unlink(path);
    rmdir(directory);
    CHECK_MSG(w, "%s", error.text);
    const struct pb_workload_entry entry = {w->name, w->summary, w, NULL, NULL};
    static void (*const promises[])(const void *) = {parameters, sane_count, answers, prints_nothing};
    for (size_t k = 0; k < sizeof promises / sizeof *promises; k++)
        promises[k](&entry);
    CHECK_INT(w->abi, PB_WORKLOAD_ABI);
    for (int k = 0; k < 2; k++) {
        struct stage stage;
        CHECK_INT(stage_open(&stage, w, example->answer[k].params), 0);
        CHECK_INT(stage_run(&stage, 0, example->answer[k].i), example->answer[k].digest);
        stage_close(&stage);
    }
}

/* ---- Bad plug-ins ---- */

enum { NO_SYMBOL = 101, NO_ABI, NO_SETUP, RIGHT, WRONG };

/* Loads and runs one, in a child: its exit code, or minus the signal that ended it. */
static int misbehave(const char *name, uint64_t i, int lane, bool hangs) {
    fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char path[4096];
        struct pb_error error;
        struct stage stage;
        signal(SIGALRM, SIG_DFL); /* the runner of the suites may have a use of its own for it */
        if (hangs)
            alarm(1);
        dup2(open("/dev/null", O_WRONLY), 1);
        snprintf(path, sizeof path, "%s/plugins/%s.so", PB_BINARY_DIR, name);
        const struct pb_workload *w = pb_plugin_symbol(path, PB_WORKLOAD_SYMBOL, &error);
        if (!w)
            _exit(strstr(error.text, "exports no symbol") ? NO_SYMBOL : EXIT_FAILURE);
        if (w->abi != PB_WORKLOAD_ABI)
            _exit(NO_ABI);
        if (stage_open(&stage, w, NULL) < 0)
            _exit(stage.message.text[0] ? NO_SETUP : EXIT_FAILURE);
        uint64_t digest, right = stage_run(&stage, 0, i);
        stage.workload->run(&stage.task[lane], i, &digest);
        _exit(digest == right ? RIGHT : WRONG);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void bad_plugins(const void *data) {
    static const struct {
        const char *name;
        uint64_t i;
        int lane, outcome;
    } rows[] = {
        {"nosymbol", 0, 0, NO_SYMBOL}, {"badabi", 0, 0, NO_ABI},      {"failsetup", 0, 0, NO_SETUP},
        {"exiting", 0, 0, RIGHT},      {"exiting", 1, 0, 0},          {"crash3", 2, 1, RIGHT},
        {"crash3", 3, 1, -SIGSEGV},    {"crashload", 0, 0, -SIGSEGV}, {"fickle", 1, 0, RIGHT},
        {"fickle", 1, 1, WRONG},       {"noisy", 0, 0, RIGHT},        {"hang", 1, 0, RIGHT},
        {"hang", 2, 0, -SIGALRM},
    };
    (void)data;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        if (SANITIZED && rows[k].outcome == -SIGSEGV)
            continue; /* which the sanitizer turns into a report */
        int outcome = misbehave(rows[k].name, rows[k].i, rows[k].lane, rows[k].outcome == -SIGALRM);
        CHECK_MSG(outcome == rows[k].outcome, "%s, task %d: %d, expected %d", rows[k].name, (int)rows[k].i,
                  outcome, rows[k].outcome);
    }
}

/* ---- All of it ---- */

static const struct pb_case promises[] = {
    {"described", described, NULL},
    {"parameters", parameters, NULL},
    {"count", sane_count, NULL},
    {"answers", answers, NULL},
    {"allocates-nothing", allocates_nothing, NULL},
    {"prints-nothing", prints_nothing, NULL},
};
static const struct pb_case others[] = {
    {"no-memory", no_memory, NULL},
    {"example-is-printed", example_is_printed, &collatz},
    {"example-works", example_works, &collatz},
    {"waiting-example-is-printed", example_is_printed, &ping},
    {"waiting-example-works", example_works, &ping},
    {"bad-plugins", bad_plugins, NULL},
};

static bool generate(size_t i, struct pb_case *out) {
    static char name[64];
    const size_t each = sizeof promises / sizeof *promises, rest = sizeof others / sizeof *others;
    size_t rows = 0;
    while (pb_workloads[rows].name)
        rows++;
    if (i < rows * each) {
        *out = promises[i % each];
        out->data = &pb_workloads[i / each];
        snprintf(name, sizeof name, "%s-%s", pb_workloads[i / each].name, out->name);
        out->name = name;
        return true;
    }
    i -= rows * each;
    if (i < rest)
        *out = others[i];
    return i < rest;
}

const struct pb_suite suite_workloads = {"workloads", NULL, generate};
