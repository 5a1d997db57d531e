#include "base/random.h"

static uint64_t rotate(uint64_t x, int k) {
    return (x << k) | (x >> (64 - k));
}

void pb_random_seed(struct pb_random *r, uint64_t seed) {
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        r->s[i] = z ^ (z >> 31);
    }
}

uint64_t pb_random_next(struct pb_random *r) {
    uint64_t *s = r->s, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t pb_random_below(struct pb_random *r, uint64_t bound) {
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)pb_random_next(r) * bound;
    if ((uint64_t)product < bound) {
        uint64_t threshold = -bound % bound;
        while ((uint64_t)product < threshold)
            product = (wide)pb_random_next(r) * bound;
    }
    return (uint64_t)(product >> 64);
}

double pb_random_unit(struct pb_random *r) {
    return (double)(pb_random_next(r) >> 11) * 0x1p-53;
}

void pb_random_shuffle(struct pb_random *r, uint32_t *values, size_t count) {
    for (size_t i = count; i > 1; i--) {
        size_t k = (size_t)pb_random_below(r, i);
        uint32_t swap = values[i - 1];
        values[i - 1] = values[k];
        values[k] = swap;
    }
}
