/* What a program is started with, as a template: words in which {n} and {i} stand for numbers, and an
 * environment. Read once, filled in for each task without allocating. */
#ifndef PB_BENCH_COMMAND_H
#define PB_BENCH_COMMAND_H

#include "bench/split.h"
#include "parbench/workload.h"

struct pb_command {
    const char *name;            /* of the program, for messages */
    char *path;                  /* of the program; NULL: what the first word becomes */
    struct pb_split_words words; /* assignments, then the program and its arguments */
    size_t assigned;             /* how many of them are assignments */
    const char **environment;    /* NULL-ended: ours, without what is assigned, and room for that */
    size_t inherited;            /* how many of the environment are ours */
    size_t text_size, pointers;  /* that filling in needs at most */
};

/* Room for one to be filled in. */
struct pb_arguments {
    const char *path;
    char **argv, **environment;
    char *text;
};

/* Reads the text: leading words NAME=VALUE are environment, then come the program, looked up in PATH and
   found to be executable, and its arguments. With `shell` all of it is a script for /bin/sh. 0; -errno, and
   the message says why. */
int pb_command_init(struct pb_command *, const char *text, bool shell, struct pb_message *);
void pb_command_release(struct pb_command *);

/* 0 or -ENOMEM. */
int pb_arguments_init(struct pb_arguments *, const struct pb_command *);
void pb_arguments_release(struct pb_arguments *);
/* Fills them in for task i of a row with n workers. */
void pb_arguments_fill(struct pb_arguments *, const struct pb_command *, uint64_t n, uint64_t i);

#endif
