/* A cgroup is found as cgroups(7) says: /proc/self/cgroup gives the path within each hierarchy ("0::/a/b" for
 * version 2, "4:cpu,cpuacct:/a/b" for a controller of version 1), and /proc/self/mountinfo gives where that
 * hierarchy is mounted and which part of it (in a container often just ours). */
#include "topology/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int pb_cgroup_read(const char *root, const char *directory, const char *name, char *out, size_t size) {
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

/* Where no mount shows it (a namespace hides our place) the mount point stands in for it. */
bool pb_cgroup_find(const char *root, const char *controller, struct pb_cgroup *out) {
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

bool pb_cgroup_climb(struct pb_cgroup *c) {
    char *slash = strrchr(c->directory, '/');
    if (!slash || (size_t)(slash - c->directory) < c->point)
        return false;
    *slash = '\0';
    return true;
}
