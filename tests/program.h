/* The program as a child process: what it says, how it ends, and whether anything of it is left. */
#ifndef PB_TESTS_PROGRAM_H
#define PB_TESTS_PROGRAM_H

#include "suite.h"

#include <sys/types.h>

#include "base/buffer.h"
#include "results/record.h"

#define PROGRAM PB_BINARY_DIR "/bench"
#define PLUGINS "./plugins/" /* programs run in PB_BINARY_DIR, whose path may hold blanks */

/* The executors that tests let the program run: the thread sanitizer does not see OpenMP, whose runtime is
 * not instrumented. */
#ifdef __SANITIZE_THREAD__
#define EXECUTORS "serial,thread,gil,process,loop"
#else
#define EXECUTORS "all"
#endif

enum { PROGRAM_WORDS = 32 };

/* How it is started: `word` are its arguments, NULL-ended. */
struct program_start {
    const char *other; /* another program in its place, looked up in PATH; NULL: the program */
    const char *const *word;
    const char *const *environment; /* NULL-ended "NAME=value" beside what we have ourselves; NULL: nothing */
    bool listens;                   /* its standard input is a pipe; else empty */
    int out_fd;                     /* its standard output instead of a pipe; 0: a pipe */
};

struct program {
    pid_t pid;
    int in, out, err, watch; /* to and from it, and its pidfd; -1: closed */
    struct pb_buffer said, complained;
    int status; /* as of waitpid, once it has ended */
};

/* Skips the case if the program was not built. */
void program_need(void);
/* Whether EXECUTORS has it. */
bool program_sees(const char *executor);
void program_skip_unseen(const char *executor);
void program_begin(struct program *, const struct program_start *);
/* Collects both outputs until nobody has them open, and waits for its end. */
void program_finish(struct program *);
void program_release(struct program *);

/* Begin and finish; the arguments are one text of words, quoted as in a shell. */
void program_run(struct program *, const char *const *environment, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void program_begin_line(struct program *, const char *const *environment, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Until the journal `path` of the running program holds so many whole samples. */
void program_wait_samples(struct program *, const char *path, uint32_t samples);

/* It ended by itself, with that code. */
void program_check_code(const struct program *, int code);
/* No process that it started is left: not one when it has ended by itself, at most those that are just dying
   when it was killed (they get 20 s). To be called after program_finish. */
void program_check_nothing_left(bool killed);

/* Reads a record; fails the case if it is none. The caller releases it. */
void program_decode(struct pb_run *, const char *name, const struct pb_buffer *);
void program_read_file(struct pb_buffer *, const char *path);
/* The row of the workload (its name, or a plug-in's file) and executor; references are not looked at. */
const struct pb_cell *program_cell(const struct pb_run *, const char *workload, const char *executor,
                                   uint32_t workers);

/* Runs a command by the shell, and returns its exit code. */
int program_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An empty directory of its own; released with all that lies in it directly. */
void program_directory(char path[64]);
void program_directory_release(const char *path);

#endif
