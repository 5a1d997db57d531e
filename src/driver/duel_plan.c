#include <errno.h>
#include <string.h>

#include "driver/duel.h"

static int plan_side(struct pb_run *run, const struct pb_duel_side *side, const char *name,
                     struct pb_error *error) {
    uint32_t first = run->cells;
    struct pb_request request = *side->request;
    request.base = "none"; /* and so no references */
    int rc = pb_plan(run, &request, side->descriptions, error);
    for (uint32_t i = first; rc == 0 && i < run->cells; i++)
        if (pb_set_text(&run->cell[i].side, name) < 0)
            rc = pb_error_set(error, -ENOMEM, "the plan: no memory for its rows: ask for fewer");
    return rc;
}

static int check_pair(const struct pb_cell *base, const struct pb_cell *head, struct pb_error *error) {
    if (strcmp(base->executor, head->executor) == 0 && base->workers == head->workers &&
        strcmp(base->binding, head->binding) == 0)
        return 0;
    return pb_error_set(error, -EINVAL,
                        "base has a row %s %u where head has %s %u: give executors and -n that both have",
                        base->executor, base->workers, head->executor, head->workers);
}

static int plan_sides(struct pb_run *run, const struct pb_duel_side *side, uint32_t pairs, const char *name,
                      struct pb_error *error) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < pairs; i++)
        rc = plan_side(run, &side[i], name, error);
    return rc;
}

int pb_duel_plan(struct pb_run *run, const struct pb_duel_side *base, const struct pb_duel_side *head,
                 uint32_t pairs, struct pb_error *error) {
    int rc = plan_sides(run, base, pairs, "base", error);
    uint32_t rows = run->cells;
    rc = rc ? rc : plan_sides(run, head, pairs, "head", error);
    if (rc == 0 && run->cells != 2 * rows)
        rc = pb_error_set(error, -EINVAL,
                          "base has %u rows, head has %u: give executors and -n that both have", rows,
                          run->cells - rows);
    for (uint32_t i = 0; rc == 0 && i < rows; i++)
        rc = check_pair(&run->cell[i], &run->cell[rows + i], error);
    return rc ? rc : plan_sides(run, base, pairs, "control", error);
}
