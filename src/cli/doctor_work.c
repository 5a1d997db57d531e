/* sha hashes in blocks of 64 bytes and ends with 9 of its own, so that 64 k - 9 bytes are k blocks exactly:
 * work is added by the block, and nothing else differs, neither code nor where it lies. Tasks are short, so
 * that workers end at the same time. */
#include "cli/doctor.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "cli/exit_code.h"
#include "cli/output.h"

enum { BLOCK = 64, TAIL = 9, BLOCKS = 1000 };

static void name_item(char *out, size_t size, double added) {
    snprintf(out, size, "sha:size=%.0f", round(BLOCKS * (1 + added)) * BLOCK - TAIL);
}

static int read_added(const char *text, double *added) {
    char why[256];
    double blocks;
    if (pb_parse_real(text, added) == 0 && *added >= 0 && *added <= 1) {
        blocks = BLOCKS * *added;
        if (fabs(blocks - round(blocks)) < 1e-6)
            return 0;
    }
    snprintf(why, sizeof why,
             "--added %.60s: no such amount of work: give shares from 0 to 100 %% in steps of "
             "0.1 %%, as in --added=0,0.5%%",
             text);
    return pb_complain(PB_EXIT_USAGE, why);
}

int pb_doctor_work_init(struct pb_doctor_work *w, const struct pb_options *options) {
    static const char *const usual[] = {"0", "0.5%", "1%", "2%", "5%", "10%"};
    const struct pb_strings *asked = &options->list[PB_ADDED];
    uint32_t count = asked->count ? asked->count : sizeof usual / sizeof *usual;
    *w = (struct pb_doctor_work){0};
    if (count > PB_DOCTOR_ADDED)
        return pb_complain(PB_EXIT_USAGE, "--added: more than 16 amounts of work: give fewer");
    name_item(w->base, sizeof w->base, 0);
    w->item[0] = w->base;
    for (uint32_t i = 0; i < count; i++) {
        int code = read_added(asked->count ? asked->text[i] : usual[i], &w->added[i]);
        if (code)
            return code;
        name_item(w->head[i], sizeof w->head[i], w->added[i]);
        w->item[i + 1] = w->head[i];
    }
    w->count = count;
    return 0;
}

int pb_doctor_plan(struct pb_doctor_command *c, struct pb_run *run, uint32_t first, uint32_t count) {
    struct pb_request base = c->options->request, head[PB_DOCTOR_ADDED];
    struct pb_duel_side side[2][PB_DOCTOR_ADDED];
    struct pb_error error;
    base.workload = c->work.item;
    base.workloads = 1;
    for (uint32_t i = 0; i < count; i++) {
        head[i] = base;
        head[i].workload = &c->work.item[first + i + 1];
        side[0][i] = (struct pb_duel_side){&base, &c->descriptions};
        side[1][i] = (struct pb_duel_side){&head[i], &c->descriptions};
    }
    return pb_duel_plan(run, side[0], side[1], count, &error) < 0 ? pb_complain_of(&error) : 0;
}
