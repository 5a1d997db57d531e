/* Reading a result file or a journal.
 *
 * A finished file is one JSON object. A journal is the same object on one line, then a line for each sample
 * and failure. A journal's line counts once its newline is written: a last line without one is what a killed
 * driver left, and is dropped. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "results/decode.h"
#include "results/json.h"

/* MOST_MIB is memory for the tree of values: a file of nothing but {} would take 5 GiB. */
enum { MOST_BYTES = 64 << 20, MOST_LEVELS = 128, MOST_MIB = 1536 };

static bool is_too_large(struct pb_decoder *d) {
    const struct {
        size_t at;
        const char *what;
        int most;
        const char *unit;
    } rows[] = {
        {pb_json_too_deep(d->value, d->size, MOST_LEVELS), "nested deeper than", MOST_LEVELS, "levels"},
        {pb_json_too_heavy(d->value, d->size, MOST_MIB), "takes more memory than", MOST_MIB, "MiB"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].at < d->size) {
            struct pb_json_place place = pb_json_place(d->text, (size_t)(d->value - d->text) + rows[i].at);
            pb_error_set(d->error, -EINVAL, "%s:%d:%d: %s %d %s", d->name, place.line, place.column,
                         rows[i].what, rows[i].most, rows[i].unit);
            return true;
        }
    return false;
}

/* Parses one value; *used is where it ends. */
static json_t *parse(struct pb_decoder *d, size_t flags, size_t *used) {
    struct pb_json_place place;
    json_error_t bad;
    if (is_too_large(d))
        return NULL;
    json_t *json = json_loadb(d->value, d->size, JSON_REJECT_DUPLICATES | flags, &bad);
    if (!json) {
        /* jansson's position is where it stopped reading; -1: nowhere, it ran out of memory. */
        size_t at = bad.position > 0 ? (size_t)bad.position : 0;
        place = pb_json_place(d->text, (size_t)(d->value - d->text) + (at < d->size ? at : d->size));
        pb_error_set(d->error, -EINVAL, "%s:%d:%d: not JSON: %s", d->name, place.line, place.column,
                     bad.text);
    } else if (used) {
        *used = (size_t)bad.position;
    }
    return json;
}

static int check_schema(struct pb_decoder *d, json_t *json) {
    json_t *schema = json_object_get(json, "schema");
    if (!json_is_integer(schema))
        return pb_decode_fail(d, "not a result of parbench: it lacks a whole number \"schema\"");
    if (json_integer_value(schema) == PB_RECORD_SCHEMA)
        return 0;
    pb_decode_enter(d, "schema", 0);
    return pb_decode_fail(d,
                          "version %" JSON_INTEGER_FORMAT " cannot be read: this parbench reads version %d",
                          json_integer_value(schema), PB_RECORD_SCHEMA);
}

/* Where a number of a cell stands, and whether there is such a cell. */
struct numbered {
    const char *list;
    uint32_t index;
    const char *key;
    int64_t value;
    bool good;
};

static int check_number(struct pb_decoder *d, const struct numbered *n) {
    if (n->good)
        return 0;
    pb_decode_enter(d, n->list, 0);
    pb_decode_enter(d, NULL, n->index);
    pb_decode_enter(d, n->key, 0);
    return pb_decode_fail(d, "%" PRId64 " is not the number of such a cell", n->value);
}

/* What the tables cannot say: that cells are numbered, and that cells exist that are referred to. */
static int check_cells(struct pb_decoder *d, const struct pb_run *run) {
    const int64_t cells = run->cells;
    int rc = 0;
    for (uint32_t i = 0; i < run->cells && rc == 0; i++) {
        const struct pb_cell *c = &run->cell[i];
        const struct numbered rows[] = {
            {"cells", i, "id", c->id, c->id == i},
            {"cells", i, "base", c->base, c->base < cells},
            {"cells", i, "reference", c->reference, c->reference < cells},
            {"cells", i, "reference_base", c->reference_base, c->reference_base < cells},
        };
        for (size_t k = 0; k < sizeof rows / sizeof *rows && rc == 0; k++)
            rc = check_number(d, &rows[k]);
    }
    for (uint32_t i = 0; i < run->laws && rc == 0; i++) {
        const uint32_t cell = run->law[i].cell;
        rc = check_number(d, &(struct numbered){"laws", i, "cell", cell, cell < cells});
    }
    return rc;
}

static int read_sample(struct pb_decoder *d, struct pb_cell *cell, json_t *json) {
    struct pb_sample sample = {0};
    int rc = pb_decode_object(d, &pb_sample_object, json, &sample);
    rc = rc ? rc : pb_cell_add_sample(cell, &sample);
    pb_sample_release(&sample);
    return rc;
}

static int read_failure(struct pb_decoder *d, struct pb_cell *cell, json_t *json) {
    struct pb_failure failure = {0};
    int rc = pb_decode_object(d, &pb_failure_object, json, &failure);
    rc = rc ? rc : pb_cell_add_failure(cell, &failure);
    return rc < 0 ? rc : 0;
}

/* What a line of a journal may hold beside its cell. */
static const struct {
    const char *key;
    int (*read)(struct pb_decoder *, struct pb_cell *, json_t *);
} lines[] = {{"sample", read_sample}, {"failure", read_failure}};
enum { LINES = sizeof lines / sizeof *lines };

/* One line of a journal: {"cell": 2, "sample": {...}}. */
static int read_line(struct pb_decoder *d, struct pb_run *run) {
    json_t *json = parse(d, 0, NULL);
    int rc = -EINVAL, kind = 0;
    if (!json)
        return rc;
    while (kind < LINES && !json_object_get(json, lines[kind].key))
        kind++;
    json_t *id = json_object_get(json, "cell");
    if (!id || kind == LINES || json_object_size(json) != 2) {
        pb_decode_fail(d, "neither a sample nor a failure: a journal's lines are {\"cell\": N, \"sample\": "
                          "{...}}");
    } else if (!json_is_integer(id) || json_integer_value(id) < 0 || json_integer_value(id) >= run->cells) {
        pb_decode_enter(d, "cell", 0);
        pb_decode_fail(d, "not the number of a cell: there are %" PRIu32, run->cells);
    } else {
        pb_decode_enter(d, lines[kind].key, 0);
        rc = lines[kind].read(d, &run->cell[json_integer_value(id)], json_object_get(json, lines[kind].key));
        if (rc == -ENOMEM)
            pb_error_set(d->error, rc, "%s: out of memory", d->name);
    }
    json_decref(json);
    return rc;
}

/* The lines behind the first, from `at` on. What the first could not know yet is made up for. */
static int read_lines(struct pb_decoder *d, struct pb_run *run, const char *at, const char *end) {
    for (const char *newline; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1) {
        d->value = at;
        d->size = (size_t)(newline - at);
        d->steps = 0;
        int rc = read_line(d, run);
        if (rc)
            return rc;
    }
    for (uint32_t i = 0; i < run->cells; i++)
        if (run->cell[i].samples > run->rounds)
            run->rounds = run->cell[i].samples;
    return 0;
}

static int read_record(struct pb_decoder *d, struct pb_run *run, json_t *json) {
    if (!json_is_object(json))
        return pb_decode_fail(d, "not a result of parbench: not an object");
    int rc = check_schema(d, json);
    rc = rc ? rc : pb_decode_object(d, &pb_run_object, json, run);
    return rc ? rc : check_cells(d, run);
}

static size_t skip_space(const char *text, size_t at, size_t size) {
    while (at < size && text[at] && strchr(" \t\r\n", text[at]))
        at++;
    return at;
}

int pb_run_decode(struct pb_run *run, const char *name, const char *text, size_t size,
                  struct pb_error *error) {
    struct pb_decoder d = {.name = name, .text = text, .value = text, .size = size, .error = error};
    size_t used = 0;
    pb_run_init(run);
    if (size > MOST_BYTES)
        return pb_error_set(error, -EINVAL, "%s: larger than %d MiB: no result file", name, MOST_BYTES >> 20);
    if (skip_space(text, 0, size) == size)
        return pb_error_set(error, -EINVAL, "%s:1:1: not JSON: empty", name);
    const char *line_end = memchr(text, '\n', size);
    json_t *json = parse(&d, JSON_DISABLE_EOF_CHECK, &used);
    if (!json)
        return -EINVAL;
    int rc = read_record(&d, run, json);
    json_decref(json);
    if (rc == 0 && skip_space(text, used, size) < size) {
        if (line_end && text + used <= line_end && skip_space(text, used, size) > (size_t)(line_end - text)) {
            rc = read_lines(&d, run, line_end + 1, text + size);
        } else {
            struct pb_json_place place = pb_json_place(text, skip_space(text, used, size));
            rc = pb_error_set(error, -EINVAL, "%s:%d:%d: not JSON: something follows the result", name,
                              place.line, place.column);
        }
    }
    if (rc)
        pb_run_release(run);
    return rc;
}
