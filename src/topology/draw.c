/* How the picture is made: PUs stand in logical order, so a package is a run of PUs, and so is each group
 * within it that one title describes (NUMA node, last-level cache, kind of core). A group is drawn as rows of
 * cells, a cell being a core; all cells of a picture are equally wide. The box is as wide as its widest line.
 */
#include "topology/draw.h"

#include "base/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Machines of MANY processors may be folded, and a fold's line needs room. */
enum { LABEL = 8, NARROWEST = 48, TEXT = 256, MANY = 16 };

struct glyphs {
    const char *line, *side, *top_left, *top_right, *tee_left, *tee_right, *bottom_left, *bottom_right;
    const char *dot, *idle, *barred, *ellipsis;
};

static const struct glyphs ascii = {"-", "|", "+", "+", "+", "+", "+", "+", ", ", ".", "x", "..."};
static const struct glyphs unicode = {"─", "│", "╭", "╮", "├", "┤", "╰", "╯", " · ", "·", "×", "…"};

struct drawing {
    const struct pb_machine *machine;
    const struct pb_limits *limits;
    const struct pb_placement *placement; /* NULL: nothing is bound */
    const struct glyphs *glyph;
    struct pb_buffer *out;
    uint32_t width;   /* columns of the box */
    uint32_t number;  /* columns of one PU's number, mark or worker */
    uint32_t cell;    /* columns of a core, without the bar between two */
    uint32_t per_row; /* cores in one row */
    bool marks;       /* some PU has a worker or is not usable: the row of workers is drawn */
    bool several_nodes, kinds;
    uint32_t best; /* the highest efficiency */
};

/* PUs [begin, end) of the machine. */
struct span {
    uint32_t begin, end;
};

static uint32_t columns(const char *text) {
    uint32_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void repeat(struct pb_buffer *out, const char *text, int64_t times) {
    for (; times > 0; times--)
        pb_buffer_text(out, text);
}

/* Right-aligned in `width` columns. */
static void right(struct pb_buffer *out, const char *text, uint32_t width) {
    repeat(out, " ", (int64_t)width - columns(text));
    pb_buffer_text(out, text);
}

static void append(char *text, const char *separator, const char *more) {
    size_t used = strlen(text);
    snprintf(text + used, TEXT - used, "%s%s", used ? separator : "", more);
}

/* ---- What a PU carries ---- */

static bool usable(const struct drawing *d, const struct pb_pu *pu) {
    return pb_cpuset_has(&d->limits->allowed, pu->cpu);
}

/* The first worker bound to the PU, as text; "3+" if there are more of them; "" if there is none. */
static const char *worker_text(const struct drawing *d, const struct pb_pu *pu, char *out, size_t size) {
    uint32_t count = 0;
    out[0] = '\0';
    for (uint32_t k = 0; d->placement && k < d->placement->workers && count < 2; k++) {
        if (!pb_cpuset_has(&d->placement->binding[k], pu->cpu))
            continue;
        if (count++ == 0)
            snprintf(out, size, "%u", k);
        else
            strncat(out, "+", size - strlen(out) - 1);
    }
    return out;
}

static const char *mark_text(const struct drawing *d, const struct pb_pu *pu, char *out, size_t size) {
    if (!*worker_text(d, pu, out, size))
        snprintf(out, size, "%s", !usable(d, pu) ? d->glyph->barred : d->placement ? d->glyph->idle : "");
    return out;
}

static bool busy(const struct drawing *d, struct span s) {
    char text[16];
    for (uint32_t i = s.begin; i < s.end; i++)
        if (*worker_text(d, &d->machine->pu[i], text, sizeof text))
            return true;
    return false;
}

/* ---- Spans ---- */

static bool same_package(const struct pb_pu *a, const struct pb_pu *b) {
    return a->package == b->package;
}

static bool same_group(const struct pb_pu *a, const struct pb_pu *b) {
    return a->package == b->package && a->numa == b->numa && a->llc == b->llc &&
           a->efficiency == b->efficiency;
}

static bool same_core(const struct pb_pu *a, const struct pb_pu *b) {
    return a->core == b->core;
}

static struct span span_at(const struct drawing *d, uint32_t begin,
                           bool (*same)(const struct pb_pu *, const struct pb_pu *)) {
    const struct pb_pu *pu = d->machine->pu;
    struct span s = {begin, begin + 1};
    while (s.end < d->machine->pus && same(&pu[begin], &pu[s.end]))
        s.end++;
    return s;
}

/* Equal but for the numbers of things: what a fold may stand for. */
static bool look_alike(const struct drawing *d, struct span a, struct span b) {
    const struct pb_pu *x = d->machine->pu + a.begin, *y = d->machine->pu + b.begin;
    if (a.end - a.begin != b.end - b.begin)
        return false;
    for (uint32_t i = 0; i < a.end - a.begin; i++)
        if (x[i].smt != y[i].smt || x[i].efficiency != y[i].efficiency ||
            usable(d, &x[i]) != usable(d, &y[i]) || x[i].llc - x->llc != y[i].llc - y->llc ||
            x[i].numa - x->numa != y[i].numa - y->numa)
            return false;
    return true;
}

/* How many spans after `first`, below `limit`, look like it and carry nobody; *end is where they end. */
static uint32_t foldable(const struct drawing *d, struct span first, uint32_t limit,
                         bool (*same)(const struct pb_pu *, const struct pb_pu *), uint32_t *end) {
    uint32_t count = 0;
    *end = first.end;
    while (*end < limit) {
        struct span next = span_at(d, *end, same);
        if (busy(d, next) || !look_alike(d, first, next))
            break;
        *end = next.end;
        count++;
    }
    return count;
}

/* ---- Lines of the box ---- */

static void rule(const struct drawing *d, const char *left, const char *title, const char *end) {
    pb_buffer_text(d->out, left);
    if (*title)
        pb_buffer_printf(d->out, " %s ", title);
    repeat(d->out, d->glyph->line, (int64_t)d->width - 2 - (*title ? columns(title) + 2 : 0));
    pb_buffer_printf(d->out, "%s\n", end);
}

/* Ends a line that began at `start` of the buffer: pads it up to the right side of the box. */
static void close_line(const struct drawing *d, size_t start) {
    uint32_t used = columns(pb_buffer_string(d->out) + (d->out->failed ? 0 : start));
    repeat(d->out, " ", (int64_t)d->width - 1 - used);
    pb_buffer_printf(d->out, "%s\n", d->glyph->side);
}

typedef const char *text_of(const struct drawing *, const struct pb_pu *, char *out, size_t size);

static const char *core_text(const struct drawing *d, const struct pb_pu *pu, char *out, size_t size) {
    (void)d;
    snprintf(out, size, "%u", pu->core);
    if (pu->smt)
        out[0] = '\0'; /* said above its first PU */
    return out;
}

static const char *cpu_text(const struct drawing *d, const struct pb_pu *pu, char *out, size_t size) {
    (void)d;
    snprintf(out, size, "%u", pu->cpu);
    return out;
}

/* One line of a row of cores: what `text` says of each PU. */
static void draw_line(const struct drawing *d, struct span row, const char *label, text_of *text) {
    size_t start = d->out->size;
    char value[16];
    pb_buffer_printf(d->out, "%s %-*s", d->glyph->side, LABEL - 1, label);
    for (uint32_t i = row.begin; i < row.end;) {
        struct span core = span_at(d, i, same_core);
        uint32_t used = 0;
        if (i > row.begin)
            pb_buffer_printf(d->out, " %s", d->glyph->side);
        for (; i < core.end; i++, used += d->number + 1) {
            pb_buffer_text(d->out, " ");
            right(d->out, text(d, &d->machine->pu[i], value, sizeof value), d->number);
        }
        if (i < row.end)
            repeat(d->out, " ", (int64_t)d->cell - used);
    }
    close_line(d, start);
}

/* "… 14 more alike: cpu 16-127", no wider than the inside of the box. */
static void fold_text(const struct drawing *d, struct span s, uint32_t count, const char *what, char *out) {
    struct pb_cpuset set;
    char all[TEXT], list[TEXT];
    pb_cpuset_zero(&set);
    for (uint32_t i = s.begin; i < s.end; i++)
        pb_cpuset_set(&set, d->machine->pu[i].cpu);
    snprintf(out, TEXT, "%s %u more %s: cpu ", d->glyph->ellipsis, count, what);
    int64_t room = (int64_t)d->width - 4 - columns(out);
    pb_cpuset_format(&set, all, sizeof all);
    bool fits = columns(all) <= room;
    size_t size = fits ? sizeof list : room > 4 ? (size_t)room - 3 : 1;
    pb_cpuset_format(&set, list, size < sizeof list ? size : sizeof list);
    size_t used = strlen(out);
    snprintf(out + used, TEXT - used, "%.120s%s%s", list, fits || !*list ? "" : ",",
             fits ? "" : d->glyph->ellipsis);
}

/* A fold inside the box. */
static void draw_fold(const struct drawing *d, struct span s, uint32_t count, const char *what) {
    char text[TEXT];
    size_t start = d->out->size;
    fold_text(d, s, count, what, text);
    pb_buffer_printf(d->out, "%s %s", d->glyph->side, text);
    close_line(d, start);
}

/* With workers about, rows of cores that got none are told in one line. */
static void draw_group(const struct drawing *d, struct span group) {
    for (uint32_t i = group.begin; i < group.end;) {
        struct span row = {i, i}, last = row;
        for (uint32_t n = 0; n < d->per_row && row.end < group.end; n++) {
            last = span_at(d, row.end, same_core);
            row.end = last.end;
        }
        draw_line(d, row, "core", core_text);
        draw_line(d, row, "cpu", cpu_text);
        if (d->marks)
            draw_line(d, row, "worker", mark_text);
        uint32_t end, idle = foldable(d, last, group.end, same_core, &end);
        i = row.end;
        if (!d->placement || idle <= d->per_row)
            continue;
        draw_fold(d, (struct span){i, end}, idle, "cores without a worker");
        i = end;
    }
}

/* ---- Titles ---- */

/* "L3 32 MiB" if the PUs of this cache are as many as one row of the machine's outermost caches says. */
static void cache_title(const struct drawing *d, uint32_t llc, char *title) {
    const struct pb_machine *m = d->machine;
    const struct pb_cache *found = NULL;
    uint32_t sharing = 0;
    char text[48], size[24];
    for (uint32_t i = 0; i < m->pus; i++)
        sharing += m->pu[i].llc == llc;
    for (uint32_t i = 0; i < m->caches; i++)
        if (m->cache[i].sharing == sharing && m->cache[i].type != 'i' &&
            (!found || m->cache[i].level > found->level))
            found = &m->cache[i];
    if (!found || (sharing == 1) || (m->smt && found->level == 1))
        return;
    snprintf(text, sizeof text, "L%u %s", found->level,
             pb_format_size((double)found->bytes, size, sizeof size));
    append(title, d->glyph->dot, text);
}

/* What is new in the group that begins here, compared with the one before it in its package. */
static void group_title(const struct drawing *d, uint32_t at, char *title) {
    const struct pb_pu *pu = &d->machine->pu[at],
                       *before = at && pu[-1].package == pu->package ? pu - 1 : NULL;
    char text[48];
    title[0] = '\0';
    if (!before) {
        snprintf(text, sizeof text, "package %u", pu->package);
        append(title, d->glyph->dot, text);
    }
    if (d->several_nodes && (!before || before->numa != pu->numa)) {
        snprintf(text, sizeof text, "NUMA node %u", pu->numa);
        append(title, d->glyph->dot, text);
    }
    if (!before || before->llc != pu->llc)
        cache_title(d, pu->llc, title);
    if (d->kinds && (!before || before->efficiency != pu->efficiency))
        append(title, d->glyph->dot,
               pu->efficiency == d->best ? "performance cores"
               : pu->efficiency == 0     ? "efficiency cores"
                                         : "middle cores");
}

static void draw_package(const struct drawing *d, struct span package) {
    char text[TEXT];
    for (uint32_t i = package.begin; i < package.end;) {
        struct span group = span_at(d, i, same_group);
        bool first = i == package.begin;
        group_title(d, i, text);
        rule(d, first ? d->glyph->top_left : d->glyph->tee_left, text,
             first ? d->glyph->top_right : d->glyph->tee_right);
        draw_group(d, group);
        uint32_t end, alike = foldable(d, group, package.end, same_group, &end);
        i = group.end;
        if (alike < 2)
            continue;
        rule(d, d->glyph->tee_left, "", d->glyph->tee_right);
        draw_fold(d, (struct span){group.end, end}, alike, "alike");
        i = end;
    }
    rule(d, d->glyph->bottom_left, "", d->glyph->bottom_right);
}

static void draw_packages(const struct drawing *d) {
    char text[TEXT];
    for (uint32_t i = 0; i < d->machine->pus;) {
        struct span package = span_at(d, i, same_package);
        draw_package(d, package);
        uint32_t end, alike = foldable(d, package, d->machine->pus, same_package, &end);
        i = package.end;
        if (alike < 2)
            continue;
        fold_text(d, (struct span){package.end, end}, alike, "packages alike", text);
        pb_buffer_printf(d->out, "%s\n", text);
        i = end;
    }
}

/* ---- The lines above and below the box ---- */

/* Words joined by the dot, broken into lines where the width asks for it. */
struct flow {
    const struct drawing *d;
    uint32_t used, width;
};

static void flow_add(struct flow *f, const char *text) {
    uint32_t need = columns(text), dot = columns(f->d->glyph->dot);
    if (f->used && f->used + dot + need > f->width) {
        pb_buffer_text(f->d->out, "\n");
        f->used = 0;
    }
    if (f->used) {
        pb_buffer_text(f->d->out, f->d->glyph->dot);
        f->used += dot;
    }
    pb_buffer_text(f->d->out, text);
    f->used += need;
}

static void flow_end(struct flow *f) {
    if (f->used)
        pb_buffer_text(f->d->out, "\n");
    f->used = 0;
}

static void flow_count(struct flow *f, uint32_t n, const char *one, const char *many) {
    char text[48];
    snprintf(text, sizeof text, "%u %s", n, n == 1 ? one : many);
    flow_add(f, text);
}

/* "usable processors: 1.5 of 8 (cgroup quota /sys/fs/cgroup/box)"; of a path too long its end is shown. */
static void draw_usable(const struct drawing *d, uint32_t width) {
    static const char *const kinds[] = {[PB_LIMIT_NONE] = "",
                                        [PB_LIMIT_AFFINITY] = "affinity mask",
                                        [PB_LIMIT_CPUSET] = "cgroup cpuset",
                                        [PB_LIMIT_QUOTA] = "cgroup quota"};
    const struct pb_limits *l = d->limits;
    char head[96], list[64];
    snprintf(head, sizeof head, "usable processors: %.4g of %u", l->usable, d->machine->pus);
    pb_buffer_text(d->out, head);
    if (l->limit != PB_LIMIT_NONE) {
        const char *where = l->where;
        uint32_t room = width - (uint32_t)strlen(head) - (uint32_t)strlen(kinds[l->limit]) - 4;
        if (l->limit == PB_LIMIT_AFFINITY)
            where = pb_cpuset_format(&l->allowed, list, room < sizeof list ? room + 1 : sizeof list);
        bool cut = strlen(where) > room;
        if (cut)
            where += strlen(where) - room + 3;
        pb_buffer_printf(d->out, " (%s%s%s%s)", kinds[l->limit], *where ? " " : "", cut ? "..." : "", where);
    }
    pb_buffer_text(d->out, "\n");
}

static void draw_caches(const struct drawing *d, struct flow *f) {
    const struct pb_machine *m = d->machine;
    for (uint32_t i = 0; i < m->caches; i++) {
        const struct pb_cache *c = &m->cache[i];
        char text[96], size[24], shared[48] = "";
        if (c->sharing > 1)
            snprintf(shared, sizeof shared, " per %u processors", c->sharing);
        snprintf(text, sizeof text, "%u x L%u%s %s%s", c->instances, c->level,
                 c->type == 'd'   ? "d"
                 : c->type == 'i' ? "i"
                                  : "",
                 pb_format_size((double)c->bytes, size, sizeof size), shared);
        flow_add(f, text);
    }
}

static void draw_facts(const struct drawing *d, uint32_t width) {
    const struct pb_machine *m = d->machine;
    struct flow f = {d, 0, width};
    char text[48];
    if (m->source != PB_MACHINE_LIVE) {
        flow_add(&f, m->source == PB_MACHINE_XML ? "captured machine" : "synthetic machine");
        flow_add(&f, m->source_text);
        flow_end(&f);
    }
    if (*m->cpu_model)
        flow_add(&f, m->cpu_model);
    if (m->memory_bytes)
        flow_add(&f, pb_format_size((double)m->memory_bytes, text, sizeof text));
    flow_end(&f);
    flow_count(&f, m->packages, "package", "packages");
    flow_count(&f, m->numa_nodes, "NUMA node", "NUMA nodes");
    flow_count(&f, m->cores, "core", "cores");
    flow_count(&f, m->pus, "processor", "processors");
    flow_end(&f);
    draw_caches(d, &f);
    flow_end(&f);
}

static void draw_binding(const struct drawing *d, const struct pb_placement *p, bool barred) {
    if (p)
        pb_buffer_printf(
            d->out, "binding: %s%s%s%s\n", p->effective, strcmp(p->effective, p->policy) ? " (" : "",
            strcmp(p->effective, p->policy) ? p->policy : "", strcmp(p->effective, p->policy) ? ")" : "");
    if (p && *p->reason)
        pb_buffer_printf(d->out, "  because %s\n", p->reason);
    if (barred)
        pb_buffer_printf(d->out, "%s not usable: outside the %s\n", d->glyph->barred,
                         d->limits->limit == PB_LIMIT_CPUSET ? "cpuset" : "affinity mask");
}

/* ---- Measures ---- */

static uint32_t larger(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

/* Columns of the numbers and of the cells; true if some PU is not usable. */
static bool measure_cells(struct drawing *d) {
    const struct pb_machine *m = d->machine;
    bool barred = false;
    char text[16];
    d->number = 1;
    for (uint32_t i = 0; i < m->pus; i++) {
        const struct pb_pu *pu = &m->pu[i];
        d->number = larger(d->number, columns(cpu_text(d, pu, text, sizeof text)));
        d->number = larger(d->number, columns(core_text(d, pu, text, sizeof text)));
        d->number = larger(d->number, columns(mark_text(d, pu, text, sizeof text)));
        d->marks |= *text != '\0';
        barred |= !usable(d, pu);
        d->best = larger(d->best, pu->efficiency);
        d->several_nodes |= pu->numa != m->pu[0].numa;
        d->kinds |= pu->efficiency != m->pu[0].efficiency;
    }
    for (uint32_t i = 0; i < m->pus; i++)
        d->cell = larger(d->cell, (m->pu[i].smt + 1) * (d->number + 1));
    return barred;
}

/* As few rows as the width allows, as equal as they get; then the narrowest box. */
static void measure_box(struct drawing *d, uint32_t width) {
    uint32_t fit = (width - 3 - LABEL + 2) / (d->cell + 2), most = 0, title_columns = 0;
    char title[TEXT];
    for (uint32_t i = 0; i < d->machine->pus;) {
        struct span group = span_at(d, i, same_group);
        uint32_t cores = d->machine->pu[group.end - 1].core - d->machine->pu[group.begin].core + 1;
        most = larger(most, cores);
        group_title(d, i, title);
        title_columns = larger(title_columns, columns(title));
        i = group.end;
    }
    fit = larger(fit, 1);
    uint32_t rows = (most + fit - 1) / fit;
    d->per_row = (most + rows - 1) / rows;
    d->width = larger(d->per_row * (d->cell + 2) - 2 + LABEL + 3, title_columns + 6);
    if (d->machine->pus > MANY)
        d->width = larger(d->width, NARROWEST);
}

int pb_topology_draw(const struct pb_machine *m, const struct pb_limits *l,
                     const struct pb_placement *placement, bool utf8, uint32_t width, struct pb_buffer *out) {
    struct drawing d = {
        .machine = m,
        .limits = l,
        .placement = placement && placement->workers ? placement : NULL,
        .glyph = utf8 ? &unicode : &ascii,
        .out = out,
    };
    width = larger(width, NARROWEST);
    bool barred = measure_cells(&d);
    measure_box(&d, width);
    draw_usable(&d, width);
    draw_facts(&d, width);
    pb_buffer_text(out, "\n");
    draw_packages(&d);
    draw_binding(&d, placement, barred);
    return out->failed ? -ENOMEM : 0;
}
