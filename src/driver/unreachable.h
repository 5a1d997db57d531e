/* Hosts that a program calls in vain. */
#ifndef PB_DRIVER_UNREACHABLE_H
#define PB_DRIVER_UNREACHABLE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buffer.h"

/* Whether the process, or one below it, waits for a TCP connection that two repeated requests were not
 * answered for, which is after about 3 s. Then a sentence about it is appended. Reads /proc: a millisecond or
 * a few. */
bool pb_unreachable(pid_t, struct pb_buffer *out);

#endif
