#include "base/cpuset.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pb_cpuset_zero(struct pb_cpuset *s) {
    memset(s, 0, sizeof *s);
}

void pb_cpuset_set(struct pb_cpuset *s, uint32_t cpu) {
    if (cpu < PB_CPUS_MAX)
        s->word[cpu / 64] |= UINT64_C(1) << (cpu % 64);
}

void pb_cpuset_add(struct pb_cpuset *s, const struct pb_cpuset *more) {
    for (int i = 0; i < PB_CPUS_MAX / 64; i++)
        s->word[i] |= more->word[i];
}

bool pb_cpuset_has(const struct pb_cpuset *s, uint32_t cpu) {
    return cpu < PB_CPUS_MAX && (s->word[cpu / 64] >> (cpu % 64) & 1) != 0;
}

uint32_t pb_cpuset_count(const struct pb_cpuset *s) {
    uint32_t count = 0;
    for (size_t i = 0; i < PB_CPUS_MAX / 64; i++)
        count += (uint32_t)__builtin_popcountll(s->word[i]);
    return count;
}

bool pb_cpuset_equal(const struct pb_cpuset *a, const struct pb_cpuset *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

int32_t pb_cpuset_next(const struct pb_cpuset *s, int32_t previous) {
    for (int32_t cpu = previous + 1; cpu < PB_CPUS_MAX; cpu++) {
        uint64_t rest = s->word[cpu / 64] >> (cpu % 64);
        if (rest)
            return cpu + __builtin_ctzll(rest);
        cpu |= 63; /* on to the next word */
    }
    return -1;
}

static int parse_number(const char **text, uint32_t *value) {
    char *end;
    if (**text < '0' || **text > '9')
        return -EINVAL;
    unsigned long v = strtoul(*text, &end, 10);
    if (v >= PB_CPUS_MAX)
        return -EINVAL;
    *value = (uint32_t)v;
    *text = end;
    return 0;
}

int pb_cpuset_parse(struct pb_cpuset *s, const char *list) {
    pb_cpuset_zero(s);
    while (*list && *list != '\n') {
        uint32_t first, last;
        if (parse_number(&list, &first) < 0)
            return -EINVAL;
        last = first;
        if (*list == '-') {
            list++;
            if (parse_number(&list, &last) < 0 || last < first)
                return -EINVAL;
        }
        for (uint32_t cpu = first; cpu <= last; cpu++)
            pb_cpuset_set(s, cpu);
        if (*list == ',') {
            list++;
            if (!*list)
                return -EINVAL;
        } else if (*list && *list != '\n') {
            return -EINVAL;
        }
    }
    return 0;
}

const char *pb_cpuset_format(const struct pb_cpuset *s, char *out, size_t size) {
    size_t used = 0;
    if (size)
        out[0] = '\0';
    for (int32_t first = pb_cpuset_next(s, -1); first >= 0;) {
        int32_t last = first;
        while (pb_cpuset_has(s, (uint32_t)last + 1))
            last++;
        char range[32];
        int length = last > first ? snprintf(range, sizeof range, "%s%d-%d", used ? "," : "", first, last)
                                  : snprintf(range, sizeof range, "%s%d", used ? "," : "", first);
        if (used + (size_t)length >= size)
            break;
        memcpy(out + used, range, (size_t)length + 1);
        used += (size_t)length;
        first = pb_cpuset_next(s, last);
    }
    return out;
}

int pb_cpuset_of_thread(struct pb_cpuset *s) {
    pb_cpuset_zero(s);
    return sched_getaffinity(0, sizeof s->word, (cpu_set_t *)s->word) < 0 ? -errno : 0;
}

int pb_cpuset_bind_thread(const struct pb_cpuset *s) {
    return sched_setaffinity(0, sizeof s->word, (const cpu_set_t *)s->word) < 0 ? -errno : 0;
}
