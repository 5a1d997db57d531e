/* The machine as a flat picture: what placement, the table and the result need of hwloc, and nothing else. */
#ifndef PB_TOPOLOGY_MACHINE_H
#define PB_TOPOLOGY_MACHINE_H

#include "base/cpuset.h"
#include "base/error.h"

/* One processing unit. Indices count objects of a kind from 0 in hwloc's logical order. */
struct pb_pu {
    uint32_t cpu;                 /* the operating system's number */
    uint32_t core, package, numa; /* logical indices */
    uint32_t smt;                 /* position within its core: 0 for the first */
    uint32_t efficiency;          /* hwloc's CPU kind, 0 the least powerful; 0 if all are alike */
    uint32_t llc; /* PUs below one last-level cache, if several cores share it; else those of one package */
};

struct pb_cache {
    uint32_t level;
    char type; /* 'u'nified, 'd'ata, 'i'nstruction */
    uint64_t bytes;
    uint32_t instances, sharing; /* how many there are; PUs per instance */
};

enum pb_machine_source { PB_MACHINE_LIVE, PB_MACHINE_XML, PB_MACHINE_SYNTHETIC };

struct pb_machine {
    enum pb_machine_source source;
    char source_text[256]; /* the file or the description; "" when live */
    char cpu_model[128];   /* "" if unknown */
    uint64_t memory_bytes; /* 0 if unknown */
    uint32_t packages, numa_nodes, cores, pus;
    bool smt;         /* some core has more than one PU */
    struct pb_pu *pu; /* pus of them, in logical order */
    struct pb_cache cache[16];
    uint32_t caches;
};

/* Loads this machine, with the PUs that this process may not use, or what HWLOC_XMLFILE or HWLOC_SYNTHETIC
   name. They return 0, or -errno with an error that names the variable or the file; on failure nothing is to
   be released. Nothing is printed, and the calling thread's binding stays as it is. As hwloc is made silent
   through the environment, call it before other threads run. */
int pb_machine_init(struct pb_machine *, struct pb_error *);
/* The same from a description or file given: for tests and `--topology`. */
int pb_machine_init_synthetic(struct pb_machine *, const char *description, struct pb_error *);
int pb_machine_init_xml(struct pb_machine *, const char *path, struct pb_error *);
void pb_machine_release(struct pb_machine *);
int pb_machine_copy(struct pb_machine *out, const struct pb_machine *);

#endif
