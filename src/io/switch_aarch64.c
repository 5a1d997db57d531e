/* AAPCS64: a call keeps x19 to x30, the lower halves of v8 to v15, and the control word of floating point;
 * whatever else the caller wanted kept it has on its stack already. */
#include "io/switch.h"

#include <stddef.h>
#include <stdint.h>

/* What pb_context_switch leaves on the stack, from the stack pointer upwards: a multiple of 16 bytes. */
struct frame {
    void *x19, *x20, *x21, *x22, *x23, *x24, *x25, *x26, *x27, *x28, *x29;
    void (*x30)(void);
    uint64_t d8, d9, d10, d11, d12, d13, d14, d15;
    uint64_t fpcr, padding;
};

_Static_assert(sizeof(struct frame) == 176, "the offsets below");

void pb_context_begin(void);

__asm__(".text\n"
        ".p2align 4\n"
        ".globl pb_context_switch\n"
        ".hidden pb_context_switch\n"
        ".type pb_context_switch, %function\n"
        "pb_context_switch:\n"
        "    .cfi_startproc\n"
        "    sub sp, sp, #176\n"
        "    stp x19, x20, [sp, #0]\n"
        "    stp x21, x22, [sp, #16]\n"
        "    stp x23, x24, [sp, #32]\n"
        "    stp x25, x26, [sp, #48]\n"
        "    stp x27, x28, [sp, #64]\n"
        "    stp x29, x30, [sp, #80]\n"
        "    stp d8, d9, [sp, #96]\n"
        "    stp d10, d11, [sp, #112]\n"
        "    stp d12, d13, [sp, #128]\n"
        "    stp d14, d15, [sp, #144]\n"
        "    mrs x9, fpcr\n"
        "    str x9, [sp, #160]\n"
        "    mov x9, sp\n"
        "    str x9, [x0]\n"
        "    mov sp, x1\n"
        "    ldr x9, [sp, #160]\n"
        "    msr fpcr, x9\n"
        "    ldp x19, x20, [sp, #0]\n"
        "    ldp x21, x22, [sp, #16]\n"
        "    ldp x23, x24, [sp, #32]\n"
        "    ldp x25, x26, [sp, #48]\n"
        "    ldp x27, x28, [sp, #64]\n"
        "    ldp x29, x30, [sp, #80]\n"
        "    ldp d8, d9, [sp, #96]\n"
        "    ldp d10, d11, [sp, #112]\n"
        "    ldp d12, d13, [sp, #128]\n"
        "    ldp d14, d15, [sp, #144]\n"
        "    add sp, sp, #176\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size pb_context_switch, . - pb_context_switch\n"
        /* The first thing that runs on a new stack. Without a return address nobody unwinds further. */
        ".p2align 4\n"
        ".globl pb_context_begin\n"
        ".hidden pb_context_begin\n"
        ".type pb_context_begin, %function\n"
        "pb_context_begin:\n"
        "    .cfi_startproc\n"
        "    .cfi_undefined x30\n"
        "    mov x0, x20\n"
        "    blr x19\n"
        "    brk #1\n"
        "    .cfi_endproc\n"
        ".size pb_context_begin, . - pb_context_begin\n");

pb_context pb_context_make(void *top, void (*entry)(void *argument), void *argument) {
    struct frame *frame = (struct frame *)top - 1;
    *frame = (struct frame){.x19 = (void *)(uintptr_t)entry, .x20 = argument, .x30 = pb_context_begin};
    __asm__ volatile("mrs %0, fpcr" : "=r"(frame->fpcr));
    return frame;
}
