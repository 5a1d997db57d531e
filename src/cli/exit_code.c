#include "cli/exit_code.h"

#include <errno.h>

#include "cli/output.h"
#include "driver/driver.h"
#include "report/text.h"
#include "results/row_name.h"

/* What the user can put right by typing something else, against what the machine denies. */
int pb_complain_of(const struct pb_error *error) {
    static const int usage[] = {-EINVAL, -ERANGE, -ENOSPC, -ENOENT, -ELIBACC, -E2BIG, -EEXIST};
    int code = PB_EXIT_CANNOT_RUN;
    for (size_t i = 0; i < sizeof usage / sizeof *usage; i++)
        if (error->code == usage[i])
            code = PB_EXIT_USAGE;
    return pb_complain(code, error->text);
}

/* What a plug-in said may hold anything. */
static void complain_of(const struct pb_run *run, const struct pb_report_style *style,
                        const struct pb_cell *cell, const char *what) {
    struct pb_buffer raw = {0}, line = {0};
    pb_row_name(run, cell, PB_ROW_WORKLOAD | PB_ROW_SIDE | pb_row_apart(run, cell, NULL), &raw);
    pb_buffer_printf(&raw, ": %s%s", what, cell->error);
    pb_text_clean(&line, pb_buffer_string(&raw), style->utf8);
    pb_complain(0, pb_buffer_string(&line));
    pb_buffer_release(&raw);
    pb_buffer_release(&line);
}

int pb_exit_code(const struct pb_run *run, const struct pb_report_style *style, int reported) {
    bool wrong = false, failed = false, ran = false;
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *cell = &run->cell[i];
        wrong |= cell->state == PB_CELL_WRONG;
        failed |= cell->state == PB_CELL_FAILED;
        ran |= cell->state != PB_CELL_REFUSED && cell->role != PB_ROLE_REFERENCE;
        if ((cell->state == PB_CELL_WRONG || cell->state == PB_CELL_FAILED) && cell->error)
            complain_of(run, style, cell, "");
    }
    for (uint32_t i = 0; i < run->cells && !ran; i++)
        if (run->cell[i].state == PB_CELL_REFUSED && run->cell[i].error)
            complain_of(run, style, &run->cell[i], "refused: ");
    int signal = pb_signal_caught();
    int unfit = ran ? reported : PB_EXIT_CANNOT_RUN;
    return signal ? 128 + signal : wrong ? PB_EXIT_WRONG : failed ? PB_EXIT_FAILED_CELL : unfit;
}
