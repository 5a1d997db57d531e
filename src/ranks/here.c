/* The one thing that a process has one of: its place among the ranks. */
#include "ranks/ranks.h"

static struct pb_ranks *here;

struct pb_ranks *pb_ranks_here(void) {
    return here;
}

void pb_ranks_settle_here(struct pb_ranks *ranks) {
    here = ranks;
}
