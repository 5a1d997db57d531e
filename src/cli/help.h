/* What --help prints, for 80 columns and 24 lines, made from the table of options. */
#ifndef PB_CLI_HELP_H
#define PB_CLI_HELP_H

#include "base/buffer.h"
#include "cli/options.h"

struct pb_command_text {
    const char *name; /* "" is the run itself */
    enum pb_command_bit bit;
    const char *usage, *summary, *examples;
    uint32_t operands; /* at most so many */
    const char *
        takes; /* what they are, as pb_option.section and .argument say it: "a|b", "words", "FILE"; or NULL */
};

/* Ends with a row without usage; the first is the run. */
extern const struct pb_command_text pb_command_texts[];

/* The subcommand of that name. NULL with an error that names the nearest and the list. */
const struct pb_command_text *pb_command_find(const char *name, struct pb_error *);

/* What is said of an option by that command. */
const char *pb_help_of(const struct pb_option *, const struct pb_command_text *);

void pb_help_format(const struct pb_command_text *, struct pb_buffer *);

#endif
