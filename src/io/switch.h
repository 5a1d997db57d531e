/* Switching between stacks, in one thread. A file per machine: switch_x86_64.c, switch_aarch64.c, and
 * switch_ucontext.c for all others; CMake chooses. */
#ifndef PB_IO_SWITCH_H
#define PB_IO_SWITCH_H

/* Where something that does not run at the moment goes on: its stack pointer, below which all lies that must
 * survive. */
typedef void *pb_context;

/* What calls `entry(argument)` on the stack that ends at `top` (a multiple of 16) when it is first switched
 * to. `entry` never returns. */
pb_context pb_context_make(void *top, void (*entry)(void *argument), void *argument);
/* Goes on at `to`, and leaves in `from` where this call returns when somebody switches back. */
void pb_context_switch(pb_context *from, pb_context to);

#endif
