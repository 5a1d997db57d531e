/* A shared object that is no plug-in: what it exports has another name. */
#include "parbench/workload.h"

extern const struct pb_workload pb_workload_of_nobody;
const struct pb_workload pb_workload_of_nobody = {PB_WORKLOAD_HEADER, .name = "nosymbol"};
