/* Numbers are written into one text, in the order of the words, so that its size is known beforehand: each
 * {n} or {i} has at most DIGITS of them. */
#include "bench/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGITS = 20 };

/* The driver's, of variables that would bind the workers of runners themselves; programs get them back. */
static const char aside[] = "PARBENCH_ASIDE_";

extern char **environ;

/* ---- The program ---- */

static bool is_placeholder(const char *text) {
    return text[0] == '{' && (text[1] == 'n' || text[1] == 'i') && text[2] == '}';
}

static bool has_placeholder(const char *text) {
    for (; *text; text++)
        if (is_placeholder(text))
            return true;
    return false;
}

static int check_program(const char *path) {
    struct stat status;
    if (stat(path, &status) < 0)
        return -errno;
    if (S_ISDIR(status.st_mode))
        return -EISDIR;
    return access(path, X_OK) < 0 ? -errno : 0;
}

/* As execvp(3) looks it up: what may not be executed is passed over, and remembered. */
static int look_up(const char *name, const char *folders, char **path) {
    int rc = -ENOENT;
    for (const char *at = folders;; at++) {
        size_t size = strcspn(at, ":");
        if (asprintf(path, "%.*s%s%s", (int)size, at, size ? "/" : "./", name) < 0) {
            *path = NULL;
            return -ENOMEM;
        }
        int found = check_program(*path);
        if (found == 0)
            return 0;
        rc = found == -EACCES ? found : rc;
        free(*path);
        *path = NULL;
        at += size;
        if (!*at)
            return rc;
    }
}

/* The PATH that the command sets, or ours. */
static const char *search_path(const struct pb_command *c) {
    const char *ours = getenv("PATH"), *set = NULL;
    for (size_t k = 0; k < c->assigned; k++)
        if (strncmp(c->words.word[k], "PATH=", 5) == 0)
            set = c->words.word[k] + 5;
    return set ? set : ours ? ours : "/usr/local/bin:/usr/bin:/bin";
}

static int find_program(struct pb_command *c, struct pb_message *message) {
    const char *advice = "name an executable file";
    int rc;
    if (has_placeholder(c->name) && strchr(c->name, '/'))
        return 0;
    if (strchr(c->name, '/')) {
        rc = check_program(c->name);
        c->path = rc == 0 ? strdup(c->name) : NULL;
        rc = rc == 0 && !c->path ? -ENOMEM : rc;
    } else {
        rc = look_up(c->name, search_path(c), &c->path);
        advice = rc == -ENOENT ? "it is not in PATH: install it, or write its path" : advice;
    }
    if (rc < 0)
        snprintf(message->text, sizeof message->text, "%s: %s: %s", c->name, strerror(-rc), advice);
    return rc;
}

/* ---- The environment ---- */

static bool is_assigned(const struct pb_command *c, const char *variable) {
    for (size_t k = 0; k < c->assigned; k++) {
        size_t size = pb_split_assigned(c->words.word[k]) + 1;
        if (strncmp(c->words.word[k], variable, size) == 0)
            return true;
    }
    return false;
}

/* Whether the variable is there once more, set aside: then that one counts. */
static bool is_replaced(const char *variable) {
    size_t size = strcspn(variable, "=") + 1;
    for (char **v = environ; *v; v++)
        if (strncmp(*v, aside, sizeof aside - 1) == 0 && strncmp(*v + sizeof aside - 1, variable, size) == 0)
            return true;
    return false;
}

static int inherit(struct pb_command *c) {
    size_t count = 0;
    while (environ[count])
        count++;
    c->environment = calloc(count + 1, sizeof *c->environment);
    if (!c->environment)
        return -ENOMEM;
    for (size_t k = 0; k < count; k++) {
        bool was_aside = strncmp(environ[k], aside, sizeof aside - 1) == 0;
        const char *variable = environ[k] + (was_aside ? sizeof aside - 1 : 0);
        if (!is_assigned(c, variable) && (was_aside || !is_replaced(variable)))
            c->environment[c->inherited++] = variable;
    }
    return 0;
}

/* ---- The whole ---- */

static int split(struct pb_command *c, const char *text, struct pb_message *message) {
    size_t where = 0;
    int rc = pb_split(&c->words, text, &where);
    if (rc == -EINVAL)
        snprintf(
            message->text, sizeof message->text,
            "character %zu of the command, %.40s: it has no end: write another, or a backslash before it",
            where + 1, text + where);
    while (rc == 0 && c->assigned < c->words.count && pb_split_assigned(c->words.word[c->assigned]))
        c->assigned++;
    if (rc < 0 || c->assigned < c->words.count)
        return rc;
    snprintf(message->text, sizeof message->text, "the command is empty: write a program%s",
             c->assigned ? " behind the environment" : "");
    return -EINVAL;
}

/* What `sh -c` is given is one word. */
static int wrap(struct pb_command *c, const char *text) {
    char *script = strdup(text);
    char **word = calloc(4, sizeof *word);
    if (!script || !word) {
        free(script);
        free(word);
        return -ENOMEM;
    }
    word[0] = (char *)"/bin/sh";
    word[1] = (char *)"-c";
    word[2] = script;
    c->words = (struct pb_split_words){.count = 3, .word = word, .storage = script};
    return 0;
}

static void measure(struct pb_command *c) {
    for (size_t k = 0; k < c->words.count; k++) {
        const char *word = c->words.word[k];
        c->text_size += strlen(word) + 1;
        for (; *word; word++)
            c->text_size += is_placeholder(word) ? DIGITS : 0;
    }
    c->pointers = c->words.count + 1 + c->inherited + 1;
}

int pb_command_init(struct pb_command *c, const char *text, bool shell, struct pb_message *message) {
    *c = (struct pb_command){0};
    int rc = shell ? wrap(c, text) : split(c, text, message);
    if (rc == 0) {
        c->name = c->words.word[c->assigned];
        rc = find_program(c, message);
    }
    if (rc == 0)
        rc = inherit(c);
    if (rc < 0)
        pb_command_release(c);
    else
        measure(c);
    return rc;
}

void pb_command_release(struct pb_command *c) {
    pb_split_release(&c->words);
    free(c->environment);
    free(c->path);
    *c = (struct pb_command){0};
}

int pb_arguments_init(struct pb_arguments *a, const struct pb_command *c) {
    *a = (struct pb_arguments){.argv = calloc(c->pointers, sizeof *a->argv), .text = malloc(c->text_size)};
    if (a->argv && a->text)
        return 0;
    pb_arguments_release(a);
    return -ENOMEM;
}

void pb_arguments_release(struct pb_arguments *a) {
    free(a->argv);
    free(a->text);
    *a = (struct pb_arguments){0};
}

/* Appends the word with its numbers; returns where the next one goes. */
static char *fill(char *out, const char *word, uint64_t n, uint64_t i) {
    while (*word) {
        if (is_placeholder(word)) {
            out += sprintf(out, "%" PRIu64, word[1] == 'n' ? n : i);
            word += 3;
        } else {
            *out++ = *word++;
        }
    }
    *out++ = '\0';
    return out;
}

void pb_arguments_fill(struct pb_arguments *a, const struct pb_command *c, uint64_t n, uint64_t i) {
    char *out = a->text, **pointer = a->argv;
    for (size_t k = c->assigned; k < c->words.count; k++) {
        *pointer++ = out;
        out = fill(out, c->words.word[k], n, i);
    }
    *pointer++ = NULL;
    a->environment = pointer;
    for (size_t k = 0; k < c->inherited; k++)
        *pointer++ = (char *)(uintptr_t)c->environment[k];
    for (size_t k = 0; k < c->assigned; k++) {
        *pointer++ = out;
        out = fill(out, c->words.word[k], n, i);
    }
    *pointer = NULL;
    a->path = c->path ? c->path : a->argv[0];
}
