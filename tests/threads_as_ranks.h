/* Ranks without MPI: threads of this process that send each other messages through memory. So what is not
 * MPI's can be seen by sanitizers, and by whoever has none. */
#ifndef PB_TESTS_THREADS_AS_RANKS_H
#define PB_TESTS_THREADS_AS_RANKS_H

#include <stdint.h>

/* The calling thread becomes rank 0 of so many, in turns on so many hosts, on each of which they have bells
 * in common; the executor mpi can be opened from then on. One at a time. */
void threads_as_ranks_begin(uint32_t ranks, uint32_t hosts);
/* Ends them and joins their threads. */
void threads_as_ranks_end(void);
/* Nothing that is sent to that rank, or by it, arrives any more: its host cannot be reached. */
void threads_as_ranks_cut_off(uint32_t rank);

#endif
