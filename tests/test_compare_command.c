/* `bench compare` from outside. */
#include "base/buffer.h"
#include "made_run.h"
#include "program.h"
#include "results/encode.h"
#include "results/json.h"

#include <unistd.h>

static void save(const char *directory, const char *name, const struct pb_run *run, bool journal) {
    char path[128];
    struct pb_buffer text = {0};
    if (!journal)
        CHECK_INT(pb_run_encode(run, &text), 0);
    else
        CHECK_INT(pb_run_encode_line(run, &text), 0);
    for (uint32_t i = 0; journal && i < run->cells; i++)
        for (uint32_t k = 0; k < run->cell[i].samples; k++)
            CHECK_INT(pb_sample_encode_line(i, &run->cell[i].sample[k], &text), 0);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    CHECK(file && fwrite(text.data, 1, text.size, file) == text.size && fclose(file) == 0);
    pb_buffer_release(&text);
}

static void save_made(const char *directory, const char *name, const struct made *m,
                      void (*change)(struct pb_run *)) {
    struct pb_run run;
    made_run_init(&run, m);
    if (change)
        change(&run);
    save(directory, name, &run, strstr(name, ".partial") != NULL);
    pb_run_release(&run);
}

static void not_finished(struct pb_run *run) {
    run->ended = NULL;
}

static const struct command {
    const char *words; /* before %s comes the directory */
    int code;
    const char *says, *complains;
} commands[] = {
    {"old.json same.json", 0, "Equivalent: all 3 rows", NULL},
    {"old.json same.json --strict", 0, "Equivalent: all 3 rows", NULL},
    {"old.json slow.json", 1, "regressed: 10 % slower", NULL},
    {"old.json slow.json", 1, "\n::error title=", NULL},
    {"old.json slow.json --strict", 1, "regressed", NULL},
    {"old.json slow.json --threshold 30%", 0, "within 30 % of the base", NULL},
    {"old.json slow.json --threshold 2%", 1, "threshold 2 %", "--forks 5"},
    {"slow.json old.json", 0, "improved", NULL},
    {"other.json slow.json", 0, "Not comparable: all 3 rows: processor", NULL},
    {"other.json slow.json --strict", 3, "Not comparable: all 3 rows: processor", NULL},
    {"old.json few.json", 0, "a decision needs 6 of each", NULL},
    {"old.json few.json --strict", 3, "a decision needs 6 of each", NULL},
    {"old.json cut.json.partial", 1, "regressed: 10 % slower", NULL},
    {"cut.json.partial old.json --strict", 0, "improved", NULL},
    {"old.json slow.json --format json", 1, "\"verdict\": \"regressed\"", NULL},
    {"old.json cut.json", 2, NULL, "cut.json: no such file: its run was cut off"},
    {"old.json nowhere.json", 2, NULL, "nowhere.json: cannot be read: No such file"},
    {"old.json .", 2, NULL, ".: cannot be read: Is a directory"},
    {"broken.json old.json", 2, NULL, "broken.json:1:16: not JSON"},
    {"old.json", 2, NULL, "compare: two result files are needed"},
    {"old.json slow.json slow.json", 2, NULL, "unexpected argument"},
    {"old.json slow.json --format jsno", 2, NULL, "did you mean json"},
    {"old.json slow.json --threshold 0", 2, NULL, "--threshold"},
};

static void prepare(char directory[64]) {
    static const char broken[] = "{\"schema\": oops";
    program_need();
    program_directory(directory);
    save_made(directory, "old.json", &(struct made){.seed = 1}, NULL);
    save_made(directory, "same.json", &(struct made){.seed = 2}, NULL);
    save_made(directory, "few.json", &(struct made){.seed = 2, .rounds = 4}, NULL);
    save_made(directory, "slow.json", &(struct made){.seed = 3, .factor = {1.1, 1.1, 1.1}}, NULL);
    save_made(directory, "other.json", &(struct made){.seed = 1}, made_run_elsewhere);
    save_made(directory, "cut.json.partial", &(struct made){.seed = 3, .factor = {1.1, 1.1, 1.1}},
              not_finished);
    char path[128];
    snprintf(path, sizeof path, "%s/broken.json", directory);
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(broken, file) >= 0 && fclose(file) == 0);
}

/* The words with the directory before each file's name. */
static void expand(const char *words, const char *directory, struct pb_buffer *out) {
    for (; *words; words += strcspn(words, " "), words += *words == ' ') {
        int length = (int)strcspn(words, " ");
        bool file = memmem(words, (size_t)length, ".", 1) != NULL;
        pb_buffer_printf(out, file ? " %s/%.*s" : " %.0s%.*s", directory, length, words);
    }
}

static void command(const void *data) {
    (void)data;
    char directory[64];
    prepare(directory);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const struct command *row = &commands[i];
        bool github = row->says && strncmp(row->says, "\n::", 3) == 0;
        struct program program;
        struct pb_buffer words = {0};
        expand(row->words, directory, &words);
        program_run(&program, (const char *[]){github ? "GITHUB_ACTIONS=true" : "GITHUB_ACTIONS=", NULL},
                    "compare%s", pb_buffer_string(&words));
        const char *said = pb_buffer_string(&program.said), *told = pb_buffer_string(&program.complained);
        CHECK_MSG(program.status == row->code << 8, "%s: status %#x: %s%s", row->words, program.status, said,
                  told);
        CHECK_MSG(!row->says || strstr(said, row->says), "%s: says %s", row->words, said);
        CHECK_MSG(row->complains ? strstr(told, row->complains) != NULL : !*told, "%s: complains %s",
                  row->words, told);
        if (!strstr(row->words, "json --format") && !github)
            check_columns(said, 80);
        pb_buffer_release(&words);
        program_release(&program);
    }
    program_directory_release(directory);
}

/* What the program measured, against itself: no change, whatever the machine does. */
static void measured(const void *data) {
    (void)data;
    char directory[64];
    struct program program;
    struct pb_run run;
    program_need();
    program_directory(directory);
    program_run(&program, NULL, "-w arcfour -e thread -n 2 --tasks 8 --rounds 6 -q -o %s/a.json", directory);
    program_check_code(&program, 0);
    program_release(&program);
    program_run(&program, NULL, "compare %s/a.json %s/a.json --format json", directory, directory);
    program_check_code(&program, 0);
    program_decode(&run, "comparison", &program.said);
    CHECK_INT(run.comparisons, 2);
    CHECK_TEXT(run.comparison[0].name, "arcfour serial");
    CHECK_TEXT(run.comparison[1].name, "arcfour thread 2");
    for (uint32_t i = 0; i < 2; i++) {
        CHECK(run.comparison[i].change.value == 0 && run.comparison[i].scaled);
        CHECK(run.comparison[i].change.low < 0 && run.comparison[i].change.high > 0);
    }
    pb_run_release(&run);
    program_release(&program);
    program_directory_release(directory);
}

/* --like gives a later run as many tasks, so that the two compare. */
static void like(const void *data) {
    (void)data;
    char directory[64], path[96];
    struct program program;
    struct pb_run old, new;
    struct pb_buffer text;
    program_need();
    program_directory(directory);
    snprintf(path, sizeof path, "%s/old.json", directory);
    program_run(&program, NULL, "-w spin -e thread -n 2 --rounds 1 -q -o %s", path);
    program_check_code(&program, 0);
    program_release(&program);
    program_read_file(&text, path);
    program_decode(&old, path, &text);
    program_run(&program, NULL,
                "-w spin,spin:work=20us -e serial,thread -n 2 --rounds 1 -q --like %s --format json", path);
    program_check_code(&program, 0);
    program_decode(&new, "new", &program.said);
    CHECK_INT(program_cell(&new, "spin", "thread", 2)->tasks, program_cell(&old, "spin", "thread", 2)->tasks);
    pb_run_release(&old);
    pb_run_release(&new);
    pb_buffer_release(&text);
    program_release(&program);
    program_run(&program, NULL, "-w sleep -e thread -q --like %s", path);
    program_check_code(&program, 2);
    CHECK_HAS(pb_buffer_string(&program.complained),
              "old.json: it has none of these workloads: name one that it has by -w");
    program_release(&program);
    program_run(&program, NULL, "-w spin -e thread -q --like %s/none.json", directory);
    program_check_code(&program, 2);
    CHECK_HAS(pb_buffer_string(&program.complained), "bench: --like ");
    program_release(&program);
    program_directory_release(directory);
}

static const struct pb_case cases[] = {
    {"codes", command, NULL}, {"measured", measured, NULL}, {"like", like, NULL}, {0}};

const struct pb_suite suite_compare_command = {"compare-command", cases, NULL};
