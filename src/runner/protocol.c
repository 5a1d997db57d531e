/* The codec: each message type is one row with its name, how it is written and how it is read. */
#include "runner/protocol.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/protocol_json.h"

/* ---- Small things ---- */

int pb_wire_list_add(struct pb_wire_list *list, const char *text) {
    char **grown = realloc(list->item, (list->count + 1) * sizeof *grown);
    if (!grown)
        return -ENOMEM;
    list->item = grown;
    if (!(list->item[list->count] = strdup(text)))
        return -ENOMEM;
    list->count++;
    return 0;
}

void pb_wire_list_release(struct pb_wire_list *list) {
    for (uint32_t i = 0; i < list->count; i++)
        free(list->item[i]);
    free(list->item);
    *list = (struct pb_wire_list){0};
}

json_t *pb_wire_json_text(const char *text) {
    size_t size = strlen(text);
    json_t *json = json_string(text);
    for (size_t cut = 1; !json && cut <= 3 && cut <= size; cut++)
        json = json_stringn(text, size - cut);
    if (json)
        return json;
    char *plain = strdup(text);
    for (size_t i = 0; plain && i < size; i++)
        if ((unsigned char)plain[i] >= 0x80)
            plain[i] = '?';
    json = plain ? json_string(plain) : NULL;
    free(plain);
    return json;
}

void pb_wire_put_list(json_t *object, const char *key, const struct pb_wire_list *list) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < list->count; i++)
        json_array_append_new(array, pb_wire_json_text(list->item[i]));
    json_object_set_new(object, key, array);
}

void pb_wire_get_list(const json_t *object, const char *key, struct pb_wire_list *list) {
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(object, key), i, item) {
        char number[24];
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(item));
        if (json_is_string(item) || json_is_integer(item)) /* pids may be either */
            pb_wire_list_add(list, json_is_string(item) ? json_string_value(item) : number);
    }
}

void pb_wire_put_text(json_t *object, const char *key, const char *text) {
    if (text)
        json_object_set_new(object, key, pb_wire_json_text(text));
}

char *pb_wire_get_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? strdup(text) : NULL;
}

uint64_t pb_wire_count(const json_t *value) {
    json_int_t count = json_integer_value(value);
    return count > 0 ? (uint64_t)count : 0;
}

uint64_t pb_wire_get_count(const json_t *object, const char *key) {
    return pb_wire_count(json_object_get(object, key));
}

int64_t pb_wire_get_signed(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

void pb_wire_put_count(json_t *object, const char *key, uint64_t value) {
    json_object_set_new(object, key, json_integer((json_int_t)(value < INT64_MAX ? value : INT64_MAX)));
}

/* ---- Messages ---- */

static void put_describe(json_t *o, const struct pb_wire *m) {
    pb_wire_put_list(o, "workloads", &m->describe.workloads);
    pb_wire_put_list(o, "executors", &m->describe.executors);
}
static void get_describe(const json_t *o, struct pb_wire *m) {
    pb_wire_get_list(o, "workloads", &m->describe.workloads);
    pb_wire_get_list(o, "executors", &m->describe.executors);
}

static void put_open(json_t *o, const struct pb_wire *m) {
    pb_wire_put_count(o, "protocol", m->open.protocol);
    pb_wire_put_text(o, "workload", m->open.workload);
    pb_wire_put_text(o, "executor", m->open.executor);
    pb_wire_put_count(o, "workers", m->open.workers);
    pb_wire_put_list(o, "binding", &m->open.binding);
    pb_wire_put_text(o, "policy", m->open.policy);
    pb_wire_put_text(o, "via", m->open.via);
    json_object_set_new(o, "work_rate", json_real(m->open.work_rate));
    if (m->open.trace)
        json_object_set_new(o, "trace", json_true());
}
static void get_open(const json_t *o, struct pb_wire *m) {
    m->open.protocol = (uint32_t)pb_wire_get_count(o, "protocol");
    m->open.workload = pb_wire_get_text(o, "workload");
    m->open.executor = pb_wire_get_text(o, "executor");
    m->open.workers = (uint32_t)pb_wire_get_count(o, "workers");
    pb_wire_get_list(o, "binding", &m->open.binding);
    m->open.policy = pb_wire_get_text(o, "policy");
    m->open.via = pb_wire_get_text(o, "via");
    m->open.work_rate = json_number_value(json_object_get(o, "work_rate"));
    m->open.trace = json_is_true(json_object_get(o, "trace"));
}

static void put_ready(json_t *o, const struct pb_wire *m) {
    pb_wire_put_count(o, "protocol", m->ready.protocol);
    pb_wire_put_count(o, "tasks", m->ready.tasks);
    pb_wire_put_count(o, "bytes_per_task", m->ready.bytes_per_task);
    if (m->ready.offered > 0)
        json_object_set_new(o, "offered_per_s", json_real(m->ready.offered));
    pb_wire_put_list(o, "statuses", &m->ready.statuses);
    pb_wire_put_list(o, "counters", &m->ready.counters);
    pb_wire_put_list(o, "executor_counters", &m->ready.executor_counters);
    pb_wire_put_list(o, "notes", &m->ready.notes);
    pb_wire_put_list(o, "pids", &m->ready.pids);
    pb_wire_put_hosts(o, m->ready.host, m->ready.hosts);
}
static void get_ready(const json_t *o, struct pb_wire *m) {
    m->ready.protocol = (uint32_t)pb_wire_get_count(o, "protocol");
    m->ready.tasks = pb_wire_get_count(o, "tasks");
    m->ready.bytes_per_task = pb_wire_get_count(o, "bytes_per_task");
    m->ready.offered = json_number_value(json_object_get(o, "offered_per_s"));
    pb_wire_get_list(o, "statuses", &m->ready.statuses);
    pb_wire_get_list(o, "counters", &m->ready.counters);
    pb_wire_get_list(o, "executor_counters", &m->ready.executor_counters);
    pb_wire_get_list(o, "notes", &m->ready.notes);
    pb_wire_get_list(o, "pids", &m->ready.pids);
    m->ready.hosts_wrong = pb_wire_get_hosts(o, &m->ready.host, &m->ready.hosts);
}

static void put_run(json_t *o, const struct pb_wire *m) {
    pb_wire_put_count(o, "round", m->run.round);
    pb_wire_put_count(o, "tasks", m->run.tasks);
    json_object_set_new(o, "times", json_boolean(m->run.times));
    if (m->run.trace)
        json_object_set_new(o, "trace", json_true());
}
static void get_run(const json_t *o, struct pb_wire *m) {
    m->run.round = (uint32_t)pb_wire_get_count(o, "round");
    m->run.tasks = pb_wire_get_count(o, "tasks");
    m->run.times = json_is_true(json_object_get(o, "times"));
    m->run.trace = json_is_true(json_object_get(o, "trace"));
}

static json_t *put_described(const struct pb_described *d, uint32_t count) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < count; i++, d++) {
        json_t *o = json_object(), *params = json_array();
        pb_wire_put_text(o, "item", d->item);
        pb_wire_put_text(o, "name", d->name);
        pb_wire_put_text(o, "summary", d->summary);
        pb_wire_put_text(o, "canonical", d->canonical);
        pb_wire_put_text(o, "full", d->full);
        pb_wire_put_text(o, "absent", d->absent);
        pb_wire_put_text(o, "only", d->only);
        if (d->bound)
            pb_wire_put_text(o, "bound", d->bound == PB_IO ? "io" : "cpu");
        if (d->threads)
            pb_wire_put_count(o, "threads", d->threads);
        if (d->launched)
            json_object_set_new(o, "launched", json_true());
        for (uint32_t k = 0; k < d->params; k++) {
            json_t *p = json_object();
            pb_wire_put_text(p, "name", d->param[k].name);
            pb_wire_put_text(p, "type", d->param[k].type);
            pb_wire_put_text(p, "value", d->param[k].value);
            pb_wire_put_text(p, "default", d->param[k].fallback);
            pb_wire_put_text(p, "range", d->param[k].range);
            pb_wire_put_text(p, "help", d->param[k].help);
            json_array_append_new(params, p);
        }
        json_object_set_new(o, "params", params);
        json_array_append_new(array, o);
    }
    return array;
}
static struct pb_described_param *get_params(const json_t *array, uint32_t *count) {
    struct pb_described_param *param = calloc(json_array_size(array) + 1, sizeof *param);
    size_t i;
    json_t *item;
    *count = param ? (uint32_t)json_array_size(array) : 0;
    json_array_foreach(array, i, item) if (i < *count) param[i] =
        (struct pb_described_param){.name = pb_wire_get_text(item, "name"),
                                    .type = pb_wire_get_text(item, "type"),
                                    .value = pb_wire_get_text(item, "value"),
                                    .fallback = pb_wire_get_text(item, "default"),
                                    .range = pb_wire_get_text(item, "range"),
                                    .help = pb_wire_get_text(item, "help")};
    return param;
}
static struct pb_described *get_described(const json_t *array, uint32_t *count) {
    struct pb_described *d = calloc(json_array_size(array) + 1, sizeof *d);
    size_t i;
    json_t *item;
    *count = d ? (uint32_t)json_array_size(array) : 0;
    json_array_foreach(array, i, item) {
        if (i >= *count)
            break;
        const char *bound = json_string_value(json_object_get(item, "bound"));
        d[i] = (struct pb_described){.item = pb_wire_get_text(item, "item"),
                                     .name = pb_wire_get_text(item, "name"),
                                     .summary = pb_wire_get_text(item, "summary"),
                                     .canonical = pb_wire_get_text(item, "canonical"),
                                     .full = pb_wire_get_text(item, "full"),
                                     .absent = pb_wire_get_text(item, "absent"),
                                     .only = pb_wire_get_text(item, "only"),
                                     .threads = (uint32_t)pb_wire_get_count(item, "threads"),
                                     .launched = json_is_true(json_object_get(item, "launched")),
                                     .bound = !bound                     ? 0
                                              : strcmp(bound, "io") == 0 ? PB_IO
                                                                         : PB_CPU};
        d[i].param = get_params(json_object_get(item, "params"), &d[i].params);
    }
    return d;
}

static void put_description(json_t *o, const struct pb_wire *m) {
    json_object_set_new(o, "workloads", put_described(m->description.workload, m->description.workloads));
    json_object_set_new(o, "executors", put_described(m->description.executor, m->description.executors));
}
static void get_description(const json_t *o, struct pb_wire *m) {
    m->description.workload = get_described(json_object_get(o, "workloads"), &m->description.workloads);
    m->description.executor = get_described(json_object_get(o, "executors"), &m->description.executors);
}

static void put_calibrated(json_t *o, const struct pb_wire *m) {
    json_object_set_new(o, "work_rate", json_real(m->work_rate));
}
static void get_calibrated(const json_t *o, struct pb_wire *m) {
    m->work_rate = json_number_value(json_object_get(o, "work_rate"));
}

static void put_progress(json_t *o, const struct pb_wire *m) {
    pb_wire_put_count(o, "ended", m->ended);
}
static void get_progress(const json_t *o, struct pb_wire *m) {
    m->ended = pb_wire_get_count(o, "ended");
}

static void put_error(json_t *o, const struct pb_wire *m) {
    json_object_set_new(o, "code", json_integer(m->error.code));
    pb_wire_put_text(o, "text", m->error.text);
}
static void get_error(const json_t *o, struct pb_wire *m) {
    const char *text = json_string_value(json_object_get(o, "text"));
    pb_error_set(&m->error, (int)json_integer_value(json_object_get(o, "code")), "%s",
                 text ? text : "no reason given");
    if (!m->error.code)
        m->error.code = -EIO;
}

static const struct {
    const char *name;
    void (*put)(json_t *, const struct pb_wire *);
    void (*get)(const json_t *, struct pb_wire *);
} rows[PB_WIRE_TYPES] = {
    [PB_WIRE_DESCRIBE] = {"describe", put_describe, get_describe},
    [PB_WIRE_CALIBRATE] = {"calibrate", NULL, NULL},
    [PB_WIRE_OPEN] = {"open", put_open, get_open},
    [PB_WIRE_RUN] = {"run", put_run, get_run},
    [PB_WIRE_CLOSE] = {"close", NULL, NULL},
    [PB_WIRE_DESCRIPTION] = {"description", put_description, get_description},
    [PB_WIRE_CALIBRATED] = {"calibrated", put_calibrated, get_calibrated},
    [PB_WIRE_READY] = {"ready", put_ready, get_ready},
    [PB_WIRE_PROGRESS] = {"progress", put_progress, get_progress},
    [PB_WIRE_SAMPLE] = {"sample", pb_wire_put_sample, pb_wire_get_sample},
    [PB_WIRE_CLOSED] = {"closed", NULL, NULL},
    [PB_WIRE_ERROR] = {"error", put_error, get_error},
};

const char *pb_wire_name(enum pb_wire_type type) {
    return rows[type].name;
}

int pb_wire_encode(const struct pb_wire *m, struct pb_buffer *out) {
    json_t *o = json_object();
    json_object_set_new(o, "type", json_string(rows[m->type].name));
    if (rows[m->type].put)
        rows[m->type].put(o, m);
    char *text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    if (!text)
        return -ENOMEM;
    pb_buffer_text(out, text);
    pb_buffer_text(out, "\n");
    free(text);
    return out->failed ? -ENOMEM : 0;
}

int pb_wire_write(int fd, const char *text, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t put = write(fd, text + done, size - done);
        if (put < 0 && errno != EINTR)
            return -errno;
        if (put > 0)
            done += (size_t)put;
    }
    return 0;
}

int pb_wire_send(int fd, const struct pb_wire *m) {
    struct pb_buffer line = {0};
    int rc = pb_wire_encode(m, &line);
    rc = rc < 0 ? rc : pb_wire_write(fd, line.data, line.size);
    pb_buffer_release(&line);
    return rc;
}

int pb_wire_decode(struct pb_wire *m, const char *line, size_t size, struct pb_error *error) {
    json_error_t why;
    *m = (struct pb_wire){0};
    json_t *o = json_loadb(line, size, JSON_REJECT_DUPLICATES, &why);
    const char *name = json_string_value(json_object_get(o, "type"));
    int rc = -EPROTO;
    if (!o)
        pb_error_set(error, rc, "runner protocol: column %d: %s", why.column, why.text);
    else if (!name)
        pb_error_set(error, rc, "runner protocol: a message without a type: give it one");
    for (int type = 0; name && rc < 0 && type < PB_WIRE_TYPES; type++)
        if (strcmp(rows[type].name, name) == 0) {
            m->type = (enum pb_wire_type)type;
            if (rows[type].get)
                rows[type].get(o, m);
            rc = 0;
        }
    if (name && rc < 0)
        pb_error_set(error, rc,
                     "runner protocol: no message of type \"%.40s\" is known: send one of version %d", name,
                     PB_PROTOCOL_VERSION);
    json_decref(o);
    return rc;
}

static void release_described(struct pb_described *d, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        char *text[] = {d[i].item, d[i].name,   d[i].summary, d[i].canonical, d[i].full,
                        d[i].only, d[i].absent, d[i].broken,  d[i].opens,     d[i].runner};
        for (size_t k = 0; k < sizeof text / sizeof *text; k++)
            free(text[k]);
        for (uint32_t k = 0; k < d[i].params; k++) {
            struct pb_described_param *p = &d[i].param[k];
            char *part[] = {p->name, p->type, p->value, p->fallback, p->range, p->help};
            for (size_t n = 0; n < sizeof part / sizeof *part; n++)
                free(part[n]);
        }
        free(d[i].param);
    }
    free(d);
}

void pb_descriptions_release(struct pb_descriptions *d) {
    release_described(d->workload, d->workloads);
    release_described(d->executor, d->executors);
    *d = (struct pb_descriptions){0};
}

void pb_wire_release(struct pb_wire *m) {
    switch (m->type) {
    case PB_WIRE_DESCRIBE:
        pb_wire_list_release(&m->describe.workloads);
        pb_wire_list_release(&m->describe.executors);
        break;
    case PB_WIRE_OPEN:
        free(m->open.workload);
        free(m->open.executor);
        free(m->open.policy);
        free(m->open.via);
        pb_wire_list_release(&m->open.binding);
        break;
    case PB_WIRE_READY:
        pb_wire_list_release(&m->ready.statuses);
        pb_wire_list_release(&m->ready.counters);
        pb_wire_list_release(&m->ready.executor_counters);
        pb_wire_list_release(&m->ready.notes);
        pb_wire_list_release(&m->ready.pids);
        pb_hosts_release(m->ready.host, m->ready.hosts);
        free(m->ready.hosts_wrong);
        break;
    case PB_WIRE_SAMPLE:
        pb_sample_release(&m->sample.sample);
        free(m->sample.failure);
        free(m->sample.task_ns);
        free(m->sample.span);
        pb_wire_list_release(&m->sample.pids);
        break;
    case PB_WIRE_DESCRIPTION:
        pb_descriptions_release(&m->description);
        break;
    default:
        break;
    }
    *m = (struct pb_wire){0};
}
