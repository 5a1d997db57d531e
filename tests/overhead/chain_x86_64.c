#include "chain.h"

void pb_chain(uint64_t links) {
    uint64_t x = 0x9e3779b97f4a7c15u;
    __asm__ volatile("lfence" ::: "memory"); /* nothing younger starts before all that is older has ended */
    for (; links > 0; links--)
        __asm__ volatile("imulq %0, %0" : "+r"(x));
    __asm__ volatile("lfence" ::: "memory");
}
