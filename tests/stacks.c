/* Who descends from whom is read from /proc, once; processes that end meanwhile are just not there. Stacks
 * are gdb's, line by line, of which only those that name a thread or a frame are kept. */
#include "stacks.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

enum { PROCESSES = 256 };

void pb_stacks_allow(void) {
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
}

/* ---- Processes ---- */

struct family {
    size_t count;
    pid_t pid[PROCESSES];
};

static pid_t parent_of(pid_t pid) {
    char path[64];
    int parent = -1;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file && fscanf(file, "%*d (%*[^)]) %*c %d", &parent) != 1)
        parent = -1;
    if (file)
        fclose(file);
    return parent;
}

static bool has(const struct family *family, pid_t pid) {
    for (size_t i = 0; i < family->count; i++)
        if (family->pid[i] == pid)
            return true;
    return false;
}

/* Adds whoever has a parent in the family; true if there was one. */
static bool grow(struct family *family) {
    size_t before = family->count;
    DIR *processes = opendir("/proc");
    for (struct dirent *entry; processes && (entry = readdir(processes));) {
        pid_t pid = atoi(entry->d_name);
        if (pid > 0 && family->count < PROCESSES && !has(family, pid) && has(family, parent_of(pid)))
            family->pid[family->count++] = pid;
    }
    if (processes)
        closedir(processes);
    return family->count > before;
}

/* ---- What gdb sees ---- */

/* The debugger must hear of its own children, and so must whoever waits for it. */
static FILE *start(const char *command) {
    sigset_t chld, before;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_UNBLOCK, &chld, &before);
    FILE *pipe = popen(command, "re");
    sigprocmask(SIG_SETMASK, &before, NULL);
    return pipe;
}

/* True if it saw a frame. */
static bool print_by_debugger(FILE *out, pid_t pid) {
    char command[512], *line = NULL;
    size_t size = 0;
    bool seen = false;
    snprintf(command, sizeof command,
             "timeout -k 5 60 gdb -nx -batch -iex 'set debuginfod enabled off' -iex 'set width 0' -p %d "
             "-ex 'thread apply all backtrace 40' 2>/dev/null </dev/null",
             (int)pid);
    FILE *pipe = start(command);
    while (pipe && getline(&line, &size, pipe) >= 0) {
        bool thread = strncmp(line, "Thread ", 7) == 0;
        seen = seen || line[0] == '#';
        if (thread || line[0] == '#')
            fprintf(out, "  %s%s", thread ? "" : "  ", line);
    }
    if (pipe)
        pclose(pipe);
    free(line);
    return seen;
}

/* ---- What the kernel tells ---- */

static void print_file(FILE *out, const char *directory, const char *name) {
    char path[256], line[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        fprintf(out, " %s %s", name, line);
    }
    if (file)
        fclose(file);
}

static void print_by_kernel(FILE *out, pid_t pid) {
    static const char *const files[] = {"comm", "wchan", "syscall", "stack"};
    char path[64], directory[128];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *threads = opendir(path);
    for (struct dirent *entry; threads && (entry = readdir(threads));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(directory, sizeof directory, "%s/%.20s", path, entry->d_name);
        fprintf(out, "  Thread %s, as the kernel sees it:", entry->d_name);
        for (size_t i = 0; i < sizeof files / sizeof *files; i++)
            print_file(out, directory, files[i]);
        fputc('\n', out);
    }
    if (threads)
        closedir(threads);
}

void pb_stacks_print(FILE *out, pid_t root) {
    struct family family = {1, {root}};
    while (grow(&family))
        ;
    for (size_t i = 0; i < family.count; i++) {
        fprintf(out, "  Process %d", (int)family.pid[i]);
        if (i > 0)
            fprintf(out, ", child of %d", (int)parent_of(family.pid[i]));
        fputs(":\n", out);
        if (!print_by_debugger(out, family.pid[i]))
            print_by_kernel(out, family.pid[i]);
        fflush(out);
    }
}
