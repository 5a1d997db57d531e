/* Stands in for uring.c in a build without liburing. */
#include <errno.h>
#include <stdio.h>

#include "io/engine.h"

static int absent_open(void **self, uint32_t operations, char *why) {
    (void)self;
    (void)operations;
    snprintf(why, PB_ENGINE_WHY, "this build lacks liburing: install liburing-dev and build again");
    return -ENOSYS;
}

const struct pb_engine_ops pb_engine_uring = {.name = "uring", .open = absent_open};
