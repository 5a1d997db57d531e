/* Speedup from rounds, and what follows from it. */
#ifndef PB_STATS_SPEEDUP_H
#define PB_STATS_SPEEDUP_H

#include "stats/launches.h"

/* What one round measured. A series of them is in ascending order of rounds. */
struct pb_point {
    uint32_t round;
    double value;    /* positive, or it counts as missing */
    uint32_t launch; /* that the round belongs to */
};

/* Writes log(a / b) of every round that both series have and returns how many; `out` has room for the shorter
   one. Rounds missing in either are left out. */
size_t pb_pair_logs(const struct pb_point *a, size_t na, const struct pb_point *b, size_t nb,
                    struct pb_launched *out);

/* The median of a(r) / b(r) over their common rounds, on logarithms, with its interval from resampling
   rounds, or launches and rounds within (pb_launches_interval). Returns the number of rounds paired, or
   -ENOMEM. */
int64_t pb_ratio(const struct pb_point *a, size_t na, const struct pb_point *b, size_t nb, uint64_t seed,
                 struct pb_interval *);

/* The experimentally determined serial fraction e = (1/S - 1/p) / (1 - 1/p) of Karp and Flatt 1990. Flat over
   p: serial code; rising: overhead; negative: superlinear, and left so. NAN for p < 2 or no speedup. */
double pb_karp_flatt(double speedup, double workers);
/* The same with the interval through the speedup's: a greater speedup is a smaller fraction. */
struct pb_interval pb_karp_flatt_interval(struct pb_interval speedup, double workers);

#endif
