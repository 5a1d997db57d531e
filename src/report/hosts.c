#include "report/hosts.h"

#include <inttypes.h>
#include <string.h>

enum { HOSTS = 8 };

/* " 0 2 4-7": three or more in a row are a range. */
static void say_numbers(const uint32_t *number, uint32_t count, struct pb_buffer *out) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t end = i;
        while (end + 1 < count && number[end + 1] == number[end] + 1)
            end++;
        pb_buffer_printf(out, " %" PRIu32, number[i]);
        if (end < i + 2)
            continue;
        pb_buffer_printf(out, "-%" PRIu32, number[end]);
        i = end;
    }
}

static void say_list(const char *what, const uint32_t *number, uint32_t count, struct pb_buffer *out) {
    pb_buffer_printf(out, "%s%s", count == 0 ? "no " : "", what);
    pb_buffer_text(out, count == 1 ? "" : "s");
    say_numbers(number, count, out);
}

static const char *name_of(const struct pb_ranks_host *host) {
    return host->name ? host->name : "a host";
}

void pb_host_title(const struct pb_ranks_host *host, struct pb_buffer *out) {
    pb_buffer_printf(out, "%s: ", name_of(host));
    say_list("rank", host->rank, host->ranks, out);
    pb_buffer_text(out, ", ");
    say_list("worker", host->worker, host->workers, out);
}

static void say_all(const struct pb_cell *cell, struct pb_buffer *out) {
    pb_buffer_printf(out, "on %" PRIu32 " host%s: ", cell->hosts, cell->hosts == 1 ? "" : "s");
    for (uint32_t h = 0; h < cell->hosts && h < HOSTS; h++) {
        pb_buffer_printf(out, "%s%s (", h ? ", " : "", name_of(&cell->host[h]));
        say_list("worker", cell->host[h].worker, cell->host[h].workers, out);
        pb_buffer_text(out, ")");
    }
    if (cell->hosts > HOSTS)
        pb_buffer_printf(out, ", and %" PRIu32 " more", cell->hosts - HOSTS);
}

/* Whether the driver's own machine is among them, or it is not known which that is. */
static bool has_drivers(const struct pb_run *run, const struct pb_cell *cell) {
    for (uint32_t h = 0; h < cell->hosts; h++)
        if (strcmp(name_of(&cell->host[h]), run->host.hostname) == 0)
            return true;
    return !run->host.hostname[0];
}

void pb_hosts_say(const struct pb_run *run, const struct pb_cell *cell, struct pb_buffer *out) {
    bool away = cell->hosts && !has_drivers(run, cell);
    if (cell->hosts > 1 || away)
        say_all(cell, out);
    if (away && cell->base >= 0 && !run->cell[cell->base].hosts)
        pb_buffer_printf(out, "; its base was measured on %s", run->host.hostname);
}
