#include "base/name.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 63 };

static size_t least(size_t a, size_t b, size_t c) {
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours cost 1. */
static size_t distance(const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b);
    size_t row[3][LONGEST + 1];
    for (size_t j = 0; j <= m; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = least(before[j] + 1, now[j - 1] + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && earlier[j - 2] + 1 < now[j])
                now[j] = earlier[j - 2] + 1;
        }
    }
    return row[n % 3][m];
}

int pb_name_nearest(const char *name, const char *const *names, size_t count) {
    int nearest = -1;
    size_t length = strlen(name), best = length / 3 + 1;
    if (length > LONGEST)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (strlen(names[i]) > LONGEST)
            continue;
        size_t d = distance(name, names[i]);
        if (d < best || (nearest < 0 && d == best)) {
            best = d;
            nearest = (int)i;
        }
    }
    return nearest;
}

bool pb_is_executor(const char *executor, const char *kind) {
    size_t length = executor ? strcspn(executor, ":") : 0, size = strlen(kind);
    return length >= size && strncmp(executor + length - size, kind, size) == 0 &&
           (length == size || executor[length - size - 1] == '.');
}

bool pb_is_serial(const char *executor) {
    return pb_is_executor(executor, "serial");
}
