/* Where `bench --save` keeps a record: results/<machine>/<date>-<commit>.json, below the top of the git work
 * tree that the current directory lies in, or where there is none, below the current directory. */
#ifndef PB_CLI_SAVE_H
#define PB_CLI_SAVE_H

#include "base/buffer.h"
#include "base/error.h"
#include "results/record.h"

enum { PB_COMMIT_TEXT = 96 };

/* What git says of the current directory. */
struct pb_checkout {
    struct pb_buffer up; /* the way to the top of the work tree: "../" for each level; empty: it is here */
    char commit[PB_COMMIT_TEXT]; /* "abc1234", with "-dirty" if what git tracks has changes; "": not known */
    const char *lacks;           /* why not, as "what: why: what to do"; static, NULL: it is known */
};

/* Asks git, and waits for it; for the state of children see driver/tool.h. What it cannot say is left out;
   -EINTR: pb_signal_caught. The checkout is to be released in any case. */
int pb_checkout_init(struct pb_checkout *);
void pb_checkout_release(struct pb_checkout *);

/* Appends "amd-epyc-2": the model of the processor in small letters, digits and hyphens, and how many
   processors the run could use, which may be 1.5. The same on each such machine, whatever it is called. */
void pb_save_machine(const struct pb_run *, struct pb_buffer *out);
/* Appends "2026-01-31T120000Z-abc1234.json", or from copy 2 on "2026-01-31T120000Z-abc1234-2.json"; texts in
   the order of the names are in the order of time. */
void pb_save_name(const struct pb_run *, unsigned copy, struct pb_buffer *out);
/* Makes `up`/results/<machine>, and appends that path and a slash. -errno with an error that names what
   cannot be made. */
int pb_save_folder(const struct pb_run *, const char *up, struct pb_buffer *out, struct pb_error *);

#endif
