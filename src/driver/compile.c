/* TMPDIR is the directory of the output for the compiler: what it leaves when it is killed goes with that. */
#include "driver/compile.h"

#include <ctype.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/beside.h"
#include "driver/tool.h"

extern char **environ;

/* ---- The command line ---- */

/* Words in a row, each ended by a NUL. */
static void add_word(struct pb_buffer *words, const char *word) {
    pb_buffer_add(words, word, strlen(word) + 1);
}

static void add_words(struct pb_buffer *words, const char *text) {
    static const char blanks[] = " \t\n";
    for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
        size_t size = strcspn(text, blanks);
        pb_buffer_add(words, text, size);
        pb_buffer_add(words, "", 1);
        text += size;
    }
}

/* PB_COMPILER is what built this program: src/driver/CMakeLists.txt. */
static void add_compiler(struct pb_buffer *words) {
    const char *given = getenv("CC");
    if (given && given[strspn(given, " \t\n")])
        add_words(words, given);
    else
        add_word(words, access(PB_COMPILER, X_OK) == 0 ? PB_COMPILER : "cc");
}

static int add_shipped(struct pb_buffer *words, const char *option, const char *name,
                       struct pb_error *error) {
    char path[2 * PATH_MAX];
    int rc = pb_beside(name, path, sizeof path);
    if (rc < 0)
        return pb_error_set(error, -ENOPKG,
                            "%s: %s: it is needed to compile C files: it belongs beside the program, or "
                            "in " PB_SHIPPED_FROM_PROGRAM ": build or install again",
                            name, strerror(-rc));
    if (*option)
        add_word(words, option);
    add_word(words, path);
    return 0;
}

/* The user's flags come after all of ours, and after the files, since libraries must. References within the
 * object stay there (-Bsymbolic), whatever the program or its libraries have of the same name; and what is
 * defined nowhere is an error now (defs), not when it is loaded. */
static int list_words(const struct pb_compile *c, struct pb_buffer *words, struct pb_error *error) {
    static const char defaults[] = "-std=gnu17 -O2 -g -fPIC -shared -Wl,-Bsymbolic -Wl,-z,defs";
    char function[256];
    snprintf(function, sizeof function, "-DPARBENCH_TASK=%s", c->function ? c->function : "task");
    add_compiler(words);
    add_words(words, defaults);
    add_word(words, function);
    int rc = add_shipped(words, "-I", "include", error);
    rc = rc < 0 ? rc : add_shipped(words, "-include", "wrap/function.h", error);
    add_word(words, "-o");
    add_word(words, c->output);
    rc = rc < 0 ? rc : add_shipped(words, "", "wrap/workload.c", error);
    if (strchr("-@", *c->source)) /* else an option, or a file of options */
        pb_buffer_text(words, "./");
    add_word(words, c->source);
    add_words(words, c->flags ? c->flags : "");
    add_word(words, "-lm");
    return rc;
}

/* Pointers to the words, NULL-ended; the caller frees them. */
static char **point_at(const struct pb_buffer *words) {
    size_t count = 0;
    for (size_t i = 0; i < words->size; i++)
        count += words->data[i] == '\0';
    char **word = words->failed ? NULL : calloc(count + 1, sizeof *word), *next = words->data;
    for (size_t i = 0; word && i < count; i++, next += strlen(next) + 1)
        word[i] = next;
    return word;
}

/* Our environment, but for TMPDIR, which is the directory of `output`. */
static void list_environment(const char *output, struct pb_buffer *words) {
    static const char name[] = "TMPDIR=";
    const char *slash = strrchr(output, '/');
    for (char **variable = environ; *variable; variable++)
        if (strncmp(*variable, name, strlen(name)) != 0)
            add_word(words, *variable);
    pb_buffer_text(words, name);
    pb_buffer_add(words, output, slash ? (size_t)(slash - output) : 0);
    pb_buffer_add(words, slash ? "" : ".", slash ? 1 : 2);
}

/* ---- What came of it ---- */

static int judge(const struct pb_compile *c, const char *compiler, int rc, int status,
                 struct pb_error *error) {
    const char *name = strcmp(compiler, PB_COMPILER) == 0 ? strrchr(compiler, '/') + 1 : compiler;
    if (rc == -EINTR)
        return pb_error_set(error, rc, "%s: interrupted", c->source);
    if (rc == -ETIMEDOUT)
        return pb_error_set(error, rc, "%s: %s took longer than %.3g s: raise --timeout", c->source, name,
                            (double)c->timeout_ns / 1e9);
    if (rc == -ENOENT || rc == -EACCES)
        return pb_error_set(error, -ENOPKG,
                            "%s: the C compiler %s: %s: install one (apt-get install gcc libc6-dev), or "
                            "name yours by CC=",
                            c->source, compiler, strerror(-rc));
    if (rc < 0)
        return pb_error_set(error, rc, "%s: %s cannot be started: %s: free memory or end other processes",
                            c->source, compiler, strerror(-rc));
    if (WIFSIGNALED(status))
        return pb_error_set(error, -EIO, "%s: %s was killed by SIG%s: see whether memory ran out", c->source,
                            name, sigabbrev_np(WTERMSIG(status)));
    if (WEXITSTATUS(status) != 0)
        return pb_error_set(error, -EINVAL, "%s: %s exited with code %d: mend what it says above", c->source,
                            name, WEXITSTATUS(status));
    if (access(c->output, R_OK) != 0)
        return pb_error_set(error, -EINVAL,
                            "%s: %s made no shared object: take out of the flags what stops it (-E, -S, -c, "
                            "-o)",
                            c->source, name);
    return 0;
}

/* What need not be asked of the compiler. */
static int check(const struct pb_compile *c, struct pb_error *error) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    const char *name = c->function;
    if (access(c->source, R_OK) != 0)
        return pb_error_set(error, -EINVAL, "%s: %s: name a C file that exists", c->source, strerror(errno));
    if (name && (!*name || name[strspn(name, letters)] || isdigit((unsigned char)*name)))
        return pb_error_set(error, -EINVAL, "%s: func=%s is no name of a C function: give one that is in it",
                            c->source, name);
    return 0;
}

int pb_compile(const struct pb_compile *c, struct pb_error *error) {
    struct pb_buffer words = {0}, variables = {0};
    int status = 0, rc = check(c, error);
    rc = rc < 0 ? rc : list_words(c, &words, error);
    if (rc == 0) {
        list_environment(c->output, &variables);
        char **argument = point_at(&words), **environment = point_at(&variables);
        rc = argument && environment ? pb_tool_run(argument, environment, c->timeout_ns, &status) : -ENOMEM;
        rc = judge(c, pb_buffer_string(&words), rc, status, error);
        free(argument);
        free(environment);
    }
    pb_buffer_release(&words);
    pb_buffer_release(&variables);
    return rc;
}

/* ---- Where it goes ---- */

int pb_compile_directory(char **path, struct pb_error *error) {
    const char *under = getenv("TMPDIR");
    struct pb_buffer name = {0};
    struct statvfs system;
    under = under && *under ? under : "/tmp";
    if (strchr(under, ':'))
        return pb_error_set(
            error, -EACCES,
            "TMPDIR: %s: a colon would end the name of what lies there: name another directory", under);
    pb_buffer_printf(&name, "%s/parbench-XXXXXX", under);
    if (name.failed || !mkdtemp(name.data)) {
        int rc = pb_error_set(error, -EACCES,
                              "TMPDIR: %s: no directory can be made there: %s: name one that is writable",
                              under, strerror(name.failed ? ENOMEM : errno));
        pb_buffer_release(&name);
        return rc;
    }
    if (statvfs(name.data, &system) == 0 && system.f_flag & ST_NOEXEC) {
        rmdir(name.data);
        pb_buffer_release(&name);
        return pb_error_set(error, -EACCES,
                            "TMPDIR: %s: what lies there cannot be run: it is mounted noexec: name another "
                            "directory",
                            under);
    }
    *path = name.data;
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status;
    (void)type;
    (void)walk;
    remove(path);
    return 0;
}

void pb_compile_directory_remove(const char *path) {
    enum { OPEN = 16 };
    nftw(path, remove_one, OPEN, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
