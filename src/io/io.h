/* The implementations of the I/O verbs (parbench/task.h), one constant per file.
 *
 * What all of them promise beyond the system calls of the same names:
 *   - Signals are invisible: a call that one interrupts goes on where it was, and sleeps and time-outs end
 * when they would have ended without it.
 *   - A transfer may be short, as the system call's may: the caller loops.
 *   - `send` to a connection that the other side has closed is -EPIPE and no SIGPIPE; `write` raises it as
 * ever.
 *   - `poll` of a descriptor that is not open is -EBADF, not POLLNVAL.
 *   - `close` gives the descriptor up even where it returns an error: never close it again. */
#ifndef PB_IO_IO_H
#define PB_IO_IO_H

#include "parbench/task.h"

/* Each verb is the system call: the calling thread waits in it, and how long is clocked for task->waits. The
 * task may be NULL. */
extern const struct pb_io pb_io_blocking;

#endif
