/* The reader against bad input: the corpus of the fuzz target, which holds what it ever found too, and what
 * no target finds in short inputs. */
#include "fuzz/reader.h"
#include "fuzz/values.h"
#include "results/json.h"
#include "sample_run.h"
#include "suite.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "program.h"

static void check_holds(const char *name, const struct pb_buffer *text) {
    char why[512];
    CHECK_MSG(reader_holds(text->data ? text->data : "", text->size, why, sizeof why), "%s: %s", name, why);
}

/* Files of tests/fuzz/corpus: seeds, and one for each fault that was found, named after it. */
static void corpus(const void *data) {
    static const char *const path = PB_SOURCE_DIR "/tests/fuzz/corpus";
    struct dirent **entry;
    char file[1024];
    (void)data;
    int n = scandir(path, &entry, NULL, alphasort), files = 0;
    CHECK_MSG(n > 0, "%s", path);
    for (int i = 0; i < n; i++) {
        struct pb_buffer text = {0};
        if (entry[i]->d_name[0] != '.') {
            snprintf(file, sizeof file, "%s/%s", path, entry[i]->d_name);
            program_read_file(&text, file);
            check_holds(entry[i]->d_name, &text);
            files++;
        }
        pb_buffer_release(&text);
        free(entry[i]);
    }
    free(entry);
    CHECK(files >= 3);
}

/* The record as it is today, whose members the corpus may not all know. */
static void today(const void *data) {
    struct pb_run run;
    struct pb_buffer text = {0};
    (void)data;
    sample_run_init(&run);
    CHECK_INT(pb_run_encode(&run, &text), 0);
    check_holds("sample run", &text);
    pb_buffer_release(&text);
    pb_run_release(&run);
}

/* The text with the bytes from `at` to `end` replaced. */
static void replaced(struct pb_buffer *out, const struct pb_buffer *text, size_t at, size_t end,
                     const char *piece) {
    *out = (struct pb_buffer){0};
    pb_buffer_add(out, text->data, at);
    pb_buffer_text(out, piece);
    pb_buffer_add(out, text->data + end, text->size - end);
}

/* A cell of two samples, with one of everything. */
static void small_run(struct pb_buffer *text) {
    static const struct sample_row row = {"thread", 2, 17.2, 1.98, 0.01, 1.98, 1, "parallel", NULL};
    struct pb_latency_count latency[] = {{5, 1}, {317, 2}};
    struct pb_run run;
    sample_run_bare(&run);
    struct pb_cell *c = sample_run_add(&run, "sha", "1 MiB SHA-256", &row);
    struct pb_sample s = {.round = 9, .tasks = 64, .latencies = 2, .latency = latency, .counter = {3}};
    CHECK_INT(pb_cell_add_sample(c, &s), 0);
    CHECK_INT(pb_cell_add_failure(c, &(struct pb_failure){9, 3, "HTTP 404"}), 1);
    CHECK_INT(pb_cell_add_note(c, "a note"), 0);
    CHECK_INT(pb_set_text(&c->counter_name[0], "requests"), 0);
    CHECK_INT(pb_run_add_warning(&run, "load average is 3"), 0);
    CHECK_INT(pb_run_add_finding(&run, "claim", "evidence", "next"), 0);
    CHECK(pb_run_add_comparison(&run, "sha thread 2"));
    CHECK_INT(pb_run_encode(&run, text), 0);
    pb_run_release(&run);
}

/* Each value of a record, replaced by troubles of its kind, and of the other kinds by one. All of them take
   long, so the tries go round: one in THIN, other ones for each value. */
enum { THIN = 8 };

static void every_value(const void *data) {
    struct pb_buffer text = {0}, bad;
    static struct values values;
    (void)data;
    small_run(&text);
    find_values(text.data, text.size, &values);
    CHECK_MSG(values.n > 200 && values.n < MOST_VALUES, "%zu values", values.n);
    for (size_t i = 0; i < values.n; i++) {
        size_t at = values.at[i], end = value_end(text.data, text.size, at);
        enum value_kind kind = kind_of(text.data[at]);
        for (size_t k = 0; k < troubles_of(kind) + VALUE_KINDS; k++) {
            size_t beyond = k - troubles_of(kind);
            if ((i * 3 + k) % THIN)
                continue;
            const char *trouble =
                beyond < VALUE_KINDS ? trouble_of((enum value_kind)beyond, i % 7 + 1) : trouble_of(kind, k);
            char name[160];
            snprintf(name, sizeof name, "%s in the place of %.*s at byte %zu", trouble,
                     end - at < 40 ? (int)(end - at) : 40, text.data + at, at);
            replaced(&bad, &text, at, end, trouble);
            check_holds(name, &bad);
            pb_buffer_release(&bad);
        }
    }
    pb_buffer_release(&text);
}

/* Half a result is no journal either, whatever line follows. */
static void half_and_line(const void *data) {
    static const char line[] =
        "\n{\"cell\": 0, \"failure\": {\"task\": 1, \"status\": 1, \"reason\": \"\"}}\n";
    struct pb_buffer text = {0};
    (void)data;
    small_run(&text);
    for (size_t size = 0; size + 2 < text.size; size++) {
        struct pb_run back;
        struct pb_buffer bad = {0};
        struct pb_error error = {0};
        pb_buffer_add(&bad, text.data, size);
        pb_buffer_text(&bad, line);
        CHECK_MSG(pb_run_decode(&back, "r.json", bad.data, bad.size, &error) == -EINVAL, "%zu bytes", size);
        CHECK(strncmp(error.text, "r.json:", 7) == 0);
        pb_buffer_release(&bad);
    }
    pb_buffer_release(&text);
}

/* Files that are not too large, but whose values are: what would take more memory than a machine may have is
   refused before it does. */
static void heavy(const void *data) {
    static const char *const rows[][2] = {
        {"{},", "r.json:1:17443459: takes more memory than 1536 MiB"},
        {"[],", "r.json:1:26548559: takes more memory than 1536 MiB"},
        {"[[[],{}]],", "takes more memory than 1536 MiB"},
        {"{\"a\":\"\\\"\"},", "takes more memory than 1536 MiB"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_run back;
        struct pb_error error = {0};
        size_t size = 48u << 20, length = strlen(rows[i][0]);
        char *text = malloc(size);
        CHECK(text);
        text[0] = '[';
        for (size_t at = 1; at < size; at++)
            text[at] = rows[i][0][(at - 1) % length];
        CHECK_INT(pb_run_decode(&back, "r.json", text, size, &error), -EINVAL);
        CHECK_HAS(error.text, rows[i][1]);
        free(text);
    }
}

static const struct pb_case cases[] = {
    {"corpus", corpus, NULL},
    {"today", today, NULL},
    {"every-value", every_value, NULL},
    {"half-and-line", half_and_line, NULL},
    {"heavy", heavy, NULL},
    {NULL, NULL, NULL},
};
const struct pb_suite suite_fuzz = {"fuzz", cases, NULL};
