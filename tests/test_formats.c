/* Every format against every odd record (odd_runs.c), whatever it is: nothing in it may act on a terminal, a
 * CI's log, a page or a spreadsheet. Then each format against what reads it: tests/formats/. */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>

#include "odd_runs.h"
#include "program.h"
#include "report/annotations.h"
#include "report/report.h"
#include "results/utf8.h"
#include "sample_run.h"
#include "suite.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define FORMATS  PB_SOURCE_DIR "/tests/formats"

static const struct pb_report_style style = {.utf8 = true, .wide = true, .verbose = true, .width = 120};

static void write_format(const char *name, const struct pb_run *run, struct pb_buffer *out) {
    struct pb_error error = {0};
    const struct pb_format *format = pb_format_find(name, &error);
    CHECK_MSG(format, "%s", error.text);
    if (format->absent)
        pb_test_skip("%s", format->absent);
    *out = (struct pb_buffer){0};
    CHECK_MSG(format->write(run, &style, out, &error) == 0, "%s", error.text);
    CHECK(!out->failed);
}

/* Of a record without spans nothing is told by a format that tells of them. */
static bool can_tell(const char *name, const struct pb_run *run) {
    struct pb_error error = {0};
    bool spans = !pb_format_find(name, &error)->spans;
    for (uint32_t i = 0; i < run->cells; i++)
        spans |= run->cell[i].spans > 0;
    return spans;
}

/* ---- What holds for every format ---- */

static bool is(const char *name, const char *const *list) {
    for (; *list; list++)
        if (strcmp(name, *list) == 0)
            return true;
    return false;
}

/* A terminal: nothing but text, line ends, and what UTF-8 allows. */
static void check_characters(const char *text, bool returns) {
    uint32_t code;
    for (size_t length; (length = pb_utf8_next(text, &code)) > 0; text += length) {
        bool end = code == '\n' || (code == '\r' && returns && text[1] == '\n');
        CHECK_MSG(end || !pb_utf8_unsafe(code), "U+%04X at: %.60s", code, text);
        CHECK_MSG(code != PB_UTF8_INVALID, "not UTF-8 at: %.60s", text);
    }
}

/* GitHub's runner trims a line and looks for "::" at its beginning, and for "##[" anywhere. */
static void check_log(const char *text) {
    CHECK_MSG(!strstr(text, "##["), "%.60s", strstr(text, "##["));
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += strspn(line, " \t\r\n\v\f");
        CHECK_MSG(strncmp(line, "::", 2) != 0, "%.60s", line);
    }
}

/* A page: where texts are shown as they are, no tag may begin. */
static void check_page(const char *text) {
    static const char *const tags[] = {"<script", "<img", "<!--", NULL};
    for (const char *const *tag = tags; *tag; tag++)
        for (const char *at = text; (at = strstr(at, *tag)); at++)
            CHECK_MSG(at > text && at[-1] == '\\', "%.60s", at);
}

static void check_json(const char *text, size_t size) {
    json_error_t bad;
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &bad);
    CHECK_MSG(json, "line %d: %s", bad.line, bad.text);
    json_decref(json);
}

struct pair {
    const struct pb_format *format;
    const struct odd_run *row;
};

static struct pair pairs[512]; /* formats times records */

static void check_refused(const struct pb_format *format, const struct pb_run *run) {
    struct pb_buffer out = {0};
    struct pb_error error = {0};
    CHECK_INT(format->write(run, &style, &out, &error), -ENODATA);
    CHECK_HAS(error.text, "bench --trace");
    CHECK_INT(out.size, 0);
}

static void conformance(const void *data) {
    static const char *const plain[] = {"table", "chart", "csv", NULL}, *const other[] = {"table", "chart",
                                                                                          "csv",   "markdown",
                                                                                          "junit", NULL};
    const struct pair *pair = data;
    const char *name = pair->format->name;
    struct pb_buffer out, again;
    struct pb_run run;
    pair->row->init(&run);
    if (!can_tell(name, &run)) {
        check_refused(pair->format, &run);
        pb_run_release(&run);
        return;
    }
    write_format(name, &run, &out);
    write_format(name, &run, &again);
    CHECK_TEXT(out.data, again.data);
    CHECK(strlen(out.data) == out.size && out.data[out.size - 1] == '\n');
    check_characters(out.data, strcmp(name, "csv") == 0);
    check_log(out.data);
    if (!is(name, plain))
        check_page(out.data);
    if (!is(name, other))
        check_json(out.data, out.size);
    pb_buffer_release(&out);
    pb_buffer_release(&again);
    pb_run_release(&run);
}

/* ---- Real readers ---- */

/* Writes DIRECTORY/RUN-FORMAT into `path`; false: the record has nothing that this format tells. */
static bool write_file(const char *directory, const char *format, const char *run_name, char path[256]) {
    struct pb_buffer out = {0};
    struct pb_run run;
    odd_run(run_name)->init(&run);
    bool told = can_tell(format, &run);
    if (told) {
        write_format(format, &run, &out);
        snprintf(path, 256, "%s/%s-%s.json", directory, run_name, format);
        FILE *file = fopen(path, "w");
        CHECK(file);
        CHECK(fwrite(out.data, 1, out.size, file) == out.size);
        CHECK_INT(fclose(file), 0);
    }
    pb_buffer_release(&out);
    pb_run_release(&run);
    return told;
}

static void need(const char *command, const char *package) {
    char line[256];
    snprintf(line, sizeof line, "%s >/dev/null 2>&1", command);
    if (system(line) != 0)
        pb_test_skip("%s is not installed", package);
}

struct reader {
    const char *format, *script, *before;
    const char *need, *package;
    bool two; /* it takes files by two */
};

static const struct reader readers[] = {
    {"google", "google.py", "",
     "/usr/bin/python3 -c 'import scipy' && test -f /usr/share/benchmark/compare.py",
     "libbenchmark-tools or python3-scipy", true},
    {"google-stats", "google.py", "",
     "/usr/bin/python3 -c 'import scipy' && test -f /usr/share/benchmark/compare.py",
     "libbenchmark-tools or python3-scipy", true},
    {"hyperfine", "hyperfine.py", "", "hyperfine --version", "hyperfine", false},
    {"csv", "csv_rows.py", "", "/usr/bin/python3 --version", "python3", false},
    {"markdown", "markdown.py", "", "cmark-gfm --version", "cmark-gfm", false},
    {"junit", "junit.py", "'" FORMATS "/junit.xsd'", "xmllint --version", "libxml2-utils", false},
    {"github", "schema.py", "'" FORMATS "/github.json'", "/usr/bin/python3 -c 'import jsonschema'",
     "python3-jsonschema", false},
    {"trace", "trace.py", "", "/usr/bin/python3 --version", "python3", false},
    {"bencher", "schema.py", "'" FORMATS "/bencher.json'", "/usr/bin/python3 -c 'import jsonschema'",
     "python3-jsonschema", false},
};

/* The reader takes every odd record. */
static void read_back(const void *data) {
    const struct reader *r = data;
    char directory[64], path[256];
    struct pb_buffer line = {0};
    need(r->need, r->package);
    program_directory(directory);
    pb_buffer_printf(&line, "/usr/bin/python3 '" FORMATS "/%s' %s", r->script, r->before);
    for (const struct odd_run *row = odd_runs; row->name; row++) {
        bool told = write_file(directory, r->format, row->name, path);
        for (int i = 0; told && i < 1 + r->two; i++)
            pb_buffer_printf(&line, " '%s'", path);
    }
    pb_buffer_text(&line, " >/dev/null");
    CHECK_MSG(system(line.data) == 0, "%s", line.data);
    pb_buffer_release(&line);
    program_directory_release(directory);
}

/* ---- What they say ---- */

/* A format of an odd record holds all these. */
static const struct said {
    const char *format, *run, *parts[8];
} said[] = {
    {"csv",
     "sample",
     {"\r\n\"sha\",\"serial\",1,\"auto\",\"for\",\"\",\"\",base,done,0,1,1,64,0,34100000,34000000,5,2,1,7,,"
      "12582912,2,"
      "30000000,,0x00c0ffee00c0ffee\r\n",
      "\"spin\",\"thread\",2,\"auto\",\"for\",\"\",\"\",reference,done,5,"}},
    {"csv", "hostile", {"\n\"'=cmd|' /C calc'!A0\",", "\n\"' =1+1\",", "\n\"quote \"\" comma , ' semi"}},
    {"markdown",
     "sample",
     {"| sha thread 2 | 17.2 ms | 1.98x ±0.01 | 1.98 | 1.00 | parallel |\n",
      "\n- Under one lock the second processor idles (gil\\* 2: busy 1.00); processes fix that.\n"}},
    {"markdown",
     "compared",
     {"| sha thread 2 | 17.2 ms | 18.3 ms | +6.2 % (99 % interval +5.1 % to +7.3 %, threshold 5 %) | "
      "regressed |\n",
      "| sha loop 2 | 17.2 ms | - | only the base has it | not comparable |\n"}},
    {"junit",
     "compared",
     {"<testsuites name=\"parbench\" tests=\"5\" failures=\"1\" errors=\"0\" skipped=\"2\" "
      "time=\"10.040000000\">",
      "<failure type=\"regressed\" message=\"regressed: +6.2 % (99 % interval +5.1 % to +7.3 %, threshold 5 "
      "%)\"/>",
      "<skipped message=\"inconclusive: +6.2 % (99 % interval +5.1 % to +7.3 %, threshold 5 %); it could "
      "have found "
      "3.1 %\"/>",
      "<skipped message=\"not comparable: only the base has it\"/>",
      "<testcase classname=\"sha\" name=\"sha serial\" time=\"0.018300000\"/>"}},
    {"junit",
     "failed",
     {"tests=\"4\" failures=\"0\" errors=\"2\" skipped=\"1\"",
      "<error type=\"failed\" message=\"failed: sha thread 2: its runner died: signal 9: see dmesg\"/>",
      "<error type=\"wrong answers\" message=\"wrong answers\"/>",
      "<skipped message=\"refused: worker 1 was slow: no reason: none\"/>"}},
    {"junit", "failed-compared", {"tests=\"2\" failures=\"0\" errors=\"2\" skipped=\"0\""}},
    {"google",
     "sample",
     {"\"name\": \"sha thread 2\"",
      "\"threads\": 2,\n      \"iterations\": 64,\n      \"real_time\": 268750,",
      "\"date\": \"2027-01-15T08:00:00+00:00\"", "\"run_type\": \"iteration\""}},
    {"google-stats", "sample", {"\"name\": \"sha thread 2_median\"", "\"run_type\": \"aggregate\""}},
    {"hyperfine",
     "sample",
     {"\"command\": \"sha thread 2\"", "\"median\": 0.017200001,", "\"workers\": \"2\""}},
    {"github",
     "sample",
     {"\"name\": \"sha thread 2\",\n    \"unit\": \"ns/task\",\n    \"value\": 268750,\n    \"range\": \"± "
      "1562\",\n    "
      "\"extra\": \"64 tasks, 3 samples, speedup 1.98x, parallel\""}},
    {"bencher",
     "sample",
     {"\"sha thread 2\": {\n    \"latency\": {\n      \"value\": 268750,\n      \"lower_value\": 267187.5,\n "
      "     "
      "\"upper_value\": 270312.5\n"}},
    {"bencher", "same", {"\"sha thread 2 (2)\"", "\"sha thread 2 (3)\"", "\"sha? thread 2 (4)\""}},
};

static void says(const void *data) {
    const struct said *row = data;
    struct pb_buffer out;
    struct pb_run run;
    odd_run(row->run)->init(&run);
    write_format(row->format, &run, &out);
    for (size_t i = 0; i < COUNT(row->parts) && row->parts[i]; i++)
        CHECK_HAS(out.data, row->parts[i]);
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* Rows that failed, or gave wrong answers, have no time that others may follow. */
static void tells_no_broken_time(const void *data) {
    static const char *const formats[] = {"google", "google-stats", "hyperfine", "github", "bencher"};
    struct pb_buffer out;
    struct pb_run run;
    (void)data;
    odd_run("failed")->init(&run);
    for (size_t i = 0; i < COUNT(formats); i++) {
        write_format(formats[i], &run, &out);
        CHECK_HAS(out.data, "sha serial");
        CHECK_MSG(!strstr(out.data, "sha thread") && !strstr(out.data, "sha gil") &&
                      !strstr(out.data, "spin"),
                  "%s: %s", formats[i], out.data);
        pb_buffer_release(&out);
    }
    pb_run_release(&run);
}

static void annotations(const void *data) {
    static const char compared[] = "::error title=sha thread 2::regressed: +6.2 %25 (99 %25 interval +5.1 "
                                   "%25 to +7.3 %25, threshold 5 %25)\n"
                                   "::warning title=sha process 2::inconclusive: +6.2 %25 (99 %25 interval "
                                   "+5.1 %25 to +7.3 %25, threshold 5 "
                                   "%25); it could have found 3.1 %25\n"
                                   "::warning title=sha loop 2::not comparable: only the base has it\n";
    static const char failed[] =
        "::error title=sha thread 2::failed: sha thread 2: its runner died: signal 9: see dmesg\n"
        "::error title=sha gil 2::wrong answers\n";
    static const struct {
        const char *run, *expected;
    } rows[] = {{"compared", compared}, {"failed", failed}, {"failed-compared", failed}, {"sample", ""}};
    (void)data;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pb_buffer out = {0};
        struct pb_run run;
        odd_run(rows[i].run)->init(&run);
        pb_annotations_write(&run, &out);
        CHECK_TEXT(pb_buffer_string(&out), rows[i].expected);
        pb_buffer_release(&out);
        pb_run_release(&run);
    }
}

/* Whatever names hold, each line is one command, with one property. */
static void annotations_hostile(const void *data) {
    struct pb_buffer out = {0};
    struct pb_run run;
    (void)data;
    odd_run("hostile-compared")->init(&run);
    pb_annotations_write(&run, &out);
    check_characters(pb_buffer_string(&out), false);
    CHECK(!strstr(out.data, "##[") && !strstr(out.data, "%0A"));
    CHECK_HAS(out.data, "::error title=%250A%3A%3Aerror%3A%3Aboom%250D ");
    for (char *line = out.data, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        CHECK(end);
        *end = '\0';
        char *title = strstr(line, " title=");
        CHECK_MSG(title && (strncmp(line, "::error ", 8) == 0 || strncmp(line, "::warning ", 10) == 0), "%s",
                  line);
        title += strlen(" title=");
        size_t length = strcspn(title, ":,");
        CHECK_MSG(strncmp(title + length, "::", 2) == 0, "%s", line);
    }
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* ---- The program ---- */

static void run_to(const char *directory, const char *name) {
    struct program p;
    program_run(&p, NULL, "-q -w spin -e serial,thread -n 2 --rounds 3 --tasks 4 -o %s/%s.json", directory,
                name);
    program_check_code(&p, 0);
    program_release(&p);
}

static void save(const struct pb_buffer *text, const char *directory, const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    CHECK(file && fwrite(text->data, 1, text->size, file) == text->size);
    CHECK_INT(fclose(file), 0);
}

/* What is exported is what was kept, and Google's compare.py accepts two of our files. */
static void exports(const void *data) {
    static const char *const names[] = {"old", "new"};
    char directory[64], path[256], line[512];
    (void)data;
    program_directory(directory);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct pb_buffer kept = {0};
        struct program p;
        run_to(directory, names[i]);
        snprintf(path, sizeof path, "%s/%s.json", directory, names[i]);
        program_read_file(&kept, path);
        program_run(&p, NULL, "export %s --format json", path);
        program_check_code(&p, 0);
        CHECK_TEXT(p.said.data, kept.data);
        program_release(&p);
        pb_buffer_release(&kept);
        program_run(&p, NULL, "export %s --format=google", path);
        program_check_code(&p, 0);
        snprintf(path, sizeof path, "%s.google", names[i]);
        save(&p.said, directory, path);
        program_release(&p);
    }
    need(readers[0].need, readers[0].package);
    snprintf(line, sizeof line,
             "/usr/bin/python3 '" FORMATS "/google.py' %s/old.google %s/new.google >/dev/null", directory,
             directory);
    CHECK_INT(system(line), 0);
    program_directory_release(directory);
}

/* A journal holds samples alone, and its last line may be cut: the rest is there, and computed. */
static void exports_journal(const void *data) {
    char directory[64], path[256];
    struct program p, e;
    (void)data;
    program_directory(directory);
    snprintf(path, sizeof path, "%s/run.json.partial", directory);
    program_begin_line(
        &p, NULL, "-q -w spin -e thread -n 2 --tasks 4 --time 60s --precision 0 -o %s/run.json", directory);
    program_wait_samples(&p, path, 12);
    kill(p.pid, SIGKILL);
    program_finish(&p);
    program_release(&p);
    program_run(&e, NULL, "export %s --format markdown", path);
    program_check_code(&e, 0);
    CHECK_HAS(e.said.data, "\n| spin thread 2 | ");
    program_release(&e);
    program_run(&e, NULL, "export %s/run.json", directory);
    program_check_code(&e, 2);
    CHECK_HAS(e.complained.data, "run.json.partial");
    program_release(&e);
    program_directory_release(directory);
}

static void refuses(const void *data) {
    static const struct {
        const char *line, *complaint;
    } rows[] = {
        {"export",
         "bench: export: no file is named: give one that `bench -o FILE` wrote, or its FILE.partial\n"},
        {"export /nonexistent/x.json", "bench: /nonexistent/x.json: "},
        {"export /dev/null", "bench: /dev/null:1:1: not JSON: empty"},
        {"export x.json --format cvs", "bench: format cvs: unknown: did you mean csv? There are: table, "},
        {"export a b", "bench: b: unexpected argument"},
        {"export a -w sha", "bench: "},
    };
    (void)data;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct program p;
        program_run(&p, NULL, "%s", rows[i].line);
        program_check_code(&p, 2);
        CHECK_HAS(p.complained.data, rows[i].complaint);
        CHECK_INT(p.said.size, 0);
        program_release(&p);
    }
}

/* ---- The list ---- */

static const struct pb_case others[] = {
    {"tells-no-broken-time", tells_no_broken_time, NULL}, {"annotations", annotations, NULL},
    {"annotations-hostile", annotations_hostile, NULL},   {"exports", exports, NULL},
    {"exports-journal", exports_journal, NULL},           {"refuses", refuses, NULL},
};

static bool generate(size_t i, struct pb_case *out) {
    static char name[96];
    size_t runs = 0, formats = 0;
    while (odd_runs[runs].name)
        runs++;
    while (pb_formats[formats].name)
        formats++;
    CHECK(runs * formats <= COUNT(pairs));
    if (i < runs * formats) {
        pairs[i] = (struct pair){&pb_formats[i / runs], &odd_runs[i % runs]};
        snprintf(name, sizeof name, "%s/%s", pairs[i].format->name, pairs[i].row->name);
        *out = (struct pb_case){name, conformance, &pairs[i]};
    } else if ((i -= runs * formats) < COUNT(readers)) {
        snprintf(name, sizeof name, "read/%s", readers[i].format);
        *out = (struct pb_case){name, read_back, &readers[i]};
    } else if ((i -= COUNT(readers)) < COUNT(said)) {
        snprintf(name, sizeof name, "says/%s/%s", said[i].format, said[i].run);
        *out = (struct pb_case){name, says, &said[i]};
    } else if ((i -= COUNT(said)) < COUNT(others)) {
        *out = others[i];
    } else {
        return false;
    }
    return true;
}

const struct pb_suite suite_formats = {"formats", NULL, generate};
