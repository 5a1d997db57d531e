#include "bench/list.h"

#include "bench/workloads.h"

const struct pb_workload_entry pb_workloads[] = {
    {"sha", "hashes a buffer with libcrypto", NULL, "sha",
     "libcrypto (Debian: libssl-dev), then build again"},
    {"arcfour", "encrypts zeros with RC4, keyed by the task", &pb_workload_arcfour, NULL, NULL},
    {"primes", "tests 20 numbers of very unequal cost for primality", &pb_workload_primes, NULL, NULL},
    {"spin", "turns a chain of multiplications and touches no memory", &pb_workload_spin, NULL, NULL},
    {"sleep", "waits, and computes nothing", &pb_workload_sleep, NULL, NULL},
    {"stream", "streams arrays through memory: a = b + s c", &pb_workload_stream, NULL, NULL},
    {0},
};
