#include "cli/recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/save.h"
#include "driver/driver.h"

enum { COPIES_MOST = 1000 };

/* ---- --save ---- */

/* Opens `path` unless it is there: looked for under the lock, so that none comes between. */
static int open_new(struct pb_journal *journal, const char *path, struct pb_error *error) {
    int rc = pb_journal_open(journal, path, error);
    if (rc < 0 || access(path, F_OK) != 0)
        return rc;
    pb_journal_close(journal);
    return pb_error_set(error, -EEXIST, "%s: it is there already, and so are its copies: name a file by -o",
                        path);
}

/* Opens the first name in `folder` that is not taken: by a file, by a run that goes on, or by one that was
 * killed. */
static int open_free(struct pb_recording *r, const struct pb_run *run, const struct pb_buffer *folder,
                     struct pb_error *error) {
    int rc = -EEXIST;
    for (unsigned copy = 1; copy <= COPIES_MOST && (rc == -EEXIST || rc == -EBUSY); copy++) {
        struct pb_buffer path = {0};
        pb_buffer_text(&path, pb_buffer_string(folder));
        pb_save_name(run, copy, &path);
        rc = path.failed ? pb_error_set(error, -ENOMEM, "--save: no memory: free some")
                         : open_new(&r->journal, path.data, error);
        if (rc == 0)
            r->saved = path.data;
        else
            pb_buffer_release(&path);
    }
    return rc;
}

static int open_saved(struct pb_recording *r, struct pb_run *run, struct pb_error *error) {
    struct pb_checkout checkout;
    struct pb_buffer folder = {0};
    int rc = pb_checkout_init(&checkout);
    if (rc < 0)
        pb_error_set(error, rc, "--save: interrupted");
    else if (checkout.up.failed || (*checkout.commit && pb_set_text(&run->commit, checkout.commit) < 0) ||
             (checkout.lacks && pb_run_add_warning(run, checkout.lacks) < 0))
        rc = pb_error_set(error, -ENOMEM, "--save: no memory: free some");
    rc = rc ? rc : pb_save_folder(run, pb_buffer_string(&checkout.up), &folder, error);
    rc = rc ? rc : open_free(r, run, &folder, error);
    pb_buffer_release(&folder);
    pb_checkout_release(&checkout);
    return rc;
}

/* ---- Either ---- */

int pb_recording_open(struct pb_recording *r, const struct pb_options *options, struct pb_run *run) {
    struct pb_error error;
    if (!options->output && !options->save)
        return PB_EXIT_OK;
    int rc =
        options->save ? open_saved(r, run, &error) : pb_journal_open(&r->journal, options->output, &error);
    if (rc == -EINTR && pb_signal_caught())
        return 128 + pb_signal_caught();
    if (rc < 0)
        return pb_complain(PB_EXIT_CANNOT_RUN, error.text);
    r->open = true;
    return PB_EXIT_OK;
}

struct pb_journal *pb_recording_journal(struct pb_recording *r) {
    return r->open ? &r->journal : NULL;
}

static bool found_nothing(const struct pb_run *run) {
    for (uint32_t i = 0; i < run->cells; i++)
        if (run->cell[i].samples)
            return false;
    return pb_signal_caught() != 0;
}

int pb_recording_finish(struct pb_recording *r, const struct pb_run *run) {
    struct pb_error error;
    if (!r->open || found_nothing(run))
        return PB_EXIT_OK;
    r->open = false;
    r->kept = pb_journal_commit(&r->journal, run, &error) == 0;
    return r->kept ? PB_EXIT_OK : pb_complain(PB_EXIT_CANNOT_RUN, error.text);
}

void pb_recording_say(const struct pb_recording *r) {
    if (r->kept && r->saved)
        fprintf(stderr, "bench: saved as %s\n", r->saved);
}

void pb_recording_close(struct pb_recording *r) {
    if (r->open)
        pb_journal_close(&r->journal);
    r->open = false;
    free(r->saved);
    r->saved = NULL;
}
