/* Reports: golden tables from records that are made up, and what hostile records may not do. */
#include "report/report.h"
#include "report/text.h"
#include "results/json.h"
#include "results/utf8.h"
#include "sample_run.h"
#include "suite.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static const struct pb_report_style plain = {.utf8 = true, .width = 80};

/* Characters of the widest line; a reader of its own, so as not to trust the one under test. */
static size_t widest(const char *text) {
    size_t most = 0, now = 0;
    for (; *text; text++) {
        now = *text == '\n' ? 0 : now + (((unsigned char)*text & 0xc0) != 0x80);
        most = now > most ? now : most;
    }
    return most;
}

static void golden(const void *data) {
    static const char expected[] =
        "synthetic: Example Processor 9000 · 1 of 2 processors usable (quota 1.5) · KVM\n"
        "  2 busy processors can give 1.98x\n"
        "\n"
        "sha · 1 MiB SHA-256 · the same 64 tasks in every row\n"
        "               time  speedup      busy  cost  verdict\n"
        "serial      34.1 ms  1.00x        1.00  1.00  -\n"
        "thread   2  17.2 ms  1.98x ±0.01  1.98  1.00  parallel\n"
        "gil*     2  34.6 ms  0.99x ±0.01  1.00  1.01  serialised: lock\n"
        "process  2  17.4 ms  1.96x ±0.02  1.97  1.01  parallel\n"
        "thread 2: planned on processors 0 1, ran on 0 0\n"
        "OMP_PROC_BIND set aside (thread 2)\n"
        "* threads under a model of CPython's lock; no Python runs\n"
        "\n"
        "Threads and processes use both processors (1.97x of a possible 1.98x).\n"
        "Under one lock the second processor idles (gil* 2: busy 1.00); processes fix\n"
        "  that.\n"
        "\n"
        "13 rounds in 10.0 s: time ended; widest interval ±1.0 %. Workers bound to cores:\n"
        "  2 workers fit 2 cores.\n";
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_init(&run);
    sample_table(&run, &plain, &out);
    CHECK_TEXT(out.data, expected);
    pb_buffer_release(&out);
    pb_run_release(&run);
}

static void ascii(const void *data) {
    struct pb_report_style style = {.width = 80};
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_init(&run);
    CHECK_INT(pb_set_text(&run.cell[0].workload_summary, "Prüfsumme × 3 µs"), 0);
    sample_table(&run, &style, &out);
    for (size_t i = 0; i < out.size; i++)
        CHECK_MSG(out.data[i] == '\n' || (out.data[i] >= 0x20 && out.data[i] < 0x7f), "byte %zu", i);
    CHECK_HAS(out.data, "thread   2  17.2 ms  1.98x +-0.01  1.98  1.00  parallel\n");
    CHECK_HAS(out.data, "sha | Pr?fsumme x 3 us | the same 64 tasks");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

static void wide(const void *data) {
    struct pb_report_style style = {.utf8 = true, .wide = true, .width = 160};
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_init(&run);
    run.cell[2].bytes_per_task = 0;
    sample_table(&run, &style, &out);
    static const char *const rows[] = {
        "               time  speedup      busy  cost    peak  verdict           throughput  efficiency  "
        "possible  bound  switches  placement\n",
        "thread   2  17.2 ms  1.98x ±0.01  1.98  1.00  12 MiB  parallel          3.63 GiB/s        0.99     "
        "1.98x  2.00x         7  core: 0 1, ran on 0 0\n",
        "gil*     2  34.6 ms  0.99x ±0.01  1.00  1.01  12 MiB  serialised: lock    1.85 k/s        0.49     "
        "1.98x  2.00x         7  core: 0 1\n",
        "synthetic: Example Processor 9000 · 1 of 2 processors usable (quota 1.5 in /user.slice) · KVM · "
        "Linux 6.1.0 x86_64 · parbench 0.1.0\n",
        "reference: spin · work of a known amount · the same 64 tasks in every row\n",
        "thread   2  10.1 ms  1.98x ±0.00",
        "\n\nsha thread 2: planned on processors 0 1, ran on 0 0\nOMP_PROC_BIND set aside (sha thread 2)\n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_HAS(out.data, rows[i]);
    pb_buffer_release(&out);
    pb_run_release(&run);
}

static void colour(const void *data) {
    struct pb_report_style style = {.utf8 = true, .colour = true, .width = 80};
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_init(&run);
    run.cell[3].state = PB_CELL_FAILED;
    sample_table(&run, &style, &out);
    CHECK_HAS(out.data, "\n\033[2mserial ");
    CHECK_HAS(out.data, "  \033[32mparallel\033[0m\n");
    CHECK_HAS(out.data, "  \033[33mserialised: lock\033[0m\n");
    CHECK_HAS(out.data, "\nprocess  2  \033[31mfailed: worker 1 was slow: no reason: none\033[0m\n");
    pb_buffer_release(&out);
    sample_table(&run, &plain, &out);
    CHECK(!strchr(out.data, '\033'));
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* The machine's line stays one, whatever it has to leave out. */
static void machine(const void *data) {
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_init(&run);
    snprintf(run.machine.cpu_model, sizeof run.machine.cpu_model,
             "Example(R) Processor(R) Gold 9000XL with a long name @ 2.90GHz");
    run.limits.limit = PB_LIMIT_AFFINITY;
    run.machine.pus = 256;
    run.limits.processors = 128;
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data,
              "synthetic: Example(R) … @ 2.90GHz · 128 of 256 processors usable (affinity mask)\n  2 busy "
              "processors can give 1.98x\n\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* Rows without numbers, and how a run ended. */
static void states(const void *data) {
    static const struct {
        enum pb_cell_state state;
        const char *error, *ended, *expected;
    } rows[] = {
        {PB_CELL_FAILED, "worker died: signal 9", "time", "process  2  failed: worker died: signal 9\n"},
        {PB_CELL_WRONG, "3 of 64 tasks", "time", "process  2  wrong answers: 3 of 64 tasks\n"},
        {PB_CELL_FAILED, NULL, "failed", "13 rounds in 10.0 s: ended since no row was left to measure"},
        {PB_CELL_DONE, NULL, "precision", "13 rounds in 10.0 s: every interval within ±2 %. Workers"},
        {PB_CELL_DONE, NULL, "interrupted", "13 rounds in 10.0 s: INTERRUPTED, this is what was measured"},
        {PB_CELL_RUNNING, NULL, NULL, "13 rounds in 10.0 s: NOT FINISHED, these are the samples so far"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_run run;
        struct pb_buffer out;
        sample_run_init(&run);
        run.cell[3].state = rows[i].state;
        run.ended = rows[i].ended;
        CHECK_INT(pb_set_text(&run.cell[3].error, rows[i].error), 0);
        sample_table(&run, &plain, &out);
        CHECK_HAS(out.data, rows[i].expected);
        CHECK((strstr(out.data, "17.4 ms") != NULL) ==
              (rows[i].state != PB_CELL_FAILED && rows[i].state != PB_CELL_WRONG));
        pb_buffer_release(&out);
        pb_run_release(&run);
    }
}

static void workers(const void *data) {
    static const struct pb_report_style verbose = {.utf8 = true, .verbose = true, .width = 80};
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_init(&run);
    for (uint32_t i = 0; i < run.cell[2].samples; i++)
        run.cell[2].sample[i].worker[1] = (struct pb_worker_sample){3, 40000000, 1, -1, -1, -1};
    run.cell[2].summary.imbalance = 1.4;
    sample_table(&run, &verbose, &out);
    CHECK_HAS(out.data, "1.98  1.00  parallel\n"
                        "            worker 0: 32 tasks, CPU time 17.0 ms, processor 0\n"
                        "            worker 1: 32 tasks, CPU time 17.0 ms\n"
                        "            imbalance 1.01\n"
                        "gil* ");
    CHECK_HAS(out.data, "            worker 1: 3.0 tasks, CPU time 40 ms, processor 1\n"
                        "            imbalance 1.40: worker 1 computes longest\n"
                        "process ");
    CHECK_HAS(out.data, "warning: load average is 3: other programs run\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* A long reason stands once below the rows that share it; the rows themselves say its kind. */
static void reasons(const void *data) {
    static const char reason[] =
        "workload ./mine.so: setup: the data set is missing: fetch it first, it is large";
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_init(&run);
    for (uint32_t i = 0; i < 4; i++) {
        run.cell[i].tasks = 0;
        run.cell[i].state = i == 2 ? PB_CELL_DONE : PB_CELL_FAILED;
        CHECK_INT(pb_set_text(&run.cell[i].error, reason), 0);
    }
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "\nserial      failed\nthread   2  failed\n");
    CHECK_HAS(out.data, "\nserial, thread 2, process 2: failed: workload ./mine.so: setup: the data set is\n"
                        "  missing: fetch it first, it is large\n");
    CHECK_MSG(!strstr(out.data, "tasks in every row"), "a number of tasks that nobody knows");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

static void statements(const void *data) {
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_init(&run);
    run.cell[1].summary.bound = 1.5;
    run.cell[1].sample[0].status[0] = 60;
    run.cell[1].sample[0].status[1] = 1;
    run.cell[1].sample[0].status[3] = 3;
    run.cell[2].tasks = 20;
    run.limits.limit = PB_LIMIT_NONE;
    CHECK_INT(pb_set_text(&run.cell[2].binding, "none"), 0);
    CHECK_INT(pb_set_text(&run.cell[2].binding_effective, "none"), 0);
    for (uint32_t i = 0; i < run.cells; i++)
        CHECK_INT(
            pb_set_text(&run.cell[i].binding_reason, i == 2 ? "8 workers do not fit 2 usable cores" : ""), 0);
    CHECK_INT(pb_set_text(&run.cell[3].achieved, "0 1"), 0);
    run.cell[3].misplaced = true;
    CHECK_INT(pb_run_add_finding(&run, "It idles.", "Busy 1.00.", "Use processes."), 0);
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "\nIt idles. Busy 1.00. Use processes.\n");
    CHECK_HAS(out.data, "Example Processor 9000 · 2 processors · KVM");
    CHECK_HAS(out.data, "sha · 1 MiB SHA-256 · 20 to 64 tasks in a row · these tasks allow 1.50x\n");
    CHECK_HAS(out.data, "thread 2                   ok 62.7 · not_found 1 · error 0.3\n");
    CHECK_HAS(out.data, "process 2: planned on processors 0 1, but not always there\n");
    CHECK_HAS(out.data, "\ngil* none     2  34.6 ms");
    CHECK_HAS(out.data, "\nthread auto   2  17.2 ms");
    CHECK_HAS(out.data, "Workers bound to cores;\n  unbound where 8 workers do not fit 2 usable cores.\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* Every text of the record is `text`; the table stays within its columns and acts on no terminal. */
/* Whichever row comes first, the way that holds without a reason does. */
static void bindings(const void *data) {
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    sample_run_init(&run);
    for (uint32_t i = 0; i < run.cells; i++)
        CHECK_INT(pb_set_text(&run.cell[i].binding_reason, ""), 0);
    CHECK_INT(pb_set_text(&run.cell[1].binding_effective, "none"), 0);
    CHECK_INT(pb_set_text(&run.cell[1].binding_reason, "8 workers do not fit 2 usable cores"), 0);
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "Workers bound to cores;\n  unbound where 8 workers do not fit 2 usable cores.\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

static void fill_texts(struct pb_run *run, const char *text) {
    CHECK_INT(pb_set_text(&run->version, text), 0);
    snprintf(run->machine.cpu_model, sizeof run->machine.cpu_model, "%s", text);
    snprintf(run->limits.where, sizeof run->limits.where, "%s", text);
    snprintf(run->host.kernel, sizeof run->host.kernel, "%s", text);
    for (uint32_t i = 0; i < run->cells; i++) {
        struct pb_cell *c = &run->cell[i];
        char **slot[] = {&c->workload, &c->workload_summary,  &c->executor,       &c->binding,
                         &c->planned,  &c->binding_effective, &c->achieved,       &c->binding_reason,
                         &c->error,    &c->status_name[1],    &c->counter_name[0]};
        for (size_t k = 0; k < sizeof slot / sizeof *slot; k++)
            CHECK_INT(pb_set_text(slot[k], text), 0);
        CHECK_INT(pb_cell_add_note(c, text), 0);
        c->sample[0].status[1] = 1;
        struct pb_failure failure = {i, 1, ""};
        snprintf(failure.reason, sizeof failure.reason, "%s", text);
        CHECK(pb_cell_add_failure(c, &failure) >= 0);
        c->misplaced = true;
        c->role = PB_ROLE_CELL;
    }
    CHECK_INT(pb_run_add_warning(run, text), 0);
    CHECK_INT(pb_run_add_finding(run, text, text, text), 0);
}

static void fill_numbers(struct pb_run *run, double value) {
    run->elapsed = value;
    run->limits.quota = value;
    for (uint32_t i = 0; i < run->cells; i++) {
        struct pb_summary *s = &run->cell[i].summary;
        s->time.value = s->throughput.value = s->busy = s->cost = s->efficiency = value;
        s->rate = s->p50 = s->p99 = s->p999 = value;
        s->speedup = s->possible = (struct pb_estimate){value, 0, value, 6};
        s->outcome = "serialised";
        s->cause = "oversubscribed";
        run->cell[i].workers = UINT32_MAX;
        run->cell[i].tasks = UINT64_MAX;
    }
    run->rounds = UINT32_MAX;
    run->cell[1].state = PB_CELL_FAILED;
    run->cell[2].state = PB_CELL_REFUSED;
}

static void nasty(const void *data) {
    char longest[600];
    memset(longest, 'w', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    const char *texts[] = {"",
                           "x",
                           longest,
                           "\x1b[2J\x1b]0;title\x07",
                           "a\nb\rc\td\be\x7f",
                           "\xc2\x9b"
                           "31m",
                           "\xff\xfe\xc0\x80",
                           "\xe2\x80\xae"
                           "evil",
                           "漢字漢字漢字漢字漢字漢字漢字漢字漢字",
                           "e\xcc\x81"};
    const double numbers[] = {NAN, INFINITY, 0, -1, 1e-300, 9.9951, 123456789, 1e300};
    (void)data;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            for (int variant = 0; variant < 4; variant++) {
                struct pb_report_style style = {.utf8 = variant & 1, .verbose = variant & 2, .width = 500};
                struct pb_run run;
                struct pb_buffer out;
                sample_run_init(&run);
                fill_texts(&run, texts[i]);
                fill_numbers(&run, numbers[k]);
                sample_table(&run, &style, &out);
                CHECK_MSG(widest(out.data) <= 80, "text %zu, number %zu: %zu columns\n%s", i, k,
                          widest(out.data), out.data);
                uint32_t code;
                for (const char *at = out.data; *at; at += pb_utf8_next(at, &code))
                    CHECK_MSG(pb_utf8_next(at, &code) && (code == '\n' || !pb_utf8_unsafe(code)) &&
                                  code != PB_UTF8_INVALID,
                              "text %zu: character U+%04X", i, (unsigned)code);
                pb_buffer_release(&out);
                pb_run_release(&run);
            }
}

static void empty(const void *data) {
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    pb_run_init(&run);
    sample_table(&run, &plain, &out);
    CHECK_TEXT(out.data, "0 processors\n\n0 rounds: NOT FINISHED, these are the samples so far.\n");
    pb_buffer_release(&out);
    CHECK(pb_run_add_cell(&run));
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "not measured\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

static void texts(const void *data) {
    static const struct {
        const char *text;
        size_t width;
        bool utf8;
        const char *fitted;
    } rows[] = {
        {"abcdefghij", 10, true, "abcdefghij"},   {"abcdefghijk", 10, true, "abcde…hijk"},
        {"abcdefghijk", 10, false, "abcd...ijk"}, {"漢字漢字", 8, true, "漢字漢字"},
        {"漢字漢字", 7, true, "漢…字"},           {"a\x1b", 5, true, "a?"},
        {"\xe2\x80\xae", 5, true, "?"},           {"\xc3\x28", 5, true, "?("},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_buffer out = {0};
        pb_text_fit(&out, rows[i].text, rows[i].width, rows[i].utf8);
        CHECK_TEXT(pb_buffer_string(&out), rows[i].fitted);
        pb_buffer_release(&out);
    }
    struct pb_buffer out = {0};
    pb_text_wrap(&out, "one two  three fourfivesixseven eight", 9, 2, true);
    CHECK_TEXT(out.data, "one two\n  three\n  fourfiv\n  esixsev\n  en\n  eight\n");
    pb_buffer_release(&out);
    pb_text_wrap_parts(&out, "one · two · three · a part of its own · six", 11, 2, false);
    CHECK_TEXT(out.data, "one | two\n  three\n  a part of\n  its own\n  six\n");
    pb_buffer_release(&out);
}

static void find(const void *data) {
    struct pb_error error;
    (void)data;
    CHECK_TEXT(pb_format_find("json", &error)->name, "json");
    CHECK(!pb_format_find("jsno", &error));
    CHECK_HAS(error.text, "format jsno: unknown: did you mean json? There are: table, json, chart, csv");
    CHECK(!pb_format_find("spreadsheet", &error));
    CHECK_HAS(error.text, "format spreadsheet: unknown: there are: table, json, chart, csv");
}

/* Each format writes something of any record, and its row says what it is. */
static void every(const void *data) {
    struct pb_run run;
    (void)data;
    sample_run_init(&run);
    for (const struct pb_format *f = pb_formats; f->name; f++) {
        struct pb_buffer out = {0};
        struct pb_error error = {0};
        CHECK(f->summary && *f->summary);
        int rc = f->write(&run, &plain, &out, &error);
        CHECK_MSG(f->absent ? rc == -ENOSYS && *error.text : rc == 0 && out.size > 0, "%s", f->name);
        pb_buffer_release(&out);
    }
    pb_run_release(&run);
}

/* The schema is strict, and what is written keeps to it: validated by another implementation. */
static void schema(const void *data) {
    static const char program[] =
        "import json, sys, jsonschema\n"
        "schema = json.load(open(sys.argv[1]))\n"
        "V = jsonschema.validators.validator_for(schema)\n"
        "V.check_schema(schema)\n"
        "newer = ['commit', 'runner', 'side', 'suspended', 'forks', 'fork', 'throttled_periods', "
        "'throttled_ns', "
        "'steal_ns', "
        "'gil_ns', 'io_ns', 'idle_ns', 'comparisons', 'computing_share', 'gil_share', 'io_share', "
        "'idle_share', 'rest_share', 'spans', 'spans_lost', 'undisturbed_ns', 'undisturbed', "
        "'doubts', 'laws', 'hosts']\n" /* which older results lack */
        "run = json.load(open(sys.argv[2]))\n"
        "for e in V(schema).iter_errors(run): sys.exit(f'{list(e.absolute_path)}: {e.message}')\n"
        "def walk(s):\n"
        "    if isinstance(s, dict):\n"
        "        if s.get('type') == 'object':\n"
        "            assert s['additionalProperties'] is False, s\n"
        "            assert s['required'] == [p for p in s['properties'] if p not in newer], s\n"
        "            assert all('description' in p for p in s['properties'].values()), s\n"
        "        [walk(v) for v in s.values()]\n"
        "walk(schema)\n"
        "def broken(change):\n"
        "    r = json.load(open(sys.argv[2])); change(r)\n"
        "    assert not V(schema).is_valid(r), change\n"
        "broken(lambda r: r.update(x=1))\n"
        "broken(lambda r: r['cells'][0]['samples'][0].pop('digest'))\n"
        "broken(lambda r: r['cells'][0]['samples'][0].update(cpu_ns=-1))\n";
    char path[] = "/tmp/parbench-schema-XXXXXX", command[4096];
    struct pb_run run;
    struct pb_buffer text = {0};
    (void)data;
    if (system("/usr/bin/python3 -c 'import jsonschema' 2>/dev/null") != 0)
        pb_test_skip("python3-jsonschema is not installed");
    sample_run_init(&run);
    CHECK(pb_run_add_cell(&run));
    CHECK_INT(pb_run_encode(&run, &text), 0);
    int fd = mkstemp(path);
    CHECK(fd >= 0 && write(fd, text.data, text.size) == (ssize_t)text.size && close(fd) == 0);
    CHECK_INT(setenv("PROGRAM", program, 1), 0);
    snprintf(command, sizeof command, "/usr/bin/python3 -c \"$PROGRAM\" '%s/docs/result.schema.json' %s",
             PB_SOURCE_DIR, path);
    int status = system(command);
    unlink(path);
    CHECK_INT(status, 0);
    pb_buffer_release(&text);
    pb_run_release(&run);
}

static const struct pb_case cases[] = {
    {"golden", golden, NULL},     {"ascii", ascii, NULL},     {"wide", wide, NULL},
    {"machine", machine, NULL},   {"colour", colour, NULL},   {"states", states, NULL},
    {"reasons", reasons, NULL},   {"workers", workers, NULL}, {"statements", statements, NULL},
    {"bindings", bindings, NULL}, {"nasty", nasty, NULL},     {"empty", empty, NULL},
    {"texts", texts, NULL},       {"find", find, NULL},       {"every", every, NULL},
    {"schema", schema, NULL},     {NULL, NULL, NULL},
};
const struct pb_suite suite_report = {"report", cases, NULL};
