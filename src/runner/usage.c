/* Counters come from /proc: getrusage knows neither other processes nor migrations. A thread's switches and
 * migrations are in its own files, so they are summed over the threads of each process; beyond some hundred
 * threads that would take longer than a repetition, and they stay unknown. */
#include "runner/usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { MOST_THREADS = 256 };

static const char *read_file(const char *path, char *out, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, out, size - 1);
    if (fd >= 0)
        close(fd);
    if (got < 0)
        return NULL;
    out[got] = '\0';
    return out;
}

/* The number behind "key ... :" at the start of a line, or -1. */
static int64_t field(const char *text, const char *key) {
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
        if (strncmp(line, key, length) == 0) {
            const char *colon = strchr(line, ':');
            return colon ? strtoll(colon + 1, NULL, 10) : -1;
        }
    return -1;
}

static void add(int64_t *sum, int64_t value) {
    *sum = *sum < 0 || value < 0 ? -1 : *sum + value;
}

static void add_threads(struct pb_usage *u, pid_t pid) {
    char path[300], text[8192];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *threads = opendir(path);
    int seen = 0;
    if (!threads) {
        u->voluntary = u->involuntary = u->migrations = -1;
        return;
    }
    for (struct dirent *entry; (entry = readdir(threads));) {
        if (entry->d_name[0] == '.')
            continue;
        if (++seen > MOST_THREADS) {
            u->voluntary = u->involuntary = u->migrations = -1;
            break;
        }
        snprintf(path, sizeof path, "/proc/%d/task/%s/status", (int)pid, entry->d_name);
        const char *status = read_file(path, text, sizeof text);
        add(&u->voluntary, status ? field(status, "voluntary_ctxt_switches") : -1);
        add(&u->involuntary, status ? field(status, "nonvoluntary_ctxt_switches") : -1);
        snprintf(path, sizeof path, "/proc/%d/task/%s/sched", (int)pid, entry->d_name);
        const char *sched = read_file(path, text, sizeof text);
        add(&u->migrations, sched ? field(sched, "se.nr_migrations") : -1);
    }
    closedir(threads);
}

static void add_process(struct pb_usage *u, pid_t pid) {
    char path[64], text[8192];
    unsigned long minor = 0, major = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    const char *stat = read_file(path, text, sizeof text), *after = stat ? strrchr(stat, ')') : NULL;
    bool known = after && sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %lu %*u %lu", &minor, &major) == 2;
    add(&u->minor_faults, known ? (int64_t)minor : -1);
    add(&u->major_faults, known ? (int64_t)major : -1);
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    const char *status = read_file(path, text, sizeof text);
    int64_t peak = status ? field(status, "VmHWM") : -1;
    add(&u->peak_bytes, peak < 0 ? -1 : peak * 1024);
    add_threads(u, pid);
}

void pb_usage_read(struct pb_usage *u, const pid_t *workers, size_t count) {
    *u = (struct pb_usage){0};
    add_process(u, getpid());
    for (size_t i = 0; i < count; i++)
        add_process(u, workers[i]);
}

uint64_t pb_usage_cpu(const pid_t *workers, size_t count) {
    uint64_t sum = pb_process_cpu(0);
    for (size_t i = 0; i < count; i++) {
        uint64_t cpu = pb_process_cpu(workers[i]);
        sum += cpu == UINT64_MAX ? 0 : cpu;
    }
    return sum;
}
