#include "io/files.h"

#include <errno.h>
#include <sys/eventfd.h>

#include "base/thread.h"
#include "io/io.h"

void pb_files_init(struct pb_files *f, int event) {
    *f = (struct pb_files){.event = event};
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
}

void pb_files_release(struct pb_files *f) {
    pthread_mutex_lock(&f->lock);
    f->stop = true;
    pthread_cond_signal(&f->changed);
    pthread_mutex_unlock(&f->lock);
    if (f->started)
        pthread_join(f->thread, NULL);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->changed);
}

static ssize_t execute(const struct pb_op *op) {
    const struct pb_io *io = &pb_io_blocking;
    switch (op->verb) {
    case PB_VERB_OPEN:
        return io->open(NULL, op->path, op->flags, op->mode);
    case PB_VERB_CLOSE:
        return io->close(NULL, op->fd);
    case PB_VERB_READ:
        return io->read(NULL, op->fd, op->buffer, op->size);
    case PB_VERB_WRITE:
        return io->write(NULL, op->fd, op->data, op->size);
    case PB_VERB_PREAD:
        return io->pread(NULL, op->fd, op->buffer, op->size, op->offset);
    case PB_VERB_PWRITE:
        return io->pwrite(NULL, op->fd, op->data, op->size, op->offset);
    case PB_VERB_FSYNC:
        return io->fsync(NULL, op->fd);
    default:
        return -ENOSYS;
    }
}

static void *serve(void *argument) {
    struct pb_files *f = argument;
    pthread_mutex_lock(&f->lock);
    for (;;) {
        while (!f->waiting && !f->stop)
            pthread_cond_wait(&f->changed, &f->lock);
        struct pb_op *op = f->waiting;
        if (!op)
            break;
        f->waiting = op->next;
        pthread_mutex_unlock(&f->lock);
        ssize_t result = execute(op);
        pthread_mutex_lock(&f->lock);
        op->result = result;
        op->next = f->done;
        f->done = op;
        if (!op->next)
            (void)eventfd_write(f->event, 1); /* cannot fail: the counter is far from full */
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

int pb_files_submit(struct pb_files *f, struct pb_op *op) {
    if (!f->started) {
        int rc = pb_thread_start(&f->thread, serve, f);
        if (rc != 0)
            return rc;
        f->started = true;
    }
    pthread_mutex_lock(&f->lock);
    struct pb_op **end = &f->waiting;
    while (*end)
        end = &(*end)->next;
    op->next = NULL;
    *end = op;
    pthread_cond_signal(&f->changed);
    pthread_mutex_unlock(&f->lock);
    return 0;
}

bool pb_files_cancel(struct pb_files *f, struct pb_op *op) {
    pthread_mutex_lock(&f->lock);
    struct pb_op **at = &f->waiting;
    while (*at && *at != op)
        at = &(*at)->next;
    bool found = *at != NULL;
    if (found)
        *at = op->next;
    pthread_mutex_unlock(&f->lock);
    return found;
}

struct pb_op *pb_files_collect(struct pb_files *f) {
    pthread_mutex_lock(&f->lock);
    struct pb_op *done = f->done, *ordered = NULL;
    f->done = NULL;
    pthread_mutex_unlock(&f->lock);
    while (done) {
        struct pb_op *next = done->next;
        done->next = ordered;
        ordered = done;
        done = next;
    }
    return ordered;
}
