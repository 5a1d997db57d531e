/* What others do, and what is left to us. */
#include "cli/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "driver/child.h"
#include "results/short_name.h"
#include "topology/cgroup.h"

/* Above these the medians of a round's ratios begin to move by more than the default precision of 1 %. */
static const double steal_limit = 0.01, busy_limit = 0.2, busy_share = 0.05, wait_limit = 1; /* per cent */

void pb_look_load(const struct pb_scene *s, struct pb_check *c) {
    double busy = s->disturbance->busy;
    if (isnan(busy)) {
        pb_check_unknown(c, "/proc/stat does not tell");
        return;
    }
    pb_check_found(c, "%.2g processors busy", busy);
    if (busy > fmax(busy_limit, busy_share * s->run->machine.pus))
        pb_check_unfit(c, "stop it or wait, or expect wide intervals");
}

/* The number behind `key` in the text, or -1. */
static double number_of(const char *text, const char *key) {
    const char *at = strstr(text, key);
    return at ? strtod(at + strlen(key), NULL) : -1;
}

/* "some" is the share of the last 10 s in which a task waited for memory, in per cent (Linux
   Documentation/accounting/psi.rst). Swap that holds what nobody touches disturbs nobody, so it is held
   against the machine only where that share is not told. */
void pb_look_memory(const struct pb_scene *s, struct pb_check *c) {
    char text[8192], size[32], waiting[64] = "";
    if (pb_cgroup_read(s->root, "/proc", "meminfo", text, sizeof text) < 0) {
        pb_check_unknown(c, "/proc/meminfo cannot be read");
        return;
    }
    double swapped = 1024 * (number_of(text, "SwapTotal:") - number_of(text, "SwapFree:"));
    bool told = pb_cgroup_read(s->root, "/proc/pressure", "memory", text, sizeof text) == 0;
    double waits = told ? number_of(text, "some avg10=") : -1;
    if (waits >= 0)
        snprintf(waiting, sizeof waiting, ", tasks wait for memory %.2g %% of the time", waits);
    pb_check_found(c, "%s swapped out%s",
                   swapped > 0 ? pb_format_size(swapped, size, sizeof size) : "nothing", waiting);
    if (waits > wait_limit || (waits < 0 && swapped > 0))
        pb_check_unfit(
            c, "tasks stop until pages come back from disk: stop what uses memory, then swapoff -a && "
               "swapon -a");
}

void pb_look_quota(const struct pb_scene *s, struct pb_check *c) {
    const struct pb_limits *l = &s->run->limits;
    if (l->limit != PB_LIMIT_QUOTA) {
        pb_check_found(c, "none below the processors allowed");
        return;
    }
    pb_check_found(c, "%.3g processors%s%.80s", l->quota, *l->where ? " in " : "", l->where);
    pb_check_unfit(c, "the kernel stops all workers when it is used up: raise cpu.max, or keep -n below it");
}

/* The processors of cores that we have in part, which others may run on; false: none. */
static bool other_halves(const struct pb_machine *m, const struct pb_cpuset *allowed,
                         struct pb_cpuset *others) {
    pb_cpuset_zero(others);
    for (uint32_t i = 0; i < m->pus; i++)
        for (uint32_t j = 0; j < m->pus; j++)
            if (m->pu[i].core == m->pu[j].core && pb_cpuset_has(allowed, m->pu[i].cpu) &&
                !pb_cpuset_has(allowed, m->pu[j].cpu))
                pb_cpuset_set(others, m->pu[j].cpu);
    return pb_cpuset_count(others) > 0;
}

void pb_look_processors(const struct pb_scene *s, struct pb_check *c) {
    const struct pb_machine *m = &s->run->machine;
    const struct pb_limits *l = &s->run->limits;
    uint32_t count = pb_cpuset_count(&l->allowed);
    struct pb_cpuset others;
    char list[80];
    if (count == 0 || !m->pu) {
        pb_check_unknown(c, "the topology cannot be read");
        return;
    }
    bool by = l->limit == PB_LIMIT_AFFINITY || l->limit == PB_LIMIT_CPUSET;
    if (count >= m->pus)
        pb_check_found(c, "all %u", m->pus);
    else
        pb_check_found(c, "%u of %u%s%s%s%.80s", count, m->pus, by ? " by the " : "",
                       by ? pb_limit_name(l->limit) : "", *l->where && by ? " of " : "", by ? l->where : "");
    if (other_halves(m, &l->allowed, &others))
        pb_check_unfit(
            c,
            "of some cores only a part, and what others run on the rest slows it: allow whole cores, "
            "with %s, or leave theirs out",
            pb_cpuset_format(&others, list, sizeof list));
}

void pb_look_steal(const struct pb_scene *s, struct pb_check *c) {
    double steal = s->disturbance->steal;
    if (isnan(steal)) {
        pb_check_unknown(c, "/proc/stat does not tell");
        return;
    }
    pb_check_found(c, "%.1f %%", 100 * steal);
    if (steal > steal_limit)
        pb_check_unfit(
            c, "the host of this virtual machine keeps that share of its time: use a quieter host, or "
               "expect less than all processors");
}

/* Programs get the variables as they are. */
void pb_look_variables(const struct pb_scene *s, struct pb_check *c) {
    const struct pb_run *run = s->run;
    bool programs = false, others = run->cells == 0;
    for (uint32_t i = 0; i < run->cells; i++) {
        bool program = pb_cell_is_program(&run->cell[i]);
        programs = programs || program;
        others = others || (!program && run->cell[i].role != PB_ROLE_REFERENCE);
    }
    for (const char *const *name = pb_child_set_aside; *name; name++)
        if (getenv(*name)) {
            size_t used = strlen(c->found);
            snprintf(c->found + used, sizeof c->found - used, "%s%s", used ? ", " : "", *name);
        }
    if (!*c->found)
        pb_check_found(c, "none that binds OpenMP threads is set");
    else if (others)
        pb_check_unfit(
            c, "set aside%s: libgomp would bind the workers of every executor by it: use --bind instead",
            programs ? " (not for programs)" : "");
}
