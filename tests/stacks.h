/* Where a test hangs: the stack of every thread of a process and of all its descendants. */
#ifndef PB_TESTS_STACKS_H
#define PB_TESTS_STACKS_H

#include <stdio.h>
#include <sys/types.h>

/* Prints them to `out`, as gdb sees them; where there is no gdb, or it may not look, what the kernel tells of
 * each thread: its name, its state, and the function of the kernel's or the system call that it waits in. */
void pb_stacks_print(FILE *out, pid_t root);

/* Lets any process of the same user look at the calling one, where the kernel asks for that (Yama). */
void pb_stacks_allow(void);

#endif
