/* The machine's picture and placement on it: synthetic machines, and captured ones of data/topology/.
 * Expected processors are worked out by hand from the shape of each machine. */
#include "base/random.h"
#include "suite.h"
#include "topology/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define DATA PB_SOURCE_DIR "/tests/data/topology/"

#define VM         "vm2.xml"
#define HYBRID     "hybrid.xml"
#define LITTLE     "biglittle.xml"
#define ASYMMETRIC "asymmetric.xml"
#define DISALLOWED "disallowed.xml"
#define ONE        "pu:1"
#define LAPTOP     "package:1 l3:1 core:4 pu:2"
#define LINUX_SMT  "package:1 core:4 pu:2(indexes=0,4,1,5,2,6,3,7)"
#define SERVER     "package:2 numa:2 core:2 pu:2"
#define FOUR_NODES "numa:4 core:2 pu:1"
#define MANY_L3    "package:1 l3:4 core:2 pu:1"
#define LARGE      "package:2 l3:8 core:8 pu:2"
#define CORELESS   "package:2 pu:2"
#define ALTERNATE  "package:2 core:2 pu:1(indexes=0,2,1,3)"

static const char *const machines[] = {
    VM,     HYBRID,     LITTLE,  ASYMMETRIC, DISALLOWED, ONE,       LAPTOP, LINUX_SMT,
    SERVER, FOUR_NODES, MANY_L3, LARGE,      CORELESS,   ALTERNATE, NULL,
};

static void open_machine(struct pb_machine *m, const char *name) {
    struct pb_error error = {0};
    char path[512];
    snprintf(path, sizeof path, "%s%s", DATA, name);
    int rc = strstr(name, ".xml") ? pb_machine_init_xml(m, path, &error)
                                  : pb_machine_init_synthetic(m, name, &error);
    CHECK_MSG(rc == 0, "%s: %s", name, error.text);
}

/* `allowed`: an affinity mask; NULL: all of the machine. */
static void limit(struct pb_limits *l, const struct pb_machine *m, const char *allowed) {
    struct pb_cpuset mask;
    pb_limits_read(l, m);
    if (!allowed)
        return;
    CHECK_INT(pb_cpuset_parse(&mask, allowed), 0);
    pb_limits_read_at(l, m, "/nowhere", &mask);
}

/* ---- The picture ---- */

static void counts(const void *data) {
    static const struct {
        const char *name;
        uint32_t packages, numa_nodes, cores, pus;
        bool smt;
    } rows[] = {
        {VM, 1, 1, 2, 2, false},         {HYBRID, 1, 1, 6, 8, true},     {LITTLE, 2, 1, 6, 6, false},
        {ASYMMETRIC, 2, 1, 6, 12, true}, {DISALLOWED, 1, 1, 2, 3, true}, {ONE, 1, 1, 1, 1, false},
        {LAPTOP, 1, 1, 4, 8, true},      {LINUX_SMT, 1, 1, 4, 8, true},  {SERVER, 2, 4, 8, 16, true},
        {FOUR_NODES, 1, 4, 8, 8, false}, {MANY_L3, 1, 1, 8, 8, false},   {LARGE, 2, 1, 128, 256, true},
        {CORELESS, 2, 1, 4, 4, false},   {ALTERNATE, 2, 1, 4, 4, false},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_machine m;
        open_machine(&m, rows[i].name);
        CHECK_MSG(m.packages == rows[i].packages && m.numa_nodes == rows[i].numa_nodes &&
                      m.cores == rows[i].cores && m.pus == rows[i].pus && m.smt == rows[i].smt,
                  "%s: %u packages, %u nodes, %u cores, %u processors", rows[i].name, m.packages,
                  m.numa_nodes, m.cores, m.pus);
        pb_machine_release(&m);
    }
}

static void processors(const void *data) {
    struct pb_machine m;
    (void)data;
    open_machine(&m, HYBRID);
    /* cpu, core, package, numa, smt, efficiency, llc */
    static const struct pb_pu hybrid[] = {
        {0, 0, 0, 0, 0, 1, 0}, {1, 0, 0, 0, 1, 1, 0}, {2, 1, 0, 0, 0, 1, 0}, {3, 1, 0, 0, 1, 1, 0},
        {4, 2, 0, 0, 0, 0, 0}, {5, 3, 0, 0, 0, 0, 0}, {6, 4, 0, 0, 0, 0, 0}, {7, 5, 0, 0, 0, 0, 0},
    };
    CHECK_INT(m.pus, 8);
    CHECK(memcmp(m.pu, hybrid, sizeof hybrid) == 0);
    CHECK_TEXT(m.cpu_model, "12th Gen Intel(R) Core(TM) i3-1215U");
    CHECK_INT(m.memory_bytes, 16ll << 30);
    CHECK_INT(m.source, PB_MACHINE_XML);
    pb_machine_release(&m);

    open_machine(&m, SERVER);
    static const struct pb_pu last = {15, 7, 1, 3, 1, 0, 1};
    CHECK(memcmp(&m.pu[15], &last, sizeof last) == 0);
    CHECK_INT(m.source, PB_MACHINE_SYNTHETIC);
    CHECK_TEXT(m.source_text, SERVER);
    pb_machine_release(&m);
}

static void caches(const void *data) {
    static const struct pb_cache rows[] = {
        {1, 'd', 48 << 10, 2, 2}, {1, 'd', 32 << 10, 4, 1}, {2, 'u', 1280 << 10, 2, 2},
        {2, 'u', 2 << 20, 1, 4},  {3, 'u', 10 << 20, 1, 8},
    };
    struct pb_machine m;
    (void)data;
    open_machine(&m, HYBRID);
    CHECK_INT(m.caches, sizeof rows / sizeof *rows);
    for (uint32_t i = 0; i < m.caches; i++)
        CHECK_MSG(m.cache[i].level == rows[i].level && m.cache[i].type == rows[i].type &&
                      m.cache[i].bytes == rows[i].bytes && m.cache[i].instances == rows[i].instances &&
                      m.cache[i].sharing == rows[i].sharing,
                  "row %u: %u x L%u%c %llu by %u", i, m.cache[i].instances, m.cache[i].level, m.cache[i].type,
                  (unsigned long long)m.cache[i].bytes, m.cache[i].sharing);
    pb_machine_release(&m);
    open_machine(&m, VM);
    CHECK_INT(m.caches, 4);
    CHECK_INT(m.cache[1].type, 'i');
    pb_machine_release(&m);
}

static void copies(const void *data) {
    struct pb_machine m, copy;
    (void)data;
    open_machine(&m, LAPTOP);
    CHECK_INT(pb_machine_copy(&copy, &m), 0);
    CHECK(copy.pu != m.pu);
    CHECK(memcmp(copy.pu, m.pu, m.pus * sizeof *m.pu) == 0);
    pb_machine_release(&m);
    CHECK_INT(copy.pus, 8);
    CHECK_INT(copy.pu[7].cpu, 7);
    CHECK_TEXT(copy.source_text, LAPTOP);
    pb_machine_release(&copy);
    CHECK(copy.pu == NULL);
}

/* Runs `init` with stderr in a file, and expects nothing there. */
static int silently(int (*init)(struct pb_machine *, const char *, struct pb_error *), const char *text,
                    struct pb_machine *m, struct pb_error *error) {
    FILE *file = tmpfile();
    CHECK(file != NULL);
    fflush(stderr);
    int saved = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    int rc = init(m, text, error);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    long said = lseek(fileno(file), 0, SEEK_END);
    fclose(file);
    CHECK_MSG(said == 0, "%s: %ld bytes on stderr", text, said);
    return rc;
}

static void write_file(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    CHECK(f != NULL);
    fputs(text, f);
    CHECK_INT(fclose(f), 0);
}

static void refuse_file(const char *content, const char *said) {
    struct pb_machine m;
    struct pb_error error = {0};
    char path[] = "/tmp/pb-topology-XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    close(fd);
    write_file(path, content);
    int rc = silently(pb_machine_init_xml, path, &m, &error);
    unlink(path);
    CHECK(rc < 0);
    CHECK_INT(error.code, rc);
    CHECK_HAS(error.text, path);
    CHECK_HAS(error.text, said);
    CHECK(m.pu == NULL);
}

static void refused_sources(const void *data) {
    static const struct {
        int (*init)(struct pb_machine *, const char *, struct pb_error *);
        const char *text, *said;
        int rc;
    } rows[] = {
        {pb_machine_init_xml, "/nowhere/m.xml",
         "topology /nowhere/m.xml: No such file or directory: give a file that `lstopo", -ENOENT},
        {pb_machine_init_xml, "/tmp", "topology /tmp: not a file: ", -EINVAL},
        {pb_machine_init_xml, "", "No such file or directory", -ENOENT},
        {pb_machine_init_synthetic, "foo", "topology \"foo\": not a synthetic description: write one like ",
         -EINVAL},
        {pb_machine_init_synthetic, "", "not a synthetic description", -EINVAL},
        {pb_machine_init_synthetic, "package:2 bar:3", "not a synthetic description", -EINVAL},
        {pb_machine_init_synthetic, "pu:0", "not a synthetic description", -EINVAL},
        {pb_machine_init_synthetic, "pu:5000", "it numbers a processor 4096, and 4095 is the highest",
         -E2BIG},
    };
    static const char other[] = "<?xml version=\"1.0\"?>\n<!DOCTYPE a>\n<a></a>\n";
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_machine m;
        struct pb_error error = {0};
        CHECK_INT(silently(rows[i].init, rows[i].text, &m, &error), rows[i].rc);
        CHECK_INT(error.code, rows[i].rc);
        CHECK_HAS(error.text, rows[i].said);
        CHECK(m.pu == NULL);
    }
    refuse_file("", "hwloc cannot read it as a topology: give a file");
    refuse_file("<topology><object type=", "hwloc cannot read it as a topology");
    refuse_file(other, "hwloc cannot read it as a topology");
}

static int init_here(struct pb_machine *m, const char *unused, struct pb_error *error) {
    (void)unused;
    return pb_machine_init(m, error);
}

static void environment(const void *data) {
    struct pb_machine m;
    struct pb_error error = {0};
    (void)data;
    setenv("HWLOC_SYNTHETIC", LAPTOP, 1);
    CHECK_INT(silently(init_here, "synthetic", &m, &error), 0);
    CHECK_INT(m.source, PB_MACHINE_SYNTHETIC);
    CHECK_INT(m.pus, 8);
    pb_machine_release(&m);
    setenv("HWLOC_SYNTHETIC", "nonsense", 1);
    CHECK_INT(silently(init_here, "bad synthetic", &m, &error), -EINVAL);
    CHECK_HAS(error.text, "topology HWLOC_SYNTHETIC=nonsense: not a synthetic description");

    setenv("HWLOC_XMLFILE", DATA HYBRID, 1);
    CHECK_INT(silently(init_here, "both", &m, &error), -EINVAL);
    CHECK_TEXT(error.text, "topology: HWLOC_XMLFILE and HWLOC_SYNTHETIC both name a machine: unset one");
    setenv("HWLOC_SYNTHETIC", "", 1);
    CHECK_INT(silently(init_here, "xml", &m, &error), 0);
    CHECK_INT(m.source, PB_MACHINE_XML);
    CHECK_TEXT(m.source_text, DATA HYBRID);
    pb_machine_release(&m);
    setenv("HWLOC_XMLFILE", "/nowhere/m.xml", 1);
    CHECK_INT(silently(init_here, "no xml", &m, &error), -ENOENT);
    CHECK_HAS(error.text, "topology HWLOC_XMLFILE=/nowhere/m.xml: No such file");
    unsetenv("HWLOC_XMLFILE");

    setenv("HWLOC_THISSYSTEM", "0", 1);
    CHECK_INT(silently(init_here, "elsewhere", &m, &error), -EINVAL);
    CHECK_HAS(error.text, "HWLOC_THISSYSTEM) makes hwloc describe another one: unset that");
    CHECK(m.pu == NULL);
}

static void this_machine(const void *data) {
    struct pb_machine m;
    struct pb_error error = {0};
    struct pb_cpuset before, after, all;
    struct pb_limits l;
    (void)data;
    CHECK_INT(pb_cpuset_of_thread(&before), 0);
    CHECK_MSG(silently(init_here, "live", &m, &error) == 0, "%s", error.text);
    CHECK_INT(pb_cpuset_of_thread(&after), 0);
    CHECK(pb_cpuset_equal(&before, &after));
    CHECK(getenv("HWLOC_HIDE_ERRORS") == NULL);
    CHECK_INT(m.source, PB_MACHINE_LIVE);
    CHECK_INT(m.pus, sysconf(_SC_NPROCESSORS_ONLN));
    pb_cpuset_zero(&all);
    for (uint32_t i = 0; i < m.pus; i++)
        pb_cpuset_set(&all, m.pu[i].cpu);
    pb_limits_read(&l, &m);
    CHECK(l.processors >= 1 && l.processors <= pb_cpuset_count(&l.allowed));
    CHECK(pb_cpuset_equal(&l.allowed, &before));
    for (int32_t cpu = -1; (cpu = pb_cpuset_next(&before, cpu)) >= 0;)
        CHECK(pb_cpuset_has(&all, (uint32_t)cpu));
    pb_machine_release(&m);
}

/* ---- Placement ---- */

/* The sets of all workers with blanks between them, "none" if they are not bound. */
static void bindings(const struct pb_placement *p, char *out, size_t size) {
    size_t used = 0;
    snprintf(out, size, "none");
    for (uint32_t k = 0; k < p->workers; k++) {
        char set[128];
        used += (size_t)snprintf(out + used, size - used, "%s%s", k ? " " : "",
                                 pb_cpuset_format(&p->binding[k], set, sizeof set));
        CHECK(used < size);
    }
}

static const struct row {
    const char *machine, *allowed, *policy;
    uint32_t workers;
    const char *expected; /* the sets, or the error if it has a colon */
} placements[] = {
    {ONE, NULL, "auto", 1, "0"},
    {ONE, NULL, "auto", 2, "none"},
    {ONE, NULL, "spread", 1, "0"},
    {ONE, NULL, "core", 2,
     "binding core: 2 workers do not fit 1 usable core: ask for -n 1 or fewer, or -b none"},
    {ONE, NULL, "pu", 2,
     "binding pu: 2 workers do not fit 1 usable processor: ask for -n 1 or fewer, or -b none"},
    {VM, NULL, "auto", 2, "0 1"},
    {VM, NULL, "auto", 3, "none"},
    {VM, NULL, NULL, 2, "0 1"},
    {VM, NULL, "none", 2, "none"},
    {VM, NULL, "core", 8,
     "binding core: 8 workers do not fit 2 usable cores: ask for -n 2 or fewer, or -b none"},
    {VM, NULL, "list:1+0", 2, "1 0"},
    {VM, NULL, "list:1+1+1", 3, "1 1 1"},
    {VM, "1", "core", 1, "1"},
    {LAPTOP, NULL, "auto", 4, "0-1 2-3 4-5 6-7"},
    {LAPTOP, NULL, "auto", 5, "none"},
    {LAPTOP, NULL, "core", 3, "0-1 2-3 4-5"},
    {LAPTOP, NULL, "pu", 6, "0 2 4 6 1 3"},
    {LAPTOP, NULL, "compact", 3, "0 1 2"},
    {LAPTOP, NULL, "spread", 6, "0 2 4 6 1 3"},
    {LAPTOP, NULL, "list:6+0-2", 4, "6 0 1 2"},
    {LAPTOP, NULL, "list:6+0-2", 2, "6 0"},
    {LAPTOP, "1,4-5", "core", 2, "1 4-5"},
    {LAPTOP, "1,4-5", "pu", 3, "1 4 5"},
    {LAPTOP, "1,4-5", "core", 3,
     "binding core: 3 workers do not fit 2 usable cores: ask for -n 2 or fewer, or -b none"},
    {LAPTOP, "1,4-5", "auto", 3, "none"},
    {LINUX_SMT, NULL, "core", 2, "0,4 1,5"},
    {LINUX_SMT, NULL, "pu", 5, "0 1 2 3 4"},
    {LINUX_SMT, NULL, "compact", 4, "0 4 1 5"},
    {SERVER, NULL, "core", 3, "0-1 2-3 4-5"},
    {SERVER, NULL, "pu", 9, "0 2 4 6 8 10 12 14 1"},
    {SERVER, NULL, "compact", 5, "0 1 2 3 4"},
    {SERVER, NULL, "spread", 10, "0 8 4 12 2 10 6 14 1 9"},
    {SERVER, "8-15", "spread", 5, "8 12 10 14 9"},
    {FOUR_NODES, NULL, "spread", 6, "0 2 4 6 1 3"},
    {FOUR_NODES, NULL, "compact", 3, "0 1 2"},
    {MANY_L3, NULL, "spread", 5, "0 2 4 6 1"},
    {MANY_L3, NULL, "core", 5, "0 1 2 3 4"},
    {LARGE, NULL, "spread", 6, "0 128 16 144 32 160"},
    {LARGE, NULL, "compact", 3, "0 1 2"},
    {LARGE, NULL, "core", 129,
     "binding core: 129 workers do not fit 128 usable cores: ask for -n 128 or fewer, or -b none"},
    {LITTLE, NULL, "core", 3, "4 5 0"},
    {LITTLE, NULL, "pu", 6, "4 5 0 1 2 3"},
    {LITTLE, NULL, "spread", 4, "4 5 0 1"},
    {LITTLE, NULL, "compact", 3, "0 1 2"},
    {LITTLE, "0-3", "core", 2, "0 1"},
    {HYBRID, NULL, "core", 6, "0-1 2-3 4 5 6 7"},
    {HYBRID, NULL, "pu", 8, "0 2 4 5 6 7 1 3"},
    {HYBRID, NULL, "compact", 5, "0 1 2 3 4"},
    {ASYMMETRIC, NULL, "core", 6, "0,6 1,7 2,8 3,9 4,10 5,11"},
    {ASYMMETRIC, NULL, "spread", 8, "0 2 1 3 4 5 6 8"},
    {ASYMMETRIC, NULL, "compact", 5, "0 6 1 7 2"},
    {DISALLOWED, NULL, "core", 2, "1,5 2"},
    {DISALLOWED, NULL, "pu", 3, "1 2 5"},
    {DISALLOWED, NULL, "pu", 4,
     "binding pu: 4 workers do not fit 3 usable processors: ask for -n 3 or fewer, or -b none"},
    {DISALLOWED, NULL, "list:3", 1, "binding list:3: this machine has no processor 3: choose among 1-2,5"},
    {CORELESS, NULL, "core", 4, "0 1 2 3"},
    {CORELESS, NULL, "spread", 4, "0 2 1 3"},
    {ALTERNATE, NULL, "core", 4, "0 2 1 3"},
    {ALTERNATE, NULL, "spread", 4, "0 1 2 3"},

    {LAPTOP, "0-3", "list:4", 1,
     "binding list:4: processor 4 is not usable (affinity mask): choose among 0-3"},
    {LAPTOP, NULL, "list:9999999999999999999999", 1,
     "binding list:9999999999999999999999: this machine has no processor 4096: choose among 0-7"},
    {LAPTOP, NULL, "list:0+2", 3,
     "binding list:0+2: 3 workers do not fit the 2 processors of the list: ask for -n 2 or fewer, or name "
     "more "
     "(one may be named twice)"},
    {LAPTOP, NULL, "list", 1,
     "binding list: not a list of processors: write numbers and ranges like list:0+2+4-7"},
    {LAPTOP, NULL, "pu", 0, "binding pu: there are no workers: ask for -n 1 or more"},
    {LAPTOP, NULL, "cors", 1,
     "binding cors: no such policy: did you mean core? the policies are auto, none, core, pu, compact, "
     "spread, "
     "list:0+2+4-7"},
    {LAPTOP, NULL, "wobble", 1,
     "binding wobble: no such policy: the policies are auto, none, core, pu, compact, spread, list:0+2+4-7"},
    {LAPTOP, NULL, "core:2", 1, "binding core:2: no such policy: did you mean core? the policies are "},
    {LAPTOP, NULL, "", 1, "binding : no such policy: "},
};

static void placed(const void *data) {
    const struct row *row = data;
    struct pb_machine m;
    struct pb_limits l;
    struct pb_placement p;
    struct pb_error error = {0};
    char got[1024];
    open_machine(&m, row->machine);
    limit(&l, &m, row->allowed);
    int rc = pb_place(&p, &m, &l, row->policy, row->workers, &error);
    if (strchr(row->expected, ':')) {
        CHECK_HAS(error.text, row->expected);
        CHECK_INT(rc, strstr(error.text, "do not fit") ? -ENOSPC : -EINVAL);
        CHECK_INT(error.code, rc);
        CHECK(p.binding == NULL);
    } else {
        CHECK_MSG(rc == 0, "%s", error.text);
        bindings(&p, got, sizeof got);
        CHECK_TEXT(got, row->expected);
        CHECK_INT(p.workers, strcmp(got, "none") ? row->workers : 0);
        CHECK_TEXT(p.policy, row->policy ? row->policy : "auto");
    }
    pb_placement_release(&p);
    pb_machine_release(&m);
}

static void bad_lists(const void *data) {
    static const char *const lists[] = {"list:",   "list:a",   "list:1+",    "list:+1",
                                        "list:1-", "list:3-1", "list:1,2",   "list:1++2",
                                        "list:-1", "list: 1",  "list:1-2-3", "list:0x1"};
    struct pb_machine m;
    struct pb_limits l;
    struct pb_placement p;
    (void)data;
    open_machine(&m, LAPTOP);
    limit(&l, &m, NULL);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct pb_error error = {0};
        CHECK_MSG(pb_place(&p, &m, &l, lists[i], 1, &error) == -EINVAL, "%s was taken", lists[i]);
        CHECK_HAS(error.text, "not a list of processors");
    }
    CHECK_INT(pb_place(&p, &m, &l, "list:a", 1, NULL), -EINVAL);
    pb_machine_release(&m);
}

static void auto_reasons(const void *data) {
    struct pb_machine m;
    struct pb_limits l;
    struct pb_placement p;
    (void)data;
    open_machine(&m, LAPTOP);
    limit(&l, &m, NULL);
    CHECK_INT(pb_place(&p, &m, &l, "auto", 4, NULL), 0);
    CHECK_TEXT(p.effective, "core");
    CHECK_TEXT(p.reason, "");
    pb_placement_release(&p);
    CHECK_INT(pb_place(&p, &m, &l, "auto", 5, NULL), 0);
    CHECK_TEXT(p.effective, "none");
    CHECK_TEXT(p.reason, "5 workers do not fit 4 usable cores");
    pb_placement_release(&p);
    l.limit = PB_LIMIT_QUOTA;
    l.quota = l.usable = 1.5;
    CHECK_INT(pb_place(&p, &m, &l, "auto", 1, NULL), 0);
    CHECK_TEXT(p.effective, "none");
    CHECK_TEXT(p.reason, "the quota of 1.5 processors belongs to no core in particular");
    pb_placement_release(&p);
    CHECK_INT(pb_place(&p, &m, &l, "core", 2, NULL), 0); /* asked for: done */
    CHECK_INT(p.workers, 2);
    pb_placement_release(&p);
    pb_machine_release(&m);
}

/* ---- What holds on every machine ---- */

/* The binding of n workers: within what is allowed, nobody's processor twice, and the beginning of `all`. */
static void check_placement(const struct pb_placement *p, const struct pb_placement *all,
                            const struct pb_limits *l, const char *machine) {
    struct pb_cpuset taken;
    pb_cpuset_zero(&taken);
    for (uint32_t k = 0; k < p->workers; k++) {
        CHECK_MSG(pb_cpuset_equal(&p->binding[k], &all->binding[k]), "%s %s: worker %u of %u moves", machine,
                  p->policy, k, p->workers);
        CHECK(pb_cpuset_count(&p->binding[k]) > 0);
        for (int32_t cpu = -1; (cpu = pb_cpuset_next(&p->binding[k], cpu)) >= 0;) {
            CHECK_MSG(pb_cpuset_has(&l->allowed, (uint32_t)cpu), "%s %s: %d", machine, p->policy, cpu);
            CHECK_MSG(!pb_cpuset_has(&taken, (uint32_t)cpu), "%s %s: %d twice", machine, p->policy, cpu);
            pb_cpuset_set(&taken, (uint32_t)cpu);
        }
    }
}

static uint32_t usable_cores(const struct pb_machine *m, const struct pb_limits *l) {
    uint32_t count = 0, last = UINT32_MAX;
    for (uint32_t i = 0; i < m->pus; i++)
        if (pb_cpuset_has(&l->allowed, m->pu[i].cpu) && m->pu[i].core != last) {
            last = m->pu[i].core;
            count++;
        }
    return count;
}

static void check_policy(const struct pb_machine *m, const struct pb_limits *l, const char *policy,
                         const char *machine) {
    struct pb_placement all, p;
    uint32_t room = strcmp(policy, "core") ? pb_cpuset_count(&l->allowed) : usable_cores(m, l);
    CHECK_INT(pb_place(&all, m, l, policy, room, NULL), 0);
    CHECK_INT(all.workers, room);
    for (uint32_t n = 1; n <= room; n += 1 + n / 3) {
        CHECK_INT(pb_place(&p, m, l, policy, n, NULL), 0);
        CHECK_INT(p.workers, n);
        check_placement(&p, &all, l, machine);
        pb_placement_release(&p);
    }
    check_placement(&all, &all, l, machine);
    pb_placement_release(&all);
    CHECK_INT(pb_place(&p, m, l, policy, room + 1, NULL), -ENOSPC);
}

static void everywhere(const void *data) {
    static const char *const policies[] = {"core", "pu", "compact", "spread"};
    const char *machine = data;
    struct pb_machine m;
    struct pb_random random;
    open_machine(&m, machine);
    pb_random_seed(&random, 20);
    for (int round = 0; round < 12; round++) {
        struct pb_cpuset mask;
        struct pb_limits l;
        pb_cpuset_zero(&mask);
        for (uint32_t i = 0; i < m.pus; i++)
            if (round == 0 || pb_random_below(&random, 3))
                pb_cpuset_set(&mask, m.pu[i].cpu);
        pb_limits_read_at(&l, &m, "/nowhere", &mask);
        for (size_t k = 0; k < sizeof policies / sizeof *policies; k++)
            check_policy(&m, &l, policies[k], machine);
    }
    pb_machine_release(&m);
}

static void policy_listing(const void *data) {
    size_t count = 0;
    (void)data;
    for (; pb_policies[count].name; count++)
        CHECK(*pb_policies[count].summary);
    CHECK_INT(count, 7);
    CHECK_TEXT(pb_policies[0].name, "auto");
}

/* ---- The cases ---- */

static const struct pb_case plain[] = {
    {"counts", counts, NULL},
    {"processors", processors, NULL},
    {"caches", caches, NULL},
    {"copies", copies, NULL},
    {"refused-sources", refused_sources, NULL},
    {"environment", environment, NULL},
    {"this-machine", this_machine, NULL},
    {"bad-lists", bad_lists, NULL},
    {"auto-reasons", auto_reasons, NULL},
    {"policies", policy_listing, NULL},
};

enum {
    PLAIN = sizeof plain / sizeof *plain,
    PLACED = sizeof placements / sizeof *placements,
    MACHINES = sizeof machines / sizeof *machines - 1,
};

static bool generate(size_t i, struct pb_case *out) {
    if (i < PLAIN)
        *out = plain[i];
    else if (i < PLAIN + PLACED)
        *out = (struct pb_case){"placed", placed, &placements[i - PLAIN]};
    else if (i < PLAIN + PLACED + MACHINES)
        *out = (struct pb_case){"everywhere", everywhere, machines[i - PLAIN - PLACED]};
    else
        return false;
    return true;
}

const struct pb_suite suite_topology = {"topology", NULL, generate};
