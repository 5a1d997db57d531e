#include "cli/output.h"

#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PIPED_WIDTH = 80, LEAST_WIDTH = 40 };

int pb_complain(int code, const char *text) {
    fprintf(stderr, "bench: %s\n", text);
    return code;
}

int pb_output_write(const struct pb_buffer *buffer, struct pb_error *error) {
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    int rc = buffer->failed ? -ENOMEM : 0;
    sigaction(SIGPIPE, &ignore, &before);
    for (size_t done = 0; rc == 0 && done < buffer->size;) {
        ssize_t wrote = write(STDOUT_FILENO, buffer->data + done, buffer->size - done);
        if (wrote >= 0)
            done += (size_t)wrote;
        else if (errno != EINTR)
            rc = -errno;
    }
    sigaction(SIGPIPE, &before, NULL);
    if (rc < 0)
        pb_error_set(error, rc,
                     "standard output: %s: write to a terminal, a file with room or a reader that stays",
                     strerror(-rc));
    return rc;
}

int pb_output_finish(struct pb_buffer *buffer) {
    struct pb_error error;
    int rc = pb_output_write(buffer, &error);
    pb_buffer_release(buffer);
    return rc < 0 ? pb_complain(PB_EXIT_CANNOT_RUN, error.text) : PB_EXIT_OK;
}

static bool is_set(const char *name) {
    const char *value = getenv(name);
    return value && *value && strcmp(value, "0") != 0;
}

static uint32_t terminal_width(void) {
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return PIPED_WIDTH;
    return size.ws_col < LEAST_WIDTH ? LEAST_WIDTH : size.ws_col;
}

struct pb_report_style pb_output_style(const struct pb_options *options) {
    const char *terminal = getenv("TERM");
    bool can = isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
    return (struct pb_report_style){
        .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
        .colour = !is_set("NO_COLOR") && (can || is_set("CLICOLOR_FORCE")),
        .wide = options->wide,
        .verbose = options->verbose,
        .width = terminal_width(),
    };
}

void pb_output_wrap(struct pb_buffer *out, uint32_t indent, uint32_t width, const char *text) {
    uint32_t column = 0;
    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        size_t word = strcspn(text, " ");
        bool fits = column > 0 && column + 1 + word <= width;
        if (!fits)
            pb_buffer_printf(out, "%s%*s", column ? "\n" : "", (int)indent, "");
        column = fits ? column + 1 : indent;
        if (fits)
            pb_buffer_text(out, " ");
        pb_buffer_add(out, text, word);
        column += (uint32_t)word;
        text += word;
    }
    pb_buffer_text(out, "\n");
}
