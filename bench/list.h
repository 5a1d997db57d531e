/* The list of workloads: what `-w NAME` may name. A new one is a file here, a row in list.c and a line of
 * CMakeLists.txt.
 */
#ifndef PB_BENCH_LIST_H
#define PB_BENCH_LIST_H

#include "parbench/workload.h"

struct pb_workload_entry {
    const char *name, *summary;         /* the workload's own, to be had without loading a module */
    const struct pb_workload *workload; /* built in; NULL: lies in a module */
    const char *module;                 /* parbench-MODULE.so, exporting PB_WORKLOAD_SYMBOL; NULL: built in */
    const char *needs;                  /* what to install when the module is missing */
};
extern const struct pb_workload_entry pb_workloads[]; /* ends with a nameless row */

#endif
