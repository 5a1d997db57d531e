/* A line is looked at in three steps, and the first fault ends it: whether it is a message that may come now,
 * by its type; each of its keys by the rows of protocol_keys.c; and what keys say together, or together with
 * the request and with what `ready` promised. */
#include "runner/protocol_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/protocol_json.h"
#include "runner/protocol_keys.h"

struct reading {
    const struct pb_wire_setting *setting;
    struct pb_wire_fault *fault;
    const char *section;
    char path[64]; /* of the object that is read, with a full stop: "workers[1]."; "": the message */
};

/* ---- Faults. All of these return false ---- */

__attribute__((format(printf, 3, 4))) static bool wrong(struct reading *r, const char *key,
                                                        const char *format, ...) {
    char what[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    snprintf(r->fault->key, sizeof r->fault->key, "%.31s", key);
    snprintf(r->fault->text, sizeof r->fault->text, *key ? "key \"%s%s\": %s" : "%s%s%s", *key ? r->path : "",
             key, what);
    r->fault->section = r->section;
    return false;
}

/* What a value is, so that it can be told from what was wanted. */
static void describe_value(const json_t *value, enum pb_wire_kind kind, char *out, size_t size) {
    static const char *const types[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list",  [JSON_STRING] = "a text",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a number", [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null"};
    const char *text = json_string_value(value);
    bool digits = text && strspn(text, "0123456789abcdef") == strlen(text);
    if (text && kind == PB_KEY_DIGEST && strlen(text) != 16)
        snprintf(out, size, "%zu %s", strlen(text), digits ? "digits" : "characters");
    else if (text)
        snprintf(out, size, "\"%.40s\"", text);
    else if (json_is_integer(value))
        snprintf(out, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        snprintf(out, size, "%.15g", json_real_value(value));
    else if (json_is_array(value))
        snprintf(out, size, "a list of %zu", json_array_size(value));
    else
        snprintf(out, size, "%s", types[json_typeof(value)]);
}

static bool unlike(struct reading *r, const struct pb_wire_key *key, const json_t *value) {
    char is[64];
    struct pb_buffer wanted = {0};
    describe_value(value, key->kind, is, sizeof is);
    pb_wire_key_format(key, &wanted);
    wrong(r, key->name, "%s, wanted %s", is, pb_buffer_string(&wanted));
    pb_buffer_release(&wanted);
    return false;
}

/* ---- Keys ---- */

static bool within(const struct pb_wire_key *key, double value) {
    return value >= key->least && (key->most == 0 || value <= key->most);
}

/* One of "a, b or c". */
static bool is_choice(const char *choices, const char *text) {
    size_t size = strlen(text);
    for (const char *c = choices; size && (c = strstr(c, text)); c++)
        if ((c == choices || c[-1] == ' ') && strchr(", ", c[size]))
            return strcmp(text, "or") != 0;
    return false;
}

static bool is_pair(const json_t *value) {
    return json_array_size(value) == 2 && json_is_integer(json_array_get(value, 0)) &&
           json_is_integer(json_array_get(value, 1));
}

static bool is_pid(const json_t *value) {
    const char *text = json_string_value(value);
    if (!text)
        return json_is_integer(value) && json_integer_value(value) > 0;
    return *text > '0' && strspn(text, "0123456789") == strlen(text) && strlen(text) < 10;
}

static bool is_of_kind(const struct pb_wire_key *key, const json_t *value) {
    const char *text = json_string_value(value);
    switch (key->kind) {
    case PB_KEY_COUNT:
        return json_is_integer(value) && within(key, (double)json_integer_value(value));
    case PB_KEY_NUMBER:
        return json_is_number(value) && within(key, json_number_value(value));
    case PB_KEY_FLAG:
        return json_is_boolean(value);
    case PB_KEY_TEXT:
        return text && within(key, (double)strlen(text));
    case PB_KEY_CHOICE:
        return text && is_choice(key->of, text);
    case PB_KEY_OBJECT:
        return json_is_object(value);
    case PB_KEY_DIGEST:
        return text && strlen(text) == 16 && strspn(text, "0123456789abcdef") == 16;
    default:
        return json_is_array(value) && within(key, (double)json_array_size(value));
    }
}

static bool read_object(struct reading *, const char *in, const json_t *);

static bool is_item(const struct pb_wire_key *key, const json_t *item) {
    switch (key->kind) {
    case PB_KEY_TEXTS:
        return json_is_string(item);
    case PB_KEY_PIDS:
        return is_pid(item);
    case PB_KEY_COUNTS:
        return json_is_integer(item) && json_integer_value(item) >= 0;
    case PB_KEY_NUMBERS:
        return json_is_number(item) && json_number_value(item) >= 0;
    case PB_KEY_PAIRS:
        return is_pair(item);
    case PB_KEY_PARTS:
        return json_is_object(item);
    default:
        return true;
    }
}

static bool read_items(struct reading *r, const struct pb_wire_key *key, const json_t *list) {
    size_t i;
    json_t *item;
    char is[64];
    json_array_foreach(list, i, item) {
        if (!is_item(key, item)) {
            struct pb_buffer wanted = {0};
            describe_value(item, key->kind, is, sizeof is);
            pb_wire_key_format(key, &wanted);
            wrong(r, key->name, "number %zu is %s, wanted %s", i, is, pb_buffer_string(&wanted));
            pb_buffer_release(&wanted);
            return false;
        }
        if (key->kind != PB_KEY_PARTS)
            continue;
        snprintf(r->path, sizeof r->path, "%s[%zu].", key->name, i);
        bool right = read_object(r, key->of, item);
        r->path[0] = '\0';
        if (!right)
            return false;
    }
    return true;
}

/* Parts have lists of parts too (params): the path names the inner one only. */
static bool read_object(struct reading *r, const char *in, const json_t *object) {
    char path[sizeof r->path];
    memcpy(path, r->path, sizeof path);
    for (const struct pb_wire_key *key = pb_wire_keys; key->name; key++) {
        if (strcmp(key->in, in) != 0)
            continue;
        memcpy(r->path, path, sizeof path);
        const json_t *value = json_object_get(object, key->name);
        if (!value && key->required)
            return wrong(r, key->name, "it is missing");
        if (!value)
            continue;
        if (!is_of_kind(key, value))
            return unlike(r, key, value);
        if (!read_items(r, key, value))
            return false;
    }
    return true;
}

/* ---- What keys say together ---- */

static bool check_described(struct reading *r, const json_t *o, const char *key,
                            const struct pb_wire_describe *asked, const struct pb_wire_list *list) {
    const json_t *said = json_object_get(o, key);
    size_t i;
    json_t *item;
    if (asked->workloads.count == 0 && asked->executors.count == 0)
        return true;
    if (json_array_size(said) != list->count)
        return wrong(r, key, "a list of %zu, wanted the %u that were asked for", json_array_size(said),
                     list->count);
    json_array_foreach(said, i, item) {
        const char *text = json_string_value(json_object_get(item, "item"));
        if (strcmp(text, list->item[i]) != 0)
            return wrong(r, key, "number %zu has the item \"%.40s\", wanted \"%.40s\" as it was asked for", i,
                         text, list->item[i]);
    }
    return true;
}

static bool check_description(struct reading *r, const json_t *o) {
    static const struct pb_wire_describe everything;
    const struct pb_wire *asked = r->setting->asked;
    const struct pb_wire_describe *what = asked ? &asked->describe : &everything;
    size_t i;
    json_t *item;
    json_array_foreach(
        json_object_get(o, "workloads"), i,
        item) if (!json_object_get(item, "bound") &&
                  !json_object_get(
                      item,
                      "absent")) return wrong(r, "bound",
                                              "it is missing from workload number %zu, which is not absent",
                                              i);
    return check_described(r, o, "workloads", what, &what->workloads) &&
           check_described(r, o, "executors", what, &what->executors);
}

/* Whatever a record needs of hosts; and that each worker is on one, and no rank on two. */
static bool check_hosts(struct reading *r, const json_t *o) {
    const struct pb_wire *asked = r->setting->asked;
    struct pb_ranks_host *host;
    uint32_t hosts, workers = 0;
    char *why = pb_wire_get_hosts(o, &host, &hosts);
    bool right = !why || wrong(r, "hosts", "%s", why);
    for (uint32_t i = 0; i < hosts; i++)
        workers += host[i].workers;
    if (right && hosts && asked && asked->type == PB_WIRE_OPEN && workers != asked->open.workers)
        right =
            wrong(r, "hosts", "they have %u workers, wanted %u as asked for", workers, asked->open.workers);
    pb_hosts_release(host, hosts);
    free(why);
    return right;
}

static bool check_ready(struct reading *r, const json_t *o) {
    static const char *const first[] = {"ok", "error"};
    const json_t *statuses = json_object_get(o, "statuses");
    json_int_t protocol = json_integer_value(json_object_get(o, "protocol"));
    if (protocol != PB_PROTOCOL_VERSION)
        return wrong(r, "protocol", "%" JSON_INTEGER_FORMAT ", wanted %d, which was asked for", protocol,
                     PB_PROTOCOL_VERSION);
    for (size_t i = 0; i < 2; i++) {
        const char *name = json_string_value(json_array_get(statuses, i));
        if (strcmp(name, first[i]) != 0)
            return wrong(r, "statuses", "number %zu is \"%.40s\", wanted \"%s\"", i, name, first[i]);
    }
    return check_hosts(r, o);
}

static uint64_t sum(const json_t *list) {
    uint64_t all = 0;
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) all += (uint64_t)json_integer_value(item);
    return all;
}

static bool check_equal(struct reading *r, const json_t *o, const char *key, uint64_t wanted) {
    json_int_t is = json_integer_value(json_object_get(o, key));
    return (uint64_t)is == wanted ||
           wrong(r, key, "%" JSON_INTEGER_FORMAT ", wanted %" PRIu64 " as asked for", is, wanted);
}

/* Zeros at the end may be left out. */
static bool check_names(struct reading *r, const json_t *o, const char *key, const char *names,
                        const struct pb_wire_list *list) {
    size_t is = json_array_size(json_object_get(o, key));
    return is <= list->count || wrong(r, key, "%zu numbers, but `ready` has %u %s", is, list->count, names);
}

static bool check_latency(struct reading *r, const json_t *o) {
    json_int_t least = 0;
    size_t i;
    json_t *pair;
    json_array_foreach(json_object_get(o, "latency"), i, pair) {
        json_int_t bucket = json_integer_value(json_array_get(pair, 0)),
                   count = json_integer_value(json_array_get(pair, 1));
        if (bucket < 0 || bucket >= PB_LATENCY_BUCKETS)
            return wrong(r, "latency", "bucket %" JSON_INTEGER_FORMAT ", wanted one from 0 to %d", bucket,
                         PB_LATENCY_BUCKETS - 1);
        if (bucket < least)
            return wrong(r, "latency",
                         "bucket %" JSON_INTEGER_FORMAT " after %" JSON_INTEGER_FORMAT
                         ", wanted them ascending",
                         bucket, least - 1);
        if (count < 1 || count > UINT32_MAX)
            return wrong(r, "latency",
                         "%" JSON_INTEGER_FORMAT " in bucket %" JSON_INTEGER_FORMAT
                         ", wanted from 1 to 4294967295",
                         count, bucket);
        least = bucket + 1;
    }
    return true;
}

static bool check_failures(struct reading *r, const json_t *o, uint64_t tasks, uint32_t statuses) {
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(o, "failures"), i, item) {
        json_int_t task = json_integer_value(json_object_get(item, "task")),
                   status = json_integer_value(json_object_get(item, "status"));
        if ((uint64_t)task >= tasks)
            return wrong(r, "failures", "task %" JSON_INTEGER_FORMAT ", but there were %" PRIu64, task,
                         tasks);
        if (status >= statuses)
            return wrong(r, "failures", "status %" JSON_INTEGER_FORMAT ", but `ready` has %u statuses",
                         status, statuses);
    }
    return true;
}

static bool check_workers(struct reading *r, const json_t *o, uint64_t tasks) {
    const json_t *workers = json_object_get(o, "workers");
    uint64_t all = 0;
    size_t i;
    json_t *item;
    json_array_foreach(workers, i, item) all += (uint64_t)json_integer_value(json_object_get(item, "tasks"));
    return json_array_size(workers) == 0 || all == tasks ||
           wrong(r, "workers", "their tasks add up to %" PRIu64 ", wanted %" PRIu64, all, tasks);
}

static bool check_times(struct reading *r, const json_t *o, const struct pb_wire_run *asked) {
    const json_t *times = json_object_get(o, "task_ns");
    if (!asked->times)
        return !times || wrong(r, "task_ns", "it was not asked for");
    if (!times)
        return wrong(r, "task_ns", "it is missing, though `times` was asked for");
    return json_array_size(times) == asked->tasks ||
           wrong(r, "task_ns", "%zu numbers, wanted one for each of %" PRIu64 " tasks",
                 json_array_size(times), asked->tasks);
}

/* Who does not tell gives none; who does names tasks that there were, within the makespan. */
static bool check_spans(struct reading *r, const json_t *o, const struct pb_wire_run *asked) {
    const json_t *spans = json_object_get(o, "spans");
    json_int_t makespan = json_integer_value(json_object_get(o, "makespan_ns"));
    size_t i;
    json_t *item;
    if (!asked->trace)
        return !spans || wrong(r, "spans", "it was not asked for");
    json_array_foreach(spans, i, item) {
        json_int_t task = json_integer_value(json_object_get(item, "task")),
                   start = json_integer_value(json_object_get(item, "start_ns")),
                   duration = json_integer_value(json_object_get(item, "duration_ns"));
        if ((uint64_t)task >= asked->tasks)
            return wrong(r, "spans", "task %" JSON_INTEGER_FORMAT ", but there were %" PRIu64, task,
                         asked->tasks);
        if (start > makespan || duration > makespan - start)
            return wrong(r, "spans", "span %zu ends after the makespan", i);
    }
    return true;
}

static bool check_sample(struct reading *r, const json_t *o) {
    const struct pb_wire *asked = r->setting->asked;
    const struct pb_wire_ready *ready = r->setting->ready;
    if (!asked || asked->type != PB_WIRE_RUN || !ready)
        return wrong(r, "", "a sample, though no repetition was asked for");
    uint64_t tasks = asked->run.tasks, all = sum(json_object_get(o, "status"));
    if (!check_equal(r, o, "round", asked->run.round) || !check_equal(r, o, "tasks", tasks))
        return false;
    if (all != tasks)
        return wrong(r, "status", "the numbers add up to %" PRIu64 ", wanted %" PRIu64 ", one for each task",
                     all, tasks);
    return check_names(r, o, "status", "statuses", &ready->statuses) &&
           check_names(r, o, "counters", "counters", &ready->counters) &&
           check_names(r, o, "executor_counters", "executor_counters", &ready->executor_counters) &&
           check_latency(r, o) && check_failures(r, o, tasks, ready->statuses.count) &&
           check_workers(r, o, tasks) && check_times(r, o, &asked->run) && check_spans(r, o, &asked->run);
}

static bool check_progress(struct reading *r, const json_t *o) {
    const struct pb_wire *asked = r->setting->asked;
    json_int_t ended = json_integer_value(json_object_get(o, "ended"));
    return !asked || (uint64_t)ended <= asked->run.tasks ||
           wrong(r, "ended", "%" JSON_INTEGER_FORMAT " of %" PRIu64 " tasks", ended, asked->run.tasks);
}

static bool (*const together[PB_WIRE_TYPES])(struct reading *, const json_t *) = {
    [PB_WIRE_DESCRIPTION] = check_description,
    [PB_WIRE_READY] = check_ready,
    [PB_WIRE_PROGRESS] = check_progress,
    [PB_WIRE_SAMPLE] = check_sample,
};

/* ---- The whole ---- */

/* The type of that name, or PB_WIRE_TYPES. */
static enum pb_wire_type find_type(const char *name) {
    int type = 0;
    while (type < PB_WIRE_TYPES && strcmp(pb_wire_name((enum pb_wire_type)type), name) != 0)
        type++;
    return (enum pb_wire_type)type;
}

/* `progress` is no answer, so it is not named where one was wanted. */
static bool unexpected(struct reading *r, const char *type) {
    struct pb_buffer wanted = {0};
    for (int t = 0; t < PB_WIRE_TYPES; t++)
        if ((r->setting->accepts >> t & 1) && t != PB_WIRE_PROGRESS)
            pb_buffer_printf(&wanted, "%s%s", wanted.size ? " or " : "", pb_wire_name((enum pb_wire_type)t));
    if (wanted.size)
        wrong(r, "type", "\"%.40s\", wanted %s", type, pb_buffer_string(&wanted));
    else
        wrong(r, "", "said unasked: each request has one answer");
    pb_buffer_release(&wanted);
    return false;
}

static bool read_message(struct reading *r, const json_t *o) {
    const char *name = json_string_value(json_object_get(o, "type"));
    if (!json_is_object(o))
        return wrong(r, "", "no JSON object");
    if (!json_object_get(o, "type"))
        return wrong(r, "type", "it is missing");
    if (!name)
        return wrong(r, "type", "no text");
    enum pb_wire_type type = find_type(name);
    if (type == PB_WIRE_TYPES)
        return wrong(r, "type", "\"%.40s\": there is no such message", name);
    if (!(r->setting->accepts >> type & 1))
        return unexpected(r, name);
    r->section = pb_wire_name(type);
    return read_object(r, name, o) && (!together[type] || together[type](r, o));
}

bool pb_wire_strict(const char *line, size_t size, const struct pb_wire_setting *setting,
                    struct pb_wire_fault *fault) {
    json_error_t why;
    struct reading r = {.setting = setting, .fault = fault, .section = "Rules"};
    json_t *o = json_loadb(line, size, JSON_REJECT_DUPLICATES, &why);
    *fault = (struct pb_wire_fault){.section = r.section};
    bool right =
        o ? read_message(&r, o) : wrong(&r, "", "no JSON object: column %d: %s", why.column, why.text);
    json_decref(o);
    return right;
}

bool pb_wire_is_advised(const char *text) {
    const char *why = strstr(text, ": ");
    return why && strstr(why + 2, ": ");
}
