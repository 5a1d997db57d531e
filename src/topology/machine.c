/* hwloc's tree to a flat picture.
 *
 * The source is always set explicitly: left to its environment variables, hwloc answers a bad file or
 * description with the live machine and says nothing. The live machine is loaded with the PUs that this
 * process may not use (limits.c tells which those are) and without hwloc's x86 probing, which would bind this
 * thread to every PU in turn. Other machines come without PUs that were not allowed where they were captured:
 * nothing else could tell them apart. Objects are counted as they are met in logical order, so that a level
 * that hwloc does not have (cores of a synthetic "pu:4", packages of some ARM boards) still gets sensible
 * numbers. */
#include "topology/machine.h"

#include <errno.h>
#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CACHES_MAX = sizeof((struct pb_machine *)0)->cache / sizeof(struct pb_cache) };

/* Text of unknown origin, made harmless for terminals. */
static void copy_text(char *out, size_t size, const char *text) {
    snprintf(out, size, "%s", text ? text : "");
    for (; *out; out++)
        if ((unsigned char)*out < ' ' || *out == 127)
            *out = '?';
}

/* The largest cache above a PU that more than one core shares; else its package; else NULL, the machine. */
static hwloc_obj_t shared_cache(hwloc_obj_t pu, hwloc_obj_t core, hwloc_obj_t package) {
    hwloc_obj_t found = package;
    hwloc_const_bitmap_t alone = core ? core->cpuset : pu->cpuset;
    for (hwloc_obj_t above = pu->parent; above; above = above->parent)
        if (hwloc_obj_type_is_dcache(above->type) && !hwloc_bitmap_isincluded(above->cpuset, alone))
            found = above;
    return found;
}

/* Index of the first NUMA node that the PU is local to. */
static uint32_t numa_of(hwloc_topology_t t, hwloc_obj_t pu) {
    hwloc_obj_t node = NULL;
    while ((node = hwloc_get_next_obj_by_type(t, HWLOC_OBJ_NUMANODE, node)))
        if (hwloc_bitmap_isset(node->cpuset, pu->os_index))
            return node->logical_index;
    return 0;
}

/* Kinds are ranked by hwloc; where it could not rank them (-1) all count as alike. */
static uint32_t efficiency_of(hwloc_topology_t t, hwloc_obj_t pu) {
    int efficiency = -1;
    int kind = hwloc_cpukinds_get_by_cpuset(t, pu->cpuset, 0);
    if (kind < 0 || hwloc_cpukinds_get_info(t, (unsigned)kind, NULL, &efficiency, NULL, NULL, 0) < 0)
        return 0;
    return efficiency < 0 ? 0 : (uint32_t)efficiency;
}

/* What was met before the present PU, to see where a new object begins. */
struct walk {
    hwloc_obj_t core, package, llc;
    uint32_t smt, llcs;
};

static void add_pu(struct pb_machine *m, hwloc_topology_t t, hwloc_obj_t pu, struct walk *w) {
    bool first = m->pus == 0;
    hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(t, HWLOC_OBJ_CORE, pu);
    hwloc_obj_t package = hwloc_get_ancestor_obj_by_type(t, HWLOC_OBJ_PACKAGE, pu);
    hwloc_obj_t llc = shared_cache(pu, core, package);
    w->smt++;
    if (first || !core || core != w->core) {
        m->cores++;
        w->smt = 0;
    }
    if (first || package != w->package)
        m->packages++;
    if (first || llc != w->llc)
        w->llcs++;
    m->smt |= w->smt > 0;
    m->pu[m->pus++] = (struct pb_pu){
        .cpu = pu->os_index,
        .core = m->cores - 1,
        .package = m->packages - 1,
        .numa = numa_of(t, pu),
        .smt = w->smt,
        .efficiency = efficiency_of(t, pu),
        .llc = w->llcs - 1,
    };
    w->core = core;
    w->package = package;
    w->llc = llc;
}

static int add_pus(struct pb_machine *m, hwloc_topology_t t, const char *what, struct pb_error *error) {
    int count = hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_PU);
    struct walk walk = {0};
    if (count <= 0)
        return pb_error_set(error, -EINVAL, "%s: it has no processors: give another", what);
    m->pu = calloc((size_t)count, sizeof *m->pu);
    if (!m->pu)
        return pb_error_set(error, -ENOMEM, "%s: out of memory: free some", what);
    hwloc_obj_t pu = NULL;
    while ((pu = hwloc_get_next_obj_by_type(t, HWLOC_OBJ_PU, pu))) {
        if (pu->os_index >= PB_CPUS_MAX)
            return pb_error_set(error, -E2BIG,
                                "%s: it numbers a processor %u, and %d is the highest that fits a set: "
                                "give a smaller machine",
                                what, pu->os_index, PB_CPUS_MAX - 1);
        add_pu(m, t, pu, &walk);
    }
    return 0;
}

static void add_cache(struct pb_machine *m, hwloc_obj_t obj) {
    static const char types[] = {
        [HWLOC_OBJ_CACHE_UNIFIED] = 'u',
        [HWLOC_OBJ_CACHE_DATA] = 'd',
        [HWLOC_OBJ_CACHE_INSTRUCTION] = 'i',
    };
    struct pb_cache new = {
        .level = obj->attr->cache.depth,
        .type = types[obj->attr->cache.type],
        .bytes = obj->attr->cache.size,
        .sharing = (uint32_t)hwloc_bitmap_weight(obj->cpuset),
    };
    uint32_t i = 0;
    while (i < m->caches && (m->cache[i].level != new.level || m->cache[i].type != new.type ||
                             m->cache[i].bytes != new.bytes || m->cache[i].sharing != new.sharing))
        i++;
    if (i == CACHES_MAX)
        return;
    if (i == m->caches)
        m->cache[m->caches++] = new;
    m->cache[i].instances++;
}

/* From the innermost to the outermost, data before instructions, in the order the picture lists them. */
static void add_caches(struct pb_machine *m, hwloc_topology_t t) {
    static const hwloc_obj_type_t order[] = {
        HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L1ICACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L2ICACHE,
        HWLOC_OBJ_L3CACHE, HWLOC_OBJ_L3ICACHE, HWLOC_OBJ_L4CACHE, HWLOC_OBJ_L5CACHE,
    };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        hwloc_obj_t obj = NULL;
        while ((obj = hwloc_get_next_obj_by_type(t, order[i], obj)))
            add_cache(m, obj);
    }
}

static void add_facts(struct pb_machine *m, hwloc_topology_t t) {
    hwloc_obj_t root = hwloc_get_root_obj(t);
    hwloc_obj_t package = hwloc_get_obj_by_type(t, HWLOC_OBJ_PACKAGE, 0);
    const char *model = package ? hwloc_obj_get_info_by_name(package, "CPUModel") : NULL;
    if (!model)
        model = hwloc_obj_get_info_by_name(root, "CPUModel");
    copy_text(m->cpu_model, sizeof m->cpu_model, model);
    int nodes = hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_NUMANODE);
    m->memory_bytes = root->total_memory;
    m->numa_nodes = nodes > 0 ? (uint32_t)nodes : 1;
}

/* hwloc_topology_load without hwloc's own warnings on stderr, unless the user asks for them by that variable.
 */
static int load_silently(hwloc_topology_t t) {
    static const char hide[] = "HWLOC_HIDE_ERRORS";
    bool ours = !getenv(hide) && setenv(hide, "2", 1) == 0;
    int rc = hwloc_topology_load(t) < 0 ? -(errno ? errno : EINVAL) : 0;
    if (ours)
        unsetenv(hide);
    return rc;
}

static int set_source(hwloc_topology_t t, enum pb_machine_source source, const char *text) {
    switch (source) {
    case PB_MACHINE_XML:
        return hwloc_topology_set_xml(t, text);
    case PB_MACHINE_SYNTHETIC:
        return hwloc_topology_set_synthetic(t, text);
    case PB_MACHINE_LIVE:
        break;
    }
    return hwloc_topology_set_flags(t, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED |
                                           HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING);
}

/* `what` and `refused` word the error when hwloc takes no such source. */
static int read_machine(struct pb_machine *m, enum pb_machine_source source, const char *text,
                        const char *what, const char *refused, struct pb_error *error) {
    hwloc_topology_t t;
    *m = (struct pb_machine){.source = source};
    copy_text(m->source_text, sizeof m->source_text, text);
    if (hwloc_topology_init(&t) < 0)
        return pb_error_set(error, -ENOMEM, "%s: hwloc cannot start: free some memory", what);
    int rc = -EINVAL;
    if (set_source(t, source, text) == 0 &&
        hwloc_topology_set_type_filter(t, HWLOC_OBJ_L1ICACHE, HWLOC_TYPE_FILTER_KEEP_ALL) == 0)
        rc = load_silently(t);
    if (rc < 0) {
        pb_error_set(error, rc, "%s: %s", what, refused);
        goto out;
    }
    if (source == PB_MACHINE_LIVE && !hwloc_topology_is_thissystem(t)) {
        rc =
            pb_error_set(error, -EINVAL,
                         "%s: the environment (HWLOC_FSROOT, HWLOC_COMPONENTS, HWLOC_THISSYSTEM) makes hwloc "
                         "describe another one: unset that, or name a machine by HWLOC_XMLFILE",
                         what);
        goto out;
    }
    rc = add_pus(m, t, what, error);
    if (rc < 0)
        goto out;
    add_caches(m, t);
    add_facts(m, t);
out:
    hwloc_topology_destroy(t);
    if (rc < 0)
        pb_machine_release(m);
    return rc;
}

/* hwloc 2.9 with libxml2 crashes on a document type without an identifier, like that of a web page: it
   compares the missing one with its own. */
static bool has_bare_doctype(const char *path) {
    char head[4096];
    FILE *f = fopen(path, "re");
    size_t size = f ? fread(head, 1, sizeof head - 1, f) : 0;
    if (f)
        fclose(f);
    head[size] = '\0';
    char *type = strcasestr(head, "<!DOCTYPE");
    if (!type)
        return false;
    type[strcspn(type, ">[")] = '\0';
    return !strstr(type, "SYSTEM") && !strstr(type, "PUBLIC");
}

static int read_xml(struct pb_machine *m, const char *path, const char *what, struct pb_error *error) {
    static const char how[] = "give a file that `lstopo --of xml FILE` wrote";
    char refused[160];
    struct stat file;
    *m = (struct pb_machine){0};
    int rc = stat(path, &file) < 0 ? -errno : S_ISREG(file.st_mode) ? 0 : -EINVAL;
    if (rc < 0)
        return pb_error_set(error, rc, "%s: %s: %s", what, rc == -EINVAL ? "not a file" : strerror(-rc), how);
    snprintf(refused, sizeof refused, "hwloc cannot read it as a topology: %s", how);
    if (has_bare_doctype(path))
        return pb_error_set(error, -EINVAL, "%s: %s", what, refused);
    return read_machine(m, PB_MACHINE_XML, path, what, refused, error);
}

static int read_synthetic(struct pb_machine *m, const char *text, const char *what, struct pb_error *error) {
    return read_machine(m, PB_MACHINE_SYNTHETIC, text, what,
                        "not a synthetic description: write one like \"package:2 l3:1 core:4 pu:2\"", error);
}

int pb_machine_init(struct pb_machine *m, struct pb_error *error) {
    const char *xml = getenv("HWLOC_XMLFILE"), *synthetic = getenv("HWLOC_SYNTHETIC");
    bool has_xml = xml && *xml, has_synthetic = synthetic && *synthetic;
    char what[384];
    *m = (struct pb_machine){0};
    if (has_xml && has_synthetic)
        return pb_error_set(error, -EINVAL,
                            "topology: HWLOC_XMLFILE and HWLOC_SYNTHETIC both name a machine: unset one");
    if (has_xml) {
        snprintf(what, sizeof what, "topology HWLOC_XMLFILE=%s", xml);
        return read_xml(m, xml, what, error);
    }
    if (has_synthetic) {
        snprintf(what, sizeof what, "topology HWLOC_SYNTHETIC=%s", synthetic);
        return read_synthetic(m, synthetic, what, error);
    }
    return read_machine(m, PB_MACHINE_LIVE, "", "topology of this machine",
                        "hwloc cannot read it: try lstopo, or name a machine by HWLOC_XMLFILE", error);
}

int pb_machine_init_synthetic(struct pb_machine *m, const char *text, struct pb_error *error) {
    char what[384];
    snprintf(what, sizeof what, "topology \"%s\"", text);
    return read_synthetic(m, text, what, error);
}

int pb_machine_init_xml(struct pb_machine *m, const char *path, struct pb_error *error) {
    char what[384];
    snprintf(what, sizeof what, "topology %s", path);
    return read_xml(m, path, what, error);
}

void pb_machine_release(struct pb_machine *m) {
    free(m->pu);
    *m = (struct pb_machine){0};
}

int pb_machine_copy(struct pb_machine *out, const struct pb_machine *m) {
    struct pb_pu *pu = m->pus ? malloc(m->pus * sizeof *pu) : NULL;
    if (m->pus && !pu) {
        *out = (struct pb_machine){0};
        return -ENOMEM;
    }
    *out = *m;
    out->pu = pu;
    if (m->pus)
        memcpy(pu, m->pu, m->pus * sizeof *pu);
    return 0;
}
