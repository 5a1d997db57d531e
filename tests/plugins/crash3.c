/* Dies of SIGSEGV in task 3. */
#include <sys/mman.h>

#include "parbench/workload.h"

static uint64_t count(const void *state) {
    (void)state;
    return 8;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    (void)task;
    if (i == 3) /* not a null pointer: the undefined behaviour sanitizer would be faster than the kernel */
        *(volatile char *)mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) = 1;
    *digest = i;
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER, .name = "crash3", .summary = "writes to forbidden memory in task 3",
    .bound = PB_CPU,    .count = count,   .run = run,
};
