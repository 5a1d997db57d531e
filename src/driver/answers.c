#include "driver/answers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int pb_answers_init(struct pb_answers *a, uint32_t cells) {
    *a = (struct pb_answers){calloc((size_t)cells + 1, sizeof *a->digest),
                             calloc((size_t)cells + 1, sizeof *a->known)};
    return a->digest && a->known ? 0 : -ENOMEM;
}

void pb_answers_release(struct pb_answers *a) {
    free(a->digest);
    free(a->known);
}

bool pb_answers_check(struct pb_answers *a, struct pb_cell *cell, const struct pb_sample *s,
                      const struct pb_cell *witness, const char *name) {
    char text[256] = "";
    if (s->tasks != cell->tasks)
        snprintf(text, sizeof text, "%llu of %llu tasks ran", (unsigned long long)s->tasks,
                 (unsigned long long)cell->tasks);
    else if (witness && a->digest[witness->id] != s->digest)
        snprintf(text, sizeof text, "digest %016llx, %s had %016llx", (unsigned long long)s->digest,
                 witness == cell ? "its first repetition" : name, (unsigned long long)a->digest[witness->id]);
    if (text[0]) {
        cell->state = PB_CELL_WRONG;
        pb_set_text(&cell->error, text);
    } else if (!a->known[cell->id]) {
        a->known[cell->id] = true;
        a->digest[cell->id] = s->digest;
    }
    return !text[0];
}
