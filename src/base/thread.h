/* Threads that the library keeps for itself. */
#ifndef PB_BASE_THREAD_H
#define PB_BASE_THREAD_H

#include <pthread.h>

/* Starts one that takes no signals: those are the program's own business, and go to its own threads. 0 or
 * -errno; the caller joins it. */
int pb_thread_start(pthread_t *, void *(*function)(void *), void *argument);

#endif
