/* A strip of columns to draw on with signs, in Unicode or in ASCII: what is drawn later lies over what was
 * drawn before. For charts. */
#ifndef PB_REPORT_STRIP_H
#define PB_REPORT_STRIP_H

#include <stddef.h>

#include "report/report.h"

enum { PB_STRIP = 400 /* columns at most */, PB_STRIP_EIGHTHS = 8 };

struct pb_signs {
    const char *part[PB_STRIP_EIGHTHS]; /* of a full column, by eighths; "": there is no such sign */
    const char *full, *mark;
    const char *below_value, *above_value;                                    /* where its interval is */
    const char *usual, *rare;                                                 /* of latencies */
    const char *line, *low, *high, *value, *zero, *threshold, *below, *above; /* of changes */
};
const struct pb_signs *pb_signs(const struct pb_report_style *);

/* Zeroed but for its width it is blank. Signs and colours are static. */
struct pb_strip {
    size_t width;
    const char *sign[PB_STRIP], *colour[PB_STRIP]; /* NULL: blank, plain */
};

/* Beyond the strip's end nothing is drawn. A colour may be NULL. */
void pb_strip_put(struct pb_strip *, size_t at, const char *sign, const char *colour);
void pb_strip_fill(struct pb_strip *, size_t from, size_t to, const char *sign, const char *colour);
/* Appends all its columns. */
void pb_strip_write(const struct pb_strip *, struct pb_buffer *);

/* How many of so many columns lie below `share` of them: none for what is no number. */
double pb_columns_below(double share, size_t columns);
size_t pb_column_at(double share, size_t columns); /* the same, rounded */

#endif
