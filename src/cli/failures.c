#include "cli/failures.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/text.h"

void pb_failures_init(struct pb_failures *f, struct pb_bar *bar, bool utf8) {
    *f = (struct pb_failures){.bar = bar, .utf8 = utf8};
}

static void say_status(const struct pb_cell *cell, int32_t status, struct pb_buffer *out) {
    if (status >= 0 && status < PB_STATUS_MAX && cell->status_name[status])
        pb_buffer_text(out, cell->status_name[status]);
    else
        pb_buffer_printf(out, "status %" PRId32, status);
}

void pb_failure_format(const struct pb_cell *cell, const struct pb_failure *failure, bool utf8,
                       struct pb_buffer *out) {
    struct pb_buffer raw = {0};
    pb_buffer_printf(&raw, "bench: %s %s %" PRIu32 ": task %" PRIu64 ": ", cell->workload_name,
                     cell->executor, cell->workers, failure->task);
    say_status(cell, failure->status, &raw);
    if (*failure->reason)
        pb_buffer_printf(&raw, ": %.*s", (int)strnlen(failure->reason, sizeof failure->reason),
                         failure->reason);
    pb_text_clean(out, pb_buffer_string(&raw), utf8);
    out->failed |= raw.failed;
    pb_buffer_release(&raw);
}

/* One more of this cell; how many there are now. Without memory for counting nothing is held back. */
static uint32_t count(struct pb_failures *f, uint32_t cell) {
    if (cell >= f->cells) {
        uint32_t *more = realloc(f->count, ((size_t)cell + 1) * sizeof *more);
        if (!more)
            return 0;
        memset(more + f->cells, 0, ((size_t)cell + 1 - f->cells) * sizeof *more);
        f->count = more;
        f->cells = cell + 1;
    }
    return ++f->count[cell];
}

void pb_failures_print(void *failures, const struct pb_cell *cell, const struct pb_failure *failure) {
    struct pb_failures *f = failures;
    struct pb_buffer line = {0};
    if (count(f, cell->id) > PB_FAILURES_TOLD)
        return;
    pb_failure_format(cell, failure, f->utf8, &line);
    pb_bar_clear(f->bar);
    fprintf(stderr, "%s\n", pb_buffer_string(&line));
    pb_buffer_release(&line);
}

void pb_failures_finish(struct pb_failures *f, const struct pb_run *run) {
    for (uint32_t i = 0; i < f->cells && i < run->cells; i++)
        if (f->count[i] > PB_FAILURES_TOLD)
            fprintf(stderr, "bench: %s %s %" PRIu32 ": and %" PRIu32 " more tasks\n",
                    run->cell[i].workload_name, run->cell[i].executor, run->cell[i].workers,
                    f->count[i] - PB_FAILURES_TOLD);
    free(f->count);
    *f = (struct pb_failures){0};
}
