/* Pictures of machines, compared whole; and what must hold of every picture. */
#include "suite.h"
#include "topology/draw.h"

#define DATA PB_SOURCE_DIR "/tests/data/topology/"

static const struct row {
    const char *name, *machine, *allowed, *policy;
    uint32_t workers;
    bool utf8;
    const char *expected;
} rows[] = {
    {"vm", "vm2.xml", NULL, "core", 2, true,
     "usable processors: 2 of 2\n"
     "AMD EPYC · 4.46 GiB\n"
     "1 package · 1 NUMA node · 2 cores · 2 processors\n"
     "2 x L1d 32 KiB · 2 x L1i 32 KiB · 2 x L2 1 MiB · 1 x L3 32 MiB per 2 processors\n"
     "\n"
     "╭ package 0 · L3 32 MiB ──╮\n"
     "│ core    0 │ 1           │\n"
     "│ cpu     0 │ 1           │\n"
     "│ worker  0 │ 1           │\n"
     "╰─────────────────────────╯\n"
     "binding: core\n"},
    {"vm-unplaced-ascii", "vm2.xml", NULL, NULL, 0, false,
     "usable processors: 2 of 2\n"
     "AMD EPYC, 4.46 GiB\n"
     "1 package, 1 NUMA node, 2 cores, 2 processors\n"
     "2 x L1d 32 KiB, 2 x L1i 32 KiB, 2 x L2 1 MiB, 1 x L3 32 MiB per 2 processors\n"
     "\n"
     "+ package 0, L3 32 MiB --+\n"
     "| core    0 | 1          |\n"
     "| cpu     0 | 1          |\n"
     "+------------------------+\n"},
    {"hybrid", "hybrid.xml", NULL, "pu", 7, true,
     "usable processors: 8 of 8\n"
     "12th Gen Intel(R) Core(TM) i3-1215U · 16 GiB\n"
     "1 package · 1 NUMA node · 6 cores · 8 processors\n"
     "2 x L1d 48 KiB per 2 processors · 4 x L1d 32 KiB\n"
     "2 x L2 1.25 MiB per 2 processors · 1 x L2 2 MiB per 4 processors\n"
     "1 x L3 10 MiB per 8 processors\n"
     "\n"
     "╭ package 0 · L3 10 MiB · performance cores ──╮\n"
     "│ core    0   │ 1                             │\n"
     "│ cpu     0 1 │ 2 3                           │\n"
     "│ worker  0 6 │ 1 ·                           │\n"
     "├ efficiency cores ───────────────────────────┤\n"
     "│ core    2   │ 3   │ 4   │ 5                 │\n"
     "│ cpu     4   │ 5   │ 6   │ 7                 │\n"
     "│ worker  2   │ 3   │ 4   │ 5                 │\n"
     "╰─────────────────────────────────────────────╯\n"
     "binding: pu\n"},
    {"does-not-fit", "vm2.xml", NULL, "auto", 3, true,
     "usable processors: 2 of 2\n"
     "AMD EPYC · 4.46 GiB\n"
     "1 package · 1 NUMA node · 2 cores · 2 processors\n"
     "2 x L1d 32 KiB · 2 x L1i 32 KiB · 2 x L2 1 MiB · 1 x L3 32 MiB per 2 processors\n"
     "\n"
     "╭ package 0 · L3 32 MiB ──╮\n"
     "│ core    0 │ 1           │\n"
     "│ cpu     0 │ 1           │\n"
     "╰─────────────────────────╯\n"
     "binding: none (auto)\n"
     "  because 3 workers do not fit 2 usable cores\n"},
    {"masked", "package:1 l3:1(size=8388608) core:4 pu:2", "1-2,6", "core", 2, true,
     "usable processors: 3 of 8 (affinity mask 1-2,6)\n"
     "1 GiB\n"
     "1 package · 1 NUMA node · 4 cores · 8 processors\n"
     "1 x L3 8 MiB per 8 processors\n"
     "\n"
     "╭ package 0 · L3 8 MiB ─────────╮\n"
     "│ core    0   │ 1   │ 2   │ 3   │\n"
     "│ cpu     0 1 │ 2 3 │ 4 5 │ 6 7 │\n"
     "│ worker  × 0 │ 1 × │ × × │ · × │\n"
     "╰───────────────────────────────╯\n"
     "binding: core\n"
     "× not usable: outside the affinity mask\n"},
    {"two-on-one", "core:2 pu:1", NULL, "list:1+1", 2, false,
     "usable processors: 2 of 2\n"
     "1 GiB\n"
     "1 package, 1 NUMA node, 2 cores, 2 processors\n"
     "\n"
     "+ package 0 ------+\n"
     "| core     0 |  1 |\n"
     "| cpu      0 |  1 |\n"
     "| worker   . | 0+ |\n"
     "+-----------------+\n"
     "binding: list:1+1\n"},
    {"packages-folded", "package:16 core:2 pu:1", NULL, "compact", 3, false,
     "usable processors: 32 of 32\n"
     "1 GiB\n"
     "16 packages, 1 NUMA node, 32 cores, 32 processors\n"
     "\n"
     "+ package 0 -----------------------------------+\n"
     "| core     0 |  1                              |\n"
     "| cpu      0 |  1                              |\n"
     "| worker   0 |  1                              |\n"
     "+----------------------------------------------+\n"
     "+ package 1 -----------------------------------+\n"
     "| core     2 |  3                              |\n"
     "| cpu      2 |  3                              |\n"
     "| worker   2 |  .                              |\n"
     "+----------------------------------------------+\n"
     "... 14 more packages alike: cpu 4-31\n"
     "binding: compact\n"},
    {"caches-folded", "package:2 [numa] l3:4(size=33554432) core:2 pu:2", NULL, "list:0+1", 2, false,
     "usable processors: 32 of 32\n"
     "2 packages, 2 NUMA nodes, 16 cores, 32 processors\n"
     "8 x L3 32 MiB per 4 processors\n"
     "\n"
     "+ package 0, NUMA node 0, L3 32 MiB -----------+\n"
     "| core     0    |  1                           |\n"
     "| cpu      0  1 |  2  3                        |\n"
     "| worker   0  1 |  .  .                        |\n"
     "+----------------------------------------------+\n"
     "| ... 3 more alike: cpu 4-15                   |\n"
     "+----------------------------------------------+\n"
     "+ package 1, NUMA node 1, L3 32 MiB -----------+\n"
     "| core     8    |  9                           |\n"
     "| cpu     16 17 | 18 19                        |\n"
     "| worker   .  . |  .  .                        |\n"
     "+----------------------------------------------+\n"
     "| ... 3 more alike: cpu 20-31                  |\n"
     "+----------------------------------------------+\n"
     "binding: list:0+1\n"},
    {"server", "package:2 [numa] l3:1(size=50331648) core:32 pu:2", NULL, "core", 9, true,
     "usable processors: 128 of 128\n"
     "2 packages · 2 NUMA nodes · 64 cores · 128 processors\n"
     "2 x L3 48 MiB per 64 processors\n"
     "\n"
     "╭ package 0 · NUMA node 0 · L3 48 MiB ────────────────────────────────────────╮\n"
     "│ core      0     │   1     │   2     │   3     │   4     │   5     │   6     │\n"
     "│ cpu       0   1 │   2   3 │   4   5 │   6   7 │   8   9 │  10  11 │  12  13 │\n"
     "│ worker    0   0 │   1   1 │   2   2 │   3   3 │   4   4 │   5   5 │   6   6 │\n"
     "│ core      7     │   8     │   9     │  10     │  11     │  12     │  13     │\n"
     "│ cpu      14  15 │  16  17 │  18  19 │  20  21 │  22  23 │  24  25 │  26  27 │\n"
     "│ worker    7   7 │   8   8 │   ·   · │   ·   · │   ·   · │   ·   · │   ·   · │\n"
     "│ … 18 more cores without a worker: cpu 28-63                                 │\n"
     "╰─────────────────────────────────────────────────────────────────────────────╯\n"
     "╭ package 1 · NUMA node 1 · L3 48 MiB ────────────────────────────────────────╮\n"
     "│ core     32     │  33     │  34     │  35     │  36     │  37     │  38     │\n"
     "│ cpu      64  65 │  66  67 │  68  69 │  70  71 │  72  73 │  74  75 │  76  77 │\n"
     "│ worker    ·   · │   ·   · │   ·   · │   ·   · │   ·   · │   ·   · │   ·   · │\n"
     "│ … 25 more cores without a worker: cpu 78-127                                │\n"
     "╰─────────────────────────────────────────────────────────────────────────────╯\n"
     "binding: core\n"},
};

/* As if live: a file's path differs from checkout to checkout. */
static void open_machine(struct pb_machine *m, struct pb_limits *l, const char *name, const char *allowed) {
    char path[512];
    struct pb_cpuset mask;
    snprintf(path, sizeof path, "%s%s", DATA, name);
    CHECK_INT(strstr(name, ".xml") ? pb_machine_init_xml(m, path, NULL)
                                   : pb_machine_init_synthetic(m, name, NULL),
              0);
    pb_limits_read(l, m);
    if (allowed) {
        CHECK_INT(pb_cpuset_parse(&mask, allowed), 0);
        pb_limits_read_at(l, m, "/nowhere", &mask);
    }
    m->source = PB_MACHINE_LIVE;
}

static void draw(const struct row *row, uint32_t width, struct pb_buffer *out) {
    struct pb_machine m;
    struct pb_limits l;
    struct pb_placement p = {0};
    open_machine(&m, &l, row->machine, row->allowed);
    if (row->policy)
        CHECK_INT(pb_place(&p, &m, &l, row->policy, row->workers, NULL), 0);
    CHECK_INT(pb_topology_draw(&m, &l, row->policy ? &p : NULL, row->utf8, width, out), 0);
    pb_placement_release(&p);
    pb_machine_release(&m);
}

static void golden(const void *data) {
    const struct row *row = data;
    struct pb_buffer out = {0};
    draw(row, 80, &out);
    CHECK_MSG(strcmp(pb_buffer_string(&out), row->expected) == 0, "drew\n%s", pb_buffer_string(&out));
    pb_buffer_release(&out);
}

/* No line is wider than asked, and ASCII is ASCII. */
static void fits(const void *data) {
    static const char *const machines[] = {
        "vm2.xml",
        "hybrid.xml",
        "biglittle.xml",
        "asymmetric.xml",
        "disallowed.xml",
        "pu:1",
        "package:2 [numa] l3:8 core:8 pu:2",
        "package:16 core:64 pu:2",
        "numa:4 core:32 pu:1",
        "core:4 pu:8",
    };
    static const uint32_t widths[] = {50, 80, 132};
    (void)data;
    for (size_t i = 0; i < sizeof machines / sizeof *machines * 6; i++) {
        struct row row = {.machine = machines[i / 6], .policy = i % 2 ? "spread" : NULL, .workers = 1};
        struct pb_buffer out = {0};
        uint32_t width = widths[i / 2 % 3];
        draw(&row, width, &out);
        for (const char *line = pb_buffer_string(&out); *line; line += strcspn(line, "\n") + 1)
            CHECK_MSG(strcspn(line, "\n") <= width, "%s at %u:\n%.*s", row.machine, width,
                      (int)strcspn(line, "\n"), line);
        for (size_t k = 0; k < out.size; k++)
            CHECK((unsigned char)out.data[k] < 0x80);
        pb_buffer_release(&out);
    }
}

static void usable_line(const void *data) {
    static const struct {
        enum pb_limit limit;
        double usable;
        const char *where, *expected;
    } lines[] = {
        {PB_LIMIT_NONE, 8, "", "usable processors: 8 of 8\n"},
        {PB_LIMIT_QUOTA, 1.5, "/sys/fs/cgroup/box",
         "usable processors: 1.5 of 8 (cgroup quota /sys/fs/cgroup/box)\n"},
        {PB_LIMIT_CPUSET, 4, "/sys/fs/cgroup", "usable processors: 4 of 8 (cgroup cpuset /sys/fs/cgroup)\n"},
        {PB_LIMIT_AFFINITY, 4, "", "usable processors: 4 of 8 (affinity mask 0-7)\n"},
        {PB_LIMIT_QUOTA, 0.25,
         "/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod01234567.slice/cri-0",
         "usable processors: 0.25 of 8 (cgroup quota ...burstable-pod01234567.slice/cri-0)\n"},
    };
    struct pb_machine m;
    struct pb_limits l;
    (void)data;
    open_machine(&m, &l, "core:8 pu:1", NULL);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct pb_buffer out = {0};
        l.limit = lines[i].limit;
        l.usable = lines[i].usable;
        snprintf(l.where, sizeof l.where, "%s", lines[i].where);
        CHECK_INT(pb_topology_draw(&m, &l, NULL, false, 80, &out), 0);
        CHECK(strcspn(pb_buffer_string(&out), "\n") <= 80);
        CHECK_HAS(pb_buffer_string(&out), lines[i].expected);
        pb_buffer_release(&out);
    }
    pb_machine_release(&m);
}

static const struct pb_case plain[] = {{"fits", fits, NULL}, {"usable-line", usable_line, NULL}};

static bool generate(size_t i, struct pb_case *out) {
    enum { PLAIN = sizeof plain / sizeof *plain, ROWS = sizeof rows / sizeof *rows };
    if (i < PLAIN)
        *out = plain[i];
    else if (i < PLAIN + ROWS)
        *out = (struct pb_case){rows[i - PLAIN].name, golden, &rows[i - PLAIN]};
    else
        return false;
    return true;
}

const struct pb_suite suite_topology_draw = {"topology_draw", NULL, generate};
