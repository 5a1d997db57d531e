/* What comes home from one worker through its ring: a message may be larger than the ring, and is put
 * together as it comes. */
#ifndef PB_EXECUTOR_INBOX_H
#define PB_EXECUTOR_INBOX_H

#include "executor/process_shared.h"

struct pb_inbox {
    struct pb_message_head head;
    unsigned char *payload; /* owned; ends with a NUL behind its bytes, so that a text behind a result ends */
    size_t passed;          /* bytes, the head's included */
};

/* Reads what is there; true if something was. Without memory for a message its bytes are dropped, see
   pb_inbox_is_lost. */
bool pb_inbox_pull(struct pb_inbox *, struct pb_ring *);
bool pb_inbox_is_whole(const struct pb_inbox *);
/* Whole, but there was no memory for it. */
bool pb_inbox_is_lost(const struct pb_inbox *);
/* Forgets the message, and frees what was not taken of it. */
void pb_inbox_clear(struct pb_inbox *);

#endif
