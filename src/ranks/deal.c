#include "ranks/deal.h"

#include <errno.h>
#include <stdlib.h>

static void deal_evenly(struct pb_part *part, uint32_t parts, uint32_t workers) {
    for (uint32_t i = 0, first = 0; i < parts; i++) {
        part[i].first = first;
        part[i].workers = workers / parts + (i < workers % parts);
        first += part[i].workers;
    }
}

static struct pb_part *part_of_node(const struct pb_ranks *r, struct pb_part *part, uint32_t parts,
                                    uint32_t node) {
    for (uint32_t i = 0; i < parts; i++)
        if (pb_ranks_peer(r, part[i].rank)->node == node)
            return &part[i];
    return NULL;
}

/* The first rank of each host among ranks 1 .. `last`. */
static uint32_t deal_by_host(const struct pb_ranks *r, struct pb_part *part, uint32_t last) {
    uint32_t parts = 0;
    for (uint32_t rank = 1; rank <= last; rank++) {
        struct pb_part *p = part_of_node(r, part, parts, pb_ranks_peer(r, rank)->node);
        if (p)
            p->workers++;
        else
            part[parts++] = (struct pb_part){.rank = rank, .workers = 1};
    }
    for (uint32_t i = 1; i < parts; i++)
        part[i].first = part[i - 1].first + part[i - 1].workers;
    return parts;
}

int pb_ranks_deal(const struct pb_ranks *r, uint32_t workers, bool together, uint32_t ranks,
                  struct pb_part **out, uint32_t *parts, struct pb_error *error) {
    uint32_t there = pb_ranks_count(r) - 1, wanted = !together ? workers : ranks;
    if (wanted > there || there == 0)
        return pb_error_set(
            error, -EINVAL,
            "executor mpi: %u worker ranks and rank 0 were asked for, and the launcher started %u ranks: "
            "let it start {ranks}",
            wanted ? wanted : 1, there + 1);
    struct pb_part *part = *out = calloc(there, sizeof *part);
    if (!part)
        return pb_error_set(error, -ENOMEM, "executor mpi: no memory for %u ranks", there);
    if (together && !ranks) {
        bool enough = there >= workers;
        *parts = deal_by_host(r, part, enough ? workers : there);
        if (!enough)
            deal_evenly(part, *parts < workers ? *parts : workers, workers);
        *parts = *parts < workers ? *parts : workers;
        return 0;
    }
    *parts = wanted < workers ? wanted : workers;
    for (uint32_t i = 0; i < *parts; i++)
        part[i].rank = i + 1;
    deal_evenly(part, *parts, workers);
    return 0;
}
