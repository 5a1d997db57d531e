/* `bench --runner` spoken to directly, as docs/runner-protocol.md describes it. */
#include "program.h"

#include <jansson.h>
#include <unistd.h>

#include "parbench/executor.h"

enum { LINES = 8 };

#define OPEN(workload, executor, workers)                                                                    \
    "{\"type\":\"open\",\"protocol\":1,\"workload\":\"" workload "\",\"executor\":\"" executor               \
    "\",\"workers\":" #workers ",\"binding\":[],\"via\":\"for\",\"work_rate\":500}"
#define TRACED(workload, executor, workers)                                                                  \
    "{\"type\":\"open\",\"workload\":\"" workload "\",\"executor\":\"" executor "\",\"workers\":" #workers   \
    ",\"trace\":true}"
#define RUN   "{\"type\":\"run\",\"round\":7,\"tasks\":5,\"times\":false}"
#define TIMED "{\"type\":\"run\",\"round\":7,\"tasks\":5,\"times\":true}"
#define CLOSE "{\"type\":\"close\"}"
/* Of indices 0 to 4, each its own digest, and of their sum as that of one more: what tests/plugins/metered.c
   leaves. Computed by hand (in Python) from the formula in parbench/workload.h. */
#define METERED_DIGEST "\"digest\":\"a421409926938dc7\""
#define SPIN           OPEN("spin:work=1us", "serial", 1)

struct exchange {
    const char *ask, *type; /* of the one answer */
    const char *holds;      /* its line contains it; NULL: whatever */
};

struct row {
    const char *name;
    struct exchange line[LINES];
    const char *noise; /* on standard error; NULL: it is empty */
};

static const struct row rows[] = {
    {"describe-all", {{"{\"type\":\"describe\"}", "description", "\"name\":\"primes\""}}, NULL},
    {"describe-named",
     {{"{\"type\":\"describe\",\"workloads\":[\"spin:work=3us\"],\"executors\":[\"thread\"]}", "description",
       "\"canonical\":\"spin:work=3us\""}},
     NULL},
    {"describe-unknown",
     {{"{\"type\":\"describe\",\"workloads\":[\"spni\"]}", "error", "did you mean spin?"},
      {"{\"type\":\"describe\",\"executors\":[\"thraed\"]}", "error", "did you mean thread?"},
      {CLOSE, "closed", NULL}},
     NULL},
    {"calibrate", {{"{\"type\":\"calibrate\"}", "calibrated", "\"work_rate\":"}}, NULL},
    {"whole",
     {{SPIN, "ready", "\"statuses\":[\"ok\",\"error\"]"},
      {RUN, "sample", "\"round\":7,\"tasks\":5,"},
      {TIMED, "sample", "\"task_ns\":["},
      {CLOSE, "closed", NULL}},
     NULL},
    {"unknown-keys",
     {{"{\"type\":\"describe\",\"workloads\":[\"spin\"],\"colour\":\"red\"}", "description", NULL}},
     NULL},
    {"run-before-open", {{RUN, "error", "run came before open"}, {SPIN, "ready", NULL}}, NULL},
    {"open-twice", {{SPIN, "ready", NULL}, {SPIN, "error", "open came twice"}, {RUN, "sample", NULL}}, NULL},
    {"open-after-failed-open",
     {{OPEN("nothing", "serial", 1), "error", "workload \\\"nothing\\\""},
      {OPEN("spin", "nothing", 1), "error", "nothing"},
      {OPEN("spin:work=1us,colour=red", "serial", 1), "error", "no parameter \\\"colour\\\""},
      {SPIN, "ready", NULL},
      {RUN, "sample", NULL}},
     NULL},
    {"open-bad-binding",
     {{"{\"type\":\"open\",\"workload\":\"spin\",\"executor\":\"thread\",\"workers\":1,\"binding\":[\"x\"]}",
       "error", "binding \\\"x\\\" is no list of processors"}},
     NULL},
    {"open-bad-version",
     {{"{\"type\":\"open\",\"protocol\":2,\"workload\":\"spin\",\"executor\":\"serial\",\"workers\":1}",
       "error", "the driver speaks version 2, this runner 1"},
      {SPIN, "ready", NULL}},
     NULL},
    {"open-bad-via",
     {{"{\"type\":\"open\",\"workload\":\"spin\",\"executor\":\"thread\",\"workers\":1,\"via\":\"telex\"}",
       "error", "--via telex"}},
     NULL},
    {"times-of-threads",
     {{OPEN("spin:work=1us", "thread", 2), "ready", NULL},
      {TIMED, "error", "times are measured on serial, or where `open` asked for a trace"},
      {RUN, "sample", "\"tasks\":5,"}},
     NULL},
    {"traced",
     {{TRACED("spin:work=1us", "process", 2), "ready", NULL},
      {TIMED, "sample", "\"task_ns\":["},
      {"{\"type\":\"run\",\"round\":7,\"tasks\":5,\"trace\":true}", "sample",
       "\"spans\":[{\"kind\":\"task\","},
      {RUN, "sample", "\"tasks\":5,"}},
     NULL},
    {"trace-that-was-not-opened",
     {{SPIN, "ready", NULL},
      {"{\"type\":\"run\",\"round\":7,\"tasks\":5,\"trace\":true}", "error", "`open` asked for none"}},
     NULL},
    {"garbage",
     {{"", "error", "runner protocol"},
      {"garbage", "error", "runner protocol"},
      {"{\"type\":\"describe\"", "error", "runner protocol"},
      {"[]", "error", "runner protocol"},
      {"{\"type\":\"dance\"}", "error", "dance"},
      {"{\"type\":\"closed\"}", "error", "an answer, not a request"},
      {SPIN, "ready", NULL},
      {RUN, "sample", NULL}},
     NULL},
    {"no-tasks",
     {{SPIN, "ready", NULL},
      {"{\"type\":\"run\",\"round\":1,\"tasks\":0}", "sample", "\"digest\":\"0000000000000000\""}},
     NULL},
    {"noisy",
     {{OPEN(PLUGINS "noisy.so", "thread", 2), "ready", "\"tasks\":8,"},
      {RUN, "sample", "\"tasks\":5,"},
      {CLOSE, "closed", NULL}},
     "{\"noise\": \"run\"}"},
    {"noisy-process",
     {{OPEN(PLUGINS "noisy.so", "process", 2), "ready", "\"tasks\":8,"},
      {RUN, "sample", "\"tasks\":5,"},
      {CLOSE, "closed", NULL}},
     "{\"noise\": \"run\"}"},
    {"noisy-openmp",
     {{OPEN(PLUGINS "noisy.so", "openmp", 2), "ready", "\"tasks\":8,"},
      {RUN, "sample", "\"tasks\":5,"},
      {CLOSE, "closed", NULL}},
     "{\"noise\": \"run\"}"},
    {"metered",
     {{OPEN(PLUGINS "metered.so", "thread", 2), "ready",
       "\"statuses\":[\"ok\",\"error\",\"late\"],\"counters\":[\"requests\",\"bytes\"],"
       "\"executor_counters\":[],\"notes\":[\"all of it is made up\"]"},
      {RUN, "sample", METERED_DIGEST},
      {RUN, "sample", METERED_DIGEST},
      {RUN, "sample",
       "\"status\":[4,0,1],\"counters\":[10,10],\"latency\":[[0,2],[317,2],[381,1]],"
       "\"failures\":[{\"task\":3,\"status\":2,\"reason\":\"task 3 came late\"}],"},
      {CLOSE, "closed", NULL}},
     NULL},
    {"refused",
     {{OPEN(PLUGINS "pair.so", "thread", 1), "ready", "\"tasks\":8,"},
      {RUN, "error", "\"code\":-95,\"text\":\"pair: one task at a time waits for ever: use -n 2 or more\""},
      {CLOSE, "closed", NULL}},
     NULL},
    {"not-refused",
     {{OPEN(PLUGINS "pair.so", "thread", 2), "ready", NULL}, {RUN, "sample", "\"tasks\":5,"}},
     NULL},
    {"failed-setup",
     {{OPEN(PLUGINS "failsetup.so", "serial", 1), "error", "the data set is missing"}, {SPIN, "ready", NULL}},
     NULL},
};

static void begin_runner(struct program *p) {
    static const char *const word[] = {"--runner", NULL};
    program_begin(p, &(struct program_start){.word = word, .listens = true});
}

static void say(struct program *p, const char *text) {
    CHECK(write(p->in, text, strlen(text)) == (ssize_t)strlen(text));
}

/* One line of it, without its newline; the caller releases. */
static struct pb_buffer hear(struct program *p) {
    struct pb_buffer line = {0};
    char c = '\0';
    while (c != '\n') {
        CHECK_MSG(read(p->out, &c, 1) == 1, "it ended amid \"%s\"", pb_buffer_string(&line));
        if (c != '\n')
            pb_buffer_add(&line, &c, 1);
    }
    return line;
}

static void exchange(struct program *p, const struct exchange *e) {
    say(p, e->ask);
    say(p, "\n");
    struct pb_buffer line = hear(p);
    json_t *answer = json_loads(pb_buffer_string(&line), JSON_REJECT_DUPLICATES, NULL);
    CHECK_MSG(json_is_object(answer), "\"%s\" is no object", pb_buffer_string(&line));
    CHECK_MSG(strcmp(json_string_value(json_object_get(answer, "type")), e->type) == 0,
              "%s was answered by %s", e->ask, pb_buffer_string(&line));
    if (e->holds)
        CHECK_HAS(pb_buffer_string(&line), e->holds);
    json_decref(answer);
    pb_buffer_release(&line);
}

/* Each request one answer; then the end of its input, or its `closed`, ends it, and nothing more is said. */
static void one(const void *data) {
    const struct row *row = data;
    struct program p;
    if (strstr(row->name, "openmp"))
        program_skip_unseen("openmp");
    begin_runner(&p);
    for (const struct exchange *e = row->line; e < row->line + LINES && e->ask; e++)
        exchange(&p, e);
    program_finish(&p);
    program_check_code(&p, 0);
    CHECK_TEXT(pb_buffer_string(&p.said), "");
    if (row->noise)
        CHECK_HAS(pb_buffer_string(&p.complained), row->noise);
    else
        CHECK_TEXT(pb_buffer_string(&p.complained), "");
    program_check_nothing_left(false);
    program_release(&p);
}

/* Wherever its input ends, also amid a line, it ends, and so do the processes that it started. */
static void ends_with_input(const void *data) {
    static const char *const parts[] = {"",
                                        "{\"type\":\"op",
                                        SPIN "\n",
                                        OPEN("sleep:ms=1", "process", 2) "\n",
                                        OPEN("sleep:ms=1", "process", 2) "\n" RUN "\n",
                                        SPIN "\n" RUN "\n{\"type\":\"run\"",
                                        SPIN "\n" CLOSE "\n" RUN "\n"};
    (void)data;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct program p;
        begin_runner(&p);
        say(&p, parts[i]);
        program_finish(&p);
        program_check_code(&p, 0);
        program_check_nothing_left(false);
        program_release(&p);
    }
}

/* Nobody reads its answers any more: it ends too, and is not killed by the attempt to write. */
static void ends_with_output(const void *data) {
    struct program p;
    (void)data;
    begin_runner(&p);
    close(p.out);
    p.out = -1;
    say(&p, OPEN("sleep:ms=1", "process", 2) "\n");
    int kept = p.in;
    p.in = -1;
    program_finish(&p);
    close(kept);
    program_check_code(&p, 0);
    program_check_nothing_left(false);
    program_release(&p);
}

/* The same digest from every executor, and worker processes named by those that have them. */
static void agrees(const void *data) {
    const char *workload = data;
    struct pb_executor_listing listing;
    char first[64] = "";
    for (size_t i = 0; pb_executor_list(i, &listing) == 0; i++) {
        struct program p;
        char ask[512];
        if (listing.absent || listing.launched || !program_sees(listing.name))
            continue;
        begin_runner(&p);
        snprintf(ask, sizeof ask,
                 "{\"type\":\"open\",\"workload\":\"%s\",\"executor\":\"%s\",\"workers\":%d}", workload,
                 listing.name, strcmp(listing.name, "serial") == 0 ? 1 : 2);
        exchange(&p, &(struct exchange){ask, "ready", NULL});
        say(&p, RUN "\n");
        struct pb_buffer line = hear(&p);
        json_t *sample = json_loads(pb_buffer_string(&line), 0, NULL);
        const char *digest = json_string_value(json_object_get(sample, "digest"));
        CHECK_MSG(digest && strlen(digest) == 16, "%s", pb_buffer_string(&line));
        if (!*first)
            snprintf(first, sizeof first, "%s", digest);
        CHECK_TEXT(digest, first);
        CHECK_INT(json_array_size(json_object_get(sample, "pids")),
                  strcmp(listing.name, "process") == 0 ? 2 : 0);
        json_decref(sample);
        pb_buffer_release(&line);
        program_finish(&p);
        program_check_code(&p, 0);
        program_release(&p);
    }
    CHECK(*first);
}

static bool generate(size_t i, struct pb_case *out) {
    static const struct pb_case others[] = {{"ends-with-input", ends_with_input, NULL},
                                            {"ends-with-output", ends_with_output, NULL},
                                            {"agrees", agrees, "arcfour:size=1k"},
                                            {"agrees-at-its-end", agrees, PLUGINS "metered.so"}};
    enum { ROWS = sizeof rows / sizeof *rows, OTHERS = sizeof others / sizeof *others };
    if (i < ROWS)
        *out = (struct pb_case){rows[i].name, one, &rows[i]};
    else if (i < ROWS + OTHERS)
        *out = others[i - ROWS];
    return i < ROWS + OTHERS;
}

const struct pb_suite suite_runner = {"runner", NULL, generate};
