/* A program that makes its own workers, as many as its first argument says: they share a fixed amount of
 * work. Further words: `say=TEXT` is printed, `width` prints how many there were, `env=NAME` prints that
 * variable, `bound=N` fails unless it may use just N processors, and `fail=N` if there are N workers. */
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64, STEPS = 6000000 };

struct share {
    uint64_t steps, sum;
};

static void *work(void *context) {
    struct share *share = context;
    uint64_t x = 1;
    for (uint64_t i = 0; i < share->steps; i++)
        x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9u;
    share->sum = x;
    return NULL;
}

static int answer(const char *word, int workers) {
    cpu_set_t mask;
    if (strncmp(word, "say=", 4) == 0)
        puts(word + 4);
    else if (strcmp(word, "width") == 0)
        printf("%d\n", workers);
    else if (strncmp(word, "env=", 4) == 0)
        printf("%s\n", getenv(word + 4) ? getenv(word + 4) : "(unset)");
    else if (strncmp(word, "bound=", 6) == 0)
        return sched_getaffinity(0, sizeof mask, &mask) < 0 || CPU_COUNT(&mask) != atoi(word + 6);
    else if (strncmp(word, "fail=", 5) == 0 && atoi(word + 5) == workers)
        return fprintf(stderr, "%d workers are too many\n", workers), 3;
    return 0;
}

int main(int argc, char **argv) {
    pthread_t thread[MOST];
    struct share share[MOST];
    int workers = argc > 1 ? atoi(argv[1]) : 0, code = 0;
    if (workers < 1 || workers > MOST)
        return 2;
    for (int i = 0; i < workers; i++) {
        share[i] = (struct share){.steps = STEPS / (uint64_t)workers};
        if (pthread_create(&thread[i], NULL, work, &share[i]) != 0)
            return 1;
    }
    for (int i = 0; i < workers; i++)
        pthread_join(thread[i], NULL);
    for (int i = 2; i < argc && code == 0; i++)
        code = answer(argv[i], workers);
    return code;
}
