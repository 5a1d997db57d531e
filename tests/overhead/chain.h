/* Work of a chosen length for tasks that stand for real ones: a chain of dependent multiplications that
 * touches no memory and overlaps with nothing before or after it, so that two short tasks in a row take twice
 * as long as one. chain_x86_64.c fences it at both ends; chain_portable.c, for other processors, cannot. */
#ifndef PB_OVERHEAD_CHAIN_H
#define PB_OVERHEAD_CHAIN_H

#include <stdint.h>

void pb_chain(uint64_t links);

/* Links per nanosecond on this machine at its best, measured now; takes some milliseconds. */
double pb_chain_rate(void);

#endif
