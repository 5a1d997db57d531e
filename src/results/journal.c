/* FILE, FILE.partial and FILE.partial.new.
 *
 * Each line is written with one write() to a descriptor in append mode, so a killed driver leaves whole lines
 * and at most a piece of one at the end. The finished record goes to FILE.partial.new, is synced, and takes
 * FILE's name in one step. The journal is locked while it is open: two runs cannot write the same FILE, and
 * what a killed run left behind is never overwritten. */
#include "results/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/encode.h"
#include "results/json.h"

static int fail(struct pb_error *error, int code, const char *path, const char *advice) {
    return pb_error_set(error, code, "%s: cannot be written: %s%s%s", path, strerror(-code),
                        *advice ? ": " : "", advice);
}

static int write_all(int fd, const char *data, size_t size) {
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

static char *join(const char *path, const char *end) {
    char *joined;
    return asprintf(&joined, "%s%s", path, end) < 0 ? NULL : joined;
}

/* Where FILE really lies: a link is followed, so that it stays one. NULL with an error. */
static char *resolve(const char *path, struct pb_error *error) {
    struct stat st;
    if (!*path) {
        pb_error_set(error, -ENOENT, "result file: its name is empty: name a file");
        return NULL;
    }
    if (lstat(path, &st) < 0 && errno == ENOENT)
        return strdup(path);
    char *real = realpath(path, NULL);
    if (!real || stat(real, &st) < 0) {
        fail(error, -errno, path, errno == ENOENT ? "it is a link to nowhere" : "");
    } else if (S_ISDIR(st.st_mode)) {
        fail(error, -EISDIR, path, "name a file in it");
    } else if (!S_ISREG(st.st_mode)) {
        pb_error_set(error, -EINVAL,
                     "%s: not a regular file: a result appears under its name in one step: name a file",
                     path);
    } else if (access(real, W_OK) < 0) {
        fail(error, -errno, path, "make it writable or name another");
    } else {
        return real;
    }
    free(real);
    return NULL;
}

/* Whether a journal holds samples: more than its first line. */
static bool has_samples(int fd) {
    char piece[4096];
    off_t at = 0;
    bool first_ended = false;
    for (ssize_t n; (n = pread(fd, piece, sizeof piece, at)) > 0; at += n) {
        const char *newline = first_ended ? NULL : memchr(piece, '\n', (size_t)n);
        if (first_ended || (newline && newline + 1 < piece + n))
            return true;
        first_ended = newline != NULL;
    }
    return false;
}

/* Takes FILE.partial for this run alone. */
static int take(struct pb_journal *j, struct pb_error *error) {
    j->fd = open(j->partial, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (j->fd < 0)
        return fail(error, -errno, j->partial, errno == ELOOP ? "it is a link: remove it" : "");
    struct stat st;
    if (fstat(j->fd, &st) < 0 || !S_ISREG(st.st_mode))
        return fail(error, -EINVAL, j->partial, "it is no regular file: remove it");
    if (flock(j->fd, LOCK_EX | LOCK_NB) < 0)
        return pb_error_set(error, -EBUSY, "%s: another run is writing it: name another file", j->path);
    if (has_samples(j->fd))
        return pb_error_set(error, -EEXIST,
                            "%s: an interrupted run left its samples here: move it away or remove it",
                            j->partial);
    return ftruncate(j->fd, 0) < 0 ? fail(error, -errno, j->partial, "") : 0;
}

static void release(struct pb_journal *j) {
    if (j->fd >= 0)
        close(j->fd);
    free(j->path);
    free(j->partial);
    j->path = j->partial = NULL;
    j->fd = -1;
}

int pb_journal_open(struct pb_journal *j, const char *path, struct pb_error *error) {
    *j = (struct pb_journal){.fd = -1};
    int rc = -ENOMEM;
    struct pb_error why = {.code = -ENOMEM, .text = "result file: out of memory"};
    j->path = resolve(path, &why);
    j->partial = j->path ? join(j->path, ".partial") : NULL;
    if (j->partial)
        rc = take(j, &why);
    if (rc == 0)
        return 0;
    release(j);
    if (error)
        *error = why;
    return why.code;
}

/* Writes one line; the first failure is kept and ends it. */
static int append(struct pb_journal *j, int rc, const struct pb_buffer *line) {
    if (j->failed.code || j->fd < 0)
        return j->failed.code;
    rc = rc ? rc : write_all(j->fd, line->data, line->size);
    if (rc)
        fail(&j->failed, rc, j->partial, "the run goes on without its journal");
    return rc;
}

int pb_journal_begin(struct pb_journal *j, const struct pb_run *run) {
    struct pb_buffer line = {0};
    int rc = append(j, pb_run_encode_line(run, &line), &line);
    pb_buffer_release(&line);
    return rc;
}

int pb_journal_sample(struct pb_journal *j, const struct pb_cell *cell, const struct pb_sample *sample) {
    struct pb_buffer line = {0};
    int rc = append(j, pb_sample_encode_line(cell->id, sample, &line), &line);
    pb_buffer_release(&line);
    return rc;
}

int pb_journal_failure(struct pb_journal *j, const struct pb_cell *cell, const struct pb_failure *failure) {
    struct pb_buffer line = {0};
    int rc = append(j, pb_failure_encode_line(cell->id, failure, &line), &line);
    pb_buffer_release(&line);
    return rc;
}

/* The name is safe once its directory is on the disk. */
static int sync_directory(const char *path) {
    char *directory = strdup(path);
    if (!directory)
        return -ENOMEM;
    char *slash = strrchr(directory, '/');
    if (slash)
        slash[slash == directory] = '\0';
    int fd = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
    free(directory);
    /* Some file systems sync no directories: nothing can be done about that. */
    if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL && errno != ENOTSUP))
        rc = -errno;
    if (fd >= 0)
        close(fd);
    return rc;
}

/* Writes `fresh` and gives it FILE's mode, if there is one already. */
static int write_fresh(const struct pb_journal *j, const char *fresh, const struct pb_buffer *text) {
    unlink(fresh); /* ours, since we hold the journal: a killed commit's */
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return -errno;
    struct stat st;
    int rc = stat(j->path, &st) == 0 && fchmod(fd, st.st_mode & 07777) < 0 ? -errno : 0;
    rc = rc ? rc : write_all(fd, text->data, text->size);
    rc = rc ? rc : fsync(fd) < 0 ? -errno : 0;
    if (close(fd) < 0 && rc == 0)
        rc = -errno;
    return rc;
}

int pb_journal_commit(struct pb_journal *j, const struct pb_run *run, struct pb_error *error) {
    struct pb_buffer text = {0};
    char *fresh = NULL;
    int rc = pb_run_encode(run, &text);
    if (rc == 0 && !(fresh = join(j->partial, ".new")))
        rc = -ENOMEM;
    rc = rc ? rc : write_fresh(j, fresh, &text);
    if (rc == 0 && rename(fresh, j->path) < 0)
        rc = -errno;
    if (rc) {
        if (fresh)
            unlink(fresh);
        pb_error_set(error, rc, "%s: cannot be written: %s: the samples are in %s", j->path, strerror(-rc),
                     j->partial);
        goto out;
    }
    rc = sync_directory(j->path);
    if (rc)
        fail(error, rc, j->path, "its directory cannot be synced");
    else
        unlink(j->partial);
out:
    free(fresh);
    pb_buffer_release(&text);
    release(j);
    return rc;
}

void pb_journal_close(struct pb_journal *j) {
    if (j->fd >= 0 && !has_samples(j->fd))
        unlink(j->partial);
    release(j);
}
