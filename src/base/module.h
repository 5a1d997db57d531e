/* Modules and plug-ins: shared objects that only the runner loads. */
#ifndef PB_BASE_MODULE_H
#define PB_BASE_MODULE_H

#include "base/error.h"

/* Loads the module `name` of the program itself (parbench-NAME.so, found as base/beside.h says) and
   returns its symbol `symbol`, or NULL with an error that says what is missing. Never unloaded. */
const void *pb_module_symbol(const char *name, const char *symbol, struct pb_error *);

/* The same for a shared object at `path`. */
const void *pb_plugin_symbol(const char *path, const char *symbol, struct pb_error *);

#endif
