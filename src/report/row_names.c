#include "report/row_names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/column.h"
#include "report/harmless.h"
#include "report/text.h"
#include "results/row_name.h"

static bool is_taken(const struct pb_row_names *names, const char *name) {
    for (uint32_t i = 0; i < names->count; i++)
        if (strcmp(names->name[i], name) == 0)
            return true;
    return false;
}

static int add(struct pb_row_names *names, const struct pb_cell *cell) {
    struct pb_buffer raw = {0}, name = {0};
    pb_row_name(NULL, cell, PB_ROW_WORKLOAD | pb_row_unusual(cell), &raw);
    pb_harmless(&name, pb_buffer_string(&raw));
    raw.size = 0;
    pb_text_fit(&raw, pb_buffer_string(&name), PB_ROW_NAME, true);
    name.size = 0;
    pb_buffer_text(&name, pb_buffer_string(&raw));
    for (uint32_t again = 2; !name.failed && is_taken(names, pb_buffer_string(&name)); again++) {
        name.size = 0;
        pb_buffer_printf(&name, "%s (%" PRIu32 ")", pb_buffer_string(&raw), again);
    }
    bool failed = raw.failed || name.failed;
    char *copy = failed ? NULL : strdup(pb_buffer_string(&name));
    pb_buffer_release(&raw);
    pb_buffer_release(&name);
    if (!copy)
        return -ENOMEM;
    names->name[names->count++] = copy;
    return 0;
}

int pb_row_names_init(struct pb_row_names *names, const struct pb_run *run, const char *format,
                      struct pb_error *error) {
    *names = (struct pb_row_names){.name = calloc((size_t)run->cells + 1, sizeof *names->name)};
    int rc = names->name ? 0 : -ENOMEM;
    for (uint32_t i = 0; rc == 0 && i < run->cells; i++)
        rc = add(names, &run->cell[i]);
    return rc ? pb_error_set(error, rc, "format %s: no memory for the rows' names: free some", format) : 0;
}

void pb_row_names_release(struct pb_row_names *names) {
    for (uint32_t i = 0; i < names->count; i++)
        free(names->name[i]);
    free(names->name);
    *names = (struct pb_row_names){0};
}

bool pb_row_told(const struct pb_cell *c) {
    return c->role != PB_ROLE_REFERENCE && c->samples > 0 && pb_cell_has_numbers(c);
}
