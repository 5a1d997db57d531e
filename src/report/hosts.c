#include "report/hosts.h"

#include <inttypes.h>

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

void pb_hosts_say(const struct pb_cell *cell, struct pb_buffer *out) {
    if (cell->hosts < 2)
        return;
    pb_buffer_printf(out, "on %" PRIu32 " hosts: ", cell->hosts);
    for (uint32_t h = 0; h < cell->hosts && h < HOSTS; h++) {
        pb_buffer_printf(out, "%s%s (", h ? ", " : "", name_of(&cell->host[h]));
        say_list("worker", cell->host[h].worker, cell->host[h].workers, out);
        pb_buffer_text(out, ")");
    }
    if (cell->hosts > HOSTS)
        pb_buffer_printf(out, ", and %" PRIu32 " more", cell->hosts - HOSTS);
}
