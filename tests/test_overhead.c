/* The program overhead: that every mode answers for every executor and way in the form that its readers rely
 * on, and ends with the code that it promises. What it measures is not looked at: figures are the machine's.
 */
#include "executor_cases.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* What a run said, both outputs in one, and how it ended. */
struct answer {
    struct pb_buffer text;
    int code;
};

static void call(struct answer *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void call(struct answer *a, const char *format, ...) {
    char command[512] = "\"$PB_OVERHEAD\" ", part[512];
    va_list arguments;
    va_start(arguments, format);
    size_t length = strlen(command);
    vsnprintf(command + length, sizeof command - length, format, arguments);
    va_end(arguments);
    strcat(command, " 2>&1");
    if (access(PB_BINARY_DIR "/overhead", X_OK) != 0)
        pb_test_skip("overhead is not built");
    setenv("PB_OVERHEAD", PB_BINARY_DIR "/overhead", 1);
    *a = (struct answer){0};
    FILE *pipe = popen(command, "r");
    CHECK(pipe);
    for (size_t n; (n = fread(part, 1, sizeof part, pipe)) > 0;)
        pb_buffer_add(&a->text, part, n);
    int status = pclose(pipe);
    CHECK_MSG(WIFEXITED(status), "%s: status %#x", command, (unsigned)status);
    a->code = WEXITSTATUS(status);
}

static void check_code(const struct answer *a, const char *via, int code) {
    CHECK_MSG(a->code == code, "via %s: exit code %d, expected %d: %s", via, a->code, code,
              pb_buffer_string(&a->text));
}

/* That the text is `form`: %u stands for a whole number, %f for one with a point, as readers look for them.
 */
static void check_form(const struct answer *a, const char *form) {
    const char *text = pb_buffer_string(&a->text), *t = text;
    for (const char *f = form; *f; f++) {
        if (*f != '%') {
            CHECK_MSG(*t++ == *f, "\"%s\" has not the form \"%s\"", text, form);
            continue;
        }
        char *end = (char *)(uintptr_t)t;
        strtod(t, &end);
        bool point = memchr(t, '.', (size_t)(end - t)) != NULL;
        CHECK_MSG(end > t && point == (*++f == 'f'), "\"%s\" has not the form \"%s\"", text, form);
        t = end;
    }
    CHECK_MSG(!*t, "\"%s\" goes on behind the form \"%s\"", text, form);
}

static const char *const vias[] = {"submit", "for", "map"};

/* ---- Every executor, every way ---- */

static void measures_throughput(const void *name) {
    for (size_t v = 0; v < COUNT(vias); v++) {
        struct answer a;
        call(&a, "--executor %s --via %s thr 1 40", (const char *)name, vias[v]);
        check_code(&a, vias[v], 0);
        check_form(&a, "thr %f %f %f\n");
        pb_buffer_release(&a.text);
    }
}

static void measures_latency(const void *name) {
    static const char *const gaps[] = {"", "1000"};
    for (size_t v = 0; v < COUNT(vias); v++)
        for (size_t g = 0; g < COUNT(gaps); g++) {
            struct answer a;
            unsigned med, p99, min, p10, p999;
            call(&a, "--executor %s --via %s lat 1 20 %s", (const char *)name, vias[v], gaps[g]);
            check_code(&a, vias[v], 0);
            check_form(&a, "lat med %u p99 %u min %u p10 %u p999 %u done %u/%u\n");
            CHECK_HAS(a.text.data, "done 20/20");
            CHECK(sscanf(a.text.data, "lat med %u p99 %u min %u p10 %u p999 %u", &med, &p99, &min, &p10,
                         &p999) == 5);
            CHECK_MSG(min <= p10 && p10 <= med && med <= p99 && p99 <= p999, "%s", a.text.data);
            pb_buffer_release(&a.text);
        }
}

/* How many points there are depends on the machine; each is a length and an efficiency, lengths falling. */
static void measures_metg(const void *name) {
    for (size_t v = 0; v < COUNT(vias); v++) {
        struct answer a;
        call(&a, "--executor %s --via %s metg 1 5000 1", (const char *)name, vias[v]);
        check_code(&a, vias[v], 0);
        const char *t = pb_buffer_string(&a.text);
        CHECK_HAS(t, "metg 5000:");
        unsigned length, before = 5001;
        double share;
        int used;
        for (t += strlen("metg"); sscanf(t, " %u:%lf%n", &length, &share, &used) == 2; t += used) {
            CHECK_MSG(length < before && share >= 0 && share < 10, "%s", a.text.data);
            before = length;
        }
        CHECK_TEXT(t, "\n");
        pb_buffer_release(&a.text);
    }
}

static void measures_memory(const void *name) {
    for (size_t v = 0; v < COUNT(vias); v++) {
        struct answer a;
        call(&a, "--executor %s --via %s rss 1 50 1", (const char *)name, vias[v]);
        if (strcmp(name, "serial") == 0 && strcmp(vias[v], "submit") == 0) {
            check_code(&a, vias[v], 2);
            CHECK_HAS(pb_buffer_string(&a.text), "serial has no queue");
        } else {
            check_code(&a, vias[v], 0);
            check_form(&a, "rss base_MB %f per_task_B %f after_MB %f done %u\n");
            CHECK_HAS(a.text.data, "done 50\n");
        }
        pb_buffer_release(&a.text);
    }
}

static void watches_growth(const void *name) {
    for (size_t v = 0; v < COUNT(vias); v++) {
        struct answer a;
        call(&a, "--executor %s --via %s grow 1 3 100", (const char *)name, vias[v]);
        CHECK_MSG(a.code == 0 || a.code == 1, "exit code %d: %s", a.code, pb_buffer_string(&a.text));
        const char *t = pb_buffer_string(&a.text);
        for (unsigned round = 1; round <= 3; round++) {
            char begins[64];
            snprintf(begins, sizeof begins, "grow round %u rss_KiB ", round);
            CHECK_HAS(t, begins);
        }
        CHECK_HAS(t, "grow from 1 to 3 growth_KiB ");
        pb_buffer_release(&a.text);
    }
}

static void watches_idleness(const void *name) {
    struct answer a;
    double seconds, cpu, share;
    call(&a, "--executor %s idle 1 0.01", (const char *)name);
    CHECK_MSG(a.code == 0 || a.code == 1, "exit code %d: %s", a.code, pb_buffer_string(&a.text));
    CHECK_MSG(sscanf(pb_buffer_string(&a.text), "idle seconds %lf cpu_us %lf us_per_s %lf", &seconds, &cpu,
                     &share) == 3,
              "%s", pb_buffer_string(&a.text));
    CHECK_NEAR(seconds, 0.01, 1e-9);
    CHECK_MSG(a.code == (share > 1000), "%s", a.text.data);
    pb_buffer_release(&a.text);
}

static const struct executor_case per_executor[] = {
    {"throughput", measures_throughput}, {"latency", measures_latency}, {"metg", measures_metg},
    {"memory", measures_memory},         {"growth", watches_growth},    {"idleness", watches_idleness},
};

/* ---- The command line ---- */

static void refuses(const void *data) {
    static const struct {
        const char *words, *complaint;
    } rows[] = {
        {"", "MODE: missing"},
        {"thrr 1 1", "did you mean thr? there are thr, lat, metg, rss, grow, idle"},
        {"thr", "thr: WORKERS is missing"},
        {"thr 1", "thr: N is missing"},
        {"thr 0 1", "WORKERS \"0\": not a whole number"},
        {"thr 1 0", "N \"0\": not a whole number"},
        {"thr 1 1e3", "N \"1e3\": not a whole number"},
        {"thr 1 1 1", "thr: \"1\" is one word too many"},
        {"rss 1 1 2", "GATE \"2\""},
        {"metg 1 4", "LONGEST \"4\""},
        {"grow 1 1", "ROUNDS \"1\""},
        {"idle 1 0", "SECONDS \"0\""},
        {"--executor thred thr 1 1", "did you mean thread?"},
        {"--executor openmp:schedule=odd thr 1 1", "openmp"},
        {"--executor serial thr 2 1", "executor serial has 1, not 2: give 1"},
        {"--via fro thr 1 1", "did you mean for? there are submit, for, map"},
        {"--bind cores thr 1 1", "did you mean core? there are none, core, one"},
        {"--bind core thr 4096 1", "--bind core: 4096 workers"},
        {"--window x thr 1 1", "--window \"x\""},
        {"--window 4 --via for thr 1 1", "only --via submit has one"},
        {"--window 4 rss 1 1", "--window 4"},
        {"--windows=4 thr 1 1", "--windows=4: no such option"},
        {"--via", "--via: no value"},
    };
    (void)data;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct answer a;
        call(&a, "%s", rows[i].words);
        CHECK_MSG(a.code == 2, "\"%s\": exit code %d: %s", rows[i].words, a.code, pb_buffer_string(&a.text));
        CHECK_HAS(pb_buffer_string(&a.text), rows[i].complaint);
        CHECK_HAS(a.text.data, "overhead: ");
        pb_buffer_release(&a.text);
    }
}

static void takes_options(const void *data) {
    static const char *const rows[] = {
        "--bind one thr 2 30", "--bind core thr 1 30",  "--window 1 thr 1 30",
        "--window 7 thr 2 30", "--window 100 thr 1 30", "--executor=thread --via=map thr 2 30",
    };
    (void)data;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct answer a;
        call(&a, "%s", rows[i]);
        check_code(&a, rows[i], 0);
        check_form(&a, "thr %f %f %f\n");
        pb_buffer_release(&a.text);
    }
}

static void tells_what_there_is(const void *data) {
    struct answer help, list;
    struct pb_executor_listing listing;
    (void)data;
    call(&help, "--help");
    check_code(&help, "--help", 0);
    CHECK_HAS(pb_buffer_string(&help.text), "Usage: overhead");
    call(&list, "--list");
    check_code(&list, "--list", 0);
    for (size_t i = 0; pb_executor_list(i, &listing) == 0; i++)
        CHECK_HAS(pb_buffer_string(&list.text), listing.name);
    pb_buffer_release(&help.text);
    pb_buffer_release(&list.text);
}

static const struct pb_case cases[] = {
    {"refuses", refuses, NULL},
    {"takes-options", takes_options, NULL},
    {"tells-what-there-is", tells_what_there_is, NULL},
};

static bool generate(size_t i, struct pb_case *out) {
    if (i >= COUNT(cases))
        return executor_case_at(per_executor, COUNT(per_executor), i - COUNT(cases), out);
    *out = cases[i];
    return true;
}

const struct pb_suite suite_overhead = {"overhead", NULL, generate};
