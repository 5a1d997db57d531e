/* From a result record to bytes: one file per format, one row each in list.c. Formats print what the record
 * holds; they compute nothing and measure nothing. */
#ifndef PB_REPORT_REPORT_H
#define PB_REPORT_REPORT_H

#include "base/buffer.h"
#include "base/error.h"
#include "results/record.h"

struct pb_report_style {
    bool utf8;      /* may print beyond ASCII */
    bool colour;    /* may print escape sequences */
    bool wide;      /* more columns */
    bool verbose;   /* more detail: per worker, failed tasks */
    uint32_t width; /* columns of the terminal; 80 when piped */
};

struct pb_format {
    const char *name, *summary;
    const char *absent; /* why this build lacks it, and what to do; NULL: it is there */
    int (*write)(const struct pb_run *, const struct pb_report_style *, struct pb_buffer *,
                 struct pb_error *);
    bool spans; /* it tells of spans, and fails where a record has none */
};

/* Ends with a nameless row; the first that is not absent is the default. */
extern const struct pb_format pb_formats[];
/* NULL with an error that names the nearest and the list. */
const struct pb_format *pb_format_find(const char *name, struct pb_error *);

#endif
