/* `bench check-runner CMD`: one line for each check, and under one that failed the line of the conversation
 * that is wrong, what is wrong with it and where that is written. */
#include "cli/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "driver/check.h"
#include "driver/driver.h"
#include "report/text.h"

#define PAGE "docs/runner-protocol.md"

enum { LINE_WIDTH = 150, INDENT = 5, WIDTH = 80 };

struct command {
    const struct pb_options *options;
    bool utf8;
    struct pb_buffer out, unchecked;
    const char *why;                                        /* they were not checked */
    char fault[sizeof((struct pb_wire_fault *)NULL)->text]; /* that was shown last */
    uint32_t checks, failed, skipped;
    int code; /* of output that could not be written */
};

/* What it says is untrusted. */
static void add_clean(struct command *c, struct pb_buffer *out, const char *text, size_t size) {
    struct pb_buffer raw = {0};
    for (size_t i = 0; i < size; i++)
        pb_buffer_add(&raw, text[i] ? &text[i] : "?", 1);
    pb_text_clean(out, pb_buffer_string(&raw), c->utf8);
    pb_buffer_release(&raw);
}

/* As they come: a runner that hangs is then seen to. */
static void flush(struct command *c) {
    int code = pb_output_finish(&c->out);
    c->code = c->code ? c->code : code;
}

static void print_line(void *context, const struct pb_check_line *line) {
    struct command *c = context;
    pb_buffer_printf(&c->out, "%4u %c ", line->number, line->said ? '>' : '<');
    add_clean(c, &c->out, line->text, line->size);
    pb_buffer_text(&c->out, "\n");
    flush(c);
}

/* As much of it as helps: from a little before the key on. */
static void add_cut(struct command *c, const struct pb_check_result *result) {
    const struct pb_check_line *line = &result->line;
    struct pb_buffer quoted = {0};
    pb_buffer_printf(&quoted, "\"%s\"", result->fault.key);
    const char *key = *result->fault.key ? memmem(line->text, line->size, quoted.data, quoted.size) : NULL;
    size_t from = key ? (size_t)(key - line->text) : 0, most = LINE_WIDTH;
    if (from + quoted.size + LINE_WIDTH / 2 < LINE_WIDTH || line->size <= most)
        from = 0;
    size_t size = line->size - from < most ? line->size - from : most;
    pb_buffer_text(&c->out, from ? "..." : "");
    add_clean(c, &c->out, line->text + from, size);
    pb_buffer_text(&c->out, from + size < line->size ? "...\n" : "\n");
    pb_buffer_release(&quoted);
}

/* What is shown already is not shown again. */
static void print_fault(struct command *c, const struct pb_check_result *result) {
    bool again = strcmp(c->fault, result->fault.text) == 0;
    if (result->line.number)
        pb_buffer_printf(&c->out, "     line %u: ", result->line.number);
    else
        pb_buffer_text(&c->out, "     ");
    if (result->line.number && !again) {
        pb_buffer_text(&c->out, result->line.said ? "> " : "< ");
        add_cut(c, result);
        pb_buffer_text(&c->out, "     ");
    }
    add_clean(c, &c->out, result->fault.text, strlen(result->fault.text));
    pb_buffer_text(&c->out, again ? ", as above\n" : "\n");
    if (!again)
        pb_buffer_printf(&c->out, "     see " PAGE ", \"%s\"\n", result->fault.section);
    memcpy(c->fault, result->fault.text, sizeof c->fault);
}

static void print_result(void *context, const struct pb_check_result *result) {
    struct command *c = context;
    c->checks++;
    c->failed += result->failed;
    pb_buffer_text(&c->out, result->failed ? "FAIL " : "ok   ");
    add_clean(c, &c->out, result->name, strlen(result->name));
    pb_buffer_text(&c->out, "\n");
    if (result->failed) {
        print_fault(c, result);
    } else if (result->advised) {
        pb_buffer_printf(&c->out,
                         "     line %u: its text reads better as \"what: why: what to do\"; see " PAGE
                         ", \"error\"\n",
                         result->advised);
    }
    flush(c);
}

static void note_unchecked(void *context, const char *name, const char *why) {
    struct command *c = context;
    c->skipped++;
    c->why = c->why ? c->why : why;
    pb_buffer_printf(&c->unchecked, "%s%s", c->unchecked.size ? ", " : "", name);
}

static void print_summary(struct command *c) {
    if (c->skipped) {
        struct pb_buffer text = {0}, clean = {0};
        pb_buffer_printf(&text, "not checked, since %s: %s", c->why, pb_buffer_string(&c->unchecked));
        add_clean(c, &clean, pb_buffer_string(&text), text.size);
        pb_output_wrap(&c->out, 0, WIDTH, pb_buffer_string(&clean));
        pb_buffer_release(&clean);
        pb_buffer_release(&text);
    }
    pb_buffer_printf(&c->out, "%u check%s, %u failed", c->checks, c->checks == 1 ? "" : "s", c->failed);
    if (c->skipped)
        pb_buffer_printf(&c->out, ", %u not checked", c->skipped);
    pb_buffer_text(&c->out, "\n");
    flush(c);
}

static int check(struct command *c, const struct pb_program *program) {
    const struct pb_request *r = &c->options->request;
    const struct pb_check_request request = {.program = program,
                                             .workload = r->workloads ? r->workload[0] : NULL,
                                             .executor = r->executor,
                                             .executors = r->executors,
                                             .timeout_ns = r->timeout_ns};
    const struct pb_check_listener listener = {.line = c->options->verbose ? print_line : NULL,
                                               .result = print_result,
                                               .unchecked = note_unchecked,
                                               .context = c};
    struct pb_error error = {0};
    pb_signals_install();
    int rc = pb_check_runner(&request, &listener, &error);
    if (rc == -EINTR && pb_signal_caught())
        return 128 + pb_signal_caught();
    if (rc < 0)
        return pb_complain(PB_EXIT_CANNOT_RUN, error.text);
    print_summary(c);
    return c->failed ? PB_EXIT_FAILED_CELL : c->code;
}

int pb_command_check_runner(struct pb_options *options, const char *command_line) {
    struct command c = {.options = options, .utf8 = pb_output_style(options).utf8};
    (void)command_line;
    if (options->operands == 0)
        return pb_complain(PB_EXIT_USAGE, "check-runner: no program is named: write its command behind it, "
                                          "as in \"bench check-runner python3 my_runner.py\"");
    if (options->request.workloads > 1)
        return pb_complain(PB_EXIT_USAGE, "check-runner: -w names several workloads: give one");
    char **argv = calloc(options->operands + 1, sizeof *argv);
    if (!argv)
        return pb_complain(PB_EXIT_CANNOT_RUN, "check-runner: no memory: free some");
    for (uint32_t i = 0; i < options->operands; i++)
        argv[i] = (char *)(uintptr_t)options->operand[i];
    int code = check(&c, &(struct pb_program){.name = argv[0], .argv = argv});
    free(argv);
    pb_buffer_release(&c.out);
    pb_buffer_release(&c.unchecked);
    return code;
}
