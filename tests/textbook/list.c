/* The executor of docs/writing-an-executor.md beside two that the conformance suite compares with, in the
 * place of src/executor/list.c; and that suite alone. */
#include "executor/executors.h"
#include "suite.h"

extern const struct pb_executor_ops pb_textbook_ops;

const struct pb_executor_entry pb_executors[] = {
    {.name = "serial", .ops = &pb_serial_ops},
    {.name = "thread", .ops = &pb_thread_ops},
    {.name = "textbook", .ops = &pb_textbook_ops},
    {0},
};

extern const struct pb_suite suite_conformance;
const struct pb_suite *const pb_suites[] = {&suite_conformance, NULL};
