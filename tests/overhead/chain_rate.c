#include "base/clock.h"
#include "chain.h"

enum { WARMING = 2000000, LINKS = 300000, TRIES = 12 };

double pb_chain_rate(void) {
    uint64_t least = UINT64_MAX;
    pb_chain(WARMING); /* until the processor's clock is up */
    for (int i = 0; i < TRIES; i++) {
        uint64_t began = pb_now();
        pb_chain(LINKS);
        uint64_t took = pb_now() - began;
        least = took < least ? took : least;
    }
    return (double)LINKS / (double)(least > 0 ? least : 1);
}
