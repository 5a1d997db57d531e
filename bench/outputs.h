/* What a program writes, read while it runs, and its end, awaited: all through the verbs, on one descriptor,
 * so that a thread blocks, a lock is given up, or a coroutine is suspended, until there is something to do.
 *
 * Of standard error the end is kept, for a message; standard output is folded into a digest, or not read. */
#ifndef PB_BENCH_OUTPUTS_H
#define PB_BENCH_OUTPUTS_H

#include "parbench/task.h"

enum {
    PB_OUTPUTS_BLOCK = 65536, /* as much as a pipe holds */
    PB_OUTPUTS_TAIL = 512,
};

/* One per lane. */
struct pb_outputs {
    int ready;         /* an epoll descriptor: readable when one of the others is */
    int output, error; /* the ends that are read; -1: none */
    unsigned char *block;
    size_t filled; /* bytes of it that are not in the digest yet; the others are in whole blocks */
    uint64_t digest, size;
    char tail[PB_OUTPUTS_TAIL + 1];
    size_t tail_size;
};

/* 0 or -errno. */
int pb_outputs_init(struct pb_outputs *);
void pb_outputs_release(struct pb_outputs *);

/* Makes a pipe for standard error, and one for standard output if it is to be read: file[2] and file[1]
   become the ends for the program, which the caller closes once it is started. */
int pb_outputs_open(struct pb_outputs *, bool read_output, int file[3]);
/* Reads until the process of the pidfd `watch` has ended: 0; -ETIMEDOUT after so many nanoseconds (0: never);
   -ECANCELED; or -errno. */
int pb_outputs_await(struct pb_outputs *, struct pb_task *, int watch, int64_t timeout_ns);
/* Reads what is still there, after nobody can write any more, and closes the pipes. */
void pb_outputs_close(struct pb_outputs *, struct pb_task *);
/* Of all that came out since it was opened, however it was cut into pieces. */
uint64_t pb_outputs_digest(struct pb_outputs *);
/* The last line of standard error that is not empty, fit to be printed; "" if there is none. */
const char *pb_outputs_last_line(struct pb_outputs *);

#endif
