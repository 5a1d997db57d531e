/* Which MPI started this process, and which of them this build can speak to. */
#ifndef PB_RANKS_WHICH_H
#define PB_RANKS_WHICH_H

#include "base/error.h"
#include "ranks/transport.h"

/* The transport of the MPI whose launcher started this process. -ENOENT: none did, or this build has no
   module for that one; the error says what to do. */
int pb_transport_find(const struct pb_transport_ops **, struct pb_error *);
/* This process's rank, as its launcher numbers it; -1: none started it. */
int pb_rank_from_environment(void);
/* NULL: this build has a module for some MPI; else why not, and what to do. Static. */
const char *pb_transport_absent(void);

#endif
