/* Stacks of threads, taken by the threads themselves in a signal handler, printed by the supervisor: all
 * processes of the family are the same image at the same addresses. */
#include "faults/inject.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

extern const char __executable_start, etext;

static struct inject_board *shown_on; /* for the handler */

void inject_stack_take(struct inject_stack *s) {
    s->depth = backtrace(s->frame, sizeof s->frame / sizeof *s->frame);
}

int inject_stacks_signal(void) {
    return SIGRTMAX;
}

static void show(int number) {
    int error = errno;
    struct inject_board *b = shown_on;
    unsigned n = atomic_fetch_add(&b->threads, 1);
    (void)number;
    if (n < INJECT_THREADS) {
        struct inject_thread *t = &b->thread[n];
        t->pid = getpid();
        t->tid = gettid();
        prctl(PR_GET_NAME, t->name);
        inject_stack_take(&t->stack);
    }
    errno = error;
}

void inject_stacks_prepare(struct inject_board *b) {
    struct inject_stack first;
    inject_stack_take(&first); /* loads the unwinder */
    shown_on = b;
    struct sigaction action = {.sa_handler = show, .sa_flags = SA_RESTART};
    sigaction(inject_stacks_signal(), &action, NULL);
}

void inject_stacks_ask(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    for (struct dirent *e; tasks && (e = readdir(tasks));)
        if (atoi(e->d_name) > 0)
            tgkill(pid, atoi(e->d_name), inject_stacks_signal());
    if (tasks)
        closedir(tasks);
}

static bool is_ours(const void *address) {
    return (const char *)address >= &__executable_start && (const char *)address < &etext;
}

static void print_library_frame(void *address) {
    Dl_info info;
    if (dladdr(address, &info) && info.dli_fname && info.dli_sname) {
        const char *slash = strrchr(info.dli_fname, '/');
        fprintf(stderr, "        %s (%s)\n", info.dli_sname, slash ? slash + 1 : info.dli_fname);
    }
}

/* Frames that lie in the program are named by addr2line, which knows static functions and lines. */
void inject_stack_print(const struct inject_stack *s) {
    char self[256] = "", command[2048], line[512];
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return;
    int size = snprintf(command, sizeof command, "addr2line -spfe '%s'", self);
    for (int i = 0; i < s->depth; i++)
        if (is_ours(s->frame[i]) && size < (int)sizeof command - 32)
            size += snprintf(command + size, sizeof command - (size_t)size, " 0x%tx",
                             (const char *)s->frame[i] - 1 - &__executable_start);
    FILE *names = popen(command, "r");
    for (int i = 0; names && i < s->depth; i++) {
        if (!is_ours(s->frame[i]))
            print_library_frame(s->frame[i]);
        else if (fgets(line, sizeof line, names) && !strstr(line, " wrap.c:") && !strstr(line, " stacks.c:"))
            fprintf(stderr, "        %s", line);
    }
    if (names)
        pclose(names);
}
