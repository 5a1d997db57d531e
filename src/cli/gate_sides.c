#include "cli/gate_sides.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/runner.h"

struct side {
    const char *flag, *text;
    bool build;
    struct pb_request request;
    struct pb_descriptions descriptions;
};

/* Plug-ins are executable, too, as linkers leave them; and only what is a path can be a program. */
static bool is_build(const char *text) {
    size_t size = strlen(text);
    struct stat file;
    bool other = strchr(text, ':') || (size > 3 && strcmp(text + size - 3, ".so") == 0);
    return !other && stat(text, &file) == 0 && S_ISREG(file.st_mode) && access(text, X_OK) == 0;
}

static bool is_program(const char *text) {
    return strncmp(text, "cmd:", 4) == 0;
}

static int check(const struct side side[2], const struct pb_options *options, struct pb_error *error) {
    for (int i = 0; i < 2; i++)
        if (!side[i].text)
            return pb_error_set(error, -EINVAL,
                                "gate: %s is missing: say what is compared: --base=OLD --head=NEW, each a "
                                "build of bench, a plug-in, a .c file, or cmd:PROGRAM",
                                side[i].flag);
    if (side[0].build != side[1].build)
        return pb_error_set(error, -EINVAL,
                            "--base %s, --head %s: %s is a build of bench, %s is a workload: give two of a "
                            "kind",
                            side[0].text, side[1].text, side[!side[0].build].text, side[side[0].build].text);
    if (!side[0].build && options->request.workloads)
        return pb_error_set(error, -EINVAL,
                            "-w %s: %s is itself what is run: leave -w out, which is for builds of bench",
                            options->request.workload[0], side[0].text);
    return 0;
}

/* Builds run what -w says; everything else is what it runs. */
static void fill_request(struct side *side) {
    static const char *const sha = "sha", *const thread = "thread", *const serial = "serial";
    static const char *const widths[] = {"1", "max"};
    struct pb_request *r = &side->request;
    if (!r->workloads) {
        r->workload = side->build ? (const char **)&sha : &side->text;
        r->workloads = 1;
    }
    if (!r->executors) {
        r->executor = (const char **)(is_program(side->text) ? &serial : &thread);
        r->executors = 1;
    }
    if (!r->widths) {
        r->width = (const char **)widths;
        r->widths = 2;
    }
}

static int describe_build(struct side *side, struct pb_sources *sources, struct pb_error *error) {
    const struct pb_request *r = &side->request;
    char *path = realpath(side->text, NULL);
    const char *const word[] = {path, PB_RUNNER_WORD, NULL};
    int rc = path ? pb_sources_add(sources, side->text, word, NULL, error)
                  : pb_error_set(error, -errno, "%s %s: %s", side->flag, side->text, strerror(errno));
    if (rc >= 0)
        rc = pb_sources_describe_program(sources, (uint32_t)rc, r->workload, r->workloads, r->executor,
                                         r->executors, &side->descriptions, error);
    free(path);
    if (rc < 0 && (error->code == -EPROTO || error->code == -ECONNRESET || error->code == -ETIMEDOUT ||
                   error->code == -ENOEXEC)) {
        struct pb_error why = *error;
        pb_error_set(error, -EINVAL,
                     "%s %s: it is no build of bench: %s: give one, or cmd:%s to time a program", side->flag,
                     side->text, why.text, side->text);
    }
    return rc;
}

static int describe(struct side *side, struct pb_sources *sources, struct pb_error *error) {
    const struct pb_request *r = &side->request;
    fill_request(side);
    if (side->build)
        return describe_build(side, sources, error);
    return pb_sources_describe(sources, r->workload, r->workloads, r->executor, r->executors,
                               &side->descriptions, error);
}

int pb_gate_plan(struct pb_run *run, const struct pb_options *options, struct pb_sources *sources,
                 bool *builds, struct pb_error *error) {
    struct side side[2] = {
        {.flag = "--base", .text = options->gate_base, .request = options->request},
        {.flag = "--head", .text = options->gate_head, .request = options->request},
    };
    for (int i = 0; i < 2; i++)
        side[i].build = side[i].text && is_build(side[i].text);
    *builds = side[0].build;
    int rc = check(side, options, error);
    for (int i = 0; rc == 0 && i < 2; i++)
        rc = describe(&side[i], sources, error);
    if (rc >= 0)
        rc = pb_duel_plan(run, &(struct pb_duel_side){&side[0].request, &side[0].descriptions},
                          &(struct pb_duel_side){&side[1].request, &side[1].descriptions}, 1, error);
    for (int i = 0; i < 2; i++)
        pb_descriptions_release(&side[i].descriptions);
    return rc;
}
