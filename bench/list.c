#include "bench/list.h"

#include "bench/workloads.h"

const struct pb_workload_entry pb_workloads[] = {
    {"sha", "hashing of a buffer (libcrypto)", NULL, "sha", "libcrypto (Debian: libssl-dev)"},
    {"arcfour", "RC4 encryption", &pb_workload_arcfour, NULL, NULL},
    {"primes", "primality tests of very unequal cost", &pb_workload_primes, NULL, NULL},
    {"spin", "a chain of multiplications, no memory", &pb_workload_spin, NULL, NULL},
    {"sleep", "waiting, no computing", &pb_workload_sleep, NULL, NULL},
    {"stream", "memory bandwidth: a = b + s c", &pb_workload_stream, NULL, NULL},
    {"chase", "memory latency: each load says where the next one is", &pb_workload_chase, NULL, NULL},
    {"lock", "a critical section among work of one's own", &pb_workload_lock, NULL, NULL},
    {"queue", "a bounded queue through which all work passes", &pb_workload_queue, NULL, NULL},
    {"falseshare", "workers' own words in one cache line, or apart", &pb_workload_falseshare, NULL, NULL},
    {"malloc", "allocating and freeing blocks of mixed sizes", &pb_workload_malloc, NULL, NULL},
    {"pagefault", "first writes to the pages of fresh memory", &pb_workload_pagefault, NULL, NULL},
    {"file", "reading and writing blocks of a file", &pb_workload_file, NULL, NULL},
    {"pipe", "system calls: bytes through a pipe and back", &pb_workload_pipe, NULL, NULL},
    {"request", "requests of a service: compute, wait, compute", &pb_workload_request, NULL, NULL},
    {"echo", "a server beside tasks that compute: the convoy effect", &pb_workload_echo, NULL, NULL},
    {"http", "downloads from a server of its own, with faults (libcurl)", NULL, "http",
     "libcurl and libmicrohttpd (Debian: libcurl4-openssl-dev, libmicrohttpd-dev)"},
    {"cmd", "a program as one task", &pb_workload_cmd, NULL, NULL},
    {0},
};
