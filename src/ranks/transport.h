/* The seam behind which messages travel between the ranks of a program: MPI's is a module (mpi.c), built
 * against each MPI there is.
 *
 * A message is bytes, and comes whole. Those from one rank to another stay in order among the normal ones,
 * and among the urgent ones. The caller sees to it that one thread at a time is inside. */
#ifndef PB_RANKS_TRANSPORT_H
#define PB_RANKS_TRANSPORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct pb_transport_place {
    uint32_t rank, ranks;
    uint32_t node; /* ranks with the same number were started on one host, by the launcher's account */
};

/* By which a rank that rests is woken: who has something for it counts `rung` up, and wakes it if it is
 * `resting`. `sent` counts messages: one may come later than its ring. */
struct pb_bell {
    atomic_uint rung, resting, sent;
    char apart[52]; /* from the next one */
};

struct pb_transport_ops {
    const char *name; /* "Open MPI" */
    /* Joins the other ranks; blocks until all have come. */
    int (*open)(void **self, struct pb_transport_place *, struct pb_error *);
    /* Sends bytes of malloc's, which it frees; never waits for the receiver. 0 or -errno, freed all the same.
     */
    int (*send)(void *self, uint32_t to, bool urgent, void *bytes, size_t size);
    /* Takes one message that has come: 1, and the caller frees *bytes; 0: none has, or it is only seen when
     * asked a second time; -errno. */
    int (*receive)(void *self, bool urgent, uint32_t *from, void **bytes, size_t *size);
    /* The bell of a rank, or this rank's own, in memory that both have; NULL: they have none in common. It is
       there until close. Any thread may ask. */
    struct pb_bell *(*bell)(void *self, uint32_t rank);
    /* The rank that something goes to which is not gone yet, and wants this one inside now and then; -1:
     * none. */
    int32_t (*unsent)(void *self);
    /* Leaves, when all ranks do; what was sent has arrived by then. */
    void (*close)(void *self);
    /* Ends all ranks by force, this one too. */
    void (*abort)(void *self);
};
#define PB_TRANSPORT_SYMBOL "pb_transport_module"

#endif
