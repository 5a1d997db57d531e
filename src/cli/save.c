/* git is asked by two commands, each of which changes nothing: no index is refreshed on the disk, and no
 * program is started that a repository names (core.fsmonitor). Only what git tracks counts as changes:
 * results that were saved before, and not yet added, make no tree dirty. */
#include "cli/save.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "driver/tool.h"

enum { MODEL_MOST = 48 };

static const int64_t patience_ns = INT64_C(20000000000); /* a tree may be large, and its disk slow */

/* ---- The commit ---- */

/* What `git WORD...` prints, without the last line's end. 0; -ENODATA: git knows no answer; -ENOENT: there is
   no git; and others that pb_tool_hear gives. */
static int ask(const char *const *word, struct pb_buffer *answer) {
    int status = 0;
    int rc = pb_tool_hear((char *const *)(uintptr_t)word, environ, patience_ns, answer, &status);
    if (rc == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
        rc = -ENODATA;
    if (rc == 0 && answer->failed)
        rc = -ENOMEM;
    if (rc == 0 && answer->size && answer->data[answer->size - 1] == '\n')
        answer->data[--answer->size] = '\0';
    return rc;
}

/* Whether it is what git calls a commit, and nothing else: it becomes a part of a file's name. */
static bool is_commit(const char *text) {
    size_t digits = strspn(text, "0123456789abcdef");
    return digits >= 4 && digits <= 64 && (!text[digits] || strcmp(text + digits, "-dirty") == 0);
}

static const char *why_not(int rc) {
    switch (rc) {
    case 0:
        return NULL;
    case -ENOENT:
    case -EACCES:
        return "--save: git is not to be found: the record does not say of which commit it is: install git";
    case -ETIMEDOUT:
        return "--save: git did not answer in 20 s: the record does not say of which commit it is: see what "
               "\"git status\" waits for";
    default:
        return "--save: git knows no commit here: the record does not say of which one it is: see what \"git "
               "log\" "
               "says";
    }
}

/* "true" and the way up, a line each; the way is empty where we are at the top. */
static int find_top(struct pb_checkout *checkout) {
    static const char *const words[] = {"git", "rev-parse", "--is-inside-work-tree", "--show-cdup", NULL};
    static const char inside[] = "true\n";
    struct pb_buffer answer = {0};
    int rc = ask(words, &answer);
    if (rc == 0 && strncmp(pb_buffer_string(&answer), inside, strlen(inside)) != 0)
        rc = -ENODATA; /* a repository without a work tree, or its own folder */
    if (rc == 0)
        pb_buffer_text(&checkout->up, answer.data + strlen(inside));
    pb_buffer_release(&answer);
    return rc;
}

/* --exclude: no tag's name, however near it is. */
static int find_commit(struct pb_checkout *checkout) {
    static const char *const words[] = {
        "git",     "--no-optional-locks", "-c", "core.fsmonitor=false", "describe", "--always",
        "--dirty", "--exclude=*",         NULL};
    struct pb_buffer answer = {0};
    int rc = ask(words, &answer);
    if (rc == 0 && !is_commit(pb_buffer_string(&answer)))
        rc = -ENODATA;
    if (rc == 0)
        snprintf(checkout->commit, sizeof checkout->commit, "%s", answer.data);
    pb_buffer_release(&answer);
    return rc;
}

int pb_checkout_init(struct pb_checkout *checkout) {
    *checkout = (struct pb_checkout){0};
    int rc = find_top(checkout);
    rc = rc ? rc : find_commit(checkout);
    checkout->lacks = why_not(rc);
    return rc == -EINTR ? rc : 0;
}

void pb_checkout_release(struct pb_checkout *checkout) {
    pb_buffer_release(&checkout->up);
}

/* ---- Names ---- */

void pb_save_machine(const struct pb_run *run, struct pb_buffer *out) {
    char slug[MODEL_MOST + 1];
    size_t used = 0;
    bool gap = false;
    for (const char *c = run->machine.cpu_model; *c && used + gap < MODEL_MOST; c++) {
        bool kept = isascii((unsigned char)*c) && isalnum((unsigned char)*c);
        if (kept && gap)
            slug[used++] = '-';
        if (kept)
            slug[used++] = (char)tolower((unsigned char)*c);
        gap = !kept && used;
    }
    slug[used] = '\0';
    pb_buffer_printf(out, "%s-", used ? slug : "unknown");
    if (run->limits.usable > 0)
        pb_buffer_printf(out, "%.4g", run->limits.usable);
    else
        pb_buffer_printf(out, "%" PRIu32, run->limits.processors);
}

void pb_save_name(const struct pb_run *run, unsigned copy, struct pb_buffer *out) {
    char date[64] = "";
    struct tm tm;
    time_t started = (time_t)run->started;
    if (gmtime_r(&started, &tm))
        strftime(date, sizeof date, "%Y-%m-%dT%H%M%SZ", &tm);
    pb_buffer_printf(out, "%s%s%s", date, run->commit ? "-" : "", run->commit ? run->commit : "");
    if (copy > 1)
        pb_buffer_printf(out, "-%u", copy);
    pb_buffer_text(out, ".json");
}

static int make(const char *path, struct pb_error *error) {
    struct stat status;
    int rc = mkdir(path, 0777) < 0 ? -errno : 0;
    if (rc == -EEXIST)
        rc = stat(path, &status) < 0 ? -errno : S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
    return rc < 0 ? pb_error_set(
                        error, rc,
                        "%s: this folder of --save cannot be made: %s: make room for it, or name a file by "
                        "-o",
                        path, strerror(-rc))
                  : 0;
}

int pb_save_folder(const struct pb_run *run, const char *up, struct pb_buffer *out, struct pb_error *error) {
    pb_buffer_printf(out, "%sresults", up);
    if (out->failed)
        return pb_error_set(error, -ENOMEM, "--save: no memory: free some");
    int rc = make(pb_buffer_string(out), error);
    if (rc < 0)
        return rc;
    pb_buffer_text(out, "/");
    pb_save_machine(run, out);
    if (out->failed)
        return pb_error_set(error, -ENOMEM, "--save: no memory: free some");
    rc = make(pb_buffer_string(out), error);
    pb_buffer_text(out, "/");
    return rc;
}
