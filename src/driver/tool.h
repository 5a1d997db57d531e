/* Other people's programs that make something for a run: compilers, linkers, shells. */
#ifndef PB_DRIVER_TOOL_H
#define PB_DRIVER_TOOL_H

#include <stdint.h>

#include "base/buffer.h"

/* Runs argument[0], found by PATH, to its end; what it prints goes to standard error as it says it, and it
   reads nothing. *status is as of waitpid. It and whatever it started are gone when this returns, whatever
   that returns, and so is every other child of this process: run tools while no runner lives. 0; -ETIMEDOUT;
   -EINTR: pb_signal_caught; and what starting a process gives: -ENOENT, -EACCES, -ENOMEM, -EAGAIN. */
int pb_tool_run(char *const *argument, char *const *environment, int64_t timeout_ns, int *status);

/* The same, but what it prints on standard output is appended to `said`, 64 KiB of it at most, and what it
   says on standard error is dropped. */
int pb_tool_hear(char *const *argument, char *const *environment, int64_t timeout_ns, struct pb_buffer *said,
                 int *status);

#endif
