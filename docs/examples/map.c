/* map [EXECUTOR]: the smallest factor of each number of a list, in the order of the list. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "parbench/executor.h"

static const uint64_t numbers[] = {
    2, 999999000001, 360360, 0, 1000000007, 1000036000099, 1234567890123,
};
enum { COUNT = sizeof numbers / sizeof *numbers };

/* The task: runs in a worker, which may be another process. `args` is a copy of one number. */
static int smallest_factor(struct pb_task *task, const void *args, size_t size) {
    uint64_t n = *(const uint64_t *)args;
    (void)size;
    if (n < 2)
        return pb_fail(task, EDOM, "%" PRIu64 ": has no smallest factor: give 2 or more", n);
    for (uint64_t d = 2; d <= n / d; d++)
        if (n % d == 0)
            return pb_return(task, &d, sizeof d);
    return pb_return(task, &n, sizeof n);
}

static int complain(const char *why) {
    fprintf(stderr, "map: %s\n", why);
    return 1;
}

/* Prints what comes, in order. 0, or 1 once something failed that is not about one number alone. */
static int print_all(struct pb_map *map) {
    for (size_t i = 0; i < COUNT; i++) {
        struct pb_error why;
        uint64_t factor;
        int rc = pb_map_next(map, &factor, sizeof factor, &why);
        if (rc == EDOM)
            printf("%s\n", why.text);
        else if (rc != 0)
            return complain(why.text);
        else if (factor == numbers[i])
            printf("%" PRIu64 " is prime\n", numbers[i]);
        else
            printf("%" PRIu64 " = %" PRIu64 " x %" PRIu64 "\n", numbers[i], factor, numbers[i] / factor);
    }
    return 0;
}

int main(int argc, char **argv) {
    PB_SCOPED_EXECUTOR pool = NULL;
    struct pb_executor_config config = {.workers = 2};
    struct pb_error error;
    struct pb_map *map;
    if (pb_executor_open(&pool, argc > 1 ? argv[1] : "thread", &config, &error) < 0)
        return complain(error.text);
    if (pb_map_open(&map, pool, smallest_factor, numbers, sizeof *numbers, COUNT, NULL) < 0)
        return complain("no memory");
    int failed = print_all(map);
    pb_map_close(map);
    return failed;
}
