/* Crashes while it is loaded, before anything could be checked. */
#include <signal.h>

#include "parbench/workload.h"

__attribute__((constructor)) static void crash(void) {
    raise(SIGSEGV);
}

const struct pb_workload pb_workload = {PB_WORKLOAD_HEADER, .name = "crashload"};
