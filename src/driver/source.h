/* Where workloads come from. A source claims the items that are its own, finds a runner that knows them and
 * asks it to describe them. A new one is one file and one row in sources.c.
 *
 * An executor belongs to the runner that has it: a workload's rows are those of its own runner's. */
#ifndef PB_DRIVER_SOURCE_H
#define PB_DRIVER_SOURCE_H

#include "driver/launcher.h"

/* What sources keep for the run. Zeroed but for the time-out. */
struct pb_sources {
    int64_t timeout_ns; /* of one question */
    struct pb_program
        *program; /* runners that are other programs: number i of a described thing is [i - 1] */
    uint32_t programs;
    struct pb_launcher launcher; /* of runners that are launched */
    char *directory;             /* what was built for this run lies there; NULL: nothing was */
};

/* Everything that this program has, and besides it each of the items that is more than a name of that: with
   parameters, a path, or another runner's, with that runner's executors. -EINVAL and others for an item that
   cannot be had; a plug-in that is there but cannot be loaded, or crashes meanwhile, is described as broken.
 */
int pb_sources_describe(struct pb_sources *, const char *const *workload, uint32_t workloads,
                        const char *const *executor, uint32_t executors, struct pb_descriptions *,
                        struct pb_error *);
/* The same of one program that was added, and of nothing that others have: for builds of this program, whose
   names are all the same. */
int pb_sources_describe_program(const struct pb_sources *, uint32_t program, const char *const *workload,
                                uint32_t workloads, const char *const *executor, uint32_t executors,
                                struct pb_descriptions *, struct pb_error *);
/* Frees, and removes the directory. */
void pb_sources_release(struct pb_sources *);

/* Adds a program that speaks the runner protocol: `word` is how it is started, `environment` what it gets
   besides ours (both NULL-ended, and copied; the latter may be NULL). Returns its number, which is that of an
   earlier one that is the same. */
int pb_sources_add(struct pb_sources *, const char *name, const char *const *word,
                   const char *const *environment, struct pb_error *);
/* The program of that number; NULL: this one. */
const struct pb_program *pb_sources_program(const struct pb_sources *, uint32_t number);

/* ---- For sources ---- */

/* A line of `bench list sources`. */
struct pb_source_text {
    const char *name, *help;
    bool parameter; /* of what stands above it: "exe=python3" */
};
struct pb_source {
    bool (*claims)(const char *item);
    /* Appends what it finds. */
    int (*describe)(struct pb_sources *, const char *item, struct pb_descriptions *, struct pb_error *);
    const struct pb_source_text *texts; /* ends with a nameless one; NULL: runners describe what it has */
};
extern const struct pb_source *const pb_source_list[]; /* NULL-ended; the first that claims an item has it */
extern const struct pb_source pb_source_python, pb_source_c, pb_source_plugin, pb_source_built_in;

/* What every program added so far has, appended: its workloads and executors join those that are there by
   their names. -EEXIST: two have one of the same name. */
int pb_describe_runners(struct pb_sources *, struct pb_descriptions *, struct pb_error *);

/* Which program has a workload, or an executor, of the name that the item begins with; -1: none. */
int64_t pb_program_of(const struct pb_described *, uint32_t count, const char *item);

/* Asks a fresh runner; *out takes over what it says. -ECONNRESET, -ETIMEDOUT: it did not survive that. */
int pb_ask(const struct pb_sources *, uint32_t program, const struct pb_wire_describe *,
           struct pb_descriptions *out, struct pb_error *);
/* Asks a program for one workload. */
int pb_ask_item(const struct pb_sources *, uint32_t program, const char *item, struct pb_descriptions *,
                struct pb_error *);
/* The same of this program. */
int pb_ask_workload(const struct pb_sources *, const char *item, struct pb_descriptions *out,
                    struct pb_error *);
/* Asks this program for a shared object with its parameters, which was named as `item`: errors name it so.
   What is there but cannot be loaded, or crashes meanwhile, is described as broken, and that is no error. */
int pb_ask_object(const struct pb_sources *, const char *object, const char *item,
                  struct pb_descriptions *out, struct pb_error *);
/* Writes the item's name wherever the error has the object's path; both up to their parameters. */
void pb_rename_object(struct pb_error *, const char *object, const char *item);
/* Moves all of `from` to the end of `to`. */
int pb_descriptions_append(struct pb_descriptions *to, struct pb_descriptions *from);
/* An item that is a row all the same, which failed for the reason given. */
int pb_describe_broken(struct pb_descriptions *, const char *item, const char *why);

#endif
