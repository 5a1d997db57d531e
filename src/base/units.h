/* Quantities as people write and read them. */
#ifndef PB_BASE_UNITS_H
#define PB_BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* "4096", "4k", "1MiB", "1.5MB" to bytes (see PB_PARAM_SIZE). 0, -EINVAL, or -ERANGE. */
int pb_parse_size(const char *text, int64_t *bytes);
/* "20ms", "1.5s", "100us", "5ns", "2m" to nanoseconds; a bare number needs `unit` (NULL: refused). */
int pb_parse_time(const char *text, const char *unit, int64_t *ns);
int pb_parse_integer(const char *text, int64_t *value);
int pb_parse_real(const char *text, double *value); /* finite only; "1%" is 0.01 */

/* Three significant digits and a unit: "34.1 ms", "1 MiB", "3.2 GB/s". They return `out`. */
const char *pb_format_time(double ns, char *out, size_t size);
const char *pb_format_size(double bytes, char *out, size_t size);      /* powers of 1024 */
const char *pb_format_rate(double per_second, char *out, size_t size); /* powers of 1000, no unit: "1.9 G" */

#endif
