#include "results/fields.h"

#include "results/hosts.h"
#include "results/record.h"

#define AT(struct_, member) offsetof(struct struct_, member)
#define PLAIN(s, key, kind, m)                                                                               \
    { .name = key, .type = PB_FIELD_##kind, .offset = AT(s, m) }
#define NEWER(s, key, kind, m)                                                                               \
    { .name = key, .type = PB_FIELD_##kind, .offset = AT(s, m), .newer = 1 }
#define CHARS(s, key, m)                                                                                     \
    { .name = key, .type = PB_FIELD_CHARS, .offset = AT(s, m), .size = sizeof((struct s *)0)->m }
#define WORDS(s, key, kind, m, w)                                                                            \
    { .name = key, .type = PB_FIELD_##kind, .offset = AT(s, m), .words = w }
#define OBJECT(key, at, o)                                                                                   \
    { .name = key, .type = PB_FIELD_OBJECT, .offset = at, .object = &(o) }
#define LIST(s, key, m, n, o)                                                                                \
    { .name = key, .type = PB_FIELD_LIST, .offset = AT(s, m), .count = AT(s, n), .object = &(o) }
#define NEWER_LIST(s, key, m, n, o)                                                                          \
    { .name = key, .type = PB_FIELD_LIST, .offset = AT(s, m), .count = AT(s, n), .newer = 1, .object = &(o) }
#define MANY(s, key, kind, m, n)                                                                             \
    { .name = key, .type = PB_FIELD_##kind, .offset = AT(s, m), .count = AT(s, n) }
#define STATUS(s, key, kind, m)                                                                              \
    { .name = key, .type = PB_FIELD_##kind, .offset = AT(s, m), .most = PB_STATUS_MAX }
#define COUNTERS(s, key, kind, m, first, number)                                                             \
    { .name = key, .type = PB_FIELD_##kind, .offset = AT(s, m[first]), .most = number }
#define END                                                                                                  \
    { .name = NULL }

/* Counters of the workload, and of the executor behind them. */
enum { OWN = PB_COUNTERS_MAX, EXECUTORS = PB_SAMPLE_COUNTERS - PB_COUNTERS_MAX };

static const char *const sources[] = {"live", "xml", "synthetic", NULL};
static const char *const cache_types[] = {"unified", "data", "instruction", NULL};
static const char *const limits[] = {"none", "affinity mask", "cpuset", "quota", NULL};
static const char *const roles[] = {"cell", "base", "reference", NULL};
static const char *const bounds[] = {"unknown", "cpu", "io", NULL};
static const char *const states[] = {"planned", "running", "done", "failed", "wrong", "refused", NULL};
static const char *const endings[] = {"precision",   "time",   "rounds", "answered",
                                      "interrupted", "failed", NULL};
static const char *const outcomes[] = {"parallel", "overlapped",   "partial", "serialised", "slower",
                                       "keeps up", "falls behind", "unclear", "-",          NULL};
static const char *const causes[] = {"lock",  "serial part",    "imbalance",  "overhead", "shared hardware",
                                     "quota", "oversubscribed", "other load", "unknown",  NULL};

static const char *const laws[] = {"usl", "amdahl", NULL};
static const char *const span_kinds[] = {"task", "gil", "io", NULL};
static const char *const comparisons[] = {PB_REGRESSED,    PB_IMPROVED,       PB_EQUIVALENT,
                                          PB_INCONCLUSIVE, PB_NOT_COMPARABLE, NULL};

/* A row a line. */
// clang-format off
static const struct pb_field pu_fields[] = {
    PLAIN(pb_pu, "cpu", U32, cpu),
    PLAIN(pb_pu, "core", U32, core),
    PLAIN(pb_pu, "package", U32, package),
    PLAIN(pb_pu, "numa_node", U32, numa),
    PLAIN(pb_pu, "last_level_cache", U32, llc),
    PLAIN(pb_pu, "smt", U32, smt),
    PLAIN(pb_pu, "efficiency", U32, efficiency),
    END,
};
static const struct pb_object pu_object = {sizeof(struct pb_pu), 1, pu_fields};

static const struct pb_field cache_fields[] = {
    PLAIN(pb_cache, "level", U32, level),
    WORDS(pb_cache, "type", LETTER, type, cache_types),
    PLAIN(pb_cache, "size_bytes", U64, bytes),
    PLAIN(pb_cache, "instances", U32, instances),
    PLAIN(pb_cache, "sharing", U32, sharing),
    END,
};
static const struct pb_object cache_object = {sizeof(struct pb_cache), 1, cache_fields};

static const struct pb_field topology_fields[] = {
    WORDS(pb_machine, "source", ENUM, source, sources),
    CHARS(pb_machine, "source_text", source_text),
    CHARS(pb_machine, "cpu_model", cpu_model),
    PLAIN(pb_machine, "memory_bytes", U64_ZERO, memory_bytes),
    PLAIN(pb_machine, "packages", U32, packages),
    PLAIN(pb_machine, "numa_nodes", U32, numa_nodes),
    PLAIN(pb_machine, "cores", U32, cores),
    PLAIN(pb_machine, "smt", BOOL, smt),
    LIST(pb_machine, "pus", pu, pus, pu_object),
    {.name = "caches",
     .type = PB_FIELD_ROWS,
     .offset = AT(pb_machine, cache),
     .count = AT(pb_machine, caches),
     .most = sizeof((struct pb_machine *)0)->cache / sizeof(struct pb_cache),
     .object = &cache_object},
    END,
};
static const struct pb_object topology_object = {sizeof(struct pb_machine), 0, topology_fields};

static const struct pb_field limit_fields[] = {
    PLAIN(pb_limits, "allowed", CPUSET, allowed),
    PLAIN(pb_limits, "quota", REAL_MOST, quota),
    PLAIN(pb_limits, "usable", REAL, usable),
    PLAIN(pb_limits, "processors", U32, processors),
    WORDS(pb_limits, "limited_by", ENUM, limit, limits),
    CHARS(pb_limits, "where", where),
    END,
};
static const struct pb_object limits_object = {sizeof(struct pb_limits), 0, limit_fields};

static const struct pb_field host_fields[] = {
    CHARS(pb_host, "hostname", hostname),
    CHARS(pb_host, "kernel", kernel),
    CHARS(pb_host, "distribution", distribution),
    CHARS(pb_host, "compiler", compiler),
    CHARS(pb_host, "libc", libc),
    CHARS(pb_host, "virtualisation", virtualisation),
    CHARS(pb_host, "governor", governor),
    PLAIN(pb_host, "smt_active", TRI, smt_active),
    PLAIN(pb_host, "turbo", TRI, turbo),
    PLAIN(pb_host, "load_1min", REAL_LOAD, load1),
    PLAIN(pb_host, "memory_available_bytes", I64, memory_available),
    END,
};
static const struct pb_object host_object = {sizeof(struct pb_host), 0, host_fields};

static const struct pb_field ranks_host_fields[] = {
    PLAIN(pb_ranks_host, "name", TEXT, name),
    MANY(pb_ranks_host, "ranks", U32S, rank, ranks),
    MANY(pb_ranks_host, "pids", U32S, pid, pids),
    MANY(pb_ranks_host, "workers", U32S, worker, workers),
    MANY(pb_ranks_host, "planned", TEXTS, planned, plans),
    PLAIN(pb_ranks_host, "effective", TEXT, effective),
    PLAIN(pb_ranks_host, "reason", TEXT, reason),
    NEWER(pb_ranks_host, "achieved", TEXT, achieved),
    OBJECT("machine", AT(pb_ranks_host, machine), topology_object),
    OBJECT("limits", AT(pb_ranks_host, limits), limits_object),
    END,
};
const struct pb_object pb_ranks_host_object = {sizeof(struct pb_ranks_host), 0, ranks_host_fields};

static const struct pb_field machine_fields[] = {
    OBJECT("topology", AT(pb_run, machine), topology_object),
    OBJECT("limits", AT(pb_run, limits), limits_object),
    OBJECT("host", AT(pb_run, host), host_object),
    END,
};
static const struct pb_object machine_object = {sizeof(struct pb_run), 0, machine_fields};

static const struct pb_field settings_fields[] = {
    PLAIN(pb_run, "precision", REAL, precision),
    PLAIN(pb_run, "time_budget_s", REAL, time_budget),
    NEWER(pb_run, "forks", U32, forks),
    PLAIN(pb_run, "work_rate_per_us", REAL, work_rate),
    END,
};
static const struct pb_object settings_object = {sizeof(struct pb_run), 0, settings_fields};

static const struct pb_field worker_fields[] = {
    PLAIN(pb_worker_sample, "tasks", U64, tasks),
    PLAIN(pb_worker_sample, "cpu_ns", U64, cpu_ns),
    PLAIN(pb_worker_sample, "last_cpu", I32, cpu),
    NEWER(pb_worker_sample, "gil_ns", I64, gil_ns),
    NEWER(pb_worker_sample, "io_ns", I64, io_ns),
    NEWER(pb_worker_sample, "idle_ns", I64, idle_ns),
    END,
};
static const struct pb_object worker_object = {sizeof(struct pb_worker_sample), 1, worker_fields};

static const struct pb_field sample_fields[] = {
    PLAIN(pb_sample, "round", U32, round),
    NEWER(pb_sample, "fork", U32, fork),
    PLAIN(pb_sample, "tasks", U64, tasks),
    PLAIN(pb_sample, "makespan_ns", U64, makespan_ns),
    PLAIN(pb_sample, "cpu_ns", U64, cpu_ns),
    PLAIN(pb_sample, "voluntary_switches", I64, voluntary),
    PLAIN(pb_sample, "involuntary_switches", I64, involuntary),
    PLAIN(pb_sample, "migrations", I64, migrations),
    PLAIN(pb_sample, "minor_faults", I64, minor_faults),
    PLAIN(pb_sample, "major_faults", I64, major_faults),
    PLAIN(pb_sample, "peak_bytes", I64, peak_bytes),
    NEWER(pb_sample, "throttled_periods", I64, throttled),
    NEWER(pb_sample, "throttled_ns", I64, throttled_ns),
    NEWER(pb_sample, "steal_ns", I64, steal_ns),
    NEWER(pb_sample, "undisturbed_ns", REAL, undisturbed_ns),
    PLAIN(pb_sample, "digest", HEX, digest),
    STATUS(pb_sample, "status_counts", U64_ROW, status),
    COUNTERS(pb_sample, "counters", U64_SHORT, counter, 0, OWN),
    COUNTERS(pb_sample, "executor_counters", U64_SHORT, counter, OWN, EXECUTORS),
    MANY(pb_sample, "latency", LATENCY, latency, latencies),
    LIST(pb_sample, "workers", worker, workers, worker_object),
    END,
};
const struct pb_object pb_sample_object = {sizeof(struct pb_sample), 1, sample_fields};

static const struct pb_field failure_fields[] = {
    PLAIN(pb_failure, "task", U64, task),
    {.name = "status", .type = PB_FIELD_U32, .offset = AT(pb_failure, status), .most = PB_STATUS_MAX - 1},
    CHARS(pb_failure, "reason", reason),
    END,
};
const struct pb_object pb_failure_object = {sizeof(struct pb_failure), 1, failure_fields};

static const struct pb_field span_fields[] = {
    WORDS(pb_span, "kind", ENUM, kind, span_kinds),
    PLAIN(pb_span, "worker", U32, worker),
    PLAIN(pb_span, "lane", U32, lane),
    PLAIN(pb_span, "task", U64, task),
    PLAIN(pb_span, "start_ns", U64, start_ns),
    PLAIN(pb_span, "duration_ns", U64, duration_ns),
    END,
};
static const struct pb_object span_object = {sizeof(struct pb_span), 1, span_fields};

static const struct pb_field estimate_fields[] = {
    PLAIN(pb_estimate, "value", REAL, value),
    PLAIN(pb_estimate, "low", REAL, low),
    PLAIN(pb_estimate, "high", REAL, high),
    PLAIN(pb_estimate, "samples", U32, samples),
    END,
};
static const struct pb_object estimate_object = {sizeof(struct pb_estimate), 1, estimate_fields};

static const struct pb_field summary_fields[] = {
    OBJECT("time_ns", AT(pb_summary, time), estimate_object),
    OBJECT("speedup", AT(pb_summary, speedup), estimate_object),
    OBJECT("possible", AT(pb_summary, possible), estimate_object),
    OBJECT("throughput_per_s", AT(pb_summary, throughput), estimate_object),
    OBJECT("kept", AT(pb_summary, kept), estimate_object),
    PLAIN(pb_summary, "busy", REAL, busy),
    PLAIN(pb_summary, "cost", REAL, cost),
    PLAIN(pb_summary, "efficiency", REAL, efficiency),
    PLAIN(pb_summary, "bound", REAL, bound),
    PLAIN(pb_summary, "imbalance", REAL, imbalance),
    NEWER(pb_summary, "computing_share", REAL, spent.computing),
    NEWER(pb_summary, "gil_share", REAL, spent.gil),
    NEWER(pb_summary, "io_share", REAL, spent.io),
    NEWER(pb_summary, "idle_share", REAL, spent.idle),
    NEWER(pb_summary, "rest_share", REAL, spent.rest),
    PLAIN(pb_summary, "latency_p50_ns", REAL, p50),
    PLAIN(pb_summary, "latency_p99_ns", REAL, p99),
    PLAIN(pb_summary, "latency_p999_ns", REAL, p999),
    PLAIN(pb_summary, "rate_per_s", REAL, rate),
    PLAIN(pb_summary, "serial_fraction", REAL, serial_fraction),
    WORDS(pb_summary, "outcome", STATIC, outcome, outcomes),
    WORDS(pb_summary, "cause", STATIC, cause, causes),
    END,
};
static const struct pb_object summary_object = {sizeof(struct pb_summary), 0, summary_fields};

static const struct pb_field placement_fields[] = {
    PLAIN(pb_cell, "policy", TEXT, binding),
    PLAIN(pb_cell, "effective", TEXT, binding_effective),
    PLAIN(pb_cell, "reason", TEXT, binding_reason),
    PLAIN(pb_cell, "planned", TEXT, planned),
    PLAIN(pb_cell, "achieved", TEXT, achieved),
    PLAIN(pb_cell, "misplaced", BOOL, misplaced),
    END,
};
static const struct pb_object placement_object = {sizeof(struct pb_cell), 0, placement_fields};

static const struct pb_field cell_fields[] = {
    PLAIN(pb_cell, "id", U32, id),
    WORDS(pb_cell, "role", ENUM, role, roles),
    PLAIN(pb_cell, "workload", TEXT, workload),
    PLAIN(pb_cell, "workload_name", TEXT, workload_name),
    PLAIN(pb_cell, "workload_summary", TEXT, workload_summary),
    PLAIN(pb_cell, "workload_full", TEXT, workload_full),
    PLAIN(pb_cell, "executor", TEXT, executor),
    NEWER(pb_cell, "runner", TEXT, runner),
    NEWER(pb_cell, "side", TEXT, side),
    NEWER(pb_cell, "suspended", U32, suspended),
    WORDS(pb_cell, "bound", ENUM, bound, bounds),
    PLAIN(pb_cell, "workers", U32, workers),
    PLAIN(pb_cell, "via", TEXT, via),
    PLAIN(pb_cell, "tasks", U64, tasks),
    PLAIN(pb_cell, "task_bytes", U64_ZERO, bytes_per_task),
    PLAIN(pb_cell, "offered_per_s", REAL, offered),
    PLAIN(pb_cell, "base", I32, base),
    PLAIN(pb_cell, "reference", I32, reference),
    PLAIN(pb_cell, "reference_base", I32, reference_base),
    OBJECT("placement", 0, placement_object),
    WORDS(pb_cell, "state", ENUM, state, states),
    PLAIN(pb_cell, "error", TEXT, error),
    MANY(pb_cell, "notes", TEXTS, note, notes),
    STATUS(pb_cell, "status_names", TEXT_ROW, status_name),
    COUNTERS(pb_cell, "counter_names", TEXT_ROW, counter_name, 0, OWN),
    COUNTERS(pb_cell, "executor_counter_names", TEXT_ROW, counter_name, OWN, EXECUTORS),
    LIST(pb_cell, "failures", failure, failures, pb_failure_object),
    MANY(pb_cell, "task_times_ns", REALS, task_ns, task_times),
    NEWER_LIST(pb_cell, "hosts", host, hosts, pb_ranks_host_object),
    NEWER_LIST(pb_cell, "spans", span, spans, span_object),
    NEWER(pb_cell, "spans_lost", U64, spans_lost),
    LIST(pb_cell, "samples", sample, samples, pb_sample_object),
    OBJECT("summary", AT(pb_cell, summary), summary_object),
    END,
};
static const struct pb_object cell_object = {sizeof(struct pb_cell), 0, cell_fields};

static const struct pb_field finding_fields[] = {
    PLAIN(pb_finding, "claim", TEXT, claim),
    PLAIN(pb_finding, "evidence", TEXT, evidence),
    PLAIN(pb_finding, "next", TEXT, next),
    END,
};
static const struct pb_object finding_object = {sizeof(struct pb_finding), 0, finding_fields};

static const struct pb_field doubt_fields[] = {
    PLAIN(pb_doubt, "text", TEXT, text),
    PLAIN(pb_doubt, "grave", BOOL, grave),
    END,
};
static const struct pb_object doubt_object = {sizeof(struct pb_doubt), 1, doubt_fields};

/* An estimate that may be endless. */
static const struct pb_field peak_fields[] = {
    PLAIN(pb_estimate, "value", REAL_MOST, value),
    PLAIN(pb_estimate, "low", REAL_MOST, low),
    PLAIN(pb_estimate, "high", REAL_MOST, high),
    PLAIN(pb_estimate, "samples", U32, samples),
    END,
};
static const struct pb_object peak_object = {sizeof(struct pb_estimate), 1, peak_fields};

static const struct pb_field law_fields[] = {
    PLAIN(pb_scaling_law, "cell", U32, cell),
    PLAIN(pb_scaling_law, "weak", BOOL, weak),
    WORDS(pb_scaling_law, "law", STATIC, law, laws),
    PLAIN(pb_scaling_law, "why", TEXT, why),
    OBJECT("one_per_s", AT(pb_scaling_law, one), estimate_object),
    OBJECT("a", AT(pb_scaling_law, a), estimate_object),
    OBJECT("b", AT(pb_scaling_law, b), estimate_object),
    OBJECT("peak", AT(pb_scaling_law, peak), peak_object),
    PLAIN(pb_scaling_law, "widest", U64_ZERO, widest),
    PLAIN(pb_scaling_law, "predicted", U64_ZERO, predicted),
    OBJECT("throughput_per_s", AT(pb_scaling_law, throughput), estimate_object),
    OBJECT("speedup", AT(pb_scaling_law, speedup), estimate_object),
    PLAIN(pb_scaling_law, "misfit", REAL, misfit),
    PLAIN(pb_scaling_law, "misfit_at", U64_ZERO, misfit_at),
    END,
};
static const struct pb_object law_object = {sizeof(struct pb_scaling_law), 1, law_fields};

static const struct pb_field comparison_fields[] = {
    PLAIN(pb_comparison, "name", TEXT, name),
    PLAIN(pb_comparison, "cell", I32, cell),
    PLAIN(pb_comparison, "base_ns", REAL, base_ns),
    PLAIN(pb_comparison, "head_ns", REAL, head_ns),
    OBJECT("change", AT(pb_comparison, change), estimate_object),
    OBJECT("control", AT(pb_comparison, control), estimate_object),
    PLAIN(pb_comparison, "confidence", REAL, confidence),
    PLAIN(pb_comparison, "threshold", REAL, threshold),
    PLAIN(pb_comparison, "detectable", REAL, detectable),
    PLAIN(pb_comparison, "scaled", BOOL, scaled),
    NEWER(pb_comparison, "undisturbed", BOOL, undisturbed),
    WORDS(pb_comparison, "verdict", STATIC, verdict, comparisons),
    PLAIN(pb_comparison, "why", TEXT, why),
    END,
};
static const struct pb_object comparison_object = {sizeof(struct pb_comparison), 0, comparison_fields};

static const struct pb_field run_fields[] = {
    PLAIN(pb_run, "version", TEXT, version),
    PLAIN(pb_run, "command", TEXT, command),
    PLAIN(pb_run, "seed", DECIMAL, seed),
    PLAIN(pb_run, "started", TIME, started),
    NEWER(pb_run, "commit", TEXT, commit),
    PLAIN(pb_run, "elapsed_s", REAL, elapsed),
    PLAIN(pb_run, "rounds", U32, rounds),
    WORDS(pb_run, "ended", STATIC, ended, endings),
    OBJECT("settings", 0, settings_object),
    OBJECT("machine", 0, machine_object),
    MANY(pb_run, "warnings", TEXTS, warning, warnings),
    LIST(pb_run, "cells", cell, cells, cell_object),
    LIST(pb_run, "findings", finding, findings, finding_object),
    NEWER_LIST(pb_run, "doubts", doubt, doubts, doubt_object),
    NEWER_LIST(pb_run, "laws", law, laws, law_object),
    NEWER_LIST(pb_run, "comparisons", comparison, comparisons, comparison_object),
    END,
};
const struct pb_object pb_run_object = {sizeof(struct pb_run), 0, run_fields};
// clang-format on
