#include "cli/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/analysis.h"
#include "base/buffer.h"
#include "results/json.h"

enum { MOST_BYTES = (64 << 20) + 1 /* one more than pb_run_decode takes */, PIECE = 1 << 16 };

/* What a killed run of `-o PATH` left. */
static bool left_journal(const char *path, char *partial, size_t size) {
    struct stat st;
    int length = snprintf(partial, size, "%s.partial", path);
    return length > 0 && (size_t)length < size && stat(partial, &st) == 0;
}

static int cannot_read(struct pb_error *error, int code, const char *path) {
    char partial[4096];
    if (code == -ENOENT && left_journal(path, partial, sizeof partial))
        return pb_error_set(error, code, "%s: no such file: its run was cut off: what it measured is in %s",
                            path, partial);
    return pb_error_set(error, code, "%s: cannot be read: %s: name a file that `bench -o FILE` wrote", path,
                        strerror(-code));
}

static int read_all(int fd, struct pb_buffer *out) {
    char piece[PIECE];
    while (out->size < MOST_BYTES) {
        ssize_t n = read(fd, piece, sizeof piece);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : out->failed ? -ENOMEM : 0;
        pb_buffer_add(out, piece, (size_t)n);
    }
    return out->failed ? -ENOMEM : 0;
}

int pb_load_run(struct pb_run *run, const char *path, struct pb_error *error) {
    struct pb_buffer text = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 ? -errno : read_all(fd, &text);
    if (rc) {
        cannot_read(error, rc, path);
        goto out;
    }
    rc = pb_run_decode(run, path, pb_buffer_string(&text), text.size, error);
    if (rc == 0 && !run->ended && (rc = pb_analyse(run)) < 0) {
        pb_run_release(run);
        pb_error_set(error, rc, "%s: no memory: free some", path);
    }
out:
    if (fd >= 0)
        close(fd);
    pb_buffer_release(&text);
    return rc;
}

int pb_load_exit(int code) {
    return code == -ENOMEM || code == -EIO ? PB_EXIT_CANNOT_RUN : PB_EXIT_USAGE;
}
