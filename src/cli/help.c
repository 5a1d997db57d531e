#include "cli/help.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/name.h"

enum { WIDE_COLUMN = 24, CELL = 39, CELL_COLUMN = 20, NAMES = 16 };

const struct pb_command_text pb_command_texts[] = {
    {.name = "",
     .bit = PB_RUN,
     .usage = "bench [OPTION or @FILE of options]... [-- PROGRAM...]",
     .summary = "Does this work really run in parallel here, and if not, what stops it?",
     .examples = "  bench                                  this machine's story, about 10 seconds\n"
                 "  PARBENCH_TIME=3s bench -w sha -e thread -n 1-max -o sha.json   as by --time=3s\n"
                 "  bench -n 1,2,4 -- xz -T{n} -k -c FILE  any program that makes its own workers\n"},
    {.name = "list",
     .bit = PB_LIST,
     .usage = "bench list [--plain] [LIST]...",
     .summary = "Shows what there is, with parameters; and what is absent, and why.\n"
                "A LIST is workloads, sources, executors, formats or policies; only where it is\n"
                "named commands, options or words. --plain is for scripts: a line each, of the\n"
                "fields LIST NAME PARAMETER DEFAULT VALUES ABSENT TEXT, parted by tabs.",
     .examples = "  bench list\n  bench list workloads\n  bench list --plain executors | cut -f2\n",
     .operands = 8,
     .takes = "workloads|sources|executors|formats|policies|commands|options|words"},
    {.name = "topology",
     .bit = PB_TOPOLOGY,
     .usage = "bench topology [-n N] [-b POLICY] [--launcher CMD]",
     .summary = "Draws this machine, or the hosts of a launcher, and where workers would go.",
     .examples = "  bench topology\n  bench topology -n 2 -b core\n"
                 "  HWLOC_SYNTHETIC='package:2 core:4 pu:2' bench topology -n max -b spread\n"},
    {.name = "explain",
     .bit = PB_EXPLAIN,
     .usage = "bench explain [WORD]",
     .summary = "Says by which rule a verdict or a column is reached, and what to do about it.",
     .examples = "  bench explain\n  bench explain serialised\n",
     .operands = 1,
     .takes = "words"},
    {.name = "check-runner",
     .bit = PB_CHECK,
     .usage = "bench check-runner [-w ITEM] [-e ITEMS] [-v] CMD [ARGUMENT]...",
     .summary = "Holds a conversation with CMD, and says where it breaks the runner protocol.\n"
                "Exit code 5 if it does, 6 if CMD cannot be started; -v shows the conversation.",
     .examples = "  bench check-runner python3 my_runner.py\n"
                 "  bench check-runner -w sha:size=4k -e thread -v bench --runner\n",
     .operands = UINT32_MAX,
     .takes = "CMD"},
    {.name = "compare",
     .bit = PB_COMPARE,
     .usage = "bench compare OLD NEW [--threshold=P] [--strict] [--format=NAME]",
     .summary = "Has NEW become slower than OLD? Says of each row whether it regressed, improved,\n"
                "or is equivalent. Exit code 1 if any regressed; --strict: 3 if any is unknown.",
     .examples = "  bench -w sha -e thread -o old.json\n"
                 "  bench -w sha -e thread --like old.json -o new.json\n"
                 "  bench compare old.json new.json\n"
                 "  bench compare old.json new.json.partial --strict\n",
     .operands = 2,
     .takes = "FILE"},
    {.name = "gate",
     .bit = PB_GATE,
     .usage = "bench gate --base=X --head=Y [OPTION]...",
     .summary = "Has head become slower than base? Both run in turns until the answer is known.\n"
                "Exit code 1 if it has. Threshold 5 %, and 60 s at most; see docs/ci.md.",
     .examples = "  bench gate --base=old/bench --head=new/bench -w sha,primes -e thread\n"
                 "  bench gate --base=old.c --head=new.c --threshold=2%\n"
                 "  bench gate --base='cmd:old/prog x' --head='cmd:new/prog x' --strict\n"},
    {.name = "export",
     .bit = PB_EXPORT,
     .usage = "bench export FILE [--format=NAME]",
     .summary = "Shows a kept result, or the FILE.partial of a killed run, in another format.",
     .examples = "  bench export sha.json\n"
                 "  bench export sha.json --format csv > sha.csv\n"
                 "  bench export sha.json --format markdown >> $GITHUB_STEP_SUMMARY\n"
                 "  bench list formats                     which there are\n",
     .operands = 1,
     .takes = "FILE"},
    {.name = "scale",
     .bit = PB_SCALE,
     .usage = "bench scale [OPTION]... [FILE.json]",
     .summary = "How speedup grows with the workers, by which law, and how many to use.",
     .examples = "  bench scale -w sha -e all -n 1-max\n  bench scale -w sha -e process --weak\n"
                 "  bench scale sha.json --predict=64      of a result of bench -o\n",
     .operands = 1,
     .takes = "FILE"},
    {.name = "metg",
     .bit = PB_METG,
     .usage = "bench metg [OPTION]...",
     .summary = "The shortest task that an executor still runs with half of its workers' time.",
     .examples = "  bench metg -e all\n  bench metg -e thread,process -n 2 --via submit\n"},
    {.name = "doctor",
     .bit = PB_DOCTOR,
     .usage = "bench doctor [OPTION]...",
     .summary = "How finely can this machine measure, and what disturbs it? Takes a minute.\n"
                "With --threshold: exit code 3 if it cannot be carried; see docs/doctor.md.",
     .examples = "  bench doctor\n"
                 "  bench doctor --full --trials 20 --added 0,0.5%   each trial made for real\n"
                 "  bench doctor --relink 'scripts/relink {}'        and how far equal builds move\n"},
    {0},
};

const struct pb_command_text *pb_command_find(const char *name, struct pb_error *error) {
    const char *names[NAMES];
    size_t count = 0;
    struct pb_buffer all = {0};
    for (const struct pb_command_text *t = pb_command_texts + 1; t->usage && count < NAMES; t++) {
        if (strcmp(t->name, name) == 0) {
            pb_buffer_release(&all);
            return t;
        }
        pb_buffer_printf(&all, "%s%s", count ? ", " : "", t->name);
        names[count++] = t->name;
    }
    int nearest = pb_name_nearest(name, names, count);
    if (nearest >= 0)
        pb_error_set(error, -EINVAL, "%s: unknown subcommand: did you mean %s? there are %s", name,
                     names[nearest], pb_buffer_string(&all));
    else
        pb_error_set(error, -EINVAL, "%s: unknown subcommand: there are %s; a workload is named by -w %s",
                     name, pb_buffer_string(&all), name);
    pb_buffer_release(&all);
    return NULL;
}

/* "-w, --workload=ITEMS"; without a letter the name stands where it would if there were one. */
static void format_name(const struct pb_option *row, char *out, size_t size) {
    char letter[] = {'-', row->letter, ',', ' ', '\0'};
    snprintf(out, size, "%s--%s%s%s", row->letter ? letter : "", row->name, row->argument ? "=" : "",
             row->argument ? row->argument : "");
}

const char *pb_help_of(const struct pb_option *row, const struct pb_command_text *text) {
    return row->otherwise.commands & text->bit ? row->otherwise.help : row->help;
}

static bool belongs(const struct pb_option *row, const struct pb_command_text *text, bool wide) {
    return (row->commands & text->bit) != 0 && row->wide == wide;
}

static void format_options(const struct pb_command_text *text, struct pb_buffer *out) {
    char name[64], cell[128];
    for (const struct pb_option *row = pb_option_table; row->name; row++)
        if (belongs(row, text, true)) {
            format_name(row, name, sizeof name);
            pb_buffer_printf(out, "  %-*s%s\n", WIDE_COLUMN - 2, name, pb_help_of(row, text));
        }
    bool left = true;
    for (const struct pb_option *row = pb_option_table; row->name; row++)
        if (belongs(row, text, false)) {
            format_name(row, name, sizeof name);
            snprintf(cell, sizeof cell, "%-*s%s", CELL_COLUMN - 2, name, pb_help_of(row, text));
            if (left)
                pb_buffer_printf(out, "  %-*s ", CELL - 2, cell);
            else
                pb_buffer_printf(out, "%s\n", cell);
            left = !left;
        }
    if (!left)
        pb_buffer_text(out, "\n");
}

static void format_commands(struct pb_buffer *out) {
    pb_buffer_text(out, "Also:");
    for (const struct pb_command_text *t = pb_command_texts + 1; t->usage; t++)
        pb_buffer_printf(out, "%s%s", t == pb_command_texts + 1 ? " " : "|", t->name);
    pb_buffer_text(out, "\n");
}

/* Blanks that fill a line's end, which the left one of two cells leaves when it is the last, are taken off.
 */
static void strip_blanks(struct pb_buffer *out) {
    size_t kept = 0;
    for (size_t i = 0; i < out->size; i++) {
        if (out->data[i] == '\n')
            while (kept && out->data[kept - 1] == ' ')
                kept--;
        out->data[kept++] = out->data[i];
    }
    if (out->data)
        out->data[kept] = '\0';
    out->size = kept;
}

/* The longest, that of a run, fills a screen of 24 lines. */
void pb_help_format(const struct pb_command_text *text, struct pb_buffer *out) {
    pb_buffer_printf(out, "Usage: %s\n", text->usage);
    if (text->bit == PB_RUN)
        format_commands(out);
    pb_buffer_printf(out, "%s\n", text->summary);
    format_options(text, out);
    pb_buffer_printf(out, "Examples:\n%s", text->examples);
    strip_blanks(out);
}
