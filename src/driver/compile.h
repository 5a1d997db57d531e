/* C files of the user's made to shared objects that are workloads: by the compiler of his choice, together
 * with src/wrap/, whose head says what a file may define.
 *
 * What the compiler says goes to standard error as it says it. It and whatever it started are gone when
 * pb_compile returns, whatever that returns, and so is every other child of this process: compile while no
 * runner lives. Intermediate files lie in the directory of the output. */
#ifndef PB_DRIVER_COMPILE_H
#define PB_DRIVER_COMPILE_H

#include "driver/child.h"

struct pb_compile {
    const char *source;   /* as the user wrote it: messages name it so */
    const char *flags;    /* words parted by blanks, which come after the defaults; NULL: none */
    const char *function; /* its name; NULL: task */
    const char *output;   /* the shared object; in a directory of the caller's own */
    int64_t timeout_ns;
};

/* $CC, or the compiler that built this program, or where that is gone, cc. 0; -EINVAL: there is no such file,
   or the compiler refused it; -ENOPKG: there is no compiler, or the headers are not where the program is;
   -ETIMEDOUT; -EINTR: pb_signal_caught; -ENOMEM, and others that starting a process gives. */
int pb_compile(const struct pb_compile *, struct pb_error *);

/* Makes an empty directory under $TMPDIR, or /tmp, that nobody else can read, and from which shared objects
   can be loaded. *path is the caller's. -EACCES: it cannot be had. */
int pb_compile_directory(char **path, struct pb_error *);
/* Removes it with all that is in it. */
void pb_compile_directory_remove(const char *path);

#endif
