#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/name.h"
#include "base/units.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct pb_mode modes[] = {
    {.name = "thr",
     .count = "N",
     .count_least = 1,
     .count_most = 1e9,
     .run = pb_mode_throughput,
     .help = "ns per empty task, N tasks, three times"},
    {.name = "lat",
     .count = "N",
     .extra = "GAP",
     .count_least = 1,
     .count_most = 1e8,
     .extra_most = 1e10,
     .run = pb_mode_latency,
     .help = "ns of one task's round trip, N times, each after GAP ns"},
    {.name = "metg",
     .count = "LONGEST",
     .extra = "MS",
     .count_least = 5,
     .count_most = 1e9,
     .extra_most = 1e6,
     .run = pb_mode_metg,
     .help = "efficiency at tasks of LONGEST down to 5 ns, MS of work each"},
    {.name = "rss",
     .count = "N",
     .extra = "GATE",
     .count_least = 1,
     .count_most = 1e9,
     .extra_most = 1,
     .run = pb_mode_memory,
     .help = "bytes per queued task, N tasks; GATE 1 stops the workers first"},
    {.name = "grow",
     .count = "ROUNDS",
     .extra = "TASKS",
     .count_least = 2,
     .count_most = 1e9,
     .extra_most = 1e9,
     .run = pb_mode_grow,
     .help = "memory after ROUNDS of TASKS (1000000); 1 if it grows"},
    {.name = "idle",
     .count = "SECONDS",
     .count_least = 0.001,
     .count_most = 1e6,
     .in_seconds = true,
     .run = pb_mode_idle,
     .help = "processor time used by doing nothing; 1 if over 1 ms/s"},
    {.name = "parts",
     .count = "N",
     .count_least = 1000,
     .count_most = 1e8,
     .run = pb_mode_parts,
     .help = "executor mpi: what a task costs rank 0, and the others"},
};

static const char *const vias[] = {[PB_VIA_SUBMIT] = "submit", [PB_VIA_FOR] = "for", [PB_VIA_MAP] = "map"};
static const char *const binds[] = {[PB_BIND_NONE] = "none", [PB_BIND_CORE] = "core", [PB_BIND_ONE] = "one"};

/* ---- Values ---- */

/* Index of the name, or -EINVAL. */
static int find_name(const char *what, const char *text, const char *const *names, size_t count,
                     struct pb_error *error) {
    struct pb_buffer list = {0};
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, names[i]) == 0) {
            pb_buffer_release(&list);
            return (int)i;
        }
        pb_buffer_printf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    int nearest = pb_name_nearest(text, names, count);
    pb_error_set(error, -EINVAL, "%s \"%s\": there is none of that name: %s%s%s%s", what, text,
                 nearest >= 0 ? "did you mean " : "", nearest >= 0 ? names[nearest] : "",
                 nearest >= 0 ? "? there are " : "there are ", pb_buffer_string(&list));
    pb_buffer_release(&list);
    return -EINVAL;
}

static int find_mode(const struct pb_mode **mode, const char *text, struct pb_error *error) {
    const char *names[COUNT(modes)];
    for (size_t i = 0; i < COUNT(modes); i++)
        names[i] = modes[i].name;
    int i = find_name("mode", text, names, COUNT(modes), error);
    *mode = i < 0 ? NULL : &modes[i];
    return i < 0 ? i : 0;
}

static int parse_number(const char *what, const char *text, bool fraction, double least, double most,
                        double *value, struct pb_error *error) {
    int64_t whole = 0;
    int rc = fraction ? pb_parse_real(text, value) : pb_parse_integer(text, &whole);
    if (rc == 0 && !fraction)
        *value = (double)whole;
    if (rc == 0 && *value >= least && *value <= most)
        return 0;
    return pb_error_set(error, -EINVAL, "%s \"%s\": not %s from %.12g to %.12g: give one", what, text,
                        fraction ? "a number" : "a whole number", least, most);
}

/* ---- Options ---- */

static void print_help(void) {
    printf("Usage: overhead [OPTION...] MODE WORKERS N [EXTRA]\n"
           "What parbench's executors add to the work that they are given. Prints one line.\n\n");
    for (size_t i = 0; i < COUNT(modes); i++) {
        const struct pb_mode *m = &modes[i];
        char call[64];
        snprintf(call, sizeof call, "%s WORKERS %s%s%s%s", m->name, m->count, m->extra ? " [" : "",
                 m->extra ? m->extra : "", m->extra ? "]" : "");
        printf("  %-30s %s\n", call, m->help);
    }
    printf(
        "\n"
        "  --executor NAME[:KEY=VALUE,...]  default: thread; --list names them\n"
        "  --via submit|for|map             how tasks are handed over; default: submit\n"
        "  --bind none|core|one             each worker to a processor, or all to one; default: none\n"
        "  --window N                       submit: tasks in flight; default: 0, all of them\n"
        "  --list                           the executors that can be measured here\n\n"
        "  overhead --executor openmp:schedule=static --via for thr 2 1000000\n"
        "  overhead --bind one lat 2 3000 1000000\n\n"
        "Exit codes: 0; 1 memory grew or an idle executor did not rest; 2 usage; 4 wrong results; 5 a task\n"
        "or the executor failed; 6 could not run.\n");
}

static void print_list(void) {
    struct pb_executor_listing listing;
    for (size_t i = 0; pb_executor_list(i, &listing) == 0; i++) {
        if (listing.absent)
            fprintf(stderr, "overhead: %s\n", listing.absent);
        else
            printf("%s\n", listing.name);
    }
}

enum { EXECUTOR = 1, VIA, BIND, WINDOW, LIST, HELP };
static const struct option long_options[] = {
    {"executor", required_argument, NULL, EXECUTOR},
    {"via", required_argument, NULL, VIA},
    {"bind", required_argument, NULL, BIND},
    {"window", required_argument, NULL, WINDOW},
    {"list", no_argument, NULL, LIST},
    {"help", no_argument, NULL, HELP},
    {0},
};

/* 0, -EINVAL, or LIST or HELP, which end the parsing. */
static int take_option(struct pb_gauge_config *config, int option, const char *written,
                       struct pb_error *error) {
    double number;
    int rc;
    switch (option) {
    case EXECUTOR:
        config->executor = optarg;
        return 0;
    case VIA:
        rc = find_name("--via", optarg, vias, COUNT(vias), error);
        config->via = rc < 0 ? config->via : (enum pb_via)rc;
        return rc < 0 ? rc : 0;
    case BIND:
        rc = find_name("--bind", optarg, binds, COUNT(binds), error);
        config->bind = rc < 0 ? config->bind : (enum pb_bind)rc;
        return rc < 0 ? rc : 0;
    case WINDOW:
        rc = parse_number("--window", optarg, false, 0, 1e9, &number, error);
        config->window = rc < 0 ? 0 : (uint64_t)number;
        return rc;
    case LIST:
    case HELP:
        return option;
    case ':':
        return pb_error_set(error, -EINVAL, "%s: no value: overhead --help shows what it takes", written);
    default:
        return pb_error_set(error, -EINVAL, "%s: no such option: overhead --help lists them", written);
    }
}

static int parse_options(struct pb_gauge_config *config, int argc, char **argv, struct pb_error *error) {
    int rc = 0;
    opterr = 0;
    while (rc == 0) {
        const char *written = argv[optind];
        int option = getopt_long(argc, argv, "+:", long_options, NULL);
        if (option < 0)
            return 0;
        rc = take_option(config, option, written, error);
    }
    return rc;
}

/* ---- Words ---- */

static int parse_words(struct pb_options *o, char **word, int words, struct pb_error *error) {
    double workers, count, extra = 0;
    if (words < 1)
        return pb_error_set(error, -EINVAL, "MODE: missing: overhead --help lists them");
    int rc = find_mode(&o->mode, word[0], error);
    if (rc < 0)
        return rc;
    const struct pb_mode *mode = o->mode;
    if (words < 3)
        return pb_error_set(error, -EINVAL, "%s: %s is missing: give %s WORKERS %s%s%s%s", mode->name,
                            words < 2 ? "WORKERS" : mode->count, mode->name, mode->count,
                            mode->extra ? " [" : "", mode->extra ? mode->extra : "", mode->extra ? "]" : "");
    if (words > (mode->extra ? 4 : 3))
        return pb_error_set(error, -EINVAL, "%s: \"%s\" is one word too many: leave it out", mode->name,
                            word[mode->extra ? 4 : 3]);
    rc = parse_number("WORKERS", word[1], false, 1, 4096, &workers, error);
    rc = rc ? rc
            : parse_number(mode->count, word[2], mode->in_seconds, mode->count_least, mode->count_most,
                           &count, error);
    if (rc == 0 && words == 4)
        rc = parse_number(mode->extra, word[3], false, 0, mode->extra_most, &extra, error);
    if (rc < 0)
        return rc;
    o->config.workers = (uint32_t)workers;
    o->call = (struct pb_call){.count = (int64_t)count, .seconds = count, .extra = (int64_t)extra};
    return 0;
}

int pb_options_parse(struct pb_options *o, int argc, char **argv, struct pb_error *error) {
    *o = (struct pb_options){.config = {.executor = "thread"}};
    int rc = parse_options(&o->config, argc, argv, error);
    if (rc == LIST)
        print_list();
    else if (rc == HELP)
        print_help();
    if (rc)
        return rc < 0 ? rc : 0;
    if (o->config.window && o->config.via != PB_VIA_SUBMIT)
        return pb_error_set(error, -EINVAL, "--window: only --via submit has one, not %s: leave it out",
                            vias[o->config.via]);
    return parse_words(o, argv + optind, argc - optind, error);
}
