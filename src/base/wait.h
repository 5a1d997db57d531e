/* Waiting on a condition variable until a deadline of pb_deadline. */
#ifndef PB_BASE_WAIT_H
#define PB_BASE_WAIT_H

#include <pthread.h>
#include <stdint.h>

/* As pthread_cond_wait; 0, or -ETIMEDOUT once the deadline has passed. May wake early: check the condition
 * again. */
int pb_cond_wait(pthread_cond_t *, pthread_mutex_t *, uint64_t deadline);

#endif
