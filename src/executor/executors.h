/* The faces of the built-in executors, for list.c alone. */
#ifndef PB_EXECUTOR_EXECUTORS_H
#define PB_EXECUTOR_EXECUTORS_H

#include "executor/executor_ops.h"

extern const struct pb_executor_ops pb_serial_ops, pb_thread_ops, pb_gil_ops, pb_process_ops, pb_loop_ops,
    pb_own_ops, pb_mpi_ops;

#endif
