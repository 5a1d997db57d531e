/* What pb_map needs of the executor's inside. */
#ifndef PB_EXECUTOR_MAP_H
#define PB_EXECUTOR_MAP_H

#include "future/future.h"

struct pb_depot *pb_executor_depot(struct pb_executor *);

#endif
