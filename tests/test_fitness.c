/* What disturbs measuring: each check on small trees of files as kernels lay them out, and the warnings. */
#include "cli/checks.h"
#include "driver/child.h"
#include "results/host.h"
#include "suite.h"

#include <stdlib.h>
#include <unistd.h>

#include "below.h"

enum { FILES = 3 };

#define CPU       "/sys/devices/system/cpu"
#define CLOCK     "/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define GOVERNOR  CPU "/cpu0/cpufreq/scaling_governor"
#define SMT       CPU "/smt/active"
#define NO_TURBO  CPU "/intel_pstate/no_turbo"
#define BOOST     CPU "/cpufreq/boost"
#define MEMINFO   "/proc/meminfo"
#define WAITS     "/proc/pressure/memory"
#define ASLR      "/proc/sys/kernel/randomize_va_space"
#define CHARACTER "/proc/self/personality"
#define VIRTUAL                                                                                              \
    { "/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sse hypervisor avx\n" }

/* Two cores, of two processors each: 0 1, 2 3. */
#define CORES "core:2 pu:2"

static const struct row {
    const char *name, *check;
    struct {
        const char *path, *text;
    } file[FILES];
    const char *allowed; /* NULL: "0-3" */
    struct {
        enum pb_limit limit;
        const char *where;
    } by;
    struct pb_disturbance disturbance;
    struct pb_clock_quality clock;
    const char *variable; /* that is set */
    enum pb_fit state;
    const char *found, *advice; /* parts of them; no advice: "" */
} rows[] = {
    {"idle", "load", .disturbance = {.busy = 0.1}, .state = PB_FIT, .found = "0.1 processors"},
    {"loaded", "load", .disturbance = {.busy = 1.9}, .state = PB_UNFIT, .found = "1.9", .advice = "stop it"},
    {"load-not-told", "load", .disturbance = {NAN, NAN}, .state = PB_FIT_UNKNOWN, .found = "/proc/stat"},

    {"no-swap",
     "memory",
     {{MEMINFO, "MemTotal: 9 kB\nSwapTotal:       0 kB\nSwapFree:        0 kB\n"}},
     .state = PB_FIT,
     .found = "nothing swapped out"},
    {"swapped-unknown-waits",
     "memory",
     {{MEMINFO, "SwapCached: 9 kB\nSwapTotal: 4096 kB\nSwapFree: 1024 kB\n"}},
     .state = PB_UNFIT,
     .found = "3 MiB swapped out",
     .advice = "swapoff"},
    {"swapped-idle",
     "memory",
     {{MEMINFO, "SwapTotal: 4096 kB\nSwapFree: 1024 kB\n"}, {WAITS, "some avg10=0.00 avg60=9.00\n"}},
     .state = PB_FIT,
     .found = "3 MiB swapped out, tasks wait for memory 0 %"},
    {"waits",
     "memory",
     {{MEMINFO, "SwapTotal: 0 kB\nSwapFree: 0 kB\n"}, {WAITS, "some avg10=3.50 avg60=0.00\n"}},
     .state = PB_UNFIT,
     .found = "nothing swapped out, tasks wait for memory 3.5 %",
     .advice = "stop what uses memory"},
    {"memory-not-told", "memory", .state = PB_FIT_UNKNOWN, .found = "/proc/meminfo"},

    {"no-quota", "quota", .state = PB_FIT, .found = "none"},
    {"quota", "quota", .by = {PB_LIMIT_QUOTA, "/a/b"}, .state = PB_UNFIT, .found = "1.5 processors in /a/b",
     .advice = "cpu.max"},

    {"all-processors", "processors", .state = PB_FIT, .found = "all 4"},
    {"one-core", "processors", .allowed = "2-3", .by = {PB_LIMIT_CPUSET, "/a/b"}, .state = PB_FIT,
     .found = "2 of 4 by the cpuset of /a/b"},
    {"under-quota", "processors", .allowed = "2-3", .by = {PB_LIMIT_QUOTA, "/a/b"}, .state = PB_FIT,
     .found = "2 of 4"},
    {"half-a-core", "processors", .allowed = "0-2", .by = {PB_LIMIT_AFFINITY, ""}, .state = PB_UNFIT,
     .found = "3 of 4 by the affinity mask", .advice = "with 3, or"},
    {"no-processors", "processors", .allowed = "", .state = PB_FIT_UNKNOWN, .found = "topology"},

    {"smt", "smt", .state = PB_UNFIT, .found = "4 processors are 2 cores", .advice = "-n 2 -b core"},
    {"smt-halves", "smt", {{SMT, "1\n"}}, .allowed = "0,2", .state = PB_FIT, .found = "of each core one"},
    {"smt-off", "smt", {{SMT, "0\n"}}, .allowed = "0,2", .state = PB_FIT, .found = "off"},
    {"smt-hidden",
     "smt",
     {{SMT, "0\n"}, VIRTUAL},
     .allowed = "0,2",
     .state = PB_FIT_UNKNOWN,
     .found = "(virtual machine): its host"},
    {"smt-not-told", "smt", .allowed = "0,2", .state = PB_FIT_UNKNOWN, .found = "the kernel"},

    {"performance", "governor", {{GOVERNOR, "performance\n"}}, .state = PB_FIT, .found = "performance"},
    {"powersave",
     "governor",
     {{GOVERNOR, "powersave\n"}},
     .state = PB_UNFIT,
     .found = "powersave",
     .advice = "cpupower"},
    {"no-driver", "governor", .state = PB_FIT_UNKNOWN, .found = "the firmware"},
    {"virtual-driver", "governor", {VIRTUAL}, .state = PB_FIT_UNKNOWN, .found = "(virtual machine)"},

    {"turbo-off", "turbo", {{NO_TURBO, "1\n"}}, .state = PB_FIT, .found = "off"},
    {"turbo-pstate",
     "turbo",
     {{NO_TURBO, "0\n"}},
     .state = PB_UNFIT,
     .found = "on",
     .advice = "echo 1 >" NO_TURBO},
    {"turbo-boost", "turbo", {{BOOST, "1\n"}}, .state = PB_UNFIT, .found = "on", .advice = "echo 0 >" BOOST},
    {"turbo-virtual", "turbo", {VIRTUAL}, .state = PB_FIT_UNKNOWN, .found = "(virtual machine)"},

    {"no-steal", "steal", .disturbance = {.steal = 0.005}, .state = PB_FIT, .found = "0.5 %"},
    {"steal", "steal", .disturbance = {.steal = 0.031}, .state = PB_UNFIT, .found = "3.1 %",
     .advice = "quieter host"},
    {"steal-not-told", "steal", .disturbance = {NAN, NAN}, .state = PB_FIT_UNKNOWN, .found = "/proc/stat"},

    {"tsc",
     "clock",
     {{CLOCK, "tsc\n"}},
     .clock = {20, 18, 1},
     .state = PB_FIT,
     .found = "tsc, 20 ns a reading, steps of 18 ns"},
    {"clock-not-told", "clock", .clock = {20, 18, 1}, .state = PB_FIT, .found = "not told, 20 ns a reading"},
    {"hpet",
     "clock",
     {{CLOCK, "hpet\n"}},
     .clock = {900, 850, 1},
     .state = PB_UNFIT,
     .found = "hpet, 900 ns a reading",
     .advice = "at least 180 us of work"},
    {"jiffies",
     "clock",
     {{CLOCK, "jiffies\n"}},
     .clock = {20, 4e6, 4e6},
     .state = PB_UNFIT,
     .found = "steps of 4 ms",
     .advice = "at least 800 ms of work"},

    {"high-resolution", "timers", .clock = {20, 18, 1}, .state = PB_FIT, .found = "to 1 ns"},
    {"ticks", "timers", .clock = {20, 18, 4e6}, .state = PB_UNFIT, .found = "to 4 ms", .advice = "highres"},
    {"timers-not-told", "timers", .clock = {20, 18, 0}, .state = PB_FIT_UNKNOWN, .found = "clock_getres"},

    {"aslr", "aslr", {{ASLR, "2\n"}, {CHARACTER, "00000000\n"}}, .state = PB_FIT, .found = "on: "},
    {"aslr-old", "aslr", {{ASLR, "1\n"}}, .state = PB_FIT, .found = "on, but for the heap: "},
    {"aslr-off", "aslr", {{ASLR, "0\n"}}, .state = PB_UNFIT, .found = "off", .advice = "va_space=2"},
    {"aslr-off-here",
     "aslr",
     {{ASLR, "2\n"}, {CHARACTER, "00040000\n"}},
     .state = PB_UNFIT,
     .found = "off for this process",
     .advice = "setarch -R"},
    {"aslr-not-told", "aslr", .state = PB_FIT_UNKNOWN, .found = "randomize_va_space"},

    {"no-variables", "variables", .state = PB_FIT, .found = "none"},
    {"variables", "variables", .variable = "OMP_PLACES", .state = PB_UNFIT, .found = "OMP_PLACES",
     .advice = "--bind"},
};

enum { ROWS = sizeof rows / sizeof *rows };

static void unset_variables(void) {
    for (const char *const *name = pb_child_set_aside; *name; name++)
        unsetenv(*name);
}

static void machine_of(const struct row *row, struct pb_run *run) {
    struct pb_error error;
    CHECK_MSG(pb_machine_init_synthetic(&run->machine, CORES, &error) == 0, "%s", error.text);
    run->limits = (struct pb_limits){.limit = row->by.limit, .quota = 1.5};
    CHECK_INT(pb_cpuset_parse(&run->limits.allowed, row->allowed ? row->allowed : "0-3"), 0);
    snprintf(run->limits.where, sizeof run->limits.where, "%s", row->by.where ? row->by.where : "");
}

/* Of all checks at once: each has a name of its own and found something; what is unfit has advice, else none.
 */
static void sound(const struct pb_check *check, uint32_t count) {
    CHECK(count > 0 && count <= PB_CHECKS);
    for (uint32_t i = 0; i < count; i++) {
        CHECK(check[i].name && *check[i].name);
        CHECK_MSG(*check[i].found, "%s: found nothing", check[i].name);
        CHECK_MSG((*check[i].advice != '\0') == (check[i].state == PB_UNFIT), "%s: advice \"%s\"",
                  check[i].name, check[i].advice);
        CHECK_MSG(strlen(check[i].found) < sizeof check[i].found - 1, "%s: found is cut", check[i].name);
        CHECK_MSG(strlen(check[i].advice) < sizeof check[i].advice - 1, "%s: advice is cut", check[i].name);
        for (uint32_t j = 0; j < i; j++)
            CHECK_MSG(strcmp(check[i].name, check[j].name) != 0, "two checks %s", check[i].name);
    }
}

static void tree(const void *data) {
    const struct row *row = data;
    char root[] = "/tmp/pb-fitness-XXXXXX";
    struct pb_check check[PB_CHECKS];
    struct pb_run run;
    uint32_t i = 0;
    CHECK(mkdtemp(root) != NULL);
    for (size_t f = 0; f < FILES && row->file[f].path; f++)
        below_write(root, row->file[f].path, row->file[f].text);
    unset_variables();
    CHECK(!row->variable || setenv(row->variable, "{0}", 1) == 0);
    pb_run_init(&run);
    machine_of(row, &run);
    pb_host_read_at(&run.host, root);
    uint32_t count = pb_fitness_look_at(
        &(struct pb_scene){.run = &run, .disturbance = &row->disturbance, .root = root, .clock = row->clock},
        check);
    below_remove(root);
    pb_run_release(&run);
    sound(check, count);
    while (i < count && strcmp(check[i].name, row->check) != 0)
        i++;
    CHECK_MSG(i < count, "no check %s", row->check);
    CHECK_HAS(check[i].found, row->found);
    CHECK_MSG(check[i].state == row->state, "%s: %s: state %d", row->check, check[i].found,
              (int)check[i].state);
    CHECK_HAS(check[i].advice, row->advice ? row->advice : "");
}

/* The machine that we are on, whatever it is. */
static void here(const void *data) {
    struct pb_check check[PB_CHECKS];
    struct pb_run run;
    struct pb_error error;
    (void)data;
    pb_run_init(&run);
    CHECK_MSG(pb_machine_init(&run.machine, &error) == 0, "%s", error.text);
    pb_limits_read(&run.limits, &run.machine);
    pb_host_read(&run.host);
    sound(check, pb_fitness_look(&run, &(struct pb_disturbance){0, 0}, check));
    pb_run_release(&run);
}

/* Each check that there is is tested above, when it is fit and when it is not. */
static void covered(const void *data) {
    struct pb_check check[PB_CHECKS];
    struct pb_run run;
    (void)data;
    pb_run_init(&run);
    uint32_t count = pb_fitness_look(&run, &(struct pb_disturbance){NAN, NAN}, check);
    pb_run_release(&run);
    sound(check, count);
    for (uint32_t i = 0; i < count; i++) {
        bool seen[3] = {false};
        for (size_t r = 0; r < ROWS; r++)
            if (strcmp(rows[r].check, check[i].name) == 0)
                seen[rows[r].state] = true;
        CHECK_MSG(seen[PB_FIT] && seen[PB_UNFIT], "%s: not tested in both states", check[i].name);
    }
}

static void clock_quality(const void *data) {
    struct pb_clock_quality q = pb_clock_measure();
    (void)data;
    CHECK(q.read_ns > 0 && isfinite(q.read_ns));
    CHECK(q.step_ns >= 1 && q.step_ns < 1e9);
    CHECK(q.timer_ns >= 1 && q.timer_ns < 1e9);
}

static void warnings(const void *data) {
    static const struct {
        double busy, steal;
        uint32_t processors;
        enum pb_limit limit;
        const char *governor, *warning; /* NULL: none */
    } told[] = {
        {0.1, 0, 2, PB_LIMIT_NONE, "performance", NULL},
        {0.1, NAN, 2, PB_LIMIT_NONE, "", NULL},
        {0.1, 0.005, 2, PB_LIMIT_AFFINITY, "", NULL},
        {1.9, 0, 2, PB_LIMIT_NONE, "", "other work keeps 1.9 processors busy: "},
        {1.9, 0, 64, PB_LIMIT_NONE, "", NULL},
        {0, 0, 2, PB_LIMIT_QUOTA, "", "quota of 1.5 processors in /a/b: "},
        {0, 0, 2, PB_LIMIT_NONE, "powersave", "governor powersave: "},
        {0, 0.031, 2, PB_LIMIT_NONE, "", "steal 3.1 %: "},
        {NAN, 0, 2, PB_LIMIT_NONE, "", NULL},
    };
    (void)data;
    for (const char *const *name = pb_child_set_aside; *name; name++)
        unsetenv(*name);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        struct pb_run run;
        pb_run_init(&run);
        run.machine.pus = told[i].processors;
        run.limits = (struct pb_limits){
            .limit = told[i].limit, .quota = 1.5, .processors = told[i].processors, .where = "/a/b"};
        snprintf(run.host.governor, sizeof run.host.governor, "%s", told[i].governor);
        CHECK_INT(pb_fitness_check(&run, &(struct pb_disturbance){told[i].busy, told[i].steal}), 0);
        CHECK_MSG(run.warnings == (told[i].warning != NULL), "row %zu: %u warnings", i, run.warnings);
        if (told[i].warning)
            CHECK_HAS(run.warning[0], told[i].warning);
        pb_run_release(&run);
    }
}

/* What runners do not get is named, all of it in one warning. */
static void set_aside(const void *data) {
    struct pb_run run;
    (void)data;
    pb_run_init(&run);
    CHECK(setenv("OMP_PLACES", "{0}", 1) == 0 && setenv("GOMP_CPU_AFFINITY", "0", 1) == 0);
    unsetenv("OMP_PROC_BIND");
    CHECK_INT(pb_fitness_check(&run, &(struct pb_disturbance){0, 0}), 0);
    CHECK_INT(run.warnings, 1);
    CHECK_HAS(run.warning[0], "OMP_PLACES, GOMP_CPU_AFFINITY: set aside: ");
    pb_run_release(&run);
}

/* Programs get them: it is said only where there is something else, references apart. */
static void not_set_aside(const void *data) {
    static const struct pb_disturbance none = {0, 0};
    struct pb_run run;
    (void)data;
    pb_run_init(&run);
    CHECK(setenv("OMP_PLACES", "{0}", 1) == 0);
    CHECK_INT(pb_set_text(&pb_run_add_cell(&run)->workload, "cmd:./solver {n}"), 0);
    struct pb_cell *spin = pb_run_add_cell(&run);
    spin->role = PB_ROLE_REFERENCE;
    CHECK_INT(pb_set_text(&spin->workload, "spin:work=100us"), 0);
    CHECK_INT(pb_fitness_check(&run, &none), 0);
    CHECK_INT(run.warnings, 0);
    CHECK_INT(pb_set_text(&pb_run_add_cell(&run)->workload, "sha"), 0);
    CHECK_INT(pb_fitness_check(&run, &none), 0);
    CHECK_INT(run.warnings, 1);
    CHECK_HAS(run.warning[0], "set aside (not for programs): ");
    pb_run_release(&run);
}

static void disturbance(const void *data) {
    static const struct pb_ticks from = {0}, to = {.busy = 55, .steal = 10, .total = 100};
    (void)data;
    struct pb_disturbance d = pb_disturbance_between(&from, &to, 4);
    CHECK_NEAR(d.busy, 55.0 / 100 * 4, 1e-12);
    CHECK_NEAR(d.steal, 0.10, 1e-12);
    CHECK(isnan(pb_disturbance_between(&to, &to, 4).busy));
}

static const struct pb_case plain[] = {
    {"warnings", warnings, NULL},
    {"set-aside", set_aside, NULL},
    {"not-set-aside", not_set_aside, NULL},
    {"disturbance", disturbance, NULL},
    {"here", here, NULL},
    {"covered", covered, NULL},
    {"clock-quality", clock_quality, NULL},
};

static bool generate(size_t i, struct pb_case *out) {
    enum { PLAIN = sizeof plain / sizeof *plain };
    if (i < PLAIN)
        *out = plain[i];
    else if (i < PLAIN + ROWS)
        *out = (struct pb_case){rows[i - PLAIN].name, tree, &rows[i - PLAIN]};
    else
        return false;
    return true;
}

const struct pb_suite suite_fitness = {"fitness", NULL, generate};
