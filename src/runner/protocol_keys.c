#include "runner/protocol_keys.h"

#include <stdio.h>

#include "parbench/workload.h"
#include "results/sample.h"

enum { EXECUTOR_COUNTERS = PB_SAMPLE_COUNTERS - PB_COUNTERS_MAX };

const struct pb_wire_key pb_wire_keys[] = {
    {"describe", "workloads", .kind = PB_KEY_TEXTS, .required = true},
    {"describe", "executors", .kind = PB_KEY_TEXTS, .required = true},

    {"open", "protocol", .kind = PB_KEY_COUNT, .required = true, .least = 1},
    {"open", "workload", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {"open", "executor", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {"open", "workers", .kind = PB_KEY_COUNT, .required = true, .least = 1},
    {"open", "binding", .kind = PB_KEY_TEXTS, .required = true},
    {"open", "policy", .kind = PB_KEY_TEXT, .least = 1},
    {"open", "via", .kind = PB_KEY_CHOICE, .required = true, .of = "for, submit or map"},
    {"open", "work_rate", .kind = PB_KEY_NUMBER, .required = true},
    {"open", "trace", .kind = PB_KEY_FLAG},

    {"run", "round", .kind = PB_KEY_COUNT, .required = true},
    {"run", "tasks", .kind = PB_KEY_COUNT, .required = true, .least = 1},
    {"run", "times", .kind = PB_KEY_FLAG, .required = true},
    {"run", "trace", .kind = PB_KEY_FLAG},

    {"description", "workloads", .kind = PB_KEY_PARTS, .required = true, .of = "workload"},
    {"description", "executors", .kind = PB_KEY_PARTS, .required = true, .of = "executor"},

    {"workload", "item", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {"workload", "name", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {"workload", "canonical", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {"workload", "full", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {"workload", "summary", .kind = PB_KEY_TEXT},
    {"workload", "bound", .kind = PB_KEY_CHOICE, .of = "cpu or io"},
    {"workload", "absent", .kind = PB_KEY_TEXT, .least = 1},
    {"workload", "params", .kind = PB_KEY_PARTS, .of = "param"},

    {"executor", "item", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {"executor", "name", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {"executor", "canonical", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {"executor", "full", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {"executor", "summary", .kind = PB_KEY_TEXT},
    {"executor", "absent", .kind = PB_KEY_TEXT, .least = 1},
    {"executor", "only", .kind = PB_KEY_TEXT, .least = 1},
    {"executor", "threads", .kind = PB_KEY_COUNT, .least = 1},
    {"executor", "launched", .kind = PB_KEY_FLAG},
    {"executor", "params", .kind = PB_KEY_PARTS, .of = "param"},

    {"param", "name", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {"param", "type", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {"param", "value", .kind = PB_KEY_TEXT},
    {"param", "default", .kind = PB_KEY_TEXT},
    {"param", "range", .kind = PB_KEY_TEXT},
    {"param", "help", .kind = PB_KEY_TEXT},

    {"calibrated", "work_rate", .kind = PB_KEY_NUMBER, .required = true, .least = 1e-6},

    {"ready", "protocol", .kind = PB_KEY_COUNT, .required = true, .least = 1},
    {"ready", "tasks", .kind = PB_KEY_COUNT, .required = true},
    {"ready", "statuses", .kind = PB_KEY_TEXTS, .required = true, .least = PB_STATUS_FIRST,
     .most = PB_STATUS_MAX},
    {"ready", "bytes_per_task", .kind = PB_KEY_COUNT},
    {"ready", "offered_per_s", .kind = PB_KEY_NUMBER, .least = 1e-6},
    {"ready", "counters", .kind = PB_KEY_TEXTS, .most = PB_COUNTERS_MAX},
    {"ready", "executor_counters", .kind = PB_KEY_TEXTS, .most = EXECUTOR_COUNTERS},
    {"ready", "notes", .kind = PB_KEY_TEXTS},
    {"ready", "pids", .kind = PB_KEY_PIDS},
    {"ready", "hosts", .kind = PB_KEY_PARTS, .of = "host"},

    {"progress", "ended", .kind = PB_KEY_COUNT, .required = true},

    {"sample", "round", .kind = PB_KEY_COUNT, .required = true},
    {"sample", "tasks", .kind = PB_KEY_COUNT, .required = true, .least = 1},
    {"sample", "makespan_ns", .kind = PB_KEY_COUNT, .required = true, .least = 1},
    {"sample", "cpu_ns", .kind = PB_KEY_COUNT, .required = true},
    {"sample", "digest", .kind = PB_KEY_DIGEST, .required = true},
    {"sample", "status", .kind = PB_KEY_COUNTS, .required = true, .most = PB_STATUS_MAX},
    {"sample", "voluntary", .kind = PB_KEY_COUNT, .least = -1},
    {"sample", "involuntary", .kind = PB_KEY_COUNT, .least = -1},
    {"sample", "migrations", .kind = PB_KEY_COUNT, .least = -1},
    {"sample", "minor_faults", .kind = PB_KEY_COUNT, .least = -1},
    {"sample", "major_faults", .kind = PB_KEY_COUNT, .least = -1},
    {"sample", "peak_bytes", .kind = PB_KEY_COUNT, .least = -1},
    {"sample", "throttled", .kind = PB_KEY_COUNT, .least = -1},
    {"sample", "throttled_ns", .kind = PB_KEY_COUNT, .least = -1},
    {"sample", "steal_ns", .kind = PB_KEY_COUNT, .least = -1},
    {"sample", "counters", .kind = PB_KEY_COUNTS, .most = PB_COUNTERS_MAX},
    {"sample", "executor_counters", .kind = PB_KEY_COUNTS, .most = EXECUTOR_COUNTERS},
    {"sample", "latency", .kind = PB_KEY_PAIRS},
    {"sample", "failures", .kind = PB_KEY_PARTS, .of = "failure"},
    {"sample", "workers", .kind = PB_KEY_PARTS, .of = "worker"},
    {"sample", "task_ns", .kind = PB_KEY_NUMBERS},
    {"sample", "spans", .kind = PB_KEY_PARTS, .of = "span"},
    {"sample", "spans_lost", .kind = PB_KEY_COUNT},
    {"sample", "pids", .kind = PB_KEY_PIDS},

    {"failure", "task", .kind = PB_KEY_COUNT, .required = true},
    {"failure", "status", .kind = PB_KEY_COUNT, .required = true, .least = PB_ERROR,
     .most = PB_STATUS_MAX - 1},
    {"failure", "reason", .kind = PB_KEY_TEXT, .required = true},

    {"worker", "tasks", .kind = PB_KEY_COUNT, .required = true},
    {"worker", "cpu_ns", .kind = PB_KEY_COUNT, .required = true},
    {"worker", "cpu", .kind = PB_KEY_COUNT, .least = -1},
    {"worker", "gil_ns", .kind = PB_KEY_COUNT, .least = -1},
    {"worker", "io_ns", .kind = PB_KEY_COUNT, .least = -1},
    {"worker", "idle_ns", .kind = PB_KEY_COUNT, .least = -1},

    {"host", "name", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {"host", "ranks", .kind = PB_KEY_COUNTS, .required = true},
    {"host", "pids", .kind = PB_KEY_PIDS, .required = true},
    {"host", "workers", .kind = PB_KEY_COUNTS, .required = true},
    {"host", "planned", .kind = PB_KEY_TEXTS, .required = true},
    {"host", "effective", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {"host", "reason", .kind = PB_KEY_TEXT, .required = true},
    {"host", "machine", .kind = PB_KEY_OBJECT, .required = true, .of = "topology"},
    {"host", "limits", .kind = PB_KEY_OBJECT, .required = true, .of = "limits"},

    {"span", "kind", .kind = PB_KEY_CHOICE, .required = true, .of = "task, gil or io"},
    {"span", "worker", .kind = PB_KEY_COUNT, .required = true},
    {"span", "lane", .kind = PB_KEY_COUNT, .required = true},
    {"span", "task", .kind = PB_KEY_COUNT, .required = true},
    {"span", "start_ns", .kind = PB_KEY_COUNT, .required = true},
    {"span", "duration_ns", .kind = PB_KEY_COUNT, .required = true},

    {"error", "code", .kind = PB_KEY_COUNT, .required = true, .least = -4095, .most = -1},
    {"error", "text", .kind = PB_KEY_TEXT, .required = true, .least = 1},
    {0},
};

/* "from 1", "1 to 8": an end of 0 is none. */
static void range(double least, double most, const char *from, const char *up_to, struct pb_buffer *out) {
    if (most != 0 && least != 0)
        pb_buffer_printf(out, " %s%.15g to %.15g", from, least, most);
    else if (most != 0)
        pb_buffer_printf(out, " %s %.15g", up_to, most);
    else
        pb_buffer_printf(out, " from %.15g", least);
}

void pb_wire_key_format(const struct pb_wire_key *key, struct pb_buffer *out) {
    static const char *const plain[PB_KEY_KINDS] = {
        [PB_KEY_COUNT] = "a whole number",
        [PB_KEY_NUMBER] = "a number",
        [PB_KEY_FLAG] = "true or false",
        [PB_KEY_DIGEST] = "16 hexadecimal digits, lower-case",
        [PB_KEY_COUNTS] = "whole numbers from 0",
        [PB_KEY_NUMBERS] = "numbers from 0",
        [PB_KEY_TEXTS] = "texts",
        [PB_KEY_PIDS] = "process numbers",
        [PB_KEY_PAIRS] = "pairs of whole numbers",
    };
    bool list = key->kind >= PB_KEY_TEXTS;
    if (key->kind == PB_KEY_TEXT) {
        pb_buffer_text(out, key->least > 0 ? "a text that is not empty" : "a text");
    } else if (key->kind == PB_KEY_CHOICE) {
        pb_buffer_text(out, key->of);
    } else if (key->kind == PB_KEY_OBJECT) {
        pb_buffer_printf(out, "`%s`, as in a result", key->of);
    } else if (list) {
        pb_buffer_text(out, "a list of");
        if (key->most != 0)
            range(key->least, key->most, "", "at most", out);
        pb_buffer_printf(out, " %s%s", key->of ? key->of : plain[key->kind], key->of ? "s" : "");
    } else {
        pb_buffer_text(out, plain[key->kind]);
        if (key->kind == PB_KEY_COUNT || key->kind == PB_KEY_NUMBER)
            range(key->least, key->most, "from ", "up to", out);
    }
}
