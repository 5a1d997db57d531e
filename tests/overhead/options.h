/* The command line: overhead [OPTIONS] MODE WORKERS N [EXTRA]. */
#ifndef PB_OVERHEAD_OPTIONS_H
#define PB_OVERHEAD_OPTIONS_H

#include "modes.h"

struct pb_mode {
    const char *name;
    const char *count, *extra; /* what the third and the fourth word are; extra NULL: there is none */
    double count_least, count_most, extra_most;
    bool in_seconds; /* the third word may be a fraction */
    enum pb_exit (*run)(struct pb_gauge *, const struct pb_call *, struct pb_error *);
    const char *help;
};

struct pb_options {
    const struct pb_mode *mode; /* NULL: what was asked for has been printed */
    struct pb_gauge_config config;
    struct pb_call call;
};

/* -EINVAL with an error, or 0. Texts stay those of argv. */
int pb_options_parse(struct pb_options *, int argc, char **argv, struct pb_error *);

#endif
