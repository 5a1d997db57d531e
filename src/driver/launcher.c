#include "driver/launcher.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/runner.h"

/* What makes a runner one of ranks, behind its own words. */
#define RANKS_WORD "ranks"

static const char *const usual[] = {"mpiexec", "-n", "{ranks}", NULL};

/* Workers are bound by each host's own runner, to where its policy says, and not by the launcher. What the
   usual launcher gets besides lets a user try more ranks than processors, in a container too; who names a
   launcher knows what it is to do. */
static const struct {
    const char *variable;
    bool always;
} environment[] = {
    {"OMPI_MCA_hwloc_base_binding_policy=none", true},
    /* A host that has become silent is missed within 5 s; otherwise Open MPI would take 8 minutes. */
    {"OMPI_MCA_oob_tcp_keepalive_time=1", true},
    {"OMPI_MCA_oob_tcp_keepalive_intvl=1", true},
    {"OMPI_MCA_oob_tcp_keepalive_probes=2", true},
    {"OMPI_MCA_rmaps_base_oversubscribe=1", false},
    {"OMPI_ALLOW_RUN_AS_ROOT=1", false},
    {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", false},
};
enum { VARIABLES = sizeof environment / sizeof *environment };

void pb_launcher_release(struct pb_launcher *launcher) {
    for (size_t i = 0; launcher->word && launcher->word[i]; i++)
        free(launcher->word[i]);
    free(launcher->word);
    *launcher = (struct pb_launcher){0};
}

static const char *const *words_of(const struct pb_launcher *launcher) {
    return launcher && launcher->word ? (const char *const *)launcher->word : usual;
}

const char *pb_launcher_name(const struct pb_launcher *launcher) {
    const char *first = words_of(launcher)[0], *slash = strrchr(first, '/');
    return slash ? slash + 1 : first;
}

uint32_t pb_launcher_ranks(const char *executor, uint32_t workers) {
    static const char key[] = "ranks=";
    const char *at = strchr(executor, ':');
    unsigned long ranks = 0;
    for (; at && !ranks; at = strchr(at, ',')) {
        at++;
        if (strncmp(at, key, sizeof key - 1) == 0)
            ranks = strtoul(at + sizeof key - 1, NULL, 10);
    }
    return (ranks && ranks < UINT32_MAX ? (uint32_t)ranks : workers) + 1;
}

/* The word with each {ranks} replaced. */
static char *fill(const char *word, uint32_t ranks) {
    static const char place[] = "{ranks}";
    struct pb_buffer out = {0};
    for (const char *next; (next = strstr(word, place)); word = next + sizeof place - 1) {
        pb_buffer_add(&out, word, (size_t)(next - word));
        pb_buffer_printf(&out, "%u", ranks);
    }
    pb_buffer_text(&out, word);
    char *copy = out.failed ? NULL : strdup(pb_buffer_string(&out));
    pb_buffer_release(&out);
    return copy;
}

/* As a launcher's daemon can start it, too: what is called /proc/self/exe is another program there. */
static char *absolute(const char *word) {
    char path[4096];
    ssize_t size = strcmp(word, "/proc/self/exe") == 0 ? readlink(word, path, sizeof path - 1) : -1;
    if (size < 0)
        return strdup(word);
    path[size] = '\0';
    return strdup(path);
}

static size_t count(const char *const *text) {
    size_t all = 0;
    while (text && text[all])
        all++;
    return all;
}

static int fill_words(const struct pb_launcher *launcher, const char *const *runner, uint32_t ranks,
                      struct pb_program *out) {
    const char *const *word = words_of(launcher);
    size_t first = count(word), second = count(runner);
    if (!(out->argv = calloc(first + second + 2, sizeof *out->argv)))
        return -ENOMEM;
    for (size_t i = 0; i < first; i++)
        if (!(out->argv[i] = fill(word[i], ranks)))
            return -ENOMEM;
    for (size_t i = 0; i < second; i++)
        if (!(out->argv[first + i] = absolute(runner[i])))
            return -ENOMEM;
    return (out->argv[first + second] = strdup(RANKS_WORD)) ? 0 : -ENOMEM;
}

static bool is_set(const char *variable) {
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(variable, "="), variable);
    return getenv(name) != NULL;
}

static int fill_environment(const struct pb_launcher *launcher, const struct pb_program *runner,
                            struct pb_program *out) {
    const char *const *own = runner ? (const char *const *)runner->environment : NULL;
    size_t used = 0, first = count(own);
    if (!(out->environment = calloc(first + VARIABLES + 1, sizeof *out->environment)))
        return -ENOMEM;
    for (; used < first; used++)
        if (!(out->environment[used] = strdup(own[used])))
            return -ENOMEM;
    for (size_t i = 0; i < VARIABLES; i++) {
        if (is_set(environment[i].variable) || (!environment[i].always && launcher && launcher->word))
            continue;
        if (!(out->environment[used++] = strdup(environment[i].variable)))
            return -ENOMEM;
    }
    return 0;
}

int pb_launcher_program(const struct pb_launcher *launcher, const struct pb_program *runner, uint32_t ranks,
                        struct pb_program *out, struct pb_error *error) {
    static const char *const self[] = {"/proc/self/exe", PB_RUNNER_WORD, NULL};
    const char *const *word = runner ? (const char *const *)runner->argv : self;
    *out = (struct pb_program){.name = strdup(pb_launcher_name(launcher)), .launched = true};
    if (out->name && fill_words(launcher, word, ranks, out) == 0 &&
        fill_environment(launcher, runner, out) == 0)
        return 0;
    pb_program_release(out);
    return pb_error_set(error, -ENOMEM, "%s: no memory to start it", pb_launcher_name(launcher));
}
