/* What io.h and task.h promise of the verbs, for every implementation and engine: written once, told apart by
 * traits only. */
#include "verbs.h"

#include <stdlib.h>

static const struct way ways[] = {
    {.name = "thread", .executor = "thread", .io = "blocking"},
    {.name = "gil",
     .executor = "gil",
     .options = "interval=1ms",
     .io = "gil",
     .exclusive = true,
     .switches = true},
    {.name = "epoll",
     .executor = "loop",
     .options = "engine=epoll",
     .io = "suspend",
     .exclusive = true,
     .cancels = true},
    {.name = "uring",
     .executor = "loop",
     .options = "engine=uring",
     .io = "suspend",
     .may_be_missing = true,
     .exclusive = true,
     .cancels = true},
};

/* ---- Running ---- */

struct pb_executor *way_open(const struct way *way, uint32_t tasks) {
    struct pb_executor *e;
    struct pb_error error = {0};
    const struct pb_executor_config config = {.workers = tasks, .options = way->options};
    int rc = pb_executor_open(&e, way->executor, &config, &error);
    if (rc < 0 && way->may_be_missing)
        pb_test_skip("%s", error.text);
    CHECK_MSG(rc == 0, "%s", error.text);
    return e;
}

void way_close(struct pb_executor *e) {
    CHECK_INT(pb_executor_close(e, PB_DRAIN, PB_FOREVER), 0);
}

struct call {
    verbs_task *task;
    void *argument;
};

static int run_call(struct pb_task *task, const void *args, size_t size) {
    struct call call;
    CHECK_INT(size, sizeof call);
    memcpy(&call, args, sizeof call);
    call.task(task, call.argument);
    return 0;
}

struct pb_future *way_submit_within(struct pb_executor *e, verbs_task *task, void *argument,
                                    int64_t timeout_ns) {
    struct call call = {task, argument};
    struct pb_future *f = pb_submit_within(e, run_call, &call, sizeof call, timeout_ns);
    CHECK_MSG(f, "%s", strerror(errno));
    return f;
}

struct pb_future *way_submit(struct pb_executor *e, verbs_task *task, void *argument) {
    return way_submit_within(e, task, argument, PB_FOREVER);
}

void way_finish(struct pb_future *f) {
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), 0);
    pb_future_release(f);
}

void way_run(const struct way *way, verbs_task *task, void *argument) {
    struct pb_executor *e = way_open(way, 2);
    way_finish(way_submit(e, task, argument));
    way_close(e);
}

/* ---- The tables ---- */

static const struct verbs_case *const tables[] = {
    verbs_files, verbs_streams, verbs_polls, verbs_signals, verbs_many, verbs_switches, verbs_cancels,
};

static bool is_listed(const char *executor) {
    struct pb_executor_listing listing;
    for (size_t i = 0; pb_executor_list(i, &listing) == 0; i++)
        if (strcmp(listing.name, executor) == 0)
            return true;
    return false;
}

/* Case i of all ways and tables; false past the last. */
static bool find(size_t i, const struct way **way, const struct verbs_case **found) {
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        if (!is_listed(ways[w].executor))
            continue;
        for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
            for (const struct verbs_case *c = tables[t]; c->name; c++)
                if ((!c->applies || c->applies(&ways[w])) && i-- == 0) {
                    *way = &ways[w];
                    *found = c;
                    return true;
                }
    }
    return false;
}

static void run(const void *data) {
    const struct way *way;
    const struct verbs_case *c;
    CHECK(find((size_t)(uintptr_t)data, &way, &c));
    if (c->task)
        way_run(way, c->task, NULL);
    else
        c->run(way, c->data);
}

static bool generate(size_t i, struct pb_case *out) {
    static char name[64];
    const struct way *way;
    const struct verbs_case *c;
    if (!find(i, &way, &c))
        return false;
    snprintf(name, sizeof name, "%s/%s", way->name, c->name);
    *out = (struct pb_case){name, run, (const void *)(uintptr_t)i};
    return true;
}

const struct pb_suite suite_verbs = {"verbs", NULL, generate};
