/* The command line: one table of options, read from words, then from the environment, then defaulted.
 *
 * What a row says is all that parsing, the environment and --help need: an option is added by one row. */
#ifndef PB_CLI_OPTIONS_H
#define PB_CLI_OPTIONS_H

#include "base/buffer.h"
#include "base/error.h"
#include "cli/words.h"
#include "driver/plan.h"

/* Which commands take an option: bits of a mask. */
enum pb_command_bit {
    PB_RUN = 1,
    PB_LIST = 2,
    PB_TOPOLOGY = 4,
    PB_EXPLAIN = 8,
    PB_CHECK = 16,
    PB_COMPARE = 32,
    PB_GATE = 64,
    PB_DOCTOR = 128,
    PB_SCALE = 256,
    PB_METG = 512,
    PB_EXPORT = 1024,
    PB_EVERY = 2047
};

enum pb_list {
    PB_WORKLOADS,
    PB_EXECUTORS,
    PB_WIDTHS,
    PB_BINDINGS,
    PB_REQUESTED, /* those before it are the request's */
    PB_ENVIRONMENT = PB_REQUESTED,
    PB_RUNNERS,
    PB_ADDED, /* of doctor: amounts of work */
    PB_LISTS
};

struct pb_options {
    struct pb_request request; /* its lists are the first of `list` */
    bool quick, thorough, dry_run, wide, quiet, verbose, help, version;
    bool check_output;
    uint32_t predict;     /* of scale: a width; 0: twice the widest */
    const char *output;   /* -o, or NULL */
    bool save;            /* the record gets a name by itself */
    const char *format;   /* NULL: the first of the list */
    const char *launcher; /* the words that start ranks, or NULL */
    const char *like;     /* of a run: an earlier result, or NULL */
    const char **operand;
    uint32_t operands;
    const char *
        *program; /* of a run: the words after "--", behind the operands; request.program is made of them */
    uint32_t program_words;
    const char *gate_base, *gate_head; /* of a gate: what is compared */
    double threshold;                  /* share; 0: the command's default */
    bool strict;                       /* inconclusive is no success */
    bool plain;                        /* of list: for scripts */
    bool full;                         /* of doctor: trials are made, not drawn */
    uint32_t trials;                   /* of doctor; 0: as many as are usual */
    const char *relink;                /* of doctor: a command with {} in it, or NULL */
    uint64_t given;                    /* bit i: row i of the table, by words or environment */

    struct pb_words words;
    struct pb_strings list[PB_LISTS];
    struct pb_buffer item; /* holds request.program */
};

enum pb_option_kind {
    PB_OPTION_FLAG,    /* bool */
    PB_OPTION_TEXT,    /* const char * */
    PB_OPTION_CHOICE,  /* const char *, one of `choices` */
    PB_OPTION_ITEMS,   /* a list: items with parameters */
    PB_OPTION_LIST,    /* the same: plain words */
    PB_OPTION_WIDTHS,  /* the same: numbers, max, ranges */
    PB_OPTION_WHOLE,   /* the same: each time one text, whatever it holds */
    PB_OPTION_SETTING, /* the same: each time one NAME=VALUE, whatever VALUE holds */
    PB_OPTION_BASE,    /* const char *, what pb_base_parse takes */
    PB_OPTION_COUNT,   /* uint32_t */
    PB_OPTION_NUMBER,  /* uint64_t */
    PB_OPTION_SECONDS, /* double */
    PB_OPTION_TIME,    /* int64_t, ns; a bare number is seconds */
    PB_OPTION_SHARE,   /* double, "1%" is 0.01 */
};

struct pb_option {
    const char *name; /* long, without dashes */
    char letter;      /* or 0 */
    enum pb_option_kind kind;
    size_t at;            /* offset in struct pb_options; of lists see `list` */
    double min, max;      /* of numbers, in the unit that the user writes: seconds, or 0.01 for 1 % */
    const char *choices;  /* "for|submit|map" */
    const char *section;  /* of `bench list`: where its values stand; or NULL */
    const char *argument; /* its name in --help; NULL: takes none */
    const char *help;     /* without full stop; short where `wide` is false */
    struct {
        uint32_t commands; /* mask of pb_command_bit: none is usual */
        const char *help;
    } otherwise;       /* what some commands say of it instead, such as another default */
    bool wide;         /* has a line of its own in --help */
    uint32_t commands; /* mask of pb_command_bit */
    uint32_t excludes; /* of rows with the same number only one may be given; 0: any */
    enum pb_list list; /* of lists: which one */
};

/* Ends with a nameless row. */
extern const struct pb_option pb_option_table[];

/* Reads `count` words (argv without the program and the subcommand) for one command, then PARBENCH_<OPTION>
   of the environment for every option that no word gave, then fills defaults. --help and --version end it
   early, unread words left alone. -EINVAL and others with "what: why: what to do"; then nothing is to be
   released. */
int pb_options_init(struct pb_options *, enum pb_command_bit, int count, char *const *word,
                    struct pb_error *);
void pb_options_release(struct pb_options *);

/* Whether words or the environment gave the option of that long name. */
bool pb_option_given(const struct pb_options *, const char *name);

#endif
