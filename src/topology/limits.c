/* What limits this process: its affinity mask, its cpuset, and the CPU bandwidth of its cgroups.
 *
 * A cgroup is found as cgroups(7) says: /proc/self/cgroup gives the path within each hierarchy ("0::/a/b" for
 * version 2, "4:cpu,cpuacct:/a/b" for a controller of version 1), and /proc/self/mountinfo gives where that
 * hierarchy is mounted and which part of it (in a container often just ours). Both versions may be there at
 * once, and a limit on any ancestor holds for us, so every directory from ours up to the mount point is
 * looked at and the least limit wins. Files: cpu.max, cpuset.cpus.effective (Linux
 * Documentation/admin-guide/cgroup-v2.rst); cpu.cfs_quota_us, cpu.cfs_period_us (scheduler/sched-bwc.rst);
 * cpuset.effective_cpus, cpuset.cpus (cgroup-v1/cpusets.rst). */
#include "topology/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The beginning of a file, without its last newline. 0 or -errno. */
static int read_text(const char *root, const char *directory, const char *name, char *out, size_t size) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s%s/%s", root, directory, name) >= (int)sizeof path)
        return -ENAMETOOLONG;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    size_t used = 0;
    ssize_t got;
    while (used < size - 1 && (got = read(fd, out + used, size - 1 - used)) > 0)
        used += (size_t)got;
    close(fd);
    out[used] = '\0';
    if (used && out[used - 1] == '\n')
        out[used - 1] = '\0';
    return 0;
}

/* True if `word` is one of the comma-separated words of `list`. */
static bool has_word(const char *list, const char *word) {
    size_t length = strlen(word);
    for (; list; list = strchr(list, ','), list = list ? list + 1 : NULL)
        if (strncmp(list, word, length) == 0 && (list[length] == ',' || !list[length]))
            return true;
    return false;
}

/* Undoes mountinfo's \ooo for blanks and backslashes, in place. */
static void unescape(char *text) {
    char *out = text;
    for (; *text; text++) {
        if (text[0] == '\\' && strspn(text + 1, "01234567") >= 3) {
            *out++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
            text += 3;
        } else {
            *out++ = *text;
        }
    }
    *out = '\0';
}

/* Our path in the hierarchy of a controller of version 1, or in that of version 2 if `controller` is "". */
static bool find_path(const char *root, const char *controller, char *out, size_t size) {
    char file[PATH_MAX], line[PATH_MAX + 256];
    bool found = false;
    snprintf(file, sizeof file, "%s/proc/self/cgroup", root);
    FILE *f = fopen(file, "re");
    while (f && !found && fgets(line, sizeof line, f)) {
        char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL;
        if (!path)
            continue;
        *path++ = '\0';
        path[strcspn(path, "\n")] = '\0';
        found = *controller ? has_word(names + 1, controller) : names[1] == '\0';
        if (found)
            snprintf(out, size, "%s", path);
    }
    if (f)
        fclose(f);
    return found;
}

/* One line of mountinfo (proc(5)): "36 35 98:0 /root /point rw,noatime master:1 - type source options". */
struct mount {
    char *root, *point, *type, *options;
};

static bool parse_mount(char *line, struct mount *out) {
    char *field[5], *rest = line, *save;
    char *dash = strstr(line, " - ");
    if (!dash)
        return false;
    *dash = '\0';
    for (size_t i = 0; i < 5; i++, rest = NULL)
        if (!(field[i] = strtok_r(rest, " \n", &save)))
            return false;
    out->root = field[3];
    out->point = field[4];
    unescape(out->root);
    unescape(out->point);
    out->type = strtok_r(dash + 3, " \n", &save);
    if (!out->type || !strtok_r(NULL, " \n", &save))
        return false;
    out->options = strtok_r(NULL, " \n", &save);
    return out->options != NULL;
}

/* What of `path` lies below a mount of `root`: "" for the mount point itself, NULL if it lies elsewhere. */
static const char *below(const char *path, const char *root) {
    size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);
    if (strncmp(path, root, length) != 0 || (path[length] && path[length] != '/'))
        return NULL;
    return strcmp(path + length, "/") == 0 ? "" : path + length;
}

/* A directory as the process sees it, and how much of it is the mount point: nothing above is a cgroup. */
struct cgroup {
    char directory[PATH_MAX];
    size_t point;
};

/* Finds our cgroup. Where no mount shows it (a namespace hides our place) the mount point stands in for it.
 */
static bool find_cgroup(const char *root, const char *controller, struct cgroup *out) {
    char path[PATH_MAX], file[PATH_MAX], line[2 * PATH_MAX];
    const char *inside = NULL;
    bool found = false;
    if (!find_path(root, controller, path, sizeof path))
        return false;
    snprintf(file, sizeof file, "%s/proc/self/mountinfo", root);
    FILE *f = fopen(file, "re");
    while (f && !inside && fgets(line, sizeof line, f)) {
        struct mount m;
        if (!parse_mount(line, &m) || strcmp(m.type, *controller ? "cgroup" : "cgroup2") != 0 ||
            (*controller && !has_word(m.options, controller)))
            continue;
        inside = below(path, m.root);
        if (!inside && found)
            continue;
        found = true;
        out->point = strlen(m.point);
        if (snprintf(out->directory, sizeof out->directory, "%s%s", m.point, inside ? inside : "") >=
            (int)sizeof out->directory)
            found = false;
    }
    if (f)
        fclose(f);
    return found;
}

/* Processors that a cgroup's own files allow, INFINITY if they say nothing. */
static double quota_v2(const char *root, const char *directory) {
    char text[64];
    double quota, period;
    if (read_text(root, directory, "cpu.max", text, sizeof text) < 0 ||
        sscanf(text, "%lf %lf", &quota, &period) != 2 || !(quota > 0) || !(period > 0))
        return INFINITY;
    return quota / period;
}

static double quota_v1(const char *root, const char *directory) {
    char quota[64], period[64];
    if (read_text(root, directory, "cpu.cfs_quota_us", quota, sizeof quota) < 0 ||
        read_text(root, directory, "cpu.cfs_period_us", period, sizeof period) < 0)
        return INFINITY;
    double q = strtod(quota, NULL), p = strtod(period, NULL);
    return q > 0 && p > 0 ? q / p : INFINITY;
}

/* Narrows *set by the first of `names` that is there and reads as a list; true if it is smaller for it. */
static bool narrow(const char *root, const char *directory, const char *const *names, struct pb_cpuset *set) {
    char text[8192];
    struct pb_cpuset here;
    for (; *names; names++) {
        if (read_text(root, directory, *names, text, sizeof text) < 0 || !*text ||
            pb_cpuset_parse(&here, text) < 0)
            continue;
        bool smaller = false;
        for (size_t i = 0; i < sizeof here.word / sizeof *here.word; i++) {
            here.word[i] &= set->word[i];
            smaller |= here.word[i] != set->word[i];
        }
        if (pb_cpuset_count(&here) == 0)
            return false; /* not this machine's numbers: it cannot be what holds for us */
        *set = here;
        return smaller;
    }
    return false;
}

struct found {
    struct pb_cpuset cpuset;
    char cpuset_at[256], quota_at[256];
    double quota;
};

/* One way of keeping limits in a hierarchy: which controller, and how its directories are read. */
struct keeper {
    const char *controller;
    double (*quota)(const char *root, const char *directory);
    const char *const *cpusets;
};

static const char *const no_cpusets[] = {NULL};
static const char *const cpusets_v1[] = {"cpuset.effective_cpus", "cpuset.cpus", NULL};
static const char *const cpusets_v2[] = {"cpuset.cpus.effective", NULL};

static const struct keeper keepers[] = {
    {"", quota_v2, cpusets_v2},
    {"cpu", quota_v1, no_cpusets},
    {"cpuset", NULL, cpusets_v1},
};

/* Looks at one cgroup and its ancestors. */
static void climb(const char *root, const struct keeper *keeper, struct found *found) {
    struct cgroup c;
    if (!find_cgroup(root, keeper->controller, &c))
        return;
    for (;;) {
        double quota = keeper->quota ? keeper->quota(root, c.directory) : INFINITY;
        if (quota < found->quota) {
            found->quota = quota;
            snprintf(found->quota_at, sizeof found->quota_at, "%.255s", c.directory);
        }
        if (narrow(root, c.directory, keeper->cpusets, &found->cpuset))
            snprintf(found->cpuset_at, sizeof found->cpuset_at, "%.255s", c.directory);
        char *slash = strrchr(c.directory, '/');
        if (!slash || (size_t)(slash - c.directory) < c.point)
            return;
        *slash = '\0';
    }
}

static void processors_of(const struct pb_machine *m, struct pb_cpuset *out) {
    pb_cpuset_zero(out);
    if (!m)
        memset(out->word, 0xff, sizeof out->word);
    for (uint32_t i = 0; m && i < m->pus; i++)
        pb_cpuset_set(out, m->pu[i].cpu);
}

static void conclude(struct pb_limits *l, const struct found *found) {
    uint32_t count = pb_cpuset_count(&l->allowed);
    l->quota = found->quota;
    l->usable = count;
    if (l->quota < l->usable) {
        l->usable = l->quota;
        l->limit = PB_LIMIT_QUOTA;
    }
    l->processors = l->usable < 1 ? 1 : (uint32_t)l->usable;
    if (l->limit == PB_LIMIT_QUOTA)
        memcpy(l->where, found->quota_at, sizeof l->where);
    else if (l->limit == PB_LIMIT_CPUSET)
        memcpy(l->where, found->cpuset_at, sizeof l->where);
}

void pb_limits_read_at(struct pb_limits *l, const struct pb_machine *m, const char *root,
                       const struct pb_cpuset *allowed) {
    struct found found = {.quota = INFINITY};
    struct pb_cpuset affine;
    *l = (struct pb_limits){.limit = PB_LIMIT_NONE};
    processors_of(m, &found.cpuset);
    for (size_t i = 0; i < sizeof keepers / sizeof *keepers; i++)
        climb(root, &keepers[i], &found);

    /* The kernel keeps the mask within the cpuset, so a mask that is smaller still was set on purpose. */
    for (size_t i = 0; i < sizeof affine.word / sizeof *affine.word; i++)
        affine.word[i] = found.cpuset.word[i] & allowed->word[i];
    l->allowed = pb_cpuset_count(&affine) ? affine : found.cpuset;
    if (!pb_cpuset_equal(&l->allowed, &found.cpuset))
        l->limit = PB_LIMIT_AFFINITY;
    else if (*found.cpuset_at)
        l->limit = PB_LIMIT_CPUSET;
    conclude(l, &found);
}

void pb_limits_read(struct pb_limits *l, const struct pb_machine *m) {
    struct pb_cpuset allowed;
    struct found nothing = {.quota = INFINITY};
    if ((!m || m->source == PB_MACHINE_LIVE) && pb_cpuset_of_thread(&allowed) == 0) {
        pb_limits_read_at(l, m, "", &allowed);
        return;
    }
    *l = (struct pb_limits){.limit = PB_LIMIT_NONE};
    processors_of(m, &l->allowed);
    conclude(l, &nothing);
}

const char *pb_limit_name(enum pb_limit limit) {
    static const char *const names[] = {
        [PB_LIMIT_NONE] = "",
        [PB_LIMIT_AFFINITY] = "affinity mask",
        [PB_LIMIT_CPUSET] = "cpuset",
        [PB_LIMIT_QUOTA] = "quota",
    };
    return (size_t)limit < sizeof names / sizeof *names ? names[limit] : "";
}
