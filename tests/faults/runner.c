#include "faults/runner.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __SANITIZE_THREAD__
static const bool count_threads = false; /* the sanitizer has one of its own */
#else
static const bool count_threads = true;
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
static bool leaks(void) {
    return __lsan_do_recoverable_leak_check() != 0;
}
#else
static bool leaks(void) {
    return false;
}
#endif

void inject_violation(struct inject_board *b, const char *format, ...) {
    va_list arguments;
    b->violations++;
    if (b->log_size + 700 > sizeof b->log)
        return;
    b->log_size += (size_t)sprintf(b->log + b->log_size, "    ");
    va_start(arguments, format);
    int size = vsnprintf(b->log + b->log_size, 640, format, arguments);
    va_end(arguments);
    b->log_size += size < 640 ? (size_t)size : 639;
    b->log_size += (size_t)sprintf(b->log + b->log_size, "\n");
}

struct belongings {
    unsigned descriptors, mappings, threads;
};

static unsigned entries(const char *path) {
    unsigned count = 0;
    DIR *folder = opendir(path);
    while (folder && readdir(folder))
        count++;
    if (folder)
        closedir(folder);
    return count;
}

static unsigned shared_mappings(void) {
    char line[512], mode[8];
    unsigned count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps))
        count += sscanf(line, "%*s %7s", mode) == 1 && mode[3] == 's';
    if (maps)
        fclose(maps);
    return count;
}

static struct belongings take_stock(void) {
    return (struct belongings){
        .descriptors = entries("/proc/self/fd"),
        .mappings = shared_mappings(),
        .threads = count_threads ? entries("/proc/self/task") : 0,
    };
}

static void nap(void) {
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Nothing is left when the executor is closed. What is just dying gets a second. */
static void check_left(struct inject_board *b, const struct belongings *before) {
    struct belongings now = take_stock();
    int child = 0;
    for (int ms = 0; ms < 1000; ms++, now = take_stock()) {
        while ((child = waitpid(-1, NULL, WNOHANG)) > 0)
            ;
        if (now.threads == before->threads && child < 0)
            break;
        nap();
    }
    if (child == 0)
        inject_violation(b, "a process is left");
    if (now.threads != before->threads)
        inject_violation(b, "%d threads are left", (int)(now.threads - before->threads));
    if (now.descriptors != before->descriptors)
        inject_violation(b, "%d descriptors are left", (int)(now.descriptors - before->descriptors));
    if (now.mappings != before->mappings)
        inject_violation(b, "%d shared mappings are left", (int)(now.mappings - before->mappings));
}

_Noreturn void inject_run(struct inject_board *b, const struct inject_scenario *scenario,
                          const char *executor) {
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* orphans become ours, to be seen */
    b->runner = getpid();
    struct belongings before = take_stock();
    inject_board_use(b);
    inject_heap_watch();
    atomic_store(&b->armed, true);
    scenario->run(b, executor);
    atomic_store(&b->armed, false);
    check_left(b, &before);
    inject_heap_check(b);
    if (leaks())
        inject_violation(b, "the leak checker reported");
    fflush(NULL);
    _exit(0);
}
