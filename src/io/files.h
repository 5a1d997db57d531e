/* A thread that does operations on files in their order, for an engine that cannot wait for disks. It is
 * started at the first need. What is with it and has begun is waited for: an `open` that waits, as that of a
 * FIFO, keeps all files waiting. */
#ifndef PB_IO_FILES_H
#define PB_IO_FILES_H

#include <pthread.h>
#include <stdbool.h>

#include "io/engine.h"

struct pb_files {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct pb_op *waiting, *done; /* in their order; the last first */
    bool started, stop;
    pthread_t thread;
    int event; /* an eventfd, written when something is done */
};

void pb_files_init(struct pb_files *, int event);
/* Nothing is with it. */
void pb_files_release(struct pb_files *);
/* 0 or -errno. */
int pb_files_submit(struct pb_files *, struct pb_op *);
/* True if it had not begun: it is taken back. */
bool pb_files_cancel(struct pb_files *, struct pb_op *);
/* What is done since the last call, with its results. */
struct pb_op *pb_files_collect(struct pb_files *);

#endif
