/* The rest is what no clock holds: a worker was inside a task, but off the processor, and in no wait that the
 * library knows. Either others had the processor (then the kernel counted involuntary switches), or the task
 * itself waited, for a lock of its own, say (then voluntary ones). */
#include "report/account.h"

#include <math.h>

/* The rest has a name where it matters and, of each so many voluntary switches, one at least was none. */
static const double telling = 0.02, voluntary_each = 10;

enum { PARTS = 4 };

static const char dot[] = " · ";

/* Of one worker, summed over samples, in ns. */
struct total {
    double makespan, part[PARTS]; /* computing, GIL, I/O, idle */
};

static const char *const part_names[PARTS] = {"computing", "GIL", "I/O", "idle"};

static bool add_worker(const struct pb_sample *s, uint32_t worker, struct total *total) {
    const struct pb_worker_sample *w = &s->worker[worker];
    if (w->gil_ns < 0 || w->io_ns < 0 || w->idle_ns < 0)
        return false;
    const double part[PARTS] = {(double)w->cpu_ns, (double)w->gil_ns, (double)w->io_ns, (double)w->idle_ns};
    total->makespan += (double)s->makespan_ns;
    for (int k = 0; k < PARTS; k++)
        total->part[k] += part[k];
    return true;
}

static bool add_up(const struct pb_cell *c, uint32_t worker, struct total *total) {
    *total = (struct total){0};
    for (uint32_t i = 0; i < c->samples; i++)
        if (worker < c->sample[i].workers && !add_worker(&c->sample[i], worker, total))
            return false;
    return total->makespan > 0;
}

static bool is_preempted(const struct pb_cell *c) {
    double voluntary = 0, involuntary = 0;
    for (uint32_t i = 0; i < c->samples; i++) {
        voluntary += (double)c->sample[i].voluntary;
        involuntary += (double)c->sample[i].involuntary;
    }
    return involuntary > 0 && voluntary >= 0 && voluntary <= voluntary_each * involuntary;
}

static const char *rest_name(const struct pb_cell *c, double rest) {
    return rest >= telling && is_preempted(c) ? "preempted" : "rest";
}

/* Not "-0 %". */
static double percent(double share) {
    return round(100 * share) + 0.0;
}

static void say_part(const char *name, double share, struct pb_buffer *out) {
    pb_buffer_printf(out, "%s %.0f %%", name, percent(share));
}

/* The worker that is at work longest, and how much longer than the mean. */
static double straggler(const struct pb_cell *c, uint32_t workers, uint32_t *which) {
    double sum = 0, longest = 0;
    for (uint32_t w = 0; w < workers; w++) {
        struct total total;
        double work = add_up(c, w, &total) ? total.makespan - total.part[PARTS - 1] : 0;
        sum += work;
        if (work > longest) {
            longest = work;
            *which = w;
        }
    }
    return sum > 0 ? longest * workers / sum : 1;
}

void pb_account_say(const struct pb_cell *c, struct pb_buffer *out) {
    const struct pb_shares *s = &c->summary.spent;
    const double part[PARTS] = {s->computing, s->gil, s->io, s->idle};
    uint32_t workers = c->samples ? c->sample[c->samples - 1].workers : 0, which = 0;
    if (!isfinite(s->rest))
        return;
    for (int k = 0; k < PARTS; k++) {
        say_part(part_names[k], part[k], out);
        pb_buffer_text(out, dot);
    }
    say_part(rest_name(c, s->rest), s->rest, out);
    double longer = straggler(c, workers, &which);
    if (longer >= 1.05)
        pb_buffer_printf(out, "%sworker %u is at work longest, %.2f times the mean", dot, which, longer);
}

void pb_account_say_worker(const struct pb_cell *c, uint32_t worker, struct pb_buffer *out) {
    struct total total;
    if (!add_up(c, worker, &total))
        return;
    double rest = 1;
    for (int k = 0; k < PARTS; k++) {
        double share = total.part[k] / total.makespan;
        rest -= share;
        if (percent(share) != 0) {
            pb_buffer_text(out, ", ");
            say_part(part_names[k], share, out);
        }
    }
    if (percent(rest) != 0) {
        pb_buffer_text(out, ", ");
        say_part(rest_name(c, rest), rest, out);
    }
}
