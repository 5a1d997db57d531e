/* A message on its way through a ring that may be smaller than it: as many bytes pass as fit, and it goes on
 * later. */
#ifndef PB_EXECUTOR_TRANSFER_H
#define PB_EXECUTOR_TRANSFER_H

#include "executor/process_shared.h"

struct pb_transfer {
    struct pb_message_head head;
    const void *piece[2]; /* outgoing: borrowed until it is through */
    size_t piece_size[2];
    unsigned char
        *payload; /* incoming: owned; ends with a NUL beyond its bytes, so that a text behind a result ends */
    size_t passed; /* bytes, the head's included */
    bool active;   /* outgoing: not yet through */
};

/* Writes what fits; true if something passed. Clears `active` once all is through. */
bool pb_transfer_push(struct pb_transfer *, struct pb_ring *);
/* Reads what is there; true if something passed. */
bool pb_transfer_pull(struct pb_transfer *, struct pb_ring *);
/* An incoming message is complete. */
bool pb_transfer_whole(const struct pb_transfer *);

#endif
