/* scripts/plot and scripts/report: what they make of every odd record (odd_runs.c), by the checks in
 * tests/pictures/; how they refuse what is no result; and how pages look in a browser. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "odd_runs.h"
#include "program.h"
#include "report/report.h"
#include "suite.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define CHECKS   PB_SOURCE_DIR "/tests/pictures"
#define SCRIPTS  PB_SOURCE_DIR "/scripts"
#define PYTHON   "/usr/bin/python3"

static void need(const char *command, const char *what) {
    char line[256];
    snprintf(line, sizeof line, "%s >/dev/null 2>&1", command);
    if (system(line) != 0)
        pb_test_skip("%s is not installed", what);
}

static void need_drawing(void) {
    need(PYTHON " -c 'import matplotlib, jinja2'", "python3-matplotlib or python3-jinja2");
}

static void write_text(const char *path, const char *text, size_t size) {
    FILE *file = fopen(path, "w");
    CHECK(file);
    CHECK(fwrite(text, 1, size, file) == size);
    CHECK_INT(fclose(file), 0);
}

static void write_record(const char *path, const char *name) {
    static const struct pb_report_style style = {.width = 80};
    struct pb_buffer out = {0};
    struct pb_error error = {0};
    struct pb_run run;
    odd_run(name)->init(&run);
    CHECK(pb_format_find("json", &error)->write(&run, &style, &out, &error) == 0);
    write_text(path, out.data, out.size);
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* Runs CHECKS/script with a directory and the records of `names`, of all if it is NULL. */
static void check_by(const char *script, const char *const *names) {
    char directory[64], path[256];
    struct pb_buffer line = {0};
    program_directory(directory);
    pb_buffer_printf(&line, "MPLCONFIGDIR='%s' " PYTHON " -B '" CHECKS "/%s' '%s'", directory, script,
                     directory);
    for (const struct odd_run *row = odd_runs; row->name; row++) {
        bool asked = !names;
        for (const char *const *name = names; name && *name; name++)
            asked |= strcmp(*name, row->name) == 0;
        if (!asked)
            continue;
        snprintf(path, sizeof path, "%s/%s.json", directory, row->name);
        write_record(path, row->name);
        pb_buffer_printf(&line, " '%s'", path);
    }
    pb_buffer_text(&line, " >&2");
    CHECK_MSG(system(line.data) == 0, "%s", line.data);
    pb_buffer_release(&line);
    program_directory_release(directory);
}

static void draws(const void *data) {
    const struct odd_run *row = data;
    const char *names[] = {row->name, NULL};
    need_drawing();
    check_by("draw.py", names);
}

static void parts(const void *data) {
    (void)data;
    need_drawing();
    CHECK(system(PYTHON " -B '" CHECKS "/words.py'") == 0);
}

static void broken(const void *data) {
    static const char *const names[] = {"sample", "compared", NULL};
    (void)data;
    need_drawing();
    check_by("broken.py", names);
}

static void browser(const void *data) {
    static const char *const names[] = {"sample", "hostile", "compared", NULL};
    (void)data;
    need_drawing();
    need("chromium --version && chromedriver --version", "chromium or chromium-driver");
    check_by("browser.py", names);
}

/* ---- How they refuse ---- */

static const struct refusal {
    const char *name, *script, *words; /* @: the folder */
    int code;
    const char *says;
} refusals[] = {
    {"no-file", "plot", "@/none.json", 2, "plot: @/none.json: No such file or directory: name a file"},
    {"nothing", "plot", "", 2,
     "plot: the following arguments are required: RESULT.json: scripts/plot --help"},
    {"cut-off", "plot", "@/cut.json", 2, "plot: @/cut.json:1:"},
    {"no-result", "report", "@/other.json", 2, "report: @/other.json: no result of bench: "},
    {"schema", "report", "@/newer.json", 2, "report: @/newer.json: schema 999, and this reads 1: "},
    {"constant", "plot", "@/nan.json", 2, "plot: @/nan.json: no JSON (NaN is no JSON): "},
    {"lacking", "plot", "@/lacking.json", 2, "plot: @/lacking.json: a result that lacks what it should hold"},
    {"deep", "plot", "@/deep.json", 2, "plot: @/deep.json: "},
    {"kind", "plot", "@/sample.json --kind pie", 2, "plot: argument --kind: invalid choice: 'pie'"},
    {"no-latencies", "plot", "@/sample.json --kind latency", 2, "does not hold latencies (workloads such as"},
    {"format", "plot", "@/sample.json -o @/out.gif", 2, "plot: -o @/out.gif: not one of .png, .svg, .pdf: "},
    {"no-folder", "report", "@/sample.json -o @/none/out.html", 6,
     "report: -o @/none/out.html: No such file"},
};

static void fill(struct pb_buffer *out, const char *text, const char *directory) {
    for (; *text; text++)
        if (*text == '@')
            pb_buffer_text(out, directory);
        else
            pb_buffer_add(out, text, 1);
}

static void refuses(const void *data) {
    static const struct {
        const char *name, *text;
    } files[] = {{"other.json", "{\"a\": 1}"},
                 {"newer.json", "{\"schema\": 999}"},
                 {"cut.json", "{\"schema\": 1, \"cells\": ["},
                 {"nan.json", "{\"schema\": NaN}"},
                 {"lacking.json", "{\"schema\": 1, \"cells\": [{}]}"}};
    const struct refusal *row = data;
    char directory[64], path[128];
    struct pb_buffer words = {0}, says = {0}, deep = {0};
    struct program p;
    need_drawing();
    program_directory(directory);
    for (size_t i = 0; i < COUNT(files); i++) {
        snprintf(path, sizeof path, "%s/%s", directory, files[i].name);
        write_text(path, files[i].text, strlen(files[i].text));
    }
    for (int i = 0; i < 100000; i++)
        pb_buffer_text(&deep, "[");
    snprintf(path, sizeof path, "%s/deep.json", directory);
    write_text(path, deep.data, deep.size);
    snprintf(path, sizeof path, "%s/sample.json", directory);
    write_record(path, "sample");

    fill(&words, row->words, directory);
    fill(&says, row->says, directory);
    struct pb_buffer line = {0};
    pb_buffer_printf(&line, "exec " PYTHON " -B '" SCRIPTS "/pictures' %s %s", row->script,
                     pb_buffer_string(&words));
    program_begin(&p,
                  &(struct program_start){.other = "sh", .word = (const char *[]){"-c", line.data, NULL}});
    program_finish(&p);
    program_check_code(&p, row->code);
    CHECK_HAS(pb_buffer_string(&p.complained), pb_buffer_string(&says));
    CHECK_MSG(!strchr(p.complained.data, '\n') || !strchr(p.complained.data, '\n')[1], "more than a line: %s",
              p.complained.data);
    program_release(&p);
    pb_buffer_release(&line);
    pb_buffer_release(&words);
    pb_buffer_release(&says);
    pb_buffer_release(&deep);
    program_directory_release(directory);
}

static bool cases(size_t i, struct pb_case *out) {
    static const struct pb_case plain[] = {
        {"parts", parts, NULL}, {"broken", broken, NULL}, {"browser", browser, NULL}};
    static char names[64][64];
    size_t odd = 0;
    while (odd_runs[odd].name)
        odd++;
    if (i < odd) {
        snprintf(names[i], sizeof *names, "draws-%s", odd_runs[i].name);
        *out = (struct pb_case){names[i], draws, &odd_runs[i]};
    } else if (i < odd + COUNT(refusals)) {
        snprintf(names[i], sizeof *names, "refuses-%s", refusals[i - odd].name);
        *out = (struct pb_case){names[i], refuses, &refusals[i - odd]};
    } else if (i < odd + COUNT(refusals) + COUNT(plain)) {
        *out = plain[i - odd - COUNT(refusals)];
    } else {
        return false;
    }
    return true;
}

const struct pb_suite suite_pictures = {.name = "pictures", .generate = cases};
