/* Random cycles for pointer chasing. */
#ifndef PB_BENCH_CHASE_H
#define PB_BENCH_CHASE_H

#include <stdint.h>

/* One to a cache line, so that each step is a line that was not yet fetched. */
struct pb_chase_node {
    _Alignas(64) struct pb_chase_node *next;
};

/* Links all `count` nodes into one cycle, each of the (count - 1)! equally likely but for the seed (S.
 * Sattolo, An algorithm to generate a random cyclic permutation, 1986). The same seed gives the same cycle.
 */
void pb_chase_link(struct pb_chase_node *node, uint64_t count, uint64_t seed);

#endif
