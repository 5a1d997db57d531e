/* The subcommands: a command is one file with a pb_command_fn, one row in commands.c, and its text in help.c.
 */
#ifndef PB_CLI_COMMANDS_H
#define PB_CLI_COMMANDS_H

#include "cli/options.h"

/* Runs it; returns the program's exit code (base/error.h). `command_line` is what was typed, quoted for a
 * shell. */
typedef int pb_command_fn(struct pb_options *, const char *command_line);

pb_command_fn pb_command_run, pb_command_list, pb_command_topology, pb_command_explain,
    pb_command_check_runner, pb_command_compare, pb_command_gate, pb_command_export, pb_command_scale,
    pb_command_metg, pb_command_doctor;

#endif
