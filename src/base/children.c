/* A killed process's children become ours, if we adopt: so it takes as many looks as the tree is deep. */
#include "base/children.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

void pb_children_adopt(void) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static bool has_children(void) {
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

/* The parent is the second number behind the name, which stands in parentheses and may hold some (proc(5)).
 */
static pid_t parent_of(const char *pid) {
    char path[300], text[1024];
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[got > 0 ? got : 0] = '\0';
    const char *after = strrchr(text, ')');
    return after && sscanf(after + 1, " %*c %d", &parent) == 1 ? (pid_t)parent : 0;
}

static pid_t *add(pid_t *list, size_t *count, pid_t pid) {
    pid_t *grown = realloc(list, (*count + 2) * sizeof *grown);
    if (!grown) {
        free(list);
        return NULL;
    }
    grown[(*count)++] = pid;
    return grown;
}

static bool is_in(pid_t pid, const pid_t *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (list[i] == pid)
            return true;
    return false;
}

/* Adds the children of those in `parent`, who may be those in the list itself. */
static pid_t *add_children(pid_t *list, size_t *count, const pid_t *parent, size_t parents) {
    DIR *processes = opendir("/proc");
    bool same = parent == list;
    for (struct dirent *entry; processes && list && (entry = readdir(processes));) {
        pid_t pid = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' ? (pid_t)atoi(entry->d_name) : 0;
        if (pid && is_in(parent_of(entry->d_name), same ? list : parent, parents) &&
            !is_in(pid, list, *count))
            list = add(list, count, pid);
    }
    if (processes)
        closedir(processes);
    return list;
}

pid_t *pb_children_list(size_t *count) {
    pid_t *list = calloc(1, sizeof *list), self = getpid();
    *count = 0;
    return list && has_children() ? add_children(list, count, &self, 1) : list;
}

pid_t *pb_children_below(pid_t root, size_t *count) {
    size_t before = 0;
    *count = 0;
    pid_t *list = add(NULL, count, root);
    while (list && *count > before) {
        before = *count;
        list = add_children(list, count, list, before);
    }
    return list;
}

void pb_children_end(const pid_t *keep, size_t kept) {
    for (bool found = true; found;) {
        size_t count;
        pid_t *pid = pb_children_list(&count);
        found = false;
        for (size_t i = 0; pid && i < count; i++) {
            if (is_in(pid[i], keep, kept))
                continue;
            kill(pid[i], SIGKILL);
            found |= waitpid(pid[i], NULL, 0) == pid[i];
        }
        free(pid);
    }
}
