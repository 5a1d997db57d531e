#include "trial.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const who_name[] = {"parent", "server", "worker"};
const char *const action_name[] = {"none", "SIGKILL", "SIGSEGV", "SIGSTOP", "exit0", "exit1"};
const char *const phase_name[] = {"opening", "tasks", "map", "range", "closing", "after"};

struct trial *trial;

void wrong(const char *format, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    size_t length = size < (int)sizeof line - 2 ? (size_t)size : sizeof line - 2;
    line[length++] = '\n';
    atomic_fetch_add(&trial->wrongs, 1);
    size_t at = atomic_fetch_add(&trial->written, (unsigned)length);
    if (at + length < sizeof trial->text)
        memcpy(trial->text + at, line, length);
}
