/* Twenty numbers, tested for primality by dividing by 2 and then by every odd number up to the root, as the
 * book does. Seven end at once, two after a tenth of the longest, the others take up to 50 million divisions:
 * how an executor hands out unequal tasks decides what it gains. In this order greedy handing-out gives at
 * most 1.80, 2.66, 3.33 and 4.65 times the serial speed on 2, 3, 4 and 6 workers.
 *
 * The book's numbers have 16 digits and take about a second of a processor that divides in 2 ns. The set of
 * 14 digits costs a tenth, that of 12 a hundredth, each number the same share of its set: a prime stands for
 * a prime near n / 100, the square of a prime for such a square, and the numbers with a small divisor lose
 * leading digits.
 *
 * Past the last number the set begins anew. */
#include "bench/primes.h"

#include <math.h>

#include "bench/workloads.h"

enum { PIECE = 1 << 15 }; /* divisions between two check points: some 65 us */

struct state {
    uint32_t set;
};

const struct pb_primes_set pb_primes_sets[PB_PRIMES_SETS] = {
    {12,
     {2,
      14270211073,
      29959357229,
      333333333323,
      333333333333,
      333331867801,
      444444444443,
      444444444444,
      444444888889,
      555557057449,
      555555555559,
      555555555555,
      666666666666,
      666666666671,
      666670617001,
      777777594889,
      777777777773,
      777777777777,
      999999999989,
      999999999999}},
    {14,
     {2,
      1427021104723,
      2995935723169,
      33333333333323,
      33333333333333,
      33333313797001,
      44444444444459,
      44444444444444,
      44444608889041,
      55555571580721,
      55555555555541,
      55555555555555,
      66666666666666,
      66666666666647,
      66666686111089,
      77777988787489,
      77777777777753,
      77777777777777,
      99999999999973,
      99999999999999}},
    {16,
     {2,
      142702110479723,
      299593572317531,
      3333333333333301,
      3333333333333333,
      3333335652092209,
      4444444444444423,
      4444444444444444,
      4444444488888889,
      5555553133149889,
      5555555555555503,
      5555555555555555,
      6666666666666666,
      6666666666666719,
      6666667141414921,
      7777777536340681,
      7777777777777753,
      7777777777777777,
      9999999999999917,
      9999999999999999}},
};

static const struct pb_param params[] = {
    {.name = "digits",
     .type = PB_PARAM_CHOICE,
     .fallback = "14",
     .choices = "12|14|16",
     .help = "size of the numbers: 16 are the book's, two digits less cost a tenth"},
    {0},
};

static uint64_t whole_root(uint64_t n) {
    uint64_t root = (uint64_t)sqrt((double)n); /* a double may be one off above 2^53 */
    while (root * root > n)
        root--;
    while ((root + 1) * (root + 1) <= n)
        root++;
    return root;
}

uint64_t pb_least_divisor(struct pb_task *task, uint64_t n) {
    if (n % 2 == 0)
        return 2;
    uint64_t root = whole_root(n);
    for (uint64_t d = 3; d <= root; pb_checkpoint(task)) {
        uint64_t end = d + 2 * PIECE < root + 1 ? d + 2 * PIECE : root + 1;
        for (; d < end; d += 2)
            if (n % d == 0)
                return d;
    }
    return n;
}

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    (void)message;
    self->set = (uint32_t)given->value[0].integer;
    return 0;
}

static uint64_t count(const void *state) {
    (void)state;
    return PB_PRIMES_COUNT;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    uint64_t n = pb_primes_sets[self->set].number[i % PB_PRIMES_COUNT];
    *digest = pb_mix(n, pb_least_divisor(task, n));
    return PB_OK;
}

const struct pb_workload pb_workload_primes = {
    PB_WORKLOAD_HEADER, .name = "primes", .summary = "primality tests of very unequal cost",
    .bound = PB_CPU,    .params = params, .state_size = sizeof(struct state),
    .count = count,     .setup = setup,   .run = run,
};
