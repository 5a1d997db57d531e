#include "cli/dry_run.h"

#include <stdio.h>
#include <string.h>

#include "driver/driver.h"
#include "results/short_name.h"

enum { COLUMNS = 6, CELL = 160 };

/* The texts of one row; row 0 is the head. */
static void fill(const struct pb_run *run, uint32_t row, char cell[COLUMNS][CELL]) {
    static const char *const roles[] = {"", "base", "reference"};
    static const char *const head[COLUMNS] = {"workload", "executor", "n", "binding", "processors", "role"};
    const struct pb_cell *c = row ? &run->cell[row - 1] : NULL;
    for (int i = 0; !c && i < COLUMNS; i++)
        snprintf(cell[i], CELL, "%s", head[i]);
    if (!c)
        return;
    bool same = strcmp(c->binding, c->binding_effective) == 0;
    snprintf(cell[0], CELL, "%s", c->workload);
    snprintf(cell[1], CELL, "%s", c->executor);
    snprintf(cell[2], CELL, "%u", c->workers);
    snprintf(cell[3], CELL, "%s%s%s", c->binding, same ? "" : ": ", same ? "" : c->binding_effective);
    snprintf(cell[4], CELL, "%s", *c->planned ? c->planned : "any");
    snprintf(cell[5], CELL, "%s", roles[c->role]);
}

static void format_row(const char cell[COLUMNS][CELL], const int *width, struct pb_buffer *out) {
    for (int i = 0; i < COLUMNS; i++)
        pb_buffer_printf(out, "%-*s%s", width[i], cell[i], i + 1 < COLUMNS ? "  " : "");
    while (out->size && out->data[out->size - 1] == ' ')
        out->data[--out->size] = '\0';
    pb_buffer_text(out, "\n");
}

static bool has_program(const struct pb_run *run) {
    for (uint32_t i = 0; i < run->cells; i++)
        if (pb_cell_is_program(&run->cell[i]))
            return true;
    return false;
}

void pb_dry_run_format(const struct pb_run *run, const struct pb_request *request, struct pb_buffer *out) {
    char cell[COLUMNS][CELL];
    int width[COLUMNS] = {0};
    for (uint32_t row = 0; row <= run->cells; row++) {
        fill(run, row, cell);
        for (int i = 0; i + 1 < COLUMNS; i++)
            width[i] = (int)strlen(cell[i]) > width[i] ? (int)strlen(cell[i]) : width[i];
    }
    for (uint32_t row = 0; row <= run->cells; row++) {
        fill(run, row, cell);
        format_row((const char(*)[CELL])cell, width, out);
    }
    pb_buffer_printf(out, "\n%u rows, ", run->cells);
    if (has_program(run))
        pb_buffer_printf(out, "%u rounds%s, as long as the program takes",
                         request->rounds ? request->rounds : request->min_rounds,
                         request->rounds ? "" : " or more");
    else
        pb_buffer_printf(out, "%s %.0f s", request->rounds ? "about" : "at most about",
                         pb_expected_seconds(run, request));
    pb_buffer_printf(out, ", seed %llu; nothing was measured.\n", (unsigned long long)run->seed);
}
