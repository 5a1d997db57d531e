/* What pb_map needs of the executor's inside, and executors of pb_map's. */
#ifndef PB_EXECUTOR_MAP_H
#define PB_EXECUTOR_MAP_H

#include "base/buffer.h"
#include "future/future.h"

struct pb_depot *pb_executor_depot(struct pb_executor *);

/* A future may be a chunk of a map's tasks, whose arguments and outcomes lie in memory of the caller's. Where
 * workers cannot see that, a chunk travels as bytes, and so do its outcomes. */
struct pb_map_packed {
    uint64_t first, args_size; /* UINT64_MAX: each task gets its index */
    uint32_t count;
    uint32_t unused;
};
bool pb_map_is_chunk(const struct pb_future *);
/* Appends it; returns the function that its tasks are. */
pb_function *pb_map_pack(const struct pb_future *, struct pb_buffer *);
/* Where it is to run: makes a chunk of it, in memory of that depot, and what runs a chunk, whose address is
 * the argument. NULL: no memory. */
void *pb_map_unpack(struct pb_depot *, pb_function *, const void *bytes, size_t size);
int pb_map_run_chunk(struct pb_task *, const void *args, size_t size);
/* Appends the outcomes that lie in the chunk, and frees it. */
void pb_map_pack_outcome(void *chunk, struct pb_buffer *);
/* Back home, before the future is finished. Returns how many tasks it was of. */
uint32_t pb_map_take_outcome(const struct pb_future *, const void *bytes, size_t size);

#endif
