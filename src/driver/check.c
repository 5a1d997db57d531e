/* The checks: a table of rows, gone through in its order with one runner, but for the last of them, which
 * start one of their own. What an answer must be is read strictly as it comes (runner/protocol_check.h); a
 * row says what is asked, which answers there may be, and what else must hold. */
#include "driver/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/name.h"
#include "driver/check_talk.h"
#include "driver/driver.h"

#define TYPE(name) (1u << PB_WIRE_##name)

enum { TASKS = 8, WORKERS = 2, WORK_RATE = 500, FIRST_ROUND = 1 };

struct check {
    struct pb_talk talk;
    const struct pb_check_request *request;
    struct pb_descriptions has; /* all that it has, as it says */
    const char *workload,
        *base; /* items; NULL: not known yet. The base is the serial executor, or the first */
    const char **executor;
    uint32_t executors;
    double work_rate;
    uint32_t round;
    uint64_t tasks, digest; /* of the base; no tasks: it was not run */
    int rc;                 /* why it cannot go on */
    struct pb_error *error;
};

struct row {
    const char *name;
    bool opened; /* needs an open cell */
    void (*check)(struct check *);
};

/* ---- What is asked ---- */

/* The answer is of no further use. */
static int ask(struct check *c, const struct pb_wire *question, unsigned accepts) {
    struct pb_wire answer = {.type = PB_WIRE_CLOSED};
    int type = pb_talk_ask(&c->talk, question, accepts, &answer);
    if (type >= 0 && type != PB_WIRE_ERROR)
        pb_wire_release(&answer);
    return type;
}

static int ask_open(struct check *c, const char *workload, const char *executor, uint32_t protocol,
                    unsigned accepts) {
    const struct pb_wire question = {.type = PB_WIRE_OPEN,
                                     .open = {.protocol = protocol,
                                              .workload = (char *)(uintptr_t)workload,
                                              .executor = (char *)(uintptr_t)executor,
                                              .workers = pb_is_serial(executor) ? 1 : WORKERS,
                                              .via = (char *)"for",
                                              .work_rate = c->work_rate}};
    return ask(c, &question, accepts);
}

/* A refusal is an answer too: the workload cannot be run so. */
static bool is_refusal(const struct check *c, int type) {
    return type == PB_WIRE_ERROR && c->talk.error.code == -ENOTSUP;
}

/* Runs a repetition. True: there is a sample, and *digest is its. */
static bool run(struct check *c, uint64_t tasks, bool times, uint64_t *digest) {
    const struct pb_wire question = {.type = PB_WIRE_RUN,
                                     .run = {.round = c->round++, .tasks = tasks, .times = times}};
    struct pb_wire answer = {.type = PB_WIRE_CLOSED};
    int type = pb_talk_ask(&c->talk, &question, TYPE(SAMPLE) | TYPE(ERROR), &answer);
    if (type == PB_WIRE_ERROR && !times && !is_refusal(c, type))
        pb_talk_blame(&c->talk, &c->talk.heard, "run", "code",
                      "an error: %.120s: wanted a sample, or the code -95 (refused)", c->talk.error.text);
    if (type != PB_WIRE_SAMPLE) {
        if (type >= 0 && type != PB_WIRE_ERROR)
            pb_wire_release(&answer);
        return false;
    }
    *digest = answer.sample.sample.digest;
    pb_wire_release(&answer);
    return true;
}

/* The first digest is what the others are held against. */
static void run_like_base(struct check *c, bool times) {
    uint64_t digest;
    if (!run(c, c->tasks, times, &digest) || c->talk.result.failed)
        return;
    if (!c->digest)
        c->digest = digest;
    if (digest != c->digest)
        pb_talk_blame(&c->talk, &c->talk.heard, "The digest", "digest",
                      "key \"digest\": %016" PRIx64 ", wanted %016" PRIx64
                      ", as in the first repetition of as many tasks",
                      digest, c->digest);
}

/* ---- What it has ---- */

static void add_executor(struct check *c, const char *item) {
    c->executor[c->executors++] = item;
    if (!c->base || (pb_is_serial(item) && !pb_is_serial(c->base)))
        c->base = item;
}

/* Some executors run one workload only. */
static bool is_for(const struct pb_described *executor, const char *workload) {
    size_t size = workload ? strcspn(workload, ":") : 0;
    return !executor->only ||
           (strlen(executor->only) == size && strncmp(executor->only, workload, size) == 0);
}

/* What is opened: as the caller wants it, or the first workload and all executors that are there. */
static void choose(struct check *c) {
    const struct pb_check_request *r = c->request;
    c->executor = calloc(r->executors + c->has.executors + 1, sizeof *c->executor);
    c->workload = r->workload;
    for (uint32_t i = 0; !c->workload && i < c->has.workloads; i++)
        if (!c->has.workload[i].absent)
            c->workload = c->has.workload[i].item;
    for (uint32_t i = 0; c->executor && i < r->executors; i++)
        add_executor(c, r->executor[i]);
    for (uint32_t i = 0; c->executor && r->executors == 0 && i < c->has.executors; i++) {
        const struct pb_described *e = &c->has.executor[i];
        if (e->item && !e->absent && !e->launched && is_for(e, c->workload))
            add_executor(c, e->item);
    }
}

static void check_everything(struct check *c) {
    struct pb_wire answer, question = {.type = PB_WIRE_DESCRIBE};
    int type = pb_talk_ask(&c->talk, &question, TYPE(DESCRIPTION), &answer);
    if (type == PB_WIRE_DESCRIPTION) {
        c->has = answer.description;
        choose(c);
    } else if (type >= 0 && type != PB_WIRE_ERROR) {
        pb_wire_release(&answer);
    }
    if (c->base && c->workload)
        return;
    pb_talk_blame(&c->talk, &c->talk.heard, "describe", c->base ? "workloads" : "executors",
                  "key \"%s\": it has none that is not absent: name one%s",
                  c->base ? "workloads" : "executors", c->base ? " by -w" : "");
    if (!c->talk.lost)
        c->talk.lost = "it is not known what it has";
}

static int ask_described(struct check *c, const char *workload, const char *executor, unsigned accepts) {
    char *items[] = {(char *)(uintptr_t)workload, (char *)(uintptr_t)executor};
    const struct pb_wire question = {
        .type = PB_WIRE_DESCRIBE,
        .describe = {.workloads = {items, workload != NULL}, .executors = {items + 1, executor != NULL}}};
    return ask(c, &question, accepts);
}

static void check_items(struct check *c) {
    ask_described(c, c->workload, c->base, TYPE(DESCRIPTION));
}

static void check_unknown_workload(struct check *c) {
    ask_described(c, "no-such-workload", NULL, TYPE(ERROR));
}

static void check_unknown_executor(struct check *c) {
    ask_described(c, NULL, "no-such-executor", TYPE(ERROR));
}

static void check_calibrate(struct check *c) {
    struct pb_wire answer;
    if (pb_talk_ask(&c->talk, &(struct pb_wire){.type = PB_WIRE_CALIBRATE}, TYPE(CALIBRATED) | TYPE(ERROR),
                    &answer) == PB_WIRE_CALIBRATED &&
        !c->talk.result.failed)
        c->work_rate = answer.work_rate;
}

/* ---- What is no request ---- */

static void check_unknown_request(struct check *c) {
    struct pb_wire answer;
    if (pb_talk_ask_line(&c->talk, "{\"type\":\"telex\",\"to\":\"nobody\"}", NULL, TYPE(ERROR), &answer) >= 0)
        pb_wire_release(&answer);
}

static void check_unknown_key(struct check *c) {
    static const struct pb_wire everything = {.type = PB_WIRE_DESCRIBE};
    struct pb_wire answer;
    int type = pb_talk_ask_line(
        &c->talk, "{\"type\":\"describe\",\"workloads\":[],\"executors\":[],\"colour\":\"red\"}", &everything,
        TYPE(DESCRIPTION), &answer);
    if (type >= 0 && type != PB_WIRE_ERROR)
        pb_wire_release(&answer);
}

static void check_run_before_open(struct check *c) {
    const struct pb_wire question = {.type = PB_WIRE_RUN, .run = {.round = 0, .tasks = 1}};
    ask(c, &question, TYPE(ERROR));
}

static void check_open_version(struct check *c) {
    ask_open(c, c->workload, c->base, PB_PROTOCOL_VERSION + 1, TYPE(ERROR));
}

static void check_open_unknown(struct check *c) {
    ask_open(c, "no-such-workload", c->base, PB_PROTOCOL_VERSION, TYPE(ERROR));
}

/* ---- Its life as a cell ---- */

/* If it has become a cell when it should not, another one is asked. */
static void start_anew(struct check *c) {
    pb_talk_end(&c->talk);
    c->rc = pb_talk_start(&c->talk, c->error);
    if (c->rc < 0)
        c->talk.lost = "it cannot be started again";
}

static void check_open(struct check *c) {
    if (pb_talk_is_open(&c->talk))
        start_anew(c);
    if (ask_open(c, c->workload, c->base, PB_PROTOCOL_VERSION, TYPE(READY)) == PB_WIRE_ERROR)
        pb_talk_blame(&c->talk, &c->talk.heard, "open", "text", "%s", c->talk.error.text);
}

static void check_open_twice(struct check *c) {
    ask_open(c, c->workload, c->base, PB_PROTOCOL_VERSION, TYPE(ERROR));
}

static void check_run_one(struct check *c) {
    uint64_t digest;
    run(c, 1, false, &digest);
}

static void check_run(struct check *c) {
    uint64_t natural = c->talk.ready.ready.tasks;
    c->tasks = natural ? natural : TASKS;
    run_like_base(c, false);
}

static void check_run_again(struct check *c) {
    run_like_base(c, false);
}

static void check_times(struct check *c) {
    run_like_base(c, true);
}

static void check_rests(struct check *c) {
    if (!pb_talk_rests(&c->talk))
        pb_talk_blame(&c->talk, &c->talk.heard, "Rules", "",
                      "since then it, or a process in \"pids\", has not rested");
}

static void check_close(struct check *c) {
    ask(c, &(struct pb_wire){.type = PB_WIRE_CLOSE}, TYPE(CLOSED));
}

static void check_ends(struct check *c) {
    pb_talk_await_end(&c->talk, true, "close");
}

static void check_nothing_left(struct check *c) {
    pb_talk_seek_survivors(&c->talk);
}

/* ---- With a runner of their own ---- */

static void check_end_of_input(struct check *c) {
    start_anew(c);
    if (c->rc < 0 || ask_open(c, c->workload, c->base, PB_PROTOCOL_VERSION, TYPE(READY)) < 0)
        return;
    close(c->talk.session.child.in);
    c->talk.session.child.in = -1;
    pb_talk_await_end(&c->talk, false, "Rules");
    if (!c->talk.lost)
        pb_talk_seek_survivors(&c->talk);
}

static void check_executor(struct check *c, const char *executor) {
    start_anew(c);
    if (c->rc < 0)
        return;
    if (ask_open(c, c->workload, executor, PB_PROTOCOL_VERSION, TYPE(READY)) == PB_WIRE_ERROR)
        pb_talk_blame(&c->talk, &c->talk.heard, "open", "text", "%s", c->talk.error.text);
    if (pb_talk_is_open(&c->talk))
        run_like_base(c, false);
    check_close(c);
    check_ends(c);
    if (!c->talk.lost)
        pb_talk_seek_survivors(&c->talk);
}

/* ---- The table ---- */

static const struct row rows[] = {
    {"describe-everything", false, check_everything},
    {"describe-items", false, check_items},
    {"describe-unknown-workload", false, check_unknown_workload},
    {"describe-unknown-executor", false, check_unknown_executor},
    {"calibrate", false, check_calibrate},
    {"unknown-request", false, check_unknown_request},
    {"unknown-key", false, check_unknown_key},
    {"run-before-open", false, check_run_before_open},
    {"open-other-version", false, check_open_version},
    {"open-unknown-workload", false, check_open_unknown},
    {"open", false, check_open},
    {"open-twice", true, check_open_twice},
    {"run-one", true, check_run_one},
    {"run", true, check_run},
    {"run-again", true, check_run_again},
    {"run-times", true, check_times},
    {"rests", true, check_rests},
    {"close", false, check_close},
    {"ends", false, check_ends},
    {"nothing-left", false, check_nothing_left},
    {"end-of-input", false, check_end_of_input},
};

static void begin(struct check *c, const char *name) {
    pb_talk_check(&c->talk, name);
}

static void finish(struct check *c) {
    const struct pb_check_listener *listener = c->talk.listener;
    c->talk.interrupted |= pb_signal_caught() != 0;
    if (!c->talk.interrupted && c->rc == 0)
        listener->result(listener->context, &c->talk.result);
}

static void pass_over(struct check *c, const char *name, const char *why) {
    const struct pb_check_listener *listener = c->talk.listener;
    if (!c->talk.interrupted && c->rc == 0)
        listener->unchecked(listener->context, name, why);
}

static void check_rows(struct check *c) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *why = c->talk.lost;
        if (!why && rows[i].opened && !pb_talk_is_open(&c->talk))
            why = "it has not opened";
        if (why) {
            pass_over(c, rows[i].name, why);
            continue;
        }
        begin(c, rows[i].name);
        rows[i].check(c);
        finish(c);
    }
}

/* The base was run already. */
static void check_executors(struct check *c) {
    for (uint32_t i = 0; i < c->executors; i++) {
        char name[96];
        snprintf(name, sizeof name, "executor %s", c->executor[i]);
        if (c->executor[i] == c->base)
            continue;
        if (c->talk.lost || !c->tasks) {
            pass_over(c, name, c->talk.lost ? c->talk.lost : "it has not opened");
            continue;
        }
        begin(c, name);
        check_executor(c, c->executor[i]);
        finish(c);
    }
}

int pb_check_runner(const struct pb_check_request *request, const struct pb_check_listener *listener,
                    struct pb_error *error) {
    struct check c = {.talk = {.request = request, .listener = listener},
                      .request = request,
                      .work_rate = WORK_RATE,
                      .round = FIRST_ROUND,
                      .error = error};
    c.rc = pb_talk_start(&c.talk, error);
    if (c.rc == 0) {
        check_rows(&c);
        check_executors(&c);
    }
    pb_talk_end(&c.talk);
    pb_buffer_release(&c.talk.said.text);
    pb_buffer_release(&c.talk.heard.text);
    pb_buffer_release(&c.talk.blamed);
    pb_descriptions_release(&c.has);
    free(c.executor);
    return c.rc < 0 ? c.rc : c.talk.interrupted ? -EINTR : 0;
}
