/* The runner in Python, spoken to directly, as docs/runner-protocol.md describes it; tests/python/work.py is
 * what the rows have measured. {} in a request is the executor, each of those that a row names in turn. */
#include "program.h"

#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "parbench/workload.h"

enum { LINES = 6, EXECUTORS_MAX = 5 };

#define RUNNER      PB_BINARY_DIR "/python/parbench_runner"
#define WORK        "python:file=" PB_SOURCE_DIR "/tests/python/work.py"
#define FILE_(name) "python:file=" PB_SOURCE_DIR "/tests/python/" name ".py"

#define OPEN_VIA(workload, via)                                                                              \
    "{\"type\":\"open\",\"protocol\":1,\"workload\":\"" workload                                             \
    "\",\"executor\":\"{}\",\"workers\":2,\"binding\":[],\"via\":\"" via "\",\"work_rate\":500}"
#define OPEN(workload)              OPEN_VIA(workload, "for")
#define RUN                         "{\"type\":\"run\",\"round\":7,\"tasks\":5,\"times\":false}"
#define TIMED                       "{\"type\":\"run\",\"round\":7,\"tasks\":5,\"times\":true}"
#define CLOSE                       "{\"type\":\"close\"}"
#define DESCRIBE(workload)          "{\"type\":\"describe\",\"workloads\":[\"" workload "\"]}"
#define DESCRIBE_EXECUTOR(executor) "{\"type\":\"describe\",\"executors\":[\"" executor "\"]}"

static const char *const executors[EXECUTORS_MAX + 1] = {"py.serial",      "py.thread",  "py.process",
                                                         "py.interpreter", "py.asyncio", NULL};
#define ALL executors

static const char *const serial[] = {"py.serial", NULL};
static const char *const processes[] = {"py.process", NULL};
static const char *const pools[] = {"py.thread", "py.process", NULL};
static const char *const loop[] = {"py.asyncio", NULL};

struct exchange {
    const char *ask, *type; /* of the one answer; NULL: nothing is answered */
    const char *holds;      /* its line contains it; NULL: whatever */
};

struct row {
    const char *name;
    const char *const *executors;
    struct exchange line[LINES];
    const char *noise; /* on standard error; NULL: it is empty */
};

static const struct row rows[] = {
    {"describe-all",
     serial,
     {{"{\"type\":\"describe\"}", "description", "\"item\":\"python:func=arcfour\""},
      {"{\"type\":\"describe\",\"colour\":1}", "description", "\"name\":\"py.asyncio\""}},
     NULL},
    {"describe-shipped",
     serial,
     {{DESCRIBE("python:func=arcfour,size=1k"), "description",
       "\"canonical\":\"python:func=arcfour,size=1KiB\""},
      {DESCRIBE("python:func=loiter"), "description", "\"bound\":\"io\""},
      {DESCRIBE("python:func=loiter,bound=cpu"), "description", "\"bound\":\"cpu\""},
      {DESCRIBE("python:func=arcfour,exe=python3,gil=1"), "description",
       "\"canonical\":\"python:func=arcfour,exe=python3,gil=1\""},
      {DESCRIBE("python:func=primes"), "description", "\"range\":\"12|14|16\""}},
     NULL},
    {"describe-file",
     serial,
     {{DESCRIBE(WORK), "description", "\"summary\":\"multiplies by a factor; "},
      {DESCRIBE(WORK), "description", "tests/python/work.py,factor=3,name=x,scale=1.5,loud=0\""},
      {DESCRIBE(WORK), "description",
       "{\"name\":\"factor\",\"type\":\"count\",\"default\":\"3\",\"range\":\"\",\"help\":\"what the index "
       "is "
       "multiplied by\"}"},
      {DESCRIBE(WORK ",func=task,factor=149k"), "description", "func=task,factor=149KiB\",\"full\""},
      {DESCRIBE(WORK ",func=counted"), "description", "\"bound\":\"io\""}},
     NULL},
    {"describe-executor",
     serial,
     {{DESCRIBE_EXECUTOR("py.thread"), "description", "\"summary\":\"ThreadPoolExecutor"},
      {DESCRIBE_EXECUTOR("py.thraed"), "error", "did you mean py.thread?"},
      {DESCRIBE_EXECUTOR("py.thread:x=1"), "error", "it has no parameters"}},
     NULL},
    {"no-function",
     serial,
     {{DESCRIBE("python:func=arcfuor"), "error", "did you mean arcfour?"},
      {DESCRIBE("python"), "error", "no function is named: give func= (arcfour, sha, primes, loiter, flags)"},
      {DESCRIBE(WORK ",func=tsak"), "error", "did you mean task?"},
      {DESCRIBE(FILE_("nothing")), "error", "there is no such file"}},
     NULL},
    {"no-module",
     serial,
     {{DESCRIBE(FILE_("missing")), "error", "missing.py:3: ModuleNotFoundError: No module named "},
      {DESCRIBE(FILE_("wrong")), "error", "wrong.py:3: SyntaxError: "},
      {DESCRIBE(FILE_("raises")), "error", "raises.py:4: KeyError: 'size'"},
      {OPEN(FILE_("missing")), "error", "missing.py:3: ModuleNotFoundError"}},
     NULL},
    {"no-parameter",
     serial,
     {{DESCRIBE(WORK ",fator=2"), "error", "no parameter \\\"fator\\\": did you mean factor?"},
      {DESCRIBE(WORK ",factor=red"), "error", "factor=\\\"red\\\": it is no such value: give a whole number"},
      {DESCRIBE(WORK ",unused=2"), "error", "no parameter \\\"unused\\\""},
      {DESCRIBE("python:func=primes,digits=13"), "error", "choose of 12 14 16"},
      {DESCRIBE(WORK ",factor=2,factor=3"), "error", "factor= stands there twice"},
      {DESCRIBE(WORK ",func=needs_two"), "error", "other of needs_two has no default"}},
     NULL},
    {"whole",
     serial,
     {{OPEN(WORK), "ready", "\"statuses\":[\"ok\",\"error\"]"},
      {RUN, "sample", "\"round\":7,\"tasks\":5,"},
      {TIMED, "sample", "\"task_ns\":["},
      {CLOSE, "closed", NULL}},
     NULL},
    {"close-twice", ALL, {{OPEN(WORK), "ready", NULL}, {CLOSE "\n" CLOSE, "closed", NULL}}, NULL},
    {"counted",
     ALL,
     {{OPEN(WORK ",func=counted"), "ready",
       "\"tasks\":14,\"bytes_per_task\":12,\"statuses\":[\"ok\",\"error\",\"late\"]"},
      {RUN, "sample", "\"status\":[5]"}},
     NULL},
    {"no-tasks",
     ALL,
     {{OPEN(WORK), "ready", NULL},
      {"{\"type\":\"run\",\"round\":1,\"tasks\":0}", "sample", "\"digest\":\"0000000000000000\""}},
     NULL},
    {"run-before-open", serial, {{RUN, "error", "run came before open"}, {OPEN(WORK), "ready", NULL}}, NULL},
    {"open-twice",
     pools,
     {{OPEN(WORK), "ready", NULL}, {OPEN(WORK), "error", "open came twice"}, {RUN, "sample", NULL}},
     NULL},
    {"open-after-failed-open",
     pools,
     {{OPEN(WORK ",func=bad_setup"), "error", "setup: OSError: [Errno 28] No space left on device"},
      {OPEN_VIA(WORK, "telex"), "error", "--via telex"},
      {"{\"type\":\"open\",\"workload\":\"python:func=sha\",\"executor\":\"{}\",\"workers\":0}", "error",
       "0 workers"},
      {"{\"type\":\"open\",\"workload\":\"python:func=sha\",\"executor\":\"{}\",\"binding\":[\"x\"]}",
       "error", "binding \\\"x\\\" is no list of processors"},
      {OPEN(WORK), "ready", NULL},
      {RUN, "sample", NULL}},
     NULL},
    {"open-bad-version",
     serial,
     {{"{\"type\":\"open\",\"protocol\":2,\"workload\":\"python:func=sha\",\"executor\":\"{}\"}", "error",
       "the driver speaks version 2, this runner 1"},
      {OPEN(WORK), "ready", NULL}},
     NULL},
    {"times-of-threads",
     pools,
     {{OPEN(WORK), "ready", NULL},
      {TIMED, "error", "times are measured on py.serial only"},
      {RUN, "sample", NULL}},
     NULL},
    {"garbage",
     serial,
     {{"", "error", "runner protocol"},
      {"garbage", "error", "runner protocol"},
      {"[]", "error", "a message without a type"},
      {"{\"type\":\"close\",\"type\":\"close\"}", "error", "a key stands there twice"},
      {"\xff", "error", "runner protocol"},
      {OPEN(WORK), "ready", NULL}},
     NULL},
    {"no-request",
     serial,
     {{"{\"type\":\"dance\"}", "error", "dance"},
      {"{\"type\":\"closed\"}", "error", "an answer, not a request"},
      {"{\"type\":\"describe\",\"workloads\":\"sha\"}", "error", "workloads is a str: send list"},
      {OPEN(WORK), "ready", NULL},
      {RUN, "sample", NULL}},
     NULL},
    {"fails",
     ALL,
     {{OPEN(WORK ",func=fails"), "ready", NULL},
      {RUN, "sample",
       "\"status\":[4,1],\"failures\":[{\"task\":2,\"status\":1,\"reason\":\"ValueError: two is too "
       "many ? (work.py:"}},
     NULL},
    {"names-its-status",
     ALL,
     {{OPEN(WORK ",func=comes_late"), "ready", NULL},
      {RUN, "sample",
       "\"status\":[3,0,2],\"failures\":[{\"task\":1,\"status\":2,\"reason\":\"task 1 came late\"},"}},
     NULL},
    {"returns-nonsense",
     ALL,
     {{OPEN(WORK ",func=returns_float"), "ready", NULL},
      {RUN, "sample", "it returned a float: return an int, bytes, str or None\"}"}},
     NULL},
    {"exits",
     ALL,
     {{OPEN(WORK ",func=exits"), "ready", NULL},
      {RUN, "sample", "\"status\":[0,5],"},
      {CLOSE, "closed", NULL}},
     NULL},
    {"prints",
     ALL,
     {{OPEN(WORK ",func=prints"), "ready", NULL}, {RUN, "sample", "\"status\":[5]"}, {CLOSE, "closed", NULL}},
     "{\"type\":\"noise\"}"},
    {"sets-up",
     ALL,
     {{OPEN(WORK ",func=set_up"), "ready", NULL}, {RUN, "sample", "\"status\":[5]"}, {CLOSE, "closed", NULL}},
     "torn down"},
    {"worker-dies",
     processes,
     {{OPEN(WORK ",func=dies"), "ready", "worker processes are started by "},
      {RUN, "error", ": signal 9)"},
      {RUN, NULL, NULL}},
     NULL},
    {"leaves-processes",
     ALL,
     {{OPEN(WORK ",func=leaves_processes"), "ready", NULL}, {RUN, "sample", NULL}, {CLOSE, "closed", NULL}},
     NULL},
    {"leaves-threads",
     ALL,
     {{OPEN(WORK ",func=leaves_threads"), "ready", NULL}, {RUN, "sample", NULL}, {CLOSE, "closed", NULL}},
     NULL},
    {"coroutine-refused",
     pools,
     {{OPEN(WORK ",func=waits"), "ready", NULL},
      {RUN, "error", "\"code\":-95,\"text\":\"waits is a coroutine function, and py."},
      {CLOSE, "closed", NULL}},
     NULL},
    {"plain-blocks",
     loop,
     {{OPEN(WORK ",func=task"), "ready", "task is a plain function: it blocks the event loop"},
      {RUN, "sample", NULL}},
     NULL},
};

/* ---- Talking to it ---- */

static void begin_runner(struct program *p) {
    static const char *const word[] = {RUNNER, NULL};
    program_begin(p, &(struct program_start){.other = "python3", .word = word, .listens = true});
}

/* Asks, with each {} replaced. */
static void say(struct program *p, const char *text, const char *executor) {
    struct pb_buffer line = {0};
    for (const char *hole; (hole = strstr(text, "{}")); text = hole + 2)
        pb_buffer_printf(&line, "%.*s%s", (int)(hole - text), text, executor);
    pb_buffer_text(&line, text);
    CHECK(write(p->in, line.data, line.size) == (ssize_t)line.size);
    pb_buffer_release(&line);
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

static json_t *hear_object(struct program *p, const char *type) {
    struct pb_buffer line = hear(p);
    json_t *answer = json_loads(pb_buffer_string(&line), JSON_REJECT_DUPLICATES, NULL);
    const char *said = json_string_value(json_object_get(answer, "type"));
    CHECK_MSG(said && strcmp(said, type) == 0, "\"%s\" is no %s", pb_buffer_string(&line), type);
    pb_buffer_release(&line);
    return answer;
}

static void exchange(struct program *p, const struct exchange *e, const char *executor) {
    say(p, e->ask, executor);
    say(p, "\n", executor);
    if (!e->type)
        return;
    struct pb_buffer line = hear(p);
    json_t *answer = json_loads(pb_buffer_string(&line), JSON_REJECT_DUPLICATES, NULL);
    const char *type = json_string_value(json_object_get(answer, "type"));
    CHECK_MSG(type && strcmp(type, e->type) == 0, "%s was answered by %s", e->ask, pb_buffer_string(&line));
    if (e->holds)
        CHECK_HAS(pb_buffer_string(&line), e->holds);
    json_decref(answer);
    pb_buffer_release(&line);
}

static void skip_absent(const char *executor) {
    struct program p;
    begin_runner(&p);
    say(&p, DESCRIBE_EXECUTOR("{}") "\n" CLOSE "\n", executor);
    json_t *answer = hear_object(&p, "description");
    const char *absent =
        json_string_value(json_object_get(json_array_get(json_object_get(answer, "executors"), 0), "absent"));
    program_finish(&p);
    program_release(&p);
    if (absent)
        pb_test_skip("%s", absent);
    json_decref(answer);
}

static void end(struct program *p) {
    program_finish(p);
    program_check_code(p, 0);
    CHECK_TEXT(pb_buffer_string(&p->said), "");
    program_check_nothing_left(false);
}

/* ---- Cases ---- */

struct same;
struct row_case {
    const struct row *row;   /* or */
    const struct same *same; /* what an executor is asked */
    const char *executor;
};

/* Each request one answer; then the end of its input, or its `closed`, ends it, and nothing more is said. */
static void one(const void *data) {
    const struct row_case *c = data;
    struct program p;
    skip_absent(c->executor);
    begin_runner(&p);
    for (const struct exchange *e = c->row->line; e < c->row->line + LINES && e->ask; e++)
        exchange(&p, e, c->executor);
    end(&p);
    if (c->row->noise)
        CHECK_HAS(pb_buffer_string(&p.complained), c->row->noise);
    else
        CHECK_TEXT(pb_buffer_string(&p.complained), "");
    program_release(&p);
}

/* Opens the cell and runs `tasks` of it, once; the caller releases the sample. */
static json_t *sample_of(struct program *p, const char *workload, const char *executor, const char *via,
                         unsigned tasks) {
    struct pb_buffer ask = {0};
    pb_buffer_printf(
        &ask,
        "{\"type\":\"open\",\"workload\":\"%s\",\"executor\":\"%s\",\"workers\":%d,\"via\":\"%s\"}\n"
        "{\"type\":\"run\",\"round\":1,\"tasks\":%u}\n",
        workload, executor, strstr(executor, "serial") ? 1 : 2, via, tasks);
    say(p, pb_buffer_string(&ask), executor);
    pb_buffer_release(&ask);
    json_decref(hear_object(p, "ready"));
    return hear_object(p, "sample");
}

struct answer {
    char digest[17];
    uint64_t failed;
};

static struct answer answer_of(const json_t *sample, unsigned tasks) {
    struct answer answer = {.failed = 0};
    const char *digest = json_string_value(json_object_get(sample, "digest"));
    const json_t *status = json_object_get(sample, "status");
    uint64_t sum = 0;
    for (size_t i = 0; i < json_array_size(status); i++)
        sum += (uint64_t)json_integer_value(json_array_get(status, i));
    CHECK(digest && strlen(digest) == 16);
    CHECK_INT(sum, tasks);
    answer.failed = sum - (uint64_t)json_integer_value(json_array_get(status, 0));
    snprintf(answer.digest, sizeof answer.digest, "%s", digest);
    return answer;
}

static struct answer ask(const char *workload, const char *executor, const char *via, unsigned tasks) {
    struct program p;
    begin_runner(&p);
    json_t *sample = sample_of(&p, workload, executor, via, tasks);
    struct answer answer = answer_of(sample, tasks);
    json_t *pids = json_object_get(sample, "pids"), *worker;
    size_t i;
    uint64_t counted = 0;
    CHECK_INT(json_array_size(pids), strcmp(executor, "py.process") == 0 ? 2 : 0);
    CHECK(json_integer_value(json_object_get(sample, "makespan_ns")) > 0);
    json_array_foreach(json_object_get(sample, "workers"), i, worker) counted +=
        (uint64_t)json_integer_value(json_object_get(worker, "tasks"));
    if (strcmp(executor, "py.interpreter") != 0)
        CHECK_INT(counted, tasks);
    json_decref(sample);
    end(&p);
    CHECK_TEXT(pb_buffer_string(&p.complained), "");
    program_release(&p);
    return answer;
}

/* What the built-in runner answers, serially. */
static struct answer ask_built_in(const char *workload, unsigned tasks) {
    static const char *const word[] = {"--runner", NULL};
    struct program p;
    program_begin(&p, &(struct program_start){.word = word, .listens = true});
    json_t *sample = sample_of(&p, workload, "serial", "for", tasks);
    struct answer answer = answer_of(sample, tasks);
    json_decref(sample);
    end(&p);
    program_release(&p);
    return answer;
}

/* Functions whose answers every executor must give, by so many ways of handing them over. */
static const struct same {
    const char *workload, *built_in; /* NULL: there is none that answers the same */
    unsigned tasks;
    uint64_t failed;
    int vias;
} sames[] = {
    {"python:func=arcfour,size=9001", "arcfour:size=9001B", 7, 0, 1},
    {"python:func=sha,size=3000,generate=0", "sha:size=3000B", 40, 0, 1},
    {"python:func=sha,size=3000,generate=0,hold=1", "sha:size=3000B", 5, 0, 1},
    {"python:func=sha,size=300", NULL, 5, 0, 1},
    {"python:func=primes", "primes:digits=12", 20, 0, 1},
    {"python:func=loiter,ms=1", "sleep:ms=1", 6, 0, 3},
    {"python:func=loiter,ms=0,step=1", NULL, 5, 0, 1},
    {"python:func=flags,delay=1ms", NULL, 20, 0, 1},
    /* As bench/http_item.c draws for seed 1: two are missing, two fail. */
    {"python:func=flags,delay=1ms,errors=0.25,not_found=0.1", NULL, 20, 4, 3},
    {WORK ",func=nothing", NULL, 1100, 0, 3},
    {WORK ",func=negative", NULL, 5, 0, 1},
    {WORK ",func=text", NULL, 5, 0, 1},
};
enum { SAMES = sizeof sames / sizeof *sames };

static void agrees(const void *data) {
    static const char *const vias[] = {"for", "submit", "map"};
    const struct row_case *c = data;
    const struct same *s = c->same;
    skip_absent(c->executor);
    struct answer first =
        s->built_in ? ask_built_in(s->built_in, s->tasks) : ask(s->workload, "py.serial", "for", s->tasks);
    CHECK_INT(first.failed, s->failed);
    for (int i = 0; i < s->vias; i++) {
        struct answer again = ask(s->workload, c->executor, vias[i], s->tasks);
        CHECK_TEXT(again.digest, first.digest);
        CHECK_INT(again.failed, s->failed);
    }
}

/* The sum is that of parbench/workload.h. */
static void mixes(const void *data) {
    uint64_t sum = 0;
    char expected[17];
    (void)data;
    for (uint64_t i = 0; i < 9; i++)
        sum += pb_mix(i, -i);
    snprintf(expected, sizeof expected, "%016llx", (unsigned long long)sum);
    CHECK_TEXT(ask(WORK ",func=negative", "py.serial", "for", 9).digest, expected);
}

/* A coroutine function is run by the loop and, one after the other, serially; a twin is the loop's alone. */
static void takes_coroutines(const void *data) {
    const char *const *via = (const char *const[]){"for", "submit", "map", NULL};
    (void)data;
    for (; *via; via++) {
        CHECK_TEXT(ask(WORK ",func=waits", "py.asyncio", *via, 5).digest,
                   ask(WORK ",func=waits", "py.serial", *via, 5).digest);
        CHECK(strcmp(ask(WORK ",func=blocks", "py.asyncio", *via, 5).digest,
                     ask(WORK ",func=blocks", "py.serial", *via, 5).digest) != 0);
    }
}

/* Four turns of 400 ms: the first line, after half a second, comes before the last. */
static void tells_progress(const void *data) {
    struct program p;
    (void)data;
    begin_runner(&p);
    say(&p, OPEN("python:func=loiter,ms=400") "\n{\"type\":\"run\",\"tasks\":8}\n", "py.thread");
    json_decref(hear_object(&p, "ready"));
    json_t *progress = hear_object(&p, "progress");
    json_int_t ended = json_integer_value(json_object_get(progress, "ended"));
    CHECK_MSG(ended < 8, "%lld of 8 ended", (long long)ended);
    json_decref(progress);
    say(&p, CLOSE "\n", "");
    for (const char *type = ""; strcmp(type, "closed") != 0;) {
        struct pb_buffer line = hear(&p);
        type = strstr(pb_buffer_string(&line), "\"closed\"") ? "closed" : "";
        pb_buffer_release(&line);
    }
    end(&p);
    program_release(&p);
}

/* Wherever its input ends it ends, and so do the processes that it started. */
static void ends_with_input(const void *data) {
    static const char *const parts[] = {"", "{\"type\":\"op", OPEN("python:func=flags") "\n",
                                        OPEN("python:func=flags,delay=1ms") "\n" RUN "\n",
                                        OPEN("python:func=loiter") "\n" CLOSE "\n" RUN "\n"};
    const char *executor = data;
    skip_absent(executor);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct program p;
        begin_runner(&p);
        say(&p, parts[i], executor);
        program_finish(&p);
        program_check_code(&p, 0);
        program_check_nothing_left(false);
        program_release(&p);
    }
}

/* Nobody reads its answers any more: it ends too. */
static void ends_with_output(const void *data) {
    struct program p;
    begin_runner(&p);
    close(p.out);
    p.out = -1;
    say(&p, OPEN("python:func=flags") "\n", data);
    int kept = p.in;
    p.in = -1;
    program_finish(&p);
    close(kept);
    program_check_code(&p, 0);
    program_check_nothing_left(false);
    program_release(&p);
}

/* Killed, it takes its pool and its server with it. */
static void dies_whole(const void *data) {
    struct program p;
    begin_runner(&p);
    say(&p, OPEN("python:func=flags") "\n", data);
    json_decref(hear_object(&p, "ready"));
    CHECK(kill(p.pid, SIGKILL) == 0);
    program_finish(&p);
    program_check_nothing_left(true);
    program_release(&p);
}

/* Parts of it against published values, in Python. */
static void parts(const void *data) {
    static const char *const word[] = {"-B", PB_SOURCE_DIR "/tests/python/check_shipped.py",
                                       PB_BINARY_DIR "/python", NULL};
    struct program p;
    (void)data;
    program_begin(&p, &(struct program_start){.other = "python3", .word = word});
    program_finish(&p);
    program_check_code(&p, 0);
    program_release(&p);
}

static const struct pb_case others[] = {{"parts", parts, NULL},
                                        {"mixes", mixes, NULL},
                                        {"takes-coroutines", takes_coroutines, NULL},
                                        {"tells-progress", tells_progress, NULL},
                                        {"ends-with-output", ends_with_output, "py.process"},
                                        {"dies-whole", dies_whole, "py.process"}};

enum {
    ROWS = sizeof rows / sizeof *rows,
    OTHERS = sizeof others / sizeof *others,
    CASES = (ROWS + SAMES + 1) * EXECUTORS_MAX,
    NAME_SIZE = 96,
};

/* The case of a row, of an answer or, past those, of the end of input, under an executor. */
static struct pb_case case_of(size_t r, const char *executor, struct row_case *c, char name[NAME_SIZE]) {
    if (r < ROWS) {
        *c = (struct row_case){.row = &rows[r], .executor = executor};
        snprintf(name, NAME_SIZE, "%s/%s", executor, rows[r].name);
        return (struct pb_case){name, one, c};
    }
    if (r < ROWS + SAMES) {
        const char *workload = sames[r - ROWS].workload;
        *c = (struct row_case){.same = &sames[r - ROWS], .executor = executor};
        snprintf(name, NAME_SIZE, "%s/agrees-%s", executor, strstr(workload, "func="));
        return (struct pb_case){name, agrees, c};
    }
    snprintf(name, NAME_SIZE, "%s/ends-with-input", executor);
    return (struct pb_case){name, ends_with_input, executor};
}

/* Rows, answers and ends under their executors, then the others. */
static bool generate(size_t i, struct pb_case *out) {
    static struct row_case cases[CASES];
    static char names[CASES][NAME_SIZE];
    size_t k = 0;
    for (size_t r = 0; r < ROWS + SAMES + 1; r++)
        for (const char *const *e = r < ROWS ? rows[r].executors : executors; *e; e++, k++)
            if (k == i) {
                *out = case_of(r, *e, &cases[k], names[k]);
                return true;
            }
    if (i - k < OTHERS)
        *out = others[i - k];
    return i - k < OTHERS;
}

const struct pb_suite suite_python = {"python", NULL, generate};
