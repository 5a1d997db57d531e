/* Analysing programs that make their own workers: verdicts, what is said of them, and how many to use. */
#include "analysis/analysis.h"
#include "base/buffer.h"
#include "results/record.h"
#include "suite.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))
enum { ROUNDS = 12, WIDTHS = 4 };

static void must(int rc) {
    CHECK_INT(rc, 0);
}

/* A width by its truth: how many times as fast as the first, which is the base, and its CPU time relative to
 * that; and what `spin` gives there. The width 0 ends a list. */
struct width {
    uint32_t workers;
    double speedup, cost, possible;
};

struct made {
    const char *workload;
    uint32_t processors;
    struct width width[WIDTHS];
    double jitter;       /* of each sample, relative */
    int64_t involuntary; /* switches in each sample */
};

static struct pb_cell *add(struct pb_run *run, enum pb_role role, const char *workload, const char *executor,
                           const struct width *w, double jitter, int64_t involuntary) {
    struct pb_cell *cell = pb_run_add_cell(run);
    CHECK(cell);
    cell->role = role;
    cell->bound = PB_CPU;
    cell->workers = w->workers;
    cell->tasks = 1;
    cell->state = PB_CELL_DONE;
    must(pb_set_text(&cell->workload, workload));
    must(pb_set_text(&cell->executor, executor));
    for (uint32_t round = 0; round < ROUNDS; round++) {
        double off = 1 + jitter * ((round * 5 + 3 * cell->id) % 7 / 3.0 - 1);
        struct pb_sample s = {.round = round,
                              .tasks = 1,
                              .makespan_ns = (uint64_t)(1e9 / w->speedup * off),
                              .cpu_ns = (uint64_t)(1e9 * w->cost),
                              .involuntary = involuntary,
                              .digest = 7};
        must(pb_cell_add_sample(cell, &s));
    }
    return cell;
}

/* The program's rows from 0 on, the first its base; then the references. */
static void build(struct pb_run *run, const struct made *made) {
    uint32_t widths = 0;
    pb_run_init(run);
    run->seed = 42;
    run->limits.usable = run->limits.processors = made->processors;
    run->limits.quota = INFINITY;
    for (const struct width *w = made->width; widths < WIDTHS && w->workers; w++, widths++)
        add(run, widths ? PB_ROLE_CELL : PB_ROLE_BASE, made->workload, "own", w, made->jitter,
            made->involuntary);
    for (uint32_t i = 0; i < widths; i++) {
        const struct width *w = &made->width[i];
        struct width spin = {w->workers, w->possible, 1, 0};
        uint32_t id = add(run, PB_ROLE_REFERENCE, "spin", "thread", &spin, 0.001, 0)->id;
        run->cell[id].base = (int32_t)widths;
        if (i == 0)
            continue;
        run->cell[i].base = 0;
        run->cell[i].reference = (int32_t)id;
        run->cell[i].reference_base = (int32_t)widths;
    }
}

static const struct {
    const char *name;
    struct made made;
    const char *verdicts; /* of the widths after the first */
    const char *findings; /* claim|evidence|next, one a line */
} rows[] = {
    {"scales",
     {"cmd:xz -T{n} -k -c f", 2, {{1, 1, 1, 1}, {2, 1.92, 1.02, 1.98}}, 0.002, 0},
     "2 parallel",
     "xz uses both processors (1.92x of a possible 1.98x).|Processors busy 1.96, cost 1.02.|\n"
     "xz: use 2.|2 take 0.52 of the time of 1. There are 2 processors.|\n"},
    {"machine",
     {"cmd:xz -T{n} f", 2, {{1, 1, 1, 1}, {2, 1.92, 1, 1.98}, {4, 1.93, 1, 1.98}}, 0.002, 0},
     "2 parallel; 4 parallel",
     "xz uses both processors (1.92x of a possible 1.98x).|Processors busy 1.92, cost 1.00.|\n"
     "xz: use 2.|4 give 1 % more than 2, and 2 take 0.52 of the time of 1. There are 2 processors.|\n"},
    {"ends",
     {"cmd:./sort -j{n}", 8, {{1, 1, 1, 1}, {2, 1.8, 1, 2}, {4, 1.84, 1.1, 4}}, 0.002, 0},
     "2 partial, unknown; 4 partial, unknown",
     "sort: use 2.|4 give 2 % more than 2, and 2 take 0.56 of the time of 1.|\n"
     "sort 2/4: partial (1.80 to 1.84x of a possible 4.00x).|4 workers keep 2.02 processors busy at 1.10 "
     "times "
     "the base's CPU time; nothing recorded tells why.|\n"},
    {"grows",
     {"cmd:./sort -j{n}", 8, {{1, 1, 1, 1}, {2, 1.9, 1, 2}, {4, 3.8, 1, 4}}, 0.002, 0},
     "2 parallel; 4 parallel",
     "sort uses 4 processors (3.80x of a possible 4.00x).|Processors busy 3.80, cost 1.00.|\n"
     "sort: the speedup still grows at 4.|4 take 0.50 of the time of 2.|Try -n 8.\n"},
    {"grows-to-all",
     {"cmd:./sort -j{n}", 6, {{1, 1, 1, 1}, {4, 3.9, 1, 4}}, 0.002, 0},
     "4 parallel",
     "sort uses 4 processors (3.89x of a possible 4.00x).|Processors busy 3.90, cost 1.00.|\n"
     "sort: the speedup still grows at 4.|4 take 0.26 of the time of 1.|Try -n 6.\n"},
    {"costs",
     {"cmd:./sort -j{n}", 4, {{1, 1, 1, 1}, {2, 0.95, 1.3, 2}, {4, 0.85, 2.1, 4}}, 0.002, 0},
     "2 serialised, unknown; 4 slower, unknown",
     "sort: use 1: more workers only cost (4: 0.85x, 2.10 times the CPU time).||\n"
     "sort 4: slower (0.85x).|4 workers keep 1.78 processors busy at 2.10 times the base's CPU time; nothing "
     "recorded tells why.|\n"
     "sort 2: serialised (0.95x).|2 workers keep 1.24 processors busy at 1.30 times the base's CPU time; "
     "nothing recorded tells why.|\n"},
    {"deaf",
     {"cmd:./sort -j{n}", 4, {{1, 1, 1, 1}, {2, 1, 1, 2}, {4, 1, 1, 4}}, 0.002, 0},
     "2 serialised, serial part; 4 serialised, serial part",
     "sort: use 1: more workers change nothing (4: 1.00x, 1.00 times the CPU time).||\n"
     "sort 2/4: serialised (1.00x), serial part.|Told to make 4 workers, it keeps 1.00 processors busy.|See "
     "whether it heeds {n}, and whether its work can be split.\n"},
    {"fraction",
     {"cmd:./sort", 8, {{1, 1, 1, 1}, {2, 1.667, 1, 2}, {4, 2.5, 1, 4}, {8, 3.333, 1, 8}}, 0.002, 0},
     "2 partial, serial part; 4 partial, serial part; 8 partial, serial part",
     "sort: use 8.|8 take 0.30 of the time of 1.|\n"
     "sort 2/4/8: partial (1.66 to 3.33x of a possible 7.99x), serial part.|At every width a share of 0.20 "
     "stays serial.|However many workers, it ends at 5.0x: shorten what runs alone.\n"},
    {"spins",
     {"cmd:./sort", 4, {{1, 1, 1, 1}, {2, 1.7, 1.17, 2}, {4, 2.0, 1.9, 4}}, 0.002, 0},
     "2 partial, shared hardware; 4 partial, shared hardware",
     "sort: use 4.|4 take 0.50 of the time of 1.|\n"
     "sort 2/4: partial (1.70 to 2.00x of a possible 4.00x), shared hardware.|3.80 processors are busy, but "
     "the work costs 1.90 times the base's CPU time.|Suspect workers that spin while they wait "
     "(OMP_WAIT_POLICY), memory bandwidth or SMT siblings; fewer workers may do.\n"},
    {"oversubscribed",
     {"cmd:./sort", 2, {{1, 1, 1, 1}, {2, 1.9, 1, 2}, {8, 1.3, 1.5, 2}}, 0.002, 0},
     "2 parallel; 8 partial, oversubscribed",
     "sort uses both processors (1.90x of a possible 2.00x).|Processors busy 1.90, cost 1.00.|\n"
     "sort: use 2.|8 give 31 % less than 2, and 2 take 0.53 of the time of 1. There are 2 processors.|\n"
     "sort 8: partial (1.30x of a possible 2.00x), oversubscribed.|8 workers take turns on 2 processors, and "
     "the work costs 1.50 times the base's CPU time.|Use -n 2.\n"},
    {"vague",
     {"cmd:./sort", 4, {{1, 1, 1, 1}, {2, 1.6, 1, 2}, {4, 1.8, 1, 4}}, 0.3, 0},
     "2 unclear; 4 partial, unknown",
     "sort: use 2.|After 12 rounds it is not known whether 4 give more.|Measure longer: --thorough.\n"
     "sort 4: partial (1.97x of a possible 4.00x).|4 workers keep 1.72 processors busy at 1.00 times the "
     "base's CPU time; nothing recorded tells why.|\n"
     "sort 2: unclear (1.23x).|After 12 rounds the speedup may be 1.16x or 2.36x.|Measure longer: "
     "--thorough.\n"},
    {"one-processor",
     {"cmd:./sort", 1, {{1, 1, 1, 1}, {2, 0.99, 1.0, 1}}, 0.002, 0},
     "2 serialised, oversubscribed",
     "sort: use 1: more workers change nothing (2: 0.99x, 1.00 times the CPU time).|There is 1 processor.|\n"
     "sort 2: serialised (0.99x), oversubscribed.|2 workers take turns on 1 processor.|Use -n 1.\n"},
    {"base-2",
     {"cmd:./sort", 4, {{2, 1, 1, 1}, {1, 0.52, 1, 0.5}, {4, 1.9, 1, 2}}, 0.002, 0},
     "1 -; 4 parallel",
     "sort uses all 4 processors (1.90x of a possible 2.00x).|Processors busy 1.90, cost 1.00.|\n"
     "sort: use 4.|4 take 0.27 of the time of 1. There are 4 processors.|\n"},
    {"disturbed",
     {"cmd:./sort", 4, {{1, 1, 1, 1}, {2, 0.7, 1, 2}}, 0.002, 400},
     "2 slower, other load",
     "sort: use 1: more workers only cost (2: 0.70x, 1.00 times the CPU time).||Other work disturbed this: "
     "measure "
     "again when the machine is idle.\n"
     "sort 2: slower (0.70x), other load.|Others took its processors 400 times per CPU second.|Measure again "
     "when "
     "the machine is idle.\n"},
    {"base-2-all",
     {"cmd:./sort", 2, {{2, 1, 1, 1}, {1, 0.52, 1, 0.5}, {4, 1.01, 1, 1}}, 0.002, 0},
     "1 -; 4 -",
     "sort: use 2.|4 give 1 % more than 2, and 2 take 0.52 of the time of 1. There are 2 processors.|\n"},
};

static void told(const void *data) {
    size_t i = (size_t)(uintptr_t)data;
    struct pb_run run;
    struct pb_buffer verdicts = {0}, findings = {0};
    build(&run, &rows[i].made);
    must(pb_analyse(&run));
    for (uint32_t k = 1; run.cell[k].role == PB_ROLE_CELL; k++) {
        const struct pb_summary *s = &run.cell[k].summary;
        pb_buffer_printf(&verdicts, "%s%u %s%s%s", k > 1 ? "; " : "", run.cell[k].workers, s->outcome,
                         s->cause ? ", " : "", s->cause ? s->cause : "");
    }
    for (uint32_t k = 0; k < run.findings; k++)
        pb_buffer_printf(&findings, "%s|%s|%s\n", run.finding[k].claim, run.finding[k].evidence,
                         run.finding[k].next ? run.finding[k].next : "");
    CHECK_TEXT(pb_buffer_string(&verdicts), rows[i].verdicts);
    CHECK_TEXT(pb_buffer_string(&findings), rows[i].findings);
    pb_buffer_release(&verdicts);
    pb_buffer_release(&findings);
    pb_run_release(&run);
}

static bool generate(size_t i, struct pb_case *out) {
    if (i < LENGTH(rows))
        *out = (struct pb_case){rows[i].name, told, (const void *)(uintptr_t)i};
    return i < LENGTH(rows);
}

const struct pb_suite suite_analysis_programs = {"analysis-programs", NULL, generate};
