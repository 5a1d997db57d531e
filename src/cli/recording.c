#include "cli/recording.h"

#include "cli/output.h"
#include "driver/driver.h"

int pb_recording_open(struct pb_recording *r, const char *path) {
    struct pb_error error;
    if (!path)
        return PB_EXIT_OK;
    if (pb_journal_open(&r->journal, path, &error) < 0)
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
    return pb_journal_commit(&r->journal, run, &error) < 0 ? pb_complain(PB_EXIT_CANNOT_RUN, error.text)
                                                           : PB_EXIT_OK;
}

void pb_recording_close(struct pb_recording *r) {
    if (r->open)
        pb_journal_close(&r->journal);
    r->open = false;
}
