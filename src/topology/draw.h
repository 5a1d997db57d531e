/* The machine as a picture in text, for `bench topology`. */
#ifndef PB_TOPOLOGY_DRAW_H
#define PB_TOPOLOGY_DRAW_H

#include "base/buffer.h"
#include "topology/limits.h"
#include "topology/machine.h"
#include "topology/place.h"

/* Appends lines that fit `width` columns (at least 48 are used): usable processors and what limits them, the
   machine's figures, then a box per package with its NUMA nodes, last-level caches and kinds of cores, in
   which every core shows its processors by the operating system's numbers and, below, the worker that goes
   there. Packages and caches that look like the one before are folded if no worker goes there. `placement`
   may be NULL: no workers. `utf8`: lines and dots, else ASCII. 0 or -ENOMEM. */
int pb_topology_draw(const struct pb_machine *, const struct pb_limits *,
                     const struct pb_placement *placement, bool utf8, uint32_t width, struct pb_buffer *out);

#endif
