/* Base: quantities, names, parameters, sets of processors. */
#include "base/cpuset.h"
#include "base/name.h"
#include "base/param.h"
#include "base/random.h"
#include "base/units.h"
#include "suite.h"

#include <errno.h>

static void sizes(const void *data) {
    static const struct {
        const char *text;
        int rc;
        int64_t bytes;
    } rows[] = {
        {"4096", 0, 4096}, {"4k", 0, 4096},      {"1MiB", 0, 1 << 20}, {"1.5MB", 0, 1500000},
        {"", -EINVAL, 0},  {"-1", -EINVAL, 0},   {"4q", -EINVAL, 0},   {"99999999T", -ERANGE, 0},
        {"1e3", 0, 1000},  {"0x10", -EINVAL, 0}, {"nan", -EINVAL, 0},  {"1 k", -EINVAL, 0},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t bytes = 0;
        CHECK_MSG(pb_parse_size(rows[i].text, &bytes) == rows[i].rc, "row %zu: \"%s\"", i, rows[i].text);
        CHECK_INT(bytes, rows[i].bytes);
    }
}

static void times(const void *data) {
    int64_t ns;
    (void)data;
    CHECK_INT(pb_parse_time("20ms", NULL, &ns), 0);
    CHECK_INT(ns, 20000000);
    CHECK_INT(pb_parse_time("20", NULL, &ns), -EINVAL);
    CHECK_INT(pb_parse_time("20", "ms", &ns), 0);
    CHECK_INT(ns, 20000000);
    CHECK_INT(pb_parse_time("1.5us", NULL, &ns), 0);
    CHECK_INT(ns, 1500);
}

static void formats(const void *data) {
    char out[32];
    (void)data;
    CHECK_TEXT(pb_format_time(34.12e6, out, sizeof out), "34.1 ms");
    CHECK_TEXT(pb_format_time(999.9, out, sizeof out), "1.00 us");
    CHECK_TEXT(pb_format_time(5e9, out, sizeof out), "5 s");
    CHECK_TEXT(pb_format_size(1 << 20, out, sizeof out), "1 MiB");
    CHECK_TEXT(pb_format_rate(1.94e9, out, sizeof out), "1.94 G");
}

static void nearest(const void *data) {
    static const char *const names[] = {"serial", "thread", "process", "openmp"};
    (void)data;
    CHECK_INT(pb_name_nearest("proces", names, 4), 2);
    CHECK_INT(pb_name_nearest("trhead", names, 4), 1);
    CHECK_INT(pb_name_nearest("xyz", names, 4), -1);
}

static const struct pb_param table[] = {
    {.name = "size", .type = PB_PARAM_SIZE, .fallback = "1MiB", .min = 1, .max = 0x1p30},
    {.name = "ms", .type = PB_PARAM_TIME, .fallback = "10", .unit = "ms", .min = 0, .max = 60e9},
    {.name = "algo", .type = PB_PARAM_CHOICE, .fallback = "sha256", .choices = "sha1|sha256|sha512"},
    {.name = "work", .type = PB_PARAM_WORK, .fallback = "10us"},
    {.name = "url", .type = PB_PARAM_TEXT, .fallback = ""},
    {.name = "ns", .type = PB_PARAM_WORK, .fallback = "3us", .unit = "ns"},
    {0},
};

static void parameters(const void *data) {
    struct pb_param_set set;
    struct pb_error error;
    struct pb_buffer text = {0};
    (void)data;
    CHECK_INT(pb_param_set_init(&set, "workload w", table, "algo=sha512,size=4k,url=a,b,ms=5,ns=20,work=10us",
                                500, &error),
              0);
    CHECK_INT(set.value[0].integer, 4096);
    CHECK_INT(set.value[1].integer, 5000000);
    CHECK_INT(set.value[2].integer, 2);
    CHECK_INT(set.value[3].integer, 5000);
    CHECK_TEXT(set.value[4].text, "a,b");
    CHECK_INT(set.value[5].integer, 10);
    pb_param_set_format(&set, false, &text);
    CHECK_TEXT(pb_buffer_string(&text), "size=4KiB,ms=5,algo=sha512,work=10us,url=a,b,ns=20");
    pb_buffer_release(&text);
    pb_param_set_release(&set);
}

static void parameter_errors(const void *data) {
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"sise=4", "did you mean size?"}, {"size=0", "out of range: give 1 B to 1 GiB"},
        {"size=x", "a size like"},        {"algo=md5", "sha1|sha256|sha512"},
        {"size", "write key=value"},      {"size=1,size=2", "given twice"},
        {"ms=90s", "give 0 ns to 60 s"},  {"ns=-1", "give a time like 20us"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_param_set set;
        struct pb_error error = {0};
        CHECK(pb_param_set_init(&set, "workload w", table, rows[i].text, 0, &error) < 0);
        CHECK_HAS(error.text, rows[i].said);
        CHECK_HAS(error.text, "workload w: ");
    }
}

static const struct pb_param rest_table[] = {
    {.name = "shell", .type = PB_PARAM_CHOICE, .fallback = "0", .choices = "0|1"},
    {.name = "timeout", .type = PB_PARAM_TIME, .fallback = "0", .unit = "s", .min = 0, .max = 60e9},
    {.name = "command", .type = PB_PARAM_REST, .fallback = "true"},
    {0},
};

/* The last row takes what is left, and what is written out again is read as the same. */
static void rest_parameters(const void *data) {
    static const struct {
        const char *text;
        int shell;
        double timeout_ns;
        const char *rest, *given, *all;
    } rows[] = {
        {"", 0, 0, "true", "", "shell=0,timeout=0,true"},
        {"gzip -9 -c a,b", 0, 0, "gzip -9 -c a,b", "gzip -9 -c a,b", "shell=0,timeout=0,gzip -9 -c a,b"},
        {"shell=1,gzip -9 -c a,b", 1, 0, "gzip -9 -c a,b", "shell=1,gzip -9 -c a,b",
         "shell=1,timeout=0,gzip -9 -c a,b"},
        {"timeout=500ms,shell=1,ls", 1, 5e8, "ls", "shell=1,timeout=500ms,ls", "shell=1,timeout=500ms,ls"},
        {"shell=1", 1, 0, "true", "shell=1", "shell=1,timeout=0,true"},
        {"FOO=1 ./prog", 0, 0, "FOO=1 ./prog", "FOO=1 ./prog", "shell=0,timeout=0,FOO=1 ./prog"},
        {"shell=1 ./prog x,y", 0, 0, "shell=1 ./prog x,y", "shell=1 ./prog x,y",
         "shell=0,timeout=0,shell=1 ./prog x,y"},
        {"shell=1,A=1,2 ./p", 1, 0, "A=1,2 ./p", "shell=1,A=1,2 ./p", "shell=1,timeout=0,A=1,2 ./p"},
        {"command=1", 0, 0, "command=1", "command=1", "shell=0,timeout=0,command=1"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_param_set set;
        struct pb_error error = {0};
        struct pb_buffer given = {0}, all = {0};
        CHECK_MSG(pb_param_set_init(&set, "workload w", rest_table, rows[i].text, 0, &error) == 0, "%s",
                  error.text);
        CHECK_INT(set.value[0].integer, rows[i].shell);
        CHECK_NEAR((double)set.value[1].integer, rows[i].timeout_ns, 0);
        CHECK_TEXT(set.value[2].text, rows[i].rest);
        pb_param_set_format(&set, false, &given);
        CHECK_TEXT(pb_buffer_string(&given), rows[i].given);
        pb_param_set_format(&set, true, &all);
        CHECK_TEXT(pb_buffer_string(&all), rows[i].all);
        pb_param_set_release(&set);
        CHECK_INT(pb_param_set_init(&set, "workload w", rest_table, pb_buffer_string(&all), 0, &error), 0);
        CHECK_TEXT(set.value[2].text, rows[i].rest);
        pb_param_set_release(&set);
        pb_buffer_release(&given);
        pb_buffer_release(&all);
    }
}

static void rest_errors(const void *data) {
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"shel=1,gzip -9", "\"shel\": did you mean shell?"},
        {"timeuot=5,gzip", "\"timeuot\": did you mean timeout?"},
        {"shell=2,gzip", "shell=2 cannot be read: give 0|1"},
        {"shell=1,shell=1,gzip", "given twice"},
        {"timeout=90s,gzip", "out of range"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_param_set set;
        struct pb_error error = {0};
        CHECK(pb_param_set_init(&set, "workload w", rest_table, rows[i].text, 0, &error) < 0);
        CHECK_HAS(error.text, rows[i].said);
    }
}

static void cpusets(const void *data) {
    struct pb_cpuset set;
    char out[64];
    (void)data;
    CHECK_INT(pb_cpuset_parse(&set, "0-3,8,64-65\n"), 0);
    CHECK_INT(pb_cpuset_count(&set), 7);
    CHECK_TEXT(pb_cpuset_format(&set, out, sizeof out), "0-3,8,64-65");
    CHECK_TEXT(pb_cpuset_format(&set, out, 6), "0-3,8");
    CHECK_INT(pb_cpuset_next(&set, 8), 64);
    CHECK_INT(pb_cpuset_next(&set, 65), -1);
    CHECK_INT(pb_cpuset_parse(&set, "3-1"), -EINVAL);
    CHECK_INT(pb_cpuset_parse(&set, "1,"), -EINVAL);
    CHECK_INT(pb_cpuset_parse(&set, "5000"), -EINVAL);
}

static void random_numbers(const void *data) {
    struct pb_random r;
    uint32_t values[100], seen = 0;
    (void)data;
    /* xoshiro256** from the state 1, 2, 3, 4, as its authors' reference program prints it. */
    r = (struct pb_random){{1, 2, 3, 4}};
    CHECK_INT(pb_random_next(&r), 11520);
    CHECK_INT(pb_random_next(&r), 0);
    CHECK_INT(pb_random_next(&r), 1509978240);
    pb_random_seed(&r, 7);
    for (uint32_t i = 0; i < 100; i++)
        values[i] = i;
    pb_random_shuffle(&r, values, 100);
    for (uint32_t i = 0; i < 100; i++)
        seen += values[i];
    CHECK_INT(seen, 4950);
}

const struct pb_suite suite_base = {
    "base",
    (const struct pb_case[]){{"sizes", sizes, NULL},
                             {"times", times, NULL},
                             {"formats", formats, NULL},
                             {"nearest", nearest, NULL},
                             {"parameters", parameters, NULL},
                             {"parameter-errors", parameter_errors, NULL},
                             {"rest-parameters", rest_parameters, NULL},
                             {"rest-errors", rest_errors, NULL},
                             {"cpusets", cpusets, NULL},
                             {"random", random_numbers, NULL},
                             {0}},
    NULL,
};
