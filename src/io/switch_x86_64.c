/* The System V ABI: a call keeps rbx, rbp, r12 to r15, and the control words of SSE and of the x87; whatever
 * else the caller wanted kept it has on its stack already. The instruction to go on at is jumped to and not
 * returned to: the processor's stack of returns belongs to the other side. */
#include "io/switch.h"

#include <stddef.h>
#include <stdint.h>

/* What pb_context_switch leaves on the stack, from the stack pointer upwards. */
struct frame {
    uint32_t mxcsr;
    uint32_t x87; /* the upper half is padding */
    void *r15, *r14, *r13, *r12, *rbx, *rbp;
    void (*next)(void);
};

void pb_context_begin(void);

__asm__(".text\n"
        ".p2align 4\n"
        ".globl pb_context_switch\n"
        ".hidden pb_context_switch\n"
        ".type pb_context_switch, @function\n"
        "pb_context_switch:\n"
        "    .cfi_startproc\n"
        "    pushq %rbp\n"
        "    pushq %rbx\n"
        "    pushq %r12\n"
        "    pushq %r13\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    subq $8, %rsp\n"
        "    stmxcsr (%rsp)\n"
        "    fnstcw 4(%rsp)\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    ldmxcsr (%rsp)\n"
        "    fldcw 4(%rsp)\n"
        "    addq $8, %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    popq %rcx\n"
        "    jmpq *%rcx\n"
        "    .cfi_endproc\n"
        ".size pb_context_switch, . - pb_context_switch\n"
        /* The first thing that runs on a new stack. Without a return address nobody unwinds further. */
        ".p2align 4\n"
        ".globl pb_context_begin\n"
        ".hidden pb_context_begin\n"
        ".type pb_context_begin, @function\n"
        "pb_context_begin:\n"
        "    .cfi_startproc\n"
        "    .cfi_undefined rip\n"
        "    movq %r12, %rdi\n"
        "    callq *%rbx\n"
        "    ud2\n"
        "    .cfi_endproc\n"
        ".size pb_context_begin, . - pb_context_begin\n");

pb_context pb_context_make(void *top, void (*entry)(void *argument), void *argument) {
    struct frame *frame = (struct frame *)top - 1;
    *frame = (struct frame){.rbx = (void *)(uintptr_t)entry, .r12 = argument, .next = pb_context_begin};
    __asm__("stmxcsr %0" : "=m"(frame->mxcsr));
    __asm__("fnstcw %0" : "=m"(frame->x87));
    return frame;
}
