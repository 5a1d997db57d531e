/* The Universal Scalability Law (Gunther 2007), fitted to throughput at several widths:
 *
 *     X(N) = g N / (1 + a (N - 1) + b N (N - 1)),   a, b >= 0
 *
 * g is one worker's throughput, a what queues for something shared (with b = 0 this is Amdahl's law, and a
 * its serial fraction), b what each worker costs every other. */
#ifndef PB_STATS_USL_H
#define PB_STATS_USL_H

#include <stddef.h>

struct pb_usl {
    double g, a, b;
};

double pb_usl_throughput(struct pb_usl, double workers);
/* Throughput over that of one worker. */
double pb_usl_speedup(struct pb_usl, double workers);
/* Where throughput is greatest: sqrt((1 - a) / b), at least 1; INFINITY if b is 0 and a below 1. */
double pb_usl_peak(struct pb_usl);

/* Throughput at each width: the mean of the logarithms over `rounds`, and the squared deviations from those
   means, summed over widths and rounds, after what all widths of a round share was taken out. */
struct pb_usl_means {
    size_t widths, rounds;
    const double *n;
    const double *log_x;
    double within;
};

enum pb_law { PB_LAW_NONE, PB_LAW_AMDAHL, PB_LAW_USL };

enum {
    PB_AMDAHL_WIDTHS = 4, /* fewer identify no law */
    PB_USL_WIDTHS = 6     /* fewer identify no b */
};

/* Least squares of relative deviations, a and b at least 0, b at most 0 under Amdahl's law. Returns the
   squared deviations of all samples that are left, those within widths included. */
double pb_usl_fit(const struct pb_usl_means *, enum pb_law, struct pb_usl *);

/* Akaike's criterion, corrected for few samples (Hurvich and Tsai 1989), of a fit that left `squares`. The
   less the better. */
double pb_usl_aicc(const struct pb_usl_means *, enum pb_law, double squares);

/* The law that the criterion prefers among those that so many widths identify, and its fit; the simpler one
   where they are level. PB_LAW_NONE below PB_AMDAHL_WIDTHS, and nothing is fitted. */
enum pb_law pb_usl_choose(const struct pb_usl_means *, struct pb_usl *);

#endif
