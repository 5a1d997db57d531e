/* Workloads compute what they say: answers from RFC 6229, from Python (hashlib; the others written again
 * there) and primality from a Miller-Rabin test. */
#include "stage.h"

#include "bench/arcfour.h"
#include "bench/primes.h"

/* ---- Digests ---- */

static const struct answer {
    const char *workload, *params;
    uint64_t i, digest;
} answers[] = {
    {"sha", "size=1,algo=sha1", 0, 0x802eeffc5ebc8aa4},
    {"sha", "size=1000,algo=sha1", 0, 0x27f0bcb236314b03},
    {"sha", "size=1000,algo=sha1", 7, 0xfc549a3f21f0e3da},
    {"sha", "size=1048576,algo=sha1", 0, 0x16bb4f6e58e065f3},
    {"sha", "size=1,algo=sha224", 0, 0x99369474a1ee2c19},
    {"sha", "size=1000,algo=sha224", 0, 0x695468d98149d684},
    {"sha", "size=1000,algo=sha224", 7, 0xa0342fb136863c4e},
    {"sha", "size=1048576,algo=sha224", 0, 0xa1feb85e9b78427d},
    {"sha", "size=1,algo=sha256", 0, 0x195d2a780ab00e1a},
    {"sha", "size=1000,algo=sha256", 0, 0x5e2148762d4f4218},
    {"sha", "size=1000,algo=sha256", 7, 0x72fb46648630a299},
    {"sha", "size=1048576,algo=sha256", 0, 0x0f86c31789307cb2},
    {"sha", "size=1,algo=sha384", 0, 0xe6719bcb151284e4},
    {"sha", "size=1000,algo=sha384", 0, 0x9db0e20946ee147c},
    {"sha", "size=1000,algo=sha384", 7, 0xf211bdad8bbf2329},
    {"sha", "size=1048576,algo=sha384", 0, 0xd888432da721a133},
    {"sha", "size=1,algo=sha512", 0, 0x55d1db7a2a1ca35c},
    {"sha", "size=1000,algo=sha512", 0, 0xe1c2b32709bf0139},
    {"sha", "size=1000,algo=sha512", 7, 0x1358659869066c63},
    {"sha", "size=1048576,algo=sha512", 0, 0x9b6d96538445c174},
    {"arcfour", "size=1", 0, 0x6e8bdb98c3193894},
    {"arcfour", "size=1", 3, 0xc99a7323ef87e783},
    {"arcfour", "size=1000", 0, 0xe703dcb38c7a518a},
    {"arcfour", "size=1000", 3, 0x77ffbd3e5a4c5baf},
    {"arcfour", "size=10000", 0, 0x5a4134ccfffac635},
    {"arcfour", "size=10000", 3, 0x0ddfd0e393543fd2},
    {"arcfour", "size=10000,hold=0", 3, 0x0ddfd0e393543fd2},
    {"spin", "work=0", 4, 0x1b39896a51a8749b},
    {"spin", "work=1", 4, 0xf2c4f1d60884e541},
    {"spin", "work=1000", 4, 0xbc46a03ce3346c2f},
    {"spin", "work=100000", 4, 0x518e405458bdb21f},
    {"stream", "size=4096", 0, 0x8d88ebd008a1fb96},
    {"stream", "size=4096", 9, 0xe4fea7ed67b1929a},
    {"stream", "size=100000", 1, 0x89ad0fd025bbe93c},
    {"lock", "ns=100,every=60,rounds=5", 0, 0x04f7849cc5b24568},
    {"lock", "ns=100,every=60,rounds=5", 3, 0x435f7d418b9491bc},
    {"lock", "ns=100,every=0,rounds=1,kind=spin", 1, 0xf6c67c2a3752de75},
    {"queue", "ns=100,rounds=5", 0, 0x2f647a272a03bea5},
    {"queue", "ns=100,rounds=5", 3, 0x8aa94a58c20c3c0c},
    {"queue", "ns=0,rounds=3,kind=ring", 2, 0x4b76a90a06ed2b9d},
    {"falseshare", "updates=1000", 0, 0x0cbeaffad73d19f9},
    {"falseshare", "updates=20000,pad=1", 4, 0x3304f97d2115e6e7},
    {"malloc", "rounds=1000", 0, 0x7b1bc08f0d40d9db},
    {"malloc", "rounds=100,live=3,min=8,max=8", 2, 0xf248f2d64175be04},
    {"pagefault", "size=64KiB", 0, 0xfb655fe6dea010f8},
    {"pagefault", "size=5000,kind=discard", 6, 0xf28e73643e6f08e1},
    {"chase", "size=128,steps=1", 0, 0xe220a8397b1dcdaf},
    {"chase", "size=64KiB,steps=3000", 5, 0x3dc41f2862f5a69e},
    {"chase", "size=64000,steps=700,seed=9", 1, 0x64e0e63fa4e66c1f},
    {"primes", "digits=16", 0, 0x987bbcbfdd7e532f},
    {"primes", "digits=14", 4, 0x366db812fd9ad9dd},
    {"primes", "digits=16", 5, 0x14160137d9476406},
    {"primes", "digits=12", 25, 0x172a85142b579408},
    {"primes", "digits=12", 18, 0x192cc1b1fa601b41},
    {"file", "block=512,size=2048", 6, 0x31066186891297f6},
    {"file", "block=4096,size=20000,share=0", 3, 0xa6b1aa845011b28c},
    {"file", "block=512,size=1MiB,access=random,op=write", 77, 0x3d6577350c4416ec},
    {"file", "block=512,size=1MiB,access=random,op=mixed,fsync=1", 78, 0x048e281264985265},
    {"pipe", "size=8,block=8", 0, 0xf3b2e91540e4f5ff},
    {"pipe", "size=1001,block=100", 5, 0x8afc69744d0c0c38},
    {"pipe", "size=3,block=4096", 2, 0xbf6703f6836d7ef3},
    {"request", "cpu=1000,grain=64,wait=0", 4, 0x309a45767baf0f38},
    {"request", "cpu=1001,grain=1000000,wait=1us", 4, 0x969fac97392ae484},
    {"echo", "cpu=0,requests=3,size=20,hold_ns=0", 0, 0x89025a29e94857cd},
    {"echo", "cpu=0,requests=1,size=1", 0, 0xbb095a08560e6dd0},
    {"echo", "cpu=1,grain=10", 2, 0x6cda836c0177fe20},
};

static void digests(const void *data) {
    const char *wanted = data;
    for (const struct pb_workload_entry *entry = pb_workloads; entry->name; entry++) {
        if (strcmp(entry->name, wanted) != 0)
            continue;
        const struct pb_workload *w = stage_load(entry);
        size_t seen = 0;
        for (size_t k = 0; k < sizeof answers / sizeof *answers; k++) {
            if (strcmp(answers[k].workload, wanted) != 0)
                continue;
            struct stage stage;
            CHECK_INT(stage_open(&stage, w, answers[k].params), 0);
            uint64_t digest = stage_run(&stage, 0, answers[k].i);
            stage_close(&stage);
            CHECK_MSG(digest == answers[k].digest, "%s:%s task %llu gives 0x%016llx", wanted,
                      answers[k].params, (unsigned long long)answers[k].i, (unsigned long long)digest);
            seen++;
        }
        CHECK(seen > 0);
        return;
    }
    CHECK_MSG(false, "%s is not in the list", wanted);
}

/* What one task alone leaves in the state. */
static const struct answer ends[] = {
    {"lock", "ns=100,every=60,rounds=5", 0, 0x1272407407b29c8f},
    {"lock", "ns=100,every=60,rounds=5", 3, 0xd502d4f2e7c8abd1},
    {"lock", "ns=100,every=0,rounds=1,kind=spin", 1, 0xf6c67c2a3752de75},
    {"queue", "ns=100,rounds=5", 0, 0x27c5a54bf721c43d},
    {"queue", "ns=100,rounds=5", 3, 0x5cad5b8d0f5a686d},
    {"queue", "ns=0,rounds=3,kind=ring", 2, 0x4b76a90a06ed2b9f},
    {"falseshare", "updates=1000", 0, 0x9b858f8dd7ccc1d8},
    {"falseshare", "updates=20000,pad=1", 4, 0xdf608335a255091e},
};

static void end_values(const void *data) {
    (void)data;
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
        const struct pb_workload_entry *entry = pb_workloads;
        while (strcmp(entry->name, ends[k].workload) != 0)
            CHECK_MSG((++entry)->name, "%s is not in the list", ends[k].workload);
        struct stage stage;
        CHECK_INT(stage_open(&stage, stage_load(entry), ends[k].params), 0);
        for (int repetition = 0; repetition < 2; repetition++) { /* the second begins at nothing again */
            CHECK_INT(stage_begin(&stage, 1), 0);
            stage_run(&stage, repetition, ends[k].i);
            uint64_t end = stage_end(&stage);
            CHECK_MSG(end == ends[k].digest, "%s:%s task %llu ends with 0x%016llx", ends[k].workload,
                      ends[k].params, (unsigned long long)ends[k].i, (unsigned long long)end);
        }
        stage_close(&stage);
    }
}

/* ---- RC4: RFC 6229, the key stream at offsets 0, 16 and 4096 ---- */

static uint8_t hex_byte(const char *text) {
    unsigned value;
    CHECK(sscanf(text, "%2x", &value) == 1);
    return (uint8_t)value;
}

static void rfc_6229(const void *data) {
    static const struct {
        const char *key, *at[3];
    } rows[] = {
        {"0102030405",
         {"b2396305f03dc027ccc3524a0a1118a8", "6982944f18fc82d589c403a47a0d0919",
          "ff25b58995996707e51fbdf08b34d875"}},
        {"0102030405060708090a0b0c0d0e0f10",
         {"9ac7cc9a609d1ef7b2932899cde41b97", "5248c4959014126a6e8a84f11d1a9e1c",
          "a36a4c301ae8ac13610ccbc12256cacc"}},
        {"1ada31d5cf688221c109163908ebe51debb46227c6cc8b37641910833222772a",
         {"dd5bcb0018e922d494759d7c395d02d3", "c8446f8f77abf737685353eb89a1c9eb",
          "370b1c1fe655916d97fd0d47ca1d72b8"}},
    };
    static const size_t offsets[] = {0, 16, 4096};
    (void)data;
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        uint8_t key[32], stream[4112] = {0};
        size_t size = strlen(rows[row].key) / 2;
        struct pb_arcfour rc4;
        for (size_t k = 0; k < size; k++)
            key[k] = hex_byte(rows[row].key + 2 * k);
        pb_arcfour_key(&rc4, key, size);
        pb_arcfour_crypt(&rc4, stream, stream, 7); /* in two pieces: the state carries over */
        pb_arcfour_crypt(&rc4, stream + 7, stream + 7, sizeof stream - 7);
        for (size_t o = 0; o < 3; o++)
            for (size_t k = 0; k < 16; k++)
                CHECK_MSG(stream[offsets[o] + k] == hex_byte(rows[row].at[o] + 2 * k),
                          "key %zu, offset %zu, byte %zu", row, offsets[o], k);
        pb_arcfour_key(&rc4, key, size);
        pb_arcfour_crypt(&rc4, stream, stream, sizeof stream);
        for (size_t k = 0; k < sizeof stream; k++)
            CHECK_INT(stream[k], 0);
    }
}

/* ---- Primes ---- */

/* By Miller-Rabin with the first twelve primes as bases, which decides for all 64-bit numbers; the same in
 * every set. */
static const bool prime[PB_PRIMES_COUNT] = {true,  true,  true,  true,  false, false, true,
                                            false, false, false, true,  false, false, true,
                                            false, false, true,  false, true,  false};

/* The book's numbers, from its table. */
static const uint64_t book[PB_PRIMES_COUNT] = {
    2,
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
    9999999999999999,
};

/* Divisions that trial takes to find the least divisor d of n. */
static double divisions(uint64_t n, uint64_t d) {
    return d == n ? fmax(1, floor(sqrt((double)n) / 2)) : (double)(d + 1) / 2;
}

/* Speedup of handing tasks out in order, each to the worker that is free first. */
static double list_schedule(const double *cost, unsigned workers) {
    double load[8] = {0}, total = 0, last = 0;
    for (unsigned i = 0; i < PB_PRIMES_COUNT; i++) {
        unsigned first = 0;
        for (unsigned w = 1; w < workers; w++)
            if (load[w] < load[first])
                first = w;
        load[first] += cost[i];
        total += cost[i];
        last = fmax(last, load[first]);
    }
    return total / last;
}

/* The seed's bounds, from measured times, at 2, 3, 4 and 6 workers. */
static void primes(const void *data) {
    static const struct {
        unsigned workers;
        double bound;
    } bounds[] = {{2, 1.81}, {3, 2.66}, {4, 3.34}, {6, 4.63}};
    const struct pb_primes_set *set = &pb_primes_sets[*(const int *)data];
    struct pb_task task = {.io = &pb_io_blocking};
    double cost[PB_PRIMES_COUNT];
    for (unsigned k = 0; k < PB_PRIMES_COUNT; k++) {
        uint64_t n = set->number[k], d = pb_least_divisor(&task, n);
        CHECK_MSG((d == n) == prime[k], "%llu is %sprime", (unsigned long long)n, prime[k] ? "" : "not ");
        CHECK_INT(n % d, 0);
        CHECK_MSG(set->digits < 16 || n == book[k], "number %u is not the book's", k);
        cost[k] = divisions(n, d);
    }
    for (size_t k = 0; k < sizeof bounds / sizeof *bounds; k++)
        CHECK_NEAR(list_schedule(cost, bounds[k].workers), bounds[k].bound, 0.005);
}

static void small_divisors(const void *data) {
    static const uint64_t rows[][2] = {{2, 2},  {3, 3},  {4, 2},   {9, 3},      {15, 3},
                                       {25, 5}, {49, 7}, {97, 97}, {10403, 101}};
    struct pb_task task = {.io = &pb_io_blocking};
    (void)data;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        CHECK_INT(pb_least_divisor(&task, rows[k][0]), rows[k][1]);
}

const struct pb_suite suite_answers = {
    "answers",
    (const struct pb_case[]){{"sha", digests, "sha"},
                             {"arcfour", digests, "arcfour"},
                             {"primes", digests, "primes"},
                             {"spin", digests, "spin"},
                             {"stream", digests, "stream"},
                             {"file", digests, "file"},
                             {"pipe", digests, "pipe"},
                             {"request", digests, "request"},
                             {"echo", digests, "echo"},
                             {"chase", digests, "chase"},
                             {"lock", digests, "lock"},
                             {"queue", digests, "queue"},
                             {"falseshare", digests, "falseshare"},
                             {"malloc", digests, "malloc"},
                             {"pagefault", digests, "pagefault"},
                             {"ends", end_values, NULL},
                             {"rfc-6229", rfc_6229, NULL},
                             {"primes-12", primes, &(const int){0}},
                             {"primes-14", primes, &(const int){1}},
                             {"primes-16", primes, &(const int){2}},
                             {"small-divisors", small_divisors, NULL},
                             {0}},
    NULL,
};
