#include <stdint.h>

uint64_t task(uint64_t i) {
    for (int step = 0; step < 100000; step++)
        i = i * 6364136223846793005u + 1442695040888963407u;
    return i;
}
