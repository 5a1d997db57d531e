/* CPython: "python:file=work.py,func=task,exe=python3.14t,gil=0". Which interpreter, and whether it has a
 * GIL, is the driver's to know: each such pair is a program. The rest is for the runner that is written in
 * Python, which is told the item without those two; what is shown of it has them again.
 *
 * Each program is asked once for all it has, which tells its executors. */
#include "driver/source.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/beside.h"

#define NAME   "python"
#define RUNNER "python/parbench_runner"

enum { WORDS = 16 };

struct python {
    char *item; /* what is left of it for the runner */
    char *exe;  /* "python3", or "uv run python" */
    char *gil;  /* "0", "1"; NULL: as the interpreter has it */
};

static bool claims(const char *item) {
    size_t size = strlen(NAME);
    return strncmp(item, NAME, size) == 0 && (item[size] == '\0' || item[size] == ':');
}

/* Takes "key=value" out of the item and returns the value; NULL: it is not there. */
static char *take(char *item, const char *key) {
    size_t size = strlen(key);
    for (char *at = strchr(item, ':'); at; at = strchr(at + 1, ',')) {
        if (strncmp(at + 1, key, size) != 0 || at[1 + size] != '=')
            continue;
        char *value = at + size + 2, *end = value + strcspn(value, ",");
        char *copy = strndup(value, (size_t)(end - value));
        if (*end)
            memmove(at + 1, end + 1, strlen(end + 1) + 1);
        else
            *at = '\0';
        return copy;
    }
    return NULL;
}

static void release(struct python *p) {
    free(p->item);
    free(p->exe);
    free(p->gil);
}

static int read_item(struct python *p, const char *item, struct pb_error *error) {
    *p = (struct python){.item = strdup(item)};
    if (!p->item)
        return pb_error_set(error, -ENOMEM, "%s: no memory", item);
    p->exe = take(p->item, "exe");
    p->gil = take(p->item, "gil");
    if (p->exe && !p->exe[strspn(p->exe, " ")])
        return pb_error_set(error, -EINVAL, "python: exe=: it is empty: name an interpreter, like python3");
    if (p->gil && strcmp(p->gil, "0") != 0 && strcmp(p->gil, "1") != 0)
        return pb_error_set(error, -EINVAL, "python: gil=%s: give 0 or 1", p->gil);
    return 0;
}

static const char *exe_of(const struct python *p) {
    return p->exe ? p->exe : "python3";
}

/* Its program, which is started by "EXE FOLDER". */
static int add_program(struct pb_sources *s, const struct python *p, struct pb_error *error) {
    const char *word[WORDS] = {NULL}, *environment[] = {NULL, NULL};
    char gil[] = "PYTHON_GIL=0", name[128], folder[PATH_MAX], *rest = NULL, *exe = strdup(exe_of(p));
    size_t words = 0;
    int rc = pb_beside(RUNNER, folder, sizeof folder);
    for (char *at = exe ? strtok_r(exe, " ", &rest) : NULL; at; at = strtok_r(NULL, " ", &rest))
        if (words + 2 < WORDS)
            word[words++] = at;
    word[words] = folder;
    if (p->gil) {
        gil[sizeof gil - 2] = p->gil[0];
        environment[0] = gil;
    }
    snprintf(name, sizeof name, "%s%s%s", exe_of(p), p->gil ? " gil=" : "", p->gil ? p->gil : "");
    if (!exe)
        rc = pb_error_set(error, -ENOMEM, "python: no memory");
    else if (rc < 0)
        rc = pb_error_set(error, -ENOPKG,
                          "python: its runner %s is missing beside the program: build or install it again",
                          RUNNER);
    else
        rc = pb_sources_add(s, name, word, p->gil ? environment : NULL, error);
    free(exe);
    return rc;
}

static int explain(const struct python *p, int rc, struct pb_error *error) {
    struct pb_error why = *error;
    if (rc == -ENOENT)
        pb_error_set(error, rc, "python: exe=%s: not found: install it, or give exe=", exe_of(p));
    else if (rc == -ECONNRESET)
        pb_error_set(error, rc, "%s: it must be CPython 3.8 or newer%s: give another exe=", why.text,
                     p->gil && p->gil[0] == '0' ? ", for gil=0 a free-threaded one" : "");
    return rc;
}

/* The executors of a program that is new; its workloads have parameters, and are asked for by them. */
static int describe_executors(struct pb_sources *s, uint32_t program, struct pb_descriptions *out,
                              struct pb_error *error) {
    static const struct pb_wire_describe everything;
    struct pb_descriptions all = {0}, executors = {0};
    int rc = pb_ask(s, program, &everything, &all, error);
    if (rc < 0)
        return rc;
    executors.executor = all.executor;
    executors.executors = all.executors;
    all.executor = NULL;
    all.executors = 0;
    pb_descriptions_release(&all);
    return pb_descriptions_append(out, &executors);
}

static int append_given(char **text, const struct python *p) {
    char *longer = NULL;
    bool named = strchr(*text, ':') != NULL;
    if (asprintf(&longer, "%s%s%s%s%s%s%s", *text, p->exe || p->gil ? named ? "," : ":" : "",
                 p->exe ? "exe=" : "", p->exe ? p->exe : "", p->exe && p->gil ? "," : "",
                 p->gil ? "gil=" : "", p->gil ? p->gil : "") < 0)
        return -ENOMEM;
    free(*text);
    *text = longer;
    return 0;
}

/* As the user knows it: with the two parameters that the runner was not told. */
static int restore(struct pb_described *d, const char *item, struct python *p) {
    free(d->item);
    d->item = strdup(item);
    free(d->opens);
    d->opens = p->item;
    p->item = NULL;
    return d->item && append_given(&d->canonical, p) == 0 && append_given(&d->full, p) == 0 ? 0 : -ENOMEM;
}

static int describe(struct pb_sources *s, const char *item, struct pb_descriptions *out,
                    struct pb_error *error) {
    struct python p;
    struct pb_descriptions part = {0};
    uint32_t before = s->programs;
    int rc = read_item(&p, item, error), program = 0;
    if (rc == 0)
        rc = program = add_program(s, &p, error);
    if (rc > (int)before)
        rc = explain(&p, describe_executors(s, (uint32_t)program, out, error), error);
    if (rc >= 0)
        rc = pb_ask_item(s, (uint32_t)program, p.item, &part, error);
    if (rc == 0 && (rc = restore(&part.workload[0], item, &p)) < 0)
        pb_error_set(error, rc, "%s: no memory", item);
    if (rc == 0)
        rc = pb_descriptions_append(out, &part);
    pb_descriptions_release(&part);
    release(&p);
    return rc;
}

static const struct pb_source_text texts[] = {
    {NAME, "a function in Python, under CPython's own executors: py.thread, py.process, ...", false},
    {"file=work.py", "where it is; without: one that comes with bench, such as arcfour", true},
    {"func=task", "its name; it is given the task's index", true},
    {"exe=python3", "the interpreter, CPython from 3.8", true},
    {"gil=", "0 or 1: the interpreter's PYTHON_GIL", true},
    {0},
};

const struct pb_source pb_source_python = {.claims = claims, .describe = describe, .texts = texts};
