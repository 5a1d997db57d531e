/* Where this process stands in the cgroup hierarchies, and what the files there say. */
#ifndef PB_TOPOLOGY_CGROUP_H
#define PB_TOPOLOGY_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* A directory as the process sees it, and how much of it is the mount point: nothing above is a cgroup. */
struct pb_cgroup {
    char directory[PATH_MAX];
    size_t point;
};

/* Our cgroup under a controller of version 1 ("cpu"), or in the hierarchy of version 2 (""). Files are looked
   for below `root` instead of "/": "" is the real one, others are for tests. */
bool pb_cgroup_find(const char *root, const char *controller, struct pb_cgroup *);
/* Goes to its parent; false: it was the mount point. */
bool pb_cgroup_climb(struct pb_cgroup *);
/* The beginning of a file, without its last newline. 0 or -errno. */
int pb_cgroup_read(const char *root, const char *directory, const char *name, char *out, size_t size);

#endif
