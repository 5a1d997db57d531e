/* The processes whose parent this process is, those among them that it did not start: orphans come to the
 * nearest ancestor that is a subreaper (prctl(2), PR_SET_CHILD_SUBREAPER). */
#ifndef PB_BASE_CHILDREN_H
#define PB_BASE_CHILDREN_H

#include <stddef.h>
#include <sys/types.h>

/* Makes orphans below this process its children. Lasts for the process, is not inherited by fork. */
void pb_children_adopt(void);
/* Their pids, zombies among them; the caller frees. NULL: no memory, or /proc cannot be read. Cheap where
   there are none. */
pid_t *pb_children_list(size_t *count);
/* The process and all below it, wherever they have gone but to another parent; the caller frees. NULL: as
 * above. */
pid_t *pb_children_below(pid_t, size_t *count);
/* Kills and reaps all but those in `keep`, and what becomes a child by that, until none is left. */
void pb_children_end(const pid_t *keep, size_t kept);

#endif
