/* A part of a range that is shared out elsewhere, for who runs parts of another's: indices, and so digests,
 * are those of the whole. */
#ifndef PB_EXECUTOR_PART_H
#define PB_EXECUTOR_PART_H

#include "parbench/executor.h"

/* As pb_for, for i in [begin, n). */
int pb_for_part(struct pb_executor *, uint64_t begin, uint64_t n, pb_body *, const void *args, size_t size,
                struct pb_range_result *, struct pb_error *);

#endif
