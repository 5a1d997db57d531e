#include "driver/placed.h"

#include <errno.h>
#include <string.h>

#include "base/buffer.h"

/* "0 1" on one host; "node1:0 node2:0" on several. */
static void begin_word(const struct pb_cell *cell, const struct pb_ranks_host *host, struct pb_buffer *out) {
    if (out->size)
        pb_buffer_text(out, " ");
    if (cell->hosts > 1 && host)
        pb_buffer_printf(out, "%s:", host->name);
}

static bool is_bound(const struct pb_cell *cell) {
    for (uint32_t h = 0; h < cell->hosts; h++)
        for (uint32_t i = 0; i < cell->host[h].plans; i++)
            if (*cell->host[h].planned[i])
                return true;
    return false;
}

static void plan(const struct pb_cell *cell, struct pb_buffer *out) {
    for (uint32_t w = 0; is_bound(cell) && w < cell->workers; w++) {
        uint32_t at;
        const struct pb_ranks_host *host = pb_hosts_find(cell->host, cell->hosts, w, &at);
        const char *set = host && at < host->plans ? host->planned[at] : "";
        begin_word(cell, host, out);
        pb_buffer_text(out, *set ? set : "any");
    }
}

/* What hosts say of themselves: once where they agree, else each with its name. */
static int join(const struct pb_cell *cell, bool reasons, char **slot) {
    struct pb_buffer out = {0};
    bool agree = true;
    for (uint32_t h = 0; h < cell->hosts; h++) {
        const char *first = reasons ? cell->host[0].reason : cell->host[0].effective,
                   *text = reasons ? cell->host[h].reason : cell->host[h].effective;
        agree &= first && text && strcmp(first, text) == 0;
    }
    for (uint32_t h = 0; h < (agree ? 1 : cell->hosts); h++) {
        const char *text = reasons ? cell->host[h].reason : cell->host[h].effective;
        if (!text || !*text)
            continue;
        pb_buffer_printf(&out, "%s%s%s%s", out.size ? ", " : "", agree ? "" : cell->host[h].name,
                         agree ? "" : ": ", text);
    }
    int rc = out.failed ? -ENOMEM : pb_set_text(slot, pb_buffer_string(&out));
    pb_buffer_release(&out);
    return rc;
}

int pb_placed_plan(struct pb_cell *cell) {
    struct pb_buffer out = {0};
    plan(cell, &out);
    int rc = out.failed ? -ENOMEM : pb_set_text(&cell->planned, pb_buffer_string(&out));
    pb_buffer_release(&out);
    rc = rc ? rc : join(cell, false, &cell->binding_effective);
    return rc ? rc : join(cell, true, &cell->binding_reason);
}

static bool is_misplaced(const struct pb_cell *cell) {
    for (uint32_t s = 0; s < cell->samples; s++)
        for (uint32_t w = 0; w < cell->sample[s].workers; w++) {
            struct pb_cpuset set;
            uint32_t at;
            const struct pb_ranks_host *host = pb_hosts_find(cell->host, cell->hosts, w, &at);
            int32_t cpu = cell->sample[s].worker[w].cpu;
            if (host && at < host->plans && *host->planned[at] && cpu >= 0 &&
                pb_cpuset_parse(&set, host->planned[at]) == 0 && !pb_cpuset_has(&set, (uint32_t)cpu))
                return true;
        }
    return false;
}

static int32_t last_cpu(const struct pb_cell *cell, uint32_t worker) {
    const struct pb_sample *last = &cell->sample[cell->samples - 1];
    return worker < last->workers ? last->worker[worker].cpu : -1;
}

static int achieve_on(const struct pb_cell *cell, struct pb_ranks_host *host) {
    struct pb_buffer out = {0};
    for (uint32_t i = 0; i < host->workers; i++)
        pb_buffer_printf(&out, "%s%d", i ? " " : "", last_cpu(cell, host->worker[i]));
    int rc = out.failed ? -ENOMEM : pb_set_text(&host->achieved, pb_buffer_string(&out));
    pb_buffer_release(&out);
    return rc;
}

int pb_placed_achieve(struct pb_cell *cell) {
    struct pb_buffer out = {0};
    int rc = 0;
    if (cell->samples == 0)
        return 0;
    for (uint32_t h = 0; rc == 0 && h < cell->hosts; h++)
        rc = achieve_on(cell, &cell->host[h]);
    for (uint32_t w = 0; w < cell->sample[cell->samples - 1].workers; w++) {
        uint32_t at;
        begin_word(cell, pb_hosts_find(cell->host, cell->hosts, w, &at), &out);
        pb_buffer_printf(&out, "%d", last_cpu(cell, w));
    }
    cell->misplaced = is_misplaced(cell);
    rc = rc ? rc : out.failed ? -ENOMEM : pb_set_text(&cell->achieved, pb_buffer_string(&out));
    pb_buffer_release(&out);
    return rc;
}
