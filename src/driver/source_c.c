/* C files: "./mine.c:cflags=-O3,n=5". Each is compiled once for a run, however many items name it, to an
 * object whose name tells what it was made from; from there on it is a shared object like any other, but that
 * the user's name for it stands wherever it is named.
 *
 * Of other languages it is said how to make a shared object of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/param.h"
#include "driver/compile.h"
#include "driver/source.h"

/* ---- Which files ---- */

struct language {
    const char *ending, *name, *build; /* NULL: it is compiled here */
};

static const struct language languages[] = {
    {".c", "C", NULL},
    {".cc", "C++", "c++ -O2 -shared -fPIC"},
    {".cpp", "C++", "c++ -O2 -shared -fPIC"},
    {".cxx", "C++", "c++ -O2 -shared -fPIC"},
    {".C", "C++", "c++ -O2 -shared -fPIC"},
    {".rs", "Rust", "rustc -O --crate-type cdylib"},
};

static const struct language *language_of(const char *item) {
    size_t size = strcspn(item, ":");
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        size_t ending = strlen(languages[i].ending);
        if (size > ending && strncmp(item + size - ending, languages[i].ending, ending) == 0)
            return &languages[i];
    }
    return NULL;
}

static bool claims(const char *item) {
    return language_of(item) != NULL;
}

static int refuse(const struct language *language, const char *path, struct pb_error *error) {
    const char *slash = strrchr(path, '/');
    int stem = (int)(strlen(path) - strlen(language->ending));
    return pb_error_set(error, -EINVAL,
                        "workload %s: %s is not compiled here: build a shared object and name that: %s -o "
                        "%.*s.so %s; then -w %s%.*s.so: see docs/writing-a-workload.md",
                        path, language->name, language->build, stem, path, path, slash ? "" : "./", stem,
                        path);
}

/* ---- An item in its parts ---- */

enum { CFLAGS, FUNC };

static const struct pb_param own[] = {
    {.name = "cflags", .type = PB_PARAM_TEXT, .fallback = "", .help = "more words for the compiler"},
    {.name = "func", .type = PB_PARAM_TEXT, .fallback = "task", .help = "the function that is a task"},
    {0},
};

struct item {
    char *path;
    struct pb_param_set set;   /* our own parameters */
    struct pb_buffer workload; /* the other ones, as written */
};

/* Size of the first `key=value` of the text; a later piece without '=' is part of it. */
static size_t pair_size(const char *text) {
    size_t size = strcspn(text, ",");
    while (text[size] && !memchr(text + size + 1, '=', strcspn(text + size + 1, ",")))
        size += 1 + strcspn(text + size + 1, ",");
    return size;
}

static bool is_own(const char *pair) {
    for (const struct pb_param *p = own; p->name; p++)
        if (strncmp(pair, p->name, strlen(p->name)) == 0 && pair[strlen(p->name)] == '=')
            return true;
    return false;
}

static int item_init(struct item *it, const char *text, struct pb_error *error) {
    struct pb_buffer mine = {0};
    size_t name = strcspn(text, ":");
    *it = (struct item){.path = strndup(text, name)};
    for (const char *rest = text[name] ? text + name + 1 : ""; *rest;) {
        size_t size = pair_size(rest);
        struct pb_buffer *to = is_own(rest) ? &mine : &it->workload;
        pb_buffer_text(to, to->size ? "," : "");
        pb_buffer_add(to, rest, size);
        rest += size + (rest[size] == ',');
    }
    char owner[128];
    snprintf(owner, sizeof owner, "workload %.100s", it->path ? it->path : "");
    int rc = it->path && !it->workload.failed && !mine.failed
                 ? pb_param_set_init(&it->set, owner, own, pb_buffer_string(&mine), 0, error)
                 : pb_error_set(error, -ENOMEM, "workload %s: no memory", text);
    pb_buffer_release(&mine);
    return rc;
}

static void item_release(struct item *it) {
    free(it->path);
    pb_param_set_release(&it->set);
    pb_buffer_release(&it->workload);
}

/* ---- Compiling it ---- */

/* FNV-1a of 64 bits (Fowler, Noll, Vo), over the text and its end. */
static uint64_t hash(uint64_t h, const char *text) {
    do
        h = (h ^ (unsigned char)*text) * 0x100000001b3u;
    while (*text++);
    return h;
}

/* DIRECTORY/mine.c-0123456789abcdef.so: its head is for who looks with a debugger or profiler. */
static void name_object(const struct pb_sources *s, const struct item *it, struct pb_buffer *object) {
    const char *slash = strrchr(it->path, '/');
    uint64_t h = 0xcbf29ce484222325u;
    h = hash(h, it->path);
    h = hash(h, it->set.value[CFLAGS].text);
    h = hash(h, it->set.value[FUNC].text);
    pb_buffer_printf(object, "%s/%.100s-%016llx.so", s->directory, slash ? slash + 1 : it->path,
                     (unsigned long long)h);
}

static int make(struct pb_sources *s, const struct item *it, struct pb_buffer *object,
                struct pb_error *error) {
    int rc = s->directory ? 0 : pb_compile_directory(&s->directory, error);
    if (rc < 0)
        return rc;
    name_object(s, it, object);
    if (object->failed)
        return pb_error_set(error, -ENOMEM, "workload %s: no memory", it->path);
    if (access(object->data, R_OK) == 0)
        return 0; /* another item of this file */
    const struct pb_compile compile = {.source = it->path,
                                       .flags = it->set.value[CFLAGS].text,
                                       .function = it->set.value[FUNC].text,
                                       .output = object->data,
                                       .timeout_ns = s->timeout_ns};
    return pb_compile(&compile, error);
}

/* ---- Describing it ---- */

/* The path and all parameters: ours, and what the runner spelled behind the object's path. */
static char *spell(const struct item *it, const char *runners, bool all) {
    struct pb_buffer params = {0}, out = {0};
    const char *theirs = strchr(runners, ':');
    pb_param_set_format(&it->set, all, &params);
    pb_buffer_printf(&params, "%s%s", params.size && theirs ? "," : "", theirs ? theirs + 1 : "");
    pb_buffer_printf(&out, "%s%s%s", it->path, params.size ? ":" : "", pb_buffer_string(&params));
    pb_buffer_release(&params);
    return out.data;
}

static void replace(char **text, char *by) {
    free(*text);
    *text = by;
}

static int rename_description(struct pb_described *d, const struct item *it, const char *item,
                              const char *opens, struct pb_error *error) {
    replace(&d->item, strdup(item));
    replace(&d->name, strdup(it->path));
    replace(&d->canonical, spell(it, d->canonical, false));
    replace(&d->full, spell(it, d->full, true));
    replace(&d->opens, strdup(opens));
    if (d->item && d->name && d->canonical && d->full && d->opens)
        return 0;
    return pb_error_set(error, -ENOMEM, "workload %s: no memory", it->path);
}

/* The runner knows only the workload's own parameters. If it refused the item, perhaps of a key that none of
 * the two has, then the error is of the table that the user sees: ours, and behind it the workload's. */
static void check_keys(const struct pb_sources *s, const struct item *it, const struct pb_buffer *object,
                       const char *item, struct pb_error *error) {
    struct pb_descriptions bare = {0};
    struct pb_error ignored;
    if (!it->workload.size || pb_ask_object(s, object->data, item, &bare, &ignored) < 0)
        return;
    uint32_t theirs = bare.workloads ? bare.workload[0].params : 0, ours = sizeof own / sizeof *own - 1;
    struct pb_param *table = calloc(ours + theirs + 1, sizeof *table);
    for (uint32_t i = 0; table && i < ours + theirs; i++)
        table[i] = (struct pb_param){.name = i < ours ? own[i].name : bare.workload[0].param[i - ours].name,
                                     .type = PB_PARAM_TEXT,
                                     .fallback = ""};
    struct pb_param_set set;
    char owner[128];
    snprintf(owner, sizeof owner, "workload %.100s", it->path);
    if (table && pb_param_set_init(&set, owner, table, it->workload.data, 0, error) == 0)
        pb_param_set_release(&set);
    free(table);
    pb_descriptions_release(&bare);
}

static int describe_made(struct pb_sources *s, const struct item *it, const char *item,
                         const struct pb_buffer *object, struct pb_descriptions *out,
                         struct pb_error *error) {
    struct pb_descriptions part = {0};
    struct pb_buffer opens = {0};
    pb_buffer_printf(&opens, "%s%s%s", object->data, it->workload.size ? ":" : "",
                     pb_buffer_string(&it->workload));
    int rc = opens.failed ? pb_error_set(error, -ENOMEM, "workload %s: no memory", it->path)
                          : pb_ask_object(s, opens.data, item, &part, error);
    if (rc < 0 && error->code == -EINVAL)
        check_keys(s, it, object, item, error);
    for (uint32_t i = 0; rc == 0 && i < part.workloads; i++)
        if (!part.workload[i].broken)
            rc = rename_description(&part.workload[i], it, item, opens.data, error);
    pb_buffer_release(&opens);
    if (rc == 0)
        return pb_descriptions_append(out, &part);
    pb_descriptions_release(&part);
    return rc;
}

static int describe(struct pb_sources *s, const char *item, struct pb_descriptions *out,
                    struct pb_error *error) {
    struct item it;
    struct pb_buffer object = {0};
    int rc = item_init(&it, item, error);
    if (rc == 0 && language_of(item)->build)
        rc = refuse(language_of(item), it.path, error);
    rc = rc < 0 ? rc : make(s, &it, &object, error);
    rc = rc < 0 ? rc : describe_made(s, &it, item, &object, out, error);
    pb_buffer_release(&object);
    item_release(&it);
    return rc;
}

static const struct pb_source_text texts[] = {
    {"./mine.c",
     "a function of yours in C, uint64_t task(uint64_t i), or a whole plug-in, compiled for this run", false},
    {"cflags=", "more words for the compiler", true},
    {0},
};

const struct pb_source pb_source_c = {.claims = claims, .describe = describe, .texts = texts};
