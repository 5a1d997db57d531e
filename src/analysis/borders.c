/* Where workers were bound, the record says to which processors: "0,4 1,5" are two workers, each on both
 * threads of a core. Where they were not, the operating system places them: on a core each while there are
 * cores, over all packages. */
#include "analysis/borders.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/capacity.h"
#include "analysis/facts.h"

/* Where the workers of a cell are. */
struct extent {
    uint32_t packages, cores, workers;
};

static const struct pb_pu *pu_of(const struct pb_run *run, uint32_t cpu) {
    for (uint32_t i = 0; i < run->machine.pus; i++)
        if (run->machine.pu[i].cpu == cpu)
            return &run->machine.pu[i];
    return NULL;
}

/* Of the usable processors, no two of one core or package counted. */
static uint32_t count_usable(const struct pb_run *run, bool cores) {
    struct pb_cpuset seen = {0};
    for (uint32_t i = 0; i < run->machine.pus; i++)
        if (pb_cpuset_has(&run->limits.allowed, run->machine.pu[i].cpu))
            pb_cpuset_set(&seen, cores ? run->machine.pu[i].core : run->machine.pu[i].package);
    return pb_cpuset_count(&seen);
}

static struct extent extent_of_unbound(const struct pb_run *run, const struct pb_cell *cell) {
    uint32_t cores = count_usable(run, true);
    return (struct extent){.packages = count_usable(run, false),
                           .cores = cores && cores < cell->workers ? cores : cell->workers,
                           .workers = cell->workers};
}

static struct extent extent_of(const struct pb_run *run, const struct pb_cell *cell) {
    struct pb_cpuset packages = {0}, cores = {0};
    struct extent extent = {0};
    const char *at = pb_text(cell->planned);
    if (!*at)
        return extent_of_unbound(run, cell);
    for (; *at; at += *at == ' ') {
        char text[256] = "";
        size_t length = strcspn(at, " ");
        struct pb_cpuset set;
        strncat(text, at, length < sizeof text ? length : sizeof text - 1);
        at += length;
        int32_t cpu = pb_cpuset_parse(&set, text) < 0 ? -1 : pb_cpuset_next(&set, -1);
        const struct pb_pu *pu = cpu < 0 ? NULL : pu_of(run, (uint32_t)cpu);
        extent.workers++;
        if (!pu)
            continue;
        pb_cpuset_set(&packages, pu->package);
        pb_cpuset_set(&cores, pu->core);
    }
    extent.packages = pb_cpuset_count(&packages);
    extent.cores = pb_cpuset_count(&cores);
    return extent;
}

static void say_hosts(const struct pb_cell *narrowest, const struct pb_cell *cell, struct pb_buffer *out) {
    if (narrowest->hosts < cell->hosts)
        pb_buffer_printf(out, "beyond one host: workers are on %u", cell->hosts);
}

void pb_border(const struct pb_run *run, const struct pb_cell *narrowest, const struct pb_cell *cell,
               struct pb_buffer *out) {
    const struct pb_capacity capacity = pb_capacity_of(run, cell);
    if (cell->bound == PB_IO)
        return;
    struct extent from = extent_of(run, narrowest), to = extent_of(run, cell);
    if (cell->workers > capacity.usable)
        pb_buffer_printf(out, "oversubscribed, %s%.3g processor%s can be used",
                         capacity.quota <= capacity.usable ? "by the quota " : "", capacity.usable,
                         capacity.usable == 1 ? "" : "s");
    else if (cell->hosts > 1)
        say_hosts(narrowest, cell, out);
    else if (to.cores < to.workers && from.cores == from.workers)
        pb_buffer_text(out, "beyond the cores: workers share them as SMT siblings");
    else if (to.packages != from.packages)
        pb_buffer_printf(out, "beyond one package: workers are on %u", to.packages);
}
