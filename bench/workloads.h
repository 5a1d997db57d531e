/* The built-in workloads, each defined in the file of its name; only list.c needs them together. */
#ifndef PB_BENCH_WORKLOADS_H
#define PB_BENCH_WORKLOADS_H

#include "parbench/workload.h"

extern const struct pb_workload pb_workload_arcfour;
extern const struct pb_workload pb_workload_chase;
extern const struct pb_workload pb_workload_cmd;
extern const struct pb_workload pb_workload_echo;
extern const struct pb_workload pb_workload_falseshare;
extern const struct pb_workload pb_workload_file;
extern const struct pb_workload pb_workload_lock;
extern const struct pb_workload pb_workload_malloc;
extern const struct pb_workload pb_workload_pagefault;
extern const struct pb_workload pb_workload_pipe;
extern const struct pb_workload pb_workload_primes;
extern const struct pb_workload pb_workload_queue;
extern const struct pb_workload pb_workload_request;
extern const struct pb_workload pb_workload_sleep;
extern const struct pb_workload pb_workload_spin;
extern const struct pb_workload pb_workload_stream;

#endif
