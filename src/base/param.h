/* Parsing `key=value,key=value`, or `key=value,rest`, against a table of parameters (parbench/param.h). */
#ifndef PB_BASE_PARAM_H
#define PB_BASE_PARAM_H

#include "base/buffer.h"
#include "base/error.h"
#include "parbench/param.h"

struct pb_param_set {
    const struct pb_param *table;
    struct pb_params values;
    union pb_value *value; /* values.value, writable */
    const char **text;     /* what each row's value was read from: the user's text, or the default */
    char *storage;         /* the user's texts */
    bool *given;           /* by the user, not by default */
};

/* Fills every row of `table` (may be NULL) from `text` (may be NULL) or its default. PB_PARAM_WORK given as a
   time is converted at `work_rate` iterations per microsecond; 0: not known yet, the value is then 0. Errors
   name the owner
   ("workload sha"), the key, the nearest valid key and the range. */
int pb_param_set_init(struct pb_param_set *, const char *owner, const struct pb_param *table,
                      const char *text, double work_rate, struct pb_error *);
void pb_param_set_release(struct pb_param_set *);
/* Appends "size=1MiB,algo=sha512": the parameters that the user gave, in the table's order, or all. */
void pb_param_set_format(const struct pb_param_set *, bool all, struct pb_buffer *);

#endif
