/* Placement in two steps: a policy puts the usable PUs into an order, and worker k goes to the k-th of them.
 *
 * An order is a sort. `compact` is hwloc's logical order as it stands. `pu` and `core` take the most powerful
 * kind of core first. `spread` deals: within each last-level cache the PUs get turns, a core each; the caches
 * of a NUMA node then play their first turns, their second turns, and so on, which gives the turns of the
 * node; likewise the nodes of a package and the packages of the machine. A core's second PU is dealt only
 * when all cores have a worker, and a less powerful core only after the more powerful: those two make the
 * `rank`, before which no turn counts. `list` needs no order: it names the PUs itself, and may name one
 * twice. */
#include "topology/place.h"

#include "base/name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A usable PU on its way to a place in the order. */
struct seat {
    const struct pb_pu *pu;
    uint32_t index; /* in logical order */
    uint32_t smt;   /* among the usable PUs of its core */
    uint32_t turn;  /* of `spread` */
};

/* The usable part of a machine, and what a policy is asked for. */
struct request {
    const struct pb_machine *machine;
    const struct pb_limits *limits;
    const char *policy, *argument; /* the whole text; what follows the colon, or NULL */
    uint32_t workers;
    struct seat *seat;
    uint32_t seats, cores;
};

static const char *plural(uint32_t n, const char *one, const char *many) {
    return n == 1 ? one : many;
}

static int compare(uint32_t a, uint32_t b) {
    return (a > b) - (a < b);
}

static int by_index(const void *x, const void *y) {
    const struct seat *a = x, *b = y;
    return compare(a->index, b->index);
}

/* The most powerful kind first, in logical order. */
static int by_power(const void *x, const void *y) {
    const struct seat *a = x, *b = y;
    int order = compare(b->pu->efficiency, a->pu->efficiency);
    return order ? order : by_index(a, b);
}

static int by_rank(const struct seat *a, const struct seat *b) {
    int order = compare(a->smt, b->smt);
    return order ? order : compare(b->pu->efficiency, a->pu->efficiency);
}

/* First PUs of all cores before second ones. */
static int by_pu(const void *x, const void *y) {
    int order = by_rank(x, y);
    return order ? order : by_index(x, y);
}

/* A level of dealing: the turns of the inner objects become turns of the outer one. */
struct level {
    uint32_t (*outer)(const struct pb_pu *), (*inner)(const struct pb_pu *);
};

static uint32_t of_core(const struct pb_pu *pu) {
    return pu->core;
}
static uint32_t of_llc(const struct pb_pu *pu) {
    return pu->llc;
}
static uint32_t of_numa(const struct pb_pu *pu) {
    return pu->numa;
}
static uint32_t of_package(const struct pb_pu *pu) {
    return pu->package;
}
static uint32_t of_machine(const struct pb_pu *pu) {
    (void)pu;
    return 0;
}

static int by_turn(const void *x, const void *y, void *level) {
    const struct seat *a = x, *b = y;
    const struct level *l = level;
    int order = by_rank(a, b);
    if (!order)
        order = compare(l->outer(a->pu), l->outer(b->pu));
    if (!order)
        order = compare(a->turn, b->turn);
    if (!order)
        order = compare(l->inner(a->pu), l->inner(b->pu));
    return order ? order : by_index(a, b);
}

static void deal(struct seat *seat, uint32_t seats) {
    static const struct level levels[] = {
        {of_llc, of_core}, {of_numa, of_llc}, {of_package, of_numa}, {of_machine, of_package}};
    for (size_t k = 0; k < sizeof levels / sizeof *levels; k++) {
        struct level level = levels[k];
        qsort_r(seat, seats, sizeof *seat, by_turn, &level);
        uint32_t turn = 0;
        for (uint32_t i = 0; i < seats; i++) {
            bool new = i == 0 || by_rank(&seat[i - 1], &seat[i]) != 0 ||
                       level.outer(seat[i - 1].pu) != level.outer(seat[i].pu);
            turn = new ? 0 : turn + 1;
            seat[i].turn = turn;
        }
    }
}

/* Room for one set per worker. */
static int bind_workers(struct pb_placement *p, const struct request *r, struct pb_error *error) {
    p->binding = calloc(r->workers, sizeof *p->binding);
    if (!p->binding)
        return pb_error_set(error, -ENOMEM, "binding %s: out of memory for %u workers: ask for fewer by -n",
                            r->policy, r->workers);
    p->workers = r->workers;
    snprintf(p->effective, sizeof p->effective, "%s", r->policy);
    return 0;
}

static int refuse(const struct request *r, uint32_t room, const char *one, const char *many,
                  struct pb_error *error) {
    return pb_error_set(error, -ENOSPC,
                        "binding %s: %u workers do not fit %u usable %s: ask for -n %u or fewer, or -b none",
                        r->policy, r->workers, room, plural(room, one, many), room);
}

/* Worker k on the k-th seat. */
static int bind_seats(struct pb_placement *p, const struct request *r, struct pb_error *error) {
    if (r->workers > r->seats)
        return refuse(r, r->seats, "processor", "processors", error);
    int rc = bind_workers(p, r, error);
    for (uint32_t k = 0; k < p->workers; k++)
        pb_cpuset_set(&p->binding[k], r->seat[k].pu->cpu);
    return rc;
}

static int place_none(struct pb_placement *p, const struct request *r, struct pb_error *error) {
    (void)r;
    (void)error;
    snprintf(p->effective, sizeof p->effective, "none");
    return 0;
}

static int place_pu(struct pb_placement *p, const struct request *r, struct pb_error *error) {
    qsort(r->seat, r->seats, sizeof *r->seat, by_pu);
    return bind_seats(p, r, error);
}

static int place_compact(struct pb_placement *p, const struct request *r, struct pb_error *error) {
    return bind_seats(p, r, error);
}

static int place_spread(struct pb_placement *p, const struct request *r, struct pb_error *error) {
    deal(r->seat, r->seats);
    return bind_seats(p, r, error);
}

static int place_core(struct pb_placement *p, const struct request *r, struct pb_error *error) {
    if (r->workers > r->cores)
        return refuse(r, r->cores, "core", "cores", error);
    int rc = bind_workers(p, r, error);
    if (rc < 0)
        return rc;
    qsort(r->seat, r->seats, sizeof *r->seat, by_power);
    uint32_t worker = 0;
    for (uint32_t i = 0; i < r->seats; i++) {
        if (i && r->seat[i].pu->core != r->seat[i - 1].pu->core && ++worker == r->workers)
            break;
        pb_cpuset_set(&p->binding[worker], r->seat[i].pu->cpu);
    }
    return 0;
}

static int place_auto(struct pb_placement *p, const struct request *r, struct pb_error *error) {
    struct request core = *r;
    core.policy = "core";
    if (r->limits->limit == PB_LIMIT_QUOTA)
        snprintf(p->reason, sizeof p->reason, "the quota of %.3g processors belongs to no core in particular",
                 r->limits->quota);
    else if (r->workers > r->cores)
        snprintf(p->reason, sizeof p->reason, "%u workers do not fit %u usable %s", r->workers, r->cores,
                 plural(r->cores, "core", "cores"));
    else
        return place_core(p, &core, error);
    return place_none(p, r, error);
}

/* ---- list ---- */

static int bad_list(const struct request *r, struct pb_error *error) {
    return pb_error_set(error, -EINVAL,
                        "binding %s: not a list of processors: write numbers and ranges like list:0+2+4-7",
                        r->policy);
}

/* Too large a number becomes PB_CPUS_MAX, which no machine has. */
static bool parse_number(const char **text, uint32_t *value) {
    char *end;
    if (**text < '0' || **text > '9')
        return false;
    unsigned long n = strtoul(*text, &end, 10);
    *value = n < PB_CPUS_MAX ? (uint32_t)n : PB_CPUS_MAX;
    *text = end;
    return true;
}

/* "4-7" or "4"; steps over it and the "+" between it and the next. */
static bool parse_range(const char **text, uint32_t *first, uint32_t *last) {
    if (!parse_number(text, first))
        return false;
    *last = *first;
    if (**text == '-' && (++*text, !parse_number(text, last)))
        return false;
    if (**text == '+' && (*text)[1])
        ++*text;
    else if (**text)
        return false;
    return *last >= *first;
}

static int check_processor(const struct request *r, uint32_t cpu, struct pb_error *error) {
    char choice[128];
    bool exists = false;
    if (pb_cpuset_has(&r->limits->allowed, cpu))
        return 0;
    for (uint32_t i = 0; i < r->machine->pus; i++)
        exists |= r->machine->pu[i].cpu == cpu;
    pb_cpuset_format(&r->limits->allowed, choice, sizeof choice);
    if (!exists)
        return pb_error_set(error, -EINVAL, "binding %s: this machine has no processor %u: choose among %s",
                            r->policy, cpu, choice);
    const char *limit = pb_limit_name(r->limits->limit);
    return pb_error_set(error, -EINVAL, "binding %s: processor %u is not usable (%s): choose among %s",
                        r->policy, cpu, *limit ? limit : "not allowed", choice);
}

static int place_list(struct pb_placement *p, const struct request *r, struct pb_error *error) {
    uint32_t first, last, named = 0;
    if (!r->argument || !*r->argument)
        return bad_list(r, error);
    int rc = bind_workers(p, r, error);
    for (const char *text = r->argument; rc == 0 && *text;) {
        if (!parse_range(&text, &first, &last))
            return bad_list(r, error);
        for (uint32_t cpu = first; rc == 0 && cpu <= last; cpu++, named++) {
            rc = check_processor(r, cpu, error);
            if (rc == 0 && named < r->workers)
                pb_cpuset_set(&p->binding[named], cpu);
        }
    }
    if (rc == 0 && named < r->workers)
        return pb_error_set(
            error, -ENOSPC,
            "binding %s: %u workers do not fit the %u %s of the list: ask for -n %u or fewer, or "
            "name more (one may be named twice)",
            r->policy, r->workers, named, plural(named, "processor", "processors"), named);
    return rc;
}

/* ---- the list of policies ---- */

const struct pb_policy_listing pb_policies[] = {
    {"auto", "core while workers fit the usable cores and no quota limits them, else none"},
    {"none", "the system places workers, and moves them"},
    {"core", "one worker per core, on all its processors, the most powerful kind of core first"},
    {"pu", "one worker per processor, the first of every core before the second"},
    {"compact", "one worker per processor, filling cores, caches and packages in turn"},
    {"spread", "one worker per processor, dealt over packages, NUMA nodes, caches and cores"},
    {"list", "worker k on the k-th processor named: list:0+2+4-7"},
    {NULL, NULL},
};

enum { POLICIES = sizeof pb_policies / sizeof *pb_policies - 1 };

/* In the order of pb_policies. */
static int (*const placers[POLICIES])(struct pb_placement *, const struct request *, struct pb_error *) = {
    place_auto, place_none, place_core, place_pu, place_compact, place_spread, place_list,
};

static int find_policy(const char *text, struct pb_error *error) {
    const char *names[POLICIES];
    char name[64], all[128] = "", hint[80] = "";
    for (int i = 0; i < POLICIES; i++) {
        size_t length = strlen(pb_policies[i].name);
        bool takes_argument = strcmp(pb_policies[i].name, "list") == 0;
        names[i] = pb_policies[i].name;
        if (strncmp(text, names[i], length) == 0 &&
            (!text[length] || (takes_argument && text[length] == ':')))
            return i;
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? ", " : "",
                 takes_argument ? "list:0+2+4-7" : names[i]);
    }
    snprintf(name, sizeof name, "%.*s", (int)strcspn(text, ":"), text);
    int nearest = pb_name_nearest(name, names, POLICIES);
    if (nearest >= 0)
        snprintf(hint, sizeof hint, "did you mean %s? ", names[nearest]);
    return pb_error_set(error, -EINVAL, "binding %s: no such policy: %sthe policies are %s", text, hint, all);
}

/* Fills the seats: every usable PU once, in logical order. */
static int take_seats(struct request *r, struct pb_error *error) {
    const struct pb_machine *m = r->machine;
    r->seat = calloc(m->pus ? m->pus : 1, sizeof *r->seat);
    if (!r->seat)
        return pb_error_set(error, -ENOMEM, "binding %s: out of memory: free some", r->policy);
    for (uint32_t i = 0; i < m->pus; i++) {
        if (!pb_cpuset_has(&r->limits->allowed, m->pu[i].cpu))
            continue;
        const struct seat *before = r->seats ? &r->seat[r->seats - 1] : NULL;
        bool sibling = before && before->pu->core == m->pu[i].core;
        r->cores += !sibling;
        r->seat[r->seats++] =
            (struct seat){.pu = &m->pu[i], .index = i, .smt = sibling ? before->smt + 1 : 0};
    }
    return 0;
}

int pb_place(struct pb_placement *p, const struct pb_machine *m, const struct pb_limits *l,
             const char *policy, uint32_t workers, struct pb_error *error) {
    *p = (struct pb_placement){0};
    const char *text = policy ? policy : "auto";
    int found = find_policy(text, error);
    if (found < 0)
        return found;
    if (workers == 0)
        return pb_error_set(error, -EINVAL, "binding %s: there are no workers: ask for -n 1 or more", text);
    const char *colon = strchr(text, ':');
    struct request r = {
        .machine = m, .limits = l, .policy = text, .argument = colon ? colon + 1 : NULL, .workers = workers};
    snprintf(p->policy, sizeof p->policy, "%s", text);
    int rc = take_seats(&r, error);
    if (rc == 0)
        rc = placers[found](p, &r, error);
    free(r.seat);
    if (rc < 0)
        pb_placement_release(p);
    return rc;
}

void pb_placement_release(struct pb_placement *p) {
    free(p->binding);
    *p = (struct pb_placement){0};
}
