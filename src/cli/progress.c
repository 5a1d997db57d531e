/* Nothing of the terminal is changed that would have to be restored: a killed driver leaves a line behind, no
 * more. */
#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"

enum { BAR = 20, DEFAULT_WIDTH = 80, BETWEEN_NS = 100000000 };

/* The cell whose repetition is so long that its tasks are told, or NULL. */
static const struct pb_cell *running(const struct pb_run *run, const struct pb_progress *p) {
    return p->tasks && p->cell >= 0 && (uint32_t)p->cell < run->cells ? &run->cell[p->cell] : NULL;
}

/* Of a long repetition its tasks; else rounds or time, whichever ends the run first. */
static double share_done(const struct pb_run *run, const struct pb_progress *p) {
    if (running(run, p))
        return p->tasks_done < p->tasks ? (double)p->tasks_done / (double)p->tasks : 1;
    double rounds = p->rounds ? (double)p->round / p->rounds : 0;
    double time = !p->rounds && p->budget > 0 ? p->elapsed / p->budget : 0;
    double share = rounds > time ? rounds : time;
    return share < 1 ? share : 1;
}

static void format_counts(const struct pb_progress *p, struct pb_buffer *out) {
    double left = p->budget - p->elapsed;
    if (p->rounds)
        pb_buffer_printf(out, " %s, round %u of %u, %.0f s", p->phase, p->round, p->rounds, p->elapsed);
    else
        pb_buffer_printf(out, " %s, round %u, %.0f of %.0f s, %.0f s left", p->phase, p->round, p->elapsed,
                         p->budget, left > 0 ? left : 0);
}

/* "sleep thread 8: 120 of 500 tasks, round 3, 12 of 30 s" */
static void format_tasks(const struct pb_cell *cell, const struct pb_progress *p, struct pb_buffer *out) {
    pb_buffer_printf(out, " %s %s %u: %llu of %llu tasks, ", cell->workload_name, cell->executor,
                     cell->workers, (unsigned long long)p->tasks_done, (unsigned long long)p->tasks);
    if (strcmp(p->phase, "measuring") != 0)
        pb_buffer_printf(out, "%s, %.0f s", p->phase, p->elapsed);
    else if (p->rounds)
        pb_buffer_printf(out, "round %u of %u, %.0f s", p->round + 1, p->rounds, p->elapsed);
    else
        pb_buffer_printf(out, "round %u, %.0f of %.0f s", p->round + 1, p->elapsed, p->budget);
}

static void format_widest(const struct pb_run *run, const struct pb_progress *p, bool utf8,
                          struct pb_buffer *out) {
    if (p->widest_cell < 0 || (uint32_t)p->widest_cell >= run->cells || !isfinite(p->widest))
        return;
    const struct pb_cell *cell = &run->cell[p->widest_cell];
    pb_buffer_printf(out, "; %s%.1f %% at %s %s %u", utf8 ? "±" : "+-", 100 * p->widest, cell->workload_name,
                     cell->executor, cell->workers);
}

/* Cuts to `width` columns; bytes that go on a character take none. */
static void cut(struct pb_buffer *out, uint32_t width) {
    uint32_t columns = 0;
    size_t i = 0;
    for (; i < out->size; i++) {
        columns += ((unsigned char)out->data[i] & 0xc0) != 0x80;
        if (columns > width)
            break;
    }
    if (out->data)
        out->data[i] = '\0';
    out->size = i;
}

void pb_bar_format(const struct pb_run *run, const struct pb_progress *p, uint32_t width, bool utf8,
                   struct pb_buffer *out) {
    const struct pb_cell *cell = running(run, p);
    int full = (int)lround(share_done(run, p) * BAR);
    pb_buffer_text(out, "[");
    for (int i = 0; i < BAR; i++)
        pb_buffer_text(out, i < full ? "#" : ".");
    pb_buffer_text(out, "]");
    if (cell) {
        format_tasks(cell, p, out);
    } else {
        format_counts(p, out);
        format_widest(run, p, utf8, out);
    }
    cut(out, width);
}

void pb_bar_init(struct pb_bar *bar, bool quiet, bool utf8) {
    const char *terminal = getenv("TERM");
    bool can = isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
    *bar = (struct pb_bar){.on = can && !quiet, .utf8 = utf8};
}

void pb_bar_draw(void *context, const struct pb_run *run, const struct pb_progress *progress) {
    struct pb_bar *bar = context;
    uint64_t now = pb_now();
    if (!bar->on || (bar->drawn && now - bar->last < BETWEEN_NS))
        return;
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    struct pb_buffer line = {0};
    pb_bar_format(run, progress, known ? size.ws_col - 1u : DEFAULT_WIDTH - 1u, bar->utf8, &line);
    fprintf(stderr, "\r%s\033[K", pb_buffer_string(&line));
    fflush(stderr);
    pb_buffer_release(&line);
    bar->drawn = true;
    bar->last = now;
}

void pb_bar_clear(struct pb_bar *bar) {
    if (bar->drawn)
        fputs("\r\033[K", stderr);
    bar->drawn = false;
}
