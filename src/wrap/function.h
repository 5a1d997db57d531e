/* Stands before each C file that `bench -w ./mine.c` compiles (-include), so that the compiler itself refuses
 * what would not do: another type, or `static`.
 *
 * It includes nothing: what the file defines for the system's headers must still come before them. */
#ifndef PARBENCH_FUNCTION_H
#define PARBENCH_FUNCTION_H

/* The task, or what func= names. The compiler shows the line where a file has it otherwise. */
__UINT64_TYPE__ PARBENCH_TASK(__UINT64_TYPE__ i); /* as: uint64_t task(uint64_t i), and not static */

/* In its place a file may define the whole: see parbench/workload.h. */
struct pb_workload;
extern const struct pb_workload pb_workload __attribute__((visibility("default")));
/* See there, too: why the file cannot be used. */
const char *pb_workload_unfit(void) __attribute__((visibility("default")));

#endif
