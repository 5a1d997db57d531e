/* Runners that are launched: several processes, *ranks*, started on one host or more by a program that is
 * made for that. Which words start one, and what is to be understood from a launcher's last words. */
#ifndef PB_DRIVER_LAUNCHER_H
#define PB_DRIVER_LAUNCHER_H

#include "driver/child.h"
#include "results/hosts.h"

struct pb_launcher {
    char **word; /* NULL-ended, owned; in each, {ranks} stands for their number. NULL: the usual one */
};

void pb_launcher_release(struct pb_launcher *);
/* "mpiexec": what it is called in messages. */
const char *pb_launcher_name(const struct pb_launcher *);

/* How many ranks a cell has: one for each worker, or as many as the executor's parameter `ranks` says, and
 * rank 0. */
uint32_t pb_launcher_ranks(const char *executor, uint32_t workers);

/* What starts a runner as so many ranks: the launcher's words, those of the runner (NULL: this program), and
   "ranks". 0 or -ENOMEM; the caller releases the program. */
int pb_launcher_program(const struct pb_launcher *, const struct pb_program *runner, uint32_t ranks,
                        struct pb_program *, struct pb_error *);

/* ---- Last words (last_words.c) ---- */

/* What was said on the way to a runner's end. */
struct pb_last_words {
    const char *launcher;             /* its name */
    const char *text;                 /* of the launcher and the ranks */
    const struct pb_ranks_host *host; /* where the ranks were, if that was known; NULL: it was not */
    uint32_t hosts;
};

/* Appends one line: which rank died, where and of what; or, if none of the launchers that are known said
   that, the last of what was said; or nothing. True if it was understood. */
bool pb_last_words(const struct pb_last_words *, struct pb_buffer *);
/* Whether it cannot become ready any more, though the launcher may wait: a host cannot be reached. */
bool pb_last_words_are_final(const struct pb_buffer *text);

#endif
