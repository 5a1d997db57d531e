/* All of it from /proc. Not every kernel has the files that list a process's children: descendants are those
 * whose chain of parents leads here. */
#include "processes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* ---- Files of /proc ---- */

/* The number behind `key`, in KiB there and in bytes here; -1: no such file or line. */
static int64_t read_kib(pid_t pid, const char *file, const char *key) {
    char path[64], line[256];
    long long kib = -1;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    FILE *f = fopen(path, "re");
    if (!f)
        return -1;
    while (kib < 0 && fgets(line, sizeof line, f))
        if (strncmp(line, key, strlen(key)) == 0 && sscanf(line + strlen(key), " %lld", &kib) != 1)
            kib = -1;
    fclose(f);
    return kib < 0 ? -1 : kib * 1024;
}

uint64_t pb_resident(pid_t pid) {
    /* The page tables' own count; that of `status` is kept per processor, and may lag behind. */
    int64_t bytes = read_kib(pid, "smaps_rollup", "Rss:");
    if (bytes < 0)
        bytes = read_kib(pid, "status", "VmRSS:");
    return bytes < 0 ? 0 : (uint64_t)bytes;
}

uint64_t pb_resident_peak(void) {
    int64_t bytes = read_kib(getpid(), "status", "VmHWM:");
    return bytes < 0 ? 0 : (uint64_t)bytes;
}

int pb_resident_peak_reset(void) {
    int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = write(fd, "5", 1) == 1 ? 0 : -errno;
    close(fd);
    return rc;
}

/* ---- The tree ---- */

struct kin {
    pid_t pid, parent;
    int ours;
};

/* The name, in parentheses, may hold blanks and parentheses: the parent is the second word behind the last.
 */
static pid_t parent_of(pid_t pid) {
    char path[64], line[512];
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    const char *name_end = fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
    if (name_end && sscanf(name_end + 1, " %*c %d", &parent) != 1)
        parent = 0;
    fclose(f);
    return parent;
}

/* Every process there is, in an array to be freed; NULL: no memory, or no /proc. */
static struct kin *read_all(size_t *count) {
    struct kin *all = NULL;
    DIR *proc = opendir("/proc");
    *count = 0;
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        struct kin *grown = realloc(all, (*count + 1) * sizeof *grown);
        if (!grown)
            break;
        all = grown;
        pid_t pid = (pid_t)atoi(entry->d_name);
        all[(*count)++] = (struct kin){pid, parent_of(pid), pid == getpid()};
    }
    if (proc)
        closedir(proc);
    return all;
}

static int is_ours(const struct kin *all, size_t count, pid_t pid) {
    for (size_t i = 0; i < count; i++)
        if (all[i].pid == pid)
            return all[i].ours;
    return 0;
}

/* Marks the children of those marked, until no more are found. */
static size_t mark(struct kin *all, size_t count) {
    size_t ours = 0, before;
    do {
        before = ours;
        ours = 0;
        for (size_t i = 0; i < count; i++) {
            all[i].ours = all[i].ours || is_ours(all, count, all[i].parent);
            ours += all[i].ours != 0;
        }
    } while (ours != before);
    return ours;
}

int pb_processes_find(struct pb_processes *p) {
    size_t count;
    struct kin *all = read_all(&count);
    size_t ours = mark(all, count);
    *p = (struct pb_processes){.pid = calloc(ours + 1, sizeof *p->pid)};
    if (!p->pid || ours == 0) {
        pb_processes_release(p);
        free(all);
        return ours == 0 ? -ENOENT : -ENOMEM;
    }
    p->pid[p->count++] = getpid();
    for (size_t i = 0; i < count; i++)
        if (all[i].ours && all[i].pid != getpid())
            p->pid[p->count++] = all[i].pid;
    free(all);
    return 0;
}

void pb_processes_release(struct pb_processes *p) {
    free(p->pid);
    *p = (struct pb_processes){0};
}

uint64_t pb_processes_cpu(const struct pb_processes *p) {
    uint64_t sum = 0;
    for (size_t i = 0; i < p->count; i++) {
        uint64_t ns = pb_process_cpu(p->pid[i]);
        if (ns == UINT64_MAX)
            return UINT64_MAX;
        sum += ns;
    }
    return sum;
}
