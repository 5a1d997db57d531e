/* The command line: words, items, the table of options, the environment, help. */
#include "base/buffer.h"
#include "cli/help.h"
#include "cli/items.h"
#include "cli/options.h"
#include "suite.h"

#include <stdlib.h>
#include <unistd.h>

/* "a|b|c", or "error: ..." */
static void join(const struct pb_strings *list, struct pb_buffer *out) {
    for (uint32_t i = 0; i < list->count; i++)
        pb_buffer_printf(out, "%s%s", i ? "|" : "", list->text[i]);
}

static void items(const void *data) {
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"sha", "sha"},
        {"sha,sleep", "sha|sleep"},
        {"sha,http:items=200,delay=20ms", "sha|http:items=200,delay=20ms"},
        {"http:items=200,delay=20ms,sha", "http:items=200,delay=20ms|sha"},
        {"sha:size=4k,spin:work=1us", "sha:size=4k|spin:work=1us"},
        {"sha,size=4k", "sha:size=4k"},
        {"sha,size=4k,algo=sha512,spin", "sha:size=4k,algo=sha512|spin"},
        {"./mine.so:size=4k,./a=b.so", "./mine.so:size=4k|./a=b.so"},
        {"http:url=http://x:80/,delay=1ms", "http:url=http://x:80/,delay=1ms"},
        {"sha,cmd:./a,b -x k=v,c", "sha|cmd:./a,b -x k=v,c"},
        {"cmd:a,b", "cmd:a,b"},
        {"", "-w: an item is empty"},
        {"sha,,spin", "-w: an item is empty"},
        {"sha,", "-w: an item is empty"},
        {"size=4k", "-w: \"size=4k\" is a parameter without a name: write NAME:size=4k"},
        {"size=4k,sha", "-w: \"size=4k\" is a parameter without a name"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_strings list = {0};
        struct pb_buffer got = {0};
        struct pb_error error = {0};
        if (pb_items_split(&list, "-w", rows[i].text, &error) == 0) {
            join(&list, &got);
            CHECK_TEXT(pb_buffer_string(&got), rows[i].expected);
        } else {
            CHECK_HAS(error.text, rows[i].expected);
        }
        pb_buffer_release(&got);
        pb_strings_release(&list);
    }
}

enum { WORDS = 8 };

static int read_options(struct pb_options *options, enum pb_command_bit bit, const char *const *word,
                        const char *const *environment, struct pb_error *error) {
    int count = 0;
    for (int i = 0; environment && environment[i]; i++)
        putenv((char *)(uintptr_t)environment[i]);
    while (count < WORDS && word[count])
        count++;
    int rc = pb_options_init(options, bit, count, (char *const *)(uintptr_t)word, error);
    for (int i = 0; environment && environment[i]; i++) {
        char name[64] = "";
        strncat(name, environment[i], strcspn(environment[i], "="));
        unsetenv(name);
    }
    return rc;
}

/* What a request says, in one line: only what differs from the defaults' text is told by the rows below. */
static void describe(const struct pb_options *o, struct pb_buffer *out) {
    const struct pb_request *r = &o->request;
    const struct {
        const char *label, **item;
        uint32_t count;
    } lists[] = {{"w", r->workload, r->workloads},
                 {"e", r->executor, r->executors},
                 {"n", r->width, r->widths},
                 {"b", r->binding, r->bindings}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (uint32_t k = 0; k < lists[i].count; k++)
            pb_buffer_printf(out, "%s=%s ", lists[i].label, lists[i].item[k]);
    pb_buffer_printf(
        out, "base=%s via=%s tasks=%llu seed=%llu time=%g precision=%g rounds=%u min=%u timeout=%lld cap=%u",
        r->base, r->via, (unsigned long long)r->tasks, (unsigned long long)r->seed, r->time, r->precision,
        r->rounds, r->min_rounds, (long long)r->timeout_ns, r->max_in_flight);
    const struct {
        const char *label;
        bool set;
    } flags[] = {{"dry", o->dry_run}, {"wide", o->wide},       {"quiet", o->quiet}, {"verbose", o->verbose},
                 {"help", o->help},   {"version", o->version}, {"save", o->save}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].set)
            pb_buffer_printf(out, " %s", flags[i].label);
    if (o->output)
        pb_buffer_printf(out, " o=%s", o->output);
    if (o->format)
        pb_buffer_printf(out, " format=%s", o->format);
    if (r->program)
        pb_buffer_printf(out, " program=%s", r->program);
    for (uint32_t i = 0; i < o->operands; i++)
        pb_buffer_printf(out, " operand=%s", o->operand[i]);
    pb_buffer_text(out, " ");
}

#define DEFAULTS                                                                                             \
    "base=serial via=for tasks=0 seed=0 time=10 precision=0.01 rounds=0 min=6 timeout=30000000000 cap=1000 "

static const struct {
    const char *word[WORDS], *environment[4];
    const char *expected; /* is contained in the description, or in the error */
} good_rows[] =
    {
        {{NULL}, {NULL}, DEFAULTS},
        {{"-w", "sha,spin:work=1us", "-e", "thread", "-w", "sleep"},
         {NULL},
         "w=sha w=spin:work=1us w=sleep e=thread " DEFAULTS},
        {{"-n1,2,max", "-b", "core,list:0+2+4-7"}, {NULL}, "n=1 n=2 n=max b=core b=list:0+2+4-7 " DEFAULTS},
        {{"--workers=1-max", "--bind", "none"}, {NULL}, "n=1-max b=none " DEFAULTS},
        {{"--time", "500ms", "--precision=2.5%"}, {NULL}, "time=0.5 precision=0.025 "},
        {{"--time=2", "--timeout=1m"}, {NULL}, "time=2 precision=0.01 rounds=0 min=6 timeout=60000000000 "},
        {{"--quick"}, {NULL}, "time=3 precision=0.05 rounds=0 min=6 "},
        {{"--thorough"}, {NULL}, "time=60 precision=0.005 rounds=0 min=20 "},
        {{"--time=7s", "--quick"}, {NULL}, "time=7 precision=0.05 "},
        {{"--rounds=12", "--tasks", "5", "--seed=4611686018427387903"},
         {NULL},
         "tasks=5 seed=4611686018427387903 time=10 precision=0.01 rounds=12 "},
        {{"--base", "n=1", "--via=submit", "--max-in-flight=5000"}, {NULL}, "base=n=1 via=submit "},
        {{"-qo", "x.json", "--wide"}, {NULL}, " wide quiet o=x.json "},
        {{"-ox.json", "-v", "--format=json"}, {NULL}, " verbose o=x.json format=json "},
        {{"--dry"}, {NULL}, " dry "},
        {{"--help", "--bogus"}, {NULL}, " help "},
        {{"-V"}, {NULL}, " version "},
        {{"--", "-w"}, {NULL}, " program=cmd:-w "},
        {{"-n1,2", "--", "./prog", "-j{n}", "a b", "@x", "--"},
         {NULL},
         "n=1 n=2 base=n=1 via=for tasks=0 seed=0 time=10 precision=0.01 rounds=0 min=6 "
         "timeout=600000000000 cap=1000 program=cmd:./prog -j{n} 'a b' @x -- "},
        {{"--env=A={n},b", "--env", "B_2=x y=", "--check-output", "--", "a=b", "c=d"},
         {NULL},
         " program=cmd:check=1,A={n},b B_2='x y=' 'a=b' c=d "},
        {{"--timeout=5", "--base=n=3", "--", "p"}, {NULL}, "base=n=3 via=for"},
        {{"--timeout=5", "--base=n=3", "--", "p"}, {NULL}, "timeout=5000000000 "},
        {{"-w", "sha", "-e", "thread", "--", "p"}, {NULL}, "w=sha e=thread base=n=1 "},
        {{NULL},
         {"PARBENCH_TIME=3s", "PARBENCH_MAX_IN_FLIGHT=7", NULL},
         "time=3 precision=0.01 rounds=0 min=6 timeout=30000000000 cap=7 "},
        {{"--time=4s"}, {"PARBENCH_TIME=3s", NULL}, "time=4 "},
        {{"--time=4s"}, {"PARBENCH_TIME=bogus", NULL}, "time=4 "},
        {{"--workload=sha"},
         {"PARBENCH_WORKLOAD=spin", "PARBENCH_EXECUTOR=thread,loop", NULL},
         "w=sha e=thread e=loop base"},
        {{"--thorough"}, {"PARBENCH_QUICK=1", NULL}, "time=60 "},
        {{NULL}, {"PARBENCH_QUICK=yes", NULL}, "time=3 "},
        {{NULL}, {"PARBENCH_QUICK=0", "PARBENCH_THOROUGH=1", NULL}, "time=60 "},
        {{"--dry-run"}, {"PARBENCH_OUTPUT=x", NULL}, " dry "},
        {{"--save"}, {"PARBENCH_OUTPUT=x", NULL}, " save "},
        {{"-o", "x"}, {"PARBENCH_SAVE=1", NULL}, " o=x "},
        {{NULL}, {"PARBENCH_SAVE=1", NULL}, " save "},
        {{NULL}, {"PARBENCH_HELP=1", "PARBENCH_TIME=", NULL}, DEFAULTS},
},
  bad_rows[] = {
      {{"--bogus"}, {NULL}, "--bogus: unknown option: see --help"},
      {{"--tiem=3s"}, {NULL}, "--tiem: unknown option: did you mean --time?"},
      {{"-x"}, {NULL}, "-x: unknown option"},
      {{"-qx"}, {NULL}, "-x: unknown option"},
      {{"--ti"}, {NULL}, "--ti: it may be --time or --timeout"},
      {{"--time"}, {NULL}, "--time: it needs an argument: write --time=TIME"},
      {{"-w"}, {NULL}, "-w: it needs an argument: write -w ITEMS"},
      {{"--quick=1"}, {NULL}, "--quick: it takes no argument"},
      {{"--time=0"}, {NULL}, "--time=0: out of range: give a time from 100 ms to"},
      {{"--time=soon"}, {NULL}, "--time=soon: it cannot be read: give a time"},
      {{"--time=-1"}, {NULL}, "--time=-1: it cannot be read"},
      {{"--precision=60%"}, {NULL}, "--precision=60%: out of range: give a share from 0% to 50%"},
      {{"--rounds=0"}, {NULL}, "--rounds=0: out of range: give a whole number from 1 to 1000000"},
      {{"--rounds=-3"}, {NULL}, "--rounds=-3: out of range"},
      {{"--rounds=1.5"}, {NULL}, "--rounds=1.5: it cannot be read"},
      {{"--tasks=0"}, {NULL}, "--tasks=0: out of range"},
      {{"--seed=99999999999999999999"}, {NULL}, "out of range"},
      {{"--base=two"}, {NULL}, "--base=two: unknown: give serial, n=1 or another number, or none"},
      {{"--base=n=2x"}, {NULL}, "--base=n=2x: unknown: give serial"},
      {{"--base=n=max"}, {NULL}, "--base=n=max: unknown: give serial"},
      {{"--base=n=1-2"}, {NULL}, "--base=n=1-2: unknown: give serial"},
      {{"-n", "2", "--"}, {NULL}, "--: no program follows: "},
      {{"--env=A=1"}, {NULL}, "--env: it is for a program only: "},
      {{"--check-output", "-w", "sha"}, {NULL}, "--check-output: it is for a program only: "},
      {{"--env=A", "--", "p"}, {NULL}, "--env=A: it sets no variable: write NAME=VALUE"},
      {{"--env", "1A=2", "--", "p"}, {NULL}, "--env=1A=2: it sets no variable"},
      {{"--via="}, {NULL}, "--via=: unknown: give for, submit or map"},
      {{"-n", "0"}, {NULL}, "-n 0: no number of workers: give a number from 1, max, or a range"},
      {{"-n", "2,many"}, {NULL}, "-n many: no number of workers"},
      {{"-n", "4-2"}, {NULL}, "-n 4-2: the range runs backwards"},
      {{"-n", "1,,2"}, {NULL}, "-n 1,,2: an item is empty"},
      {{"-w", "size=4k"}, {NULL}, "a parameter without a name"},
      {{"-o", ""}, {NULL}, "-o : it is empty: give FILE"},
      {{"--quick", "--thorough"}, {NULL}, "--quick and --thorough: they exclude each other"},
      {{"-q", "-v"}, {NULL}, "--quiet and --verbose: they exclude each other"},
      {{"--rounds=9", "--precision=1%"}, {NULL}, "--rounds and --precision: they exclude each other"},
      {{"--dry-run", "-o", "x"}, {NULL}, "--dry-run and --output: they exclude each other"},
      {{"--dry-run", "--save"}, {NULL}, "--dry-run and --save: they exclude each other"},
      {{"--save", "-o", "x"}, {NULL}, "--save and --output: they exclude each other"},
      {{NULL}, {"PARBENCH_TIME=0", NULL}, "PARBENCH_TIME=0: out of range"},
      {{NULL}, {"PARBENCH_QUICK=maybe", NULL}, "PARBENCH_QUICK=maybe: neither yes nor no"},
      {{"@/nonexistent/options"}, {NULL}, "@/nonexistent/options: No such file or directory: name a file"},
      {{"@/"}, {NULL}, "@/: Is a directory"},
};

static void accepted(const void *data) {
    (void)data;
    for (size_t i = 0; i < sizeof good_rows / sizeof *good_rows; i++) {
        struct pb_options options;
        struct pb_error error = {0};
        struct pb_buffer got = {0};
        int rc = read_options(&options, PB_RUN, good_rows[i].word, good_rows[i].environment, &error);
        CHECK_MSG(rc == 0, "row %zu: %s", i, error.text);
        describe(&options, &got);
        CHECK_HAS(pb_buffer_string(&got), good_rows[i].expected);
        pb_buffer_release(&got);
        pb_options_release(&options);
    }
}

static void refused(const void *data) {
    (void)data;
    for (size_t i = 0; i < sizeof bad_rows / sizeof *bad_rows; i++) {
        struct pb_options options;
        struct pb_error error = {0};
        CHECK_MSG(read_options(&options, PB_RUN, bad_rows[i].word, bad_rows[i].environment, &error) < 0,
                  "row %zu was accepted; expected \"%s\"", i, bad_rows[i].expected);
        CHECK_HAS(error.text, bad_rows[i].expected);
    }
}

/* A subcommand takes its own options only, from the environment as well. */
static void other_commands(const void *data) {
    struct pb_options options;
    struct pb_error error = {0};
    (void)data;
    CHECK(read_options(&options, PB_TOPOLOGY, (const char *[]){"--quick", NULL}, NULL, &error) < 0);
    CHECK_HAS(error.text, "--quick: unknown option");
    CHECK_INT(read_options(&options, PB_TOPOLOGY, (const char *[]){"-n2", "-b", "core", NULL},
                           (const char *[]){"PARBENCH_TIME=bogus", NULL}, &error),
              0);
    CHECK_TEXT(options.request.width[0], "2");
    pb_options_release(&options);
}

/* A file of options, made and removed. */
static char *write_file(char *path, const char *text) {
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    return path;
}

static void files(const void *data) {
    static const struct {
        const char *text, *expected;
        bool good;
    } rows[] = {
        {"--quick # fast\n-n '1,2'\n", "n=1 n=2 base=serial", true},
        {"-w\n  \"sha,http:items=2\"  ", "w=sha w=http:items=2 base", true},
        {"-o a\\ b'c d'\"e\\\"f\"#g", " o=a bc de\"f#g ", true},
        {"# only a comment", DEFAULTS, true},
        {"", DEFAULTS, true},
        {"--time=\\\n4", "time=4 ", true},
        {"-q\n\n--time=0", ":3: --time=0: out of range", false},
        {"-q\n-o 'x", ":2: a quote ' is not closed", false},
        {"-o ''", ":1: -o : it is empty", false},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[] = "/tmp/pb-options-XXXXXX", word[64];
        struct pb_options options;
        struct pb_error error = {0};
        struct pb_buffer got = {0};
        snprintf(word, sizeof word, "@%s", write_file(path, rows[i].text));
        int rc = read_options(&options, PB_RUN, (const char *[]){word, NULL}, NULL, &error);
        unlink(path);
        CHECK_MSG((rc == 0) == rows[i].good, "row %zu: %s", i, error.text);
        if (rc == 0) {
            describe(&options, &got);
            CHECK_HAS(pb_buffer_string(&got), rows[i].expected);
            pb_options_release(&options);
        } else {
            CHECK_HAS(error.text, rows[i].expected);
            CHECK_HAS(error.text, path);
        }
        pb_buffer_release(&got);
    }
}

static void file_of_itself(const void *data) {
    char path[] = "/tmp/pb-options-XXXXXX", word[64];
    struct pb_options options;
    struct pb_error error = {0};
    (void)data;
    write_file(path, "");
    snprintf(word, sizeof word, "@%s", path);
    FILE *file = fopen(path, "w");
    CHECK(file);
    fputs(word, file);
    fclose(file);
    int rc = read_options(&options, PB_RUN, (const char *[]){word, NULL}, NULL, &error);
    unlink(path);
    CHECK(rc < 0);
    CHECK_HAS(error.text, "more than 8 deep");
}

/* Columns of a line that holds no multibyte character. */
static void help(const void *data) {
    (void)data;
    for (const struct pb_command_text *text = pb_command_texts; text->usage; text++) {
        struct pb_buffer out = {0};
        unsigned lines = 0;
        pb_help_format(text, &out);
        for (const char *line = pb_buffer_string(&out); *line; line += strcspn(line, "\n") + 1, lines++)
            CHECK_MSG(strcspn(line, "\n") <= 80, "too wide: %.*s", (int)strcspn(line, "\n"), line);
        CHECK_MSG(lines <= 24, "bench %s --help has %u lines", text->name, lines);
        for (const struct pb_option *row = pb_option_table; row->name; row++)
            if (row->commands & text->bit)
                CHECK_HAS(pb_buffer_string(&out), row->name);
        CHECK_HAS(pb_buffer_string(&out), "\nExamples:\n  ");
        pb_buffer_release(&out);
    }
}

static void subcommands(const void *data) {
    struct pb_error error = {0};
    (void)data;
    CHECK_INT(pb_command_find("topology", &error)->bit, PB_TOPOLOGY);
    CHECK(!pb_command_find("lsit", &error));
    CHECK_HAS(error.text, "lsit: unknown subcommand: did you mean list? there are list, topology, explain");
    CHECK(!pb_command_find("sha", &error));
    CHECK_HAS(error.text, "sha: unknown subcommand: there are list, topology, explain, check-runner, ");
    CHECK_HAS(error.text, "; a workload is named by -w sha");
    CHECK(!pb_command_find("", &error));
}

const struct pb_suite suite_cli_options = {
    "cli-options",
    (const struct pb_case[]){{"items", items, NULL},
                             {"accepted", accepted, NULL},
                             {"refused", refused, NULL},
                             {"other-commands", other_commands, NULL},
                             {"files", files, NULL},
                             {"file-of-itself", file_of_itself, NULL},
                             {"help", help, NULL},
                             {"subcommands", subcommands, NULL},
                             {0}},
    NULL,
};
