#include "analysis/spent.h"

#include "analysis/series.h"

static const struct pb_shares unknown = {NAN, NAN, NAN, NAN, NAN};

struct pb_shares pb_sample_spent(const struct pb_sample *s) {
    struct pb_shares sum = {0};
    double all = pb_metric_makespan(s) * s->workers;
    for (uint32_t i = 0; i < s->workers; i++) {
        const struct pb_worker_sample *w = &s->worker[i];
        if (w->gil_ns < 0 || w->io_ns < 0 || w->idle_ns < 0)
            return unknown;
        sum.computing += (double)w->cpu_ns / all;
        sum.gil += (double)w->gil_ns / all;
        sum.io += (double)w->io_ns / all;
        sum.idle += (double)w->idle_ns / all;
    }
    sum.rest = 1 - sum.computing - sum.gil - sum.io - sum.idle;
    return s->workers && s->makespan_ns ? sum : unknown;
}

static double computing(const struct pb_sample *s) {
    return pb_sample_spent(s).computing;
}

static double gil(const struct pb_sample *s) {
    return pb_sample_spent(s).gil;
}

static double io(const struct pb_sample *s) {
    return pb_sample_spent(s).io;
}

static double idle(const struct pb_sample *s) {
    return pb_sample_spent(s).idle;
}

static double rest(const struct pb_sample *s) {
    return pb_sample_spent(s).rest;
}

int pb_cell_spent(const struct pb_cell *cell, struct pb_shares *out) {
    const struct {
        pb_metric *metric;
        double *share;
    } parts[] = {{computing, &out->computing},
                 {gil, &out->gil},
                 {io, &out->io},
                 {idle, &out->idle},
                 {rest, &out->rest}};
    int rc = 0;
    *out = unknown;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && rc == 0; i++)
        rc = pb_cell_median(cell, parts[i].metric, parts[i].share);
    return rc;
}
