/* By the C library's own means, for machines that have no file of their own: a context is a ucontext_t on the
 * stack that it describes. It saves the signal mask too, which costs two system calls a switch. */
#include "io/switch.h"

#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

/* What a new stack begins with. */
struct start {
    ucontext_t context;
    void (*entry)(void *argument);
    void *argument;
};

/* makecontext hands on ints only: the pointer comes in two halves. */
static void begin(unsigned high, unsigned low) {
    struct start *start = (struct start *)(uintptr_t)((uint64_t)high << 32 | low);
    start->entry(start->argument);
}

/* The stack's lower end is not needed but for makecontext's arithmetic: what lies below `top` by this much is
 * surely the stack's. */
enum { KNOWN = 2048 };

pb_context pb_context_make(void *top, void (*entry)(void *argument), void *argument) {
    struct start *start = (struct start *)((uintptr_t)((char *)top - sizeof *start) & ~(uintptr_t)63);
    getcontext(&start->context);
    start->context.uc_stack.ss_sp = (char *)start - KNOWN;
    start->context.uc_stack.ss_size = KNOWN;
    start->context.uc_link = NULL;
    start->entry = entry;
    start->argument = argument;
    uint64_t address = (uintptr_t)start;
    makecontext(&start->context, (void (*)(void))(uintptr_t)begin, 2, (unsigned)(address >> 32),
                (unsigned)address);
    return &start->context;
}

void pb_context_switch(pb_context *from, pb_context to) {
    ucontext_t here;
    *from = &here;
    swapcontext(&here, to);
}
