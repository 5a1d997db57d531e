/* The executors there are. To add one: write its file, add its row. */
#include "executor/executors.h"
#include "ranks/which.h"

const struct pb_executor_entry pb_executors[] = {
    {.name = "serial", .ops = &pb_serial_ops},
    {.name = "thread", .ops = &pb_thread_ops},
    {.name = "gil", .ops = &pb_gil_ops},
    {.name = "process", .ops = &pb_process_ops},
    {.name = "openmp", .module = "openmp", .summary = "OpenMP parallel loops and tasks", .needs = "libgomp1"},
    {.name = "loop", .ops = &pb_loop_ops},
    {.name = "own", .ops = &pb_own_ops},
    {.name = "mpi", .ops = &pb_mpi_ops, .absent = pb_transport_absent, .launched = true},
    {0},
};
