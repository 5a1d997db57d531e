/* Compiled together with the C file that `bench -w ./mine.c` names: the workload that calls its function. A
 * struct pb_workload of the file's own takes this one's place, since this one is weak; so is the reference to
 * the function, of which such a file has none.
 *
 * The function may have any name, so what is declared here begins with pb_, the function itself too. */
#include "parbench/workload.h"

#define TEXT_OF(name) #name
#define NAME_OF(name) TEXT_OF(name)

uint64_t pb_function(uint64_t i) __asm__(NAME_OF(PARBENCH_TASK)) __attribute__((weak));

static int pb_run_function(struct pb_task *task, uint64_t i, uint64_t *digest) {
    (void)task;
    *digest = pb_function(i);
    return PB_OK;
}

/* What a function takes of the stack is not known: as much as hardly any needs. */
enum { PB_STACK_SIZE = 1 << 20 };

static const struct pb_workload pb_of_function = {
    PB_WORKLOAD_HEADER, .name = NAME_OF(PARBENCH_TASK), .summary = "",
    .bound = PB_CPU,    .stack_size = PB_STACK_SIZE,    .run = pb_run_function,
};

extern const struct pb_workload pb_workload __attribute__((weak, alias("pb_of_function")));

__attribute__((weak)) const char *pb_workload_unfit(void) {
    return &pb_workload != &pb_of_function || pb_function
               ? NULL
               : "it defines neither uint64_t " NAME_OF(
                     PARBENCH_TASK) "(uint64_t i) nor a struct "
                                    "pb_workload pb_workload: write one of them, or name the function by "
                                    "func=NAME: see "
                                    "docs/writing-a-workload.md";
}
