#include <stdint.h>

#ifndef STEPS
#define STEPS 100000
#endif

uint64_t congruential(uint64_t i) {
    for (int step = 0; step < STEPS; step++)
        i = i * 6364136223846793005u + 1442695040888963407u;
    return i;
}

uint64_t xorshift(uint64_t i) {
    i |= (uint64_t)1 << 63; /* it must not be 0, and differ for different i */
    for (int step = 0; step < STEPS; step++) {
        i ^= i << 13;
        i ^= i >> 7;
        i ^= i << 17;
    }
    return i;
}
