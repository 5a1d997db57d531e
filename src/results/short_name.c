/* The text of a program is: parameters, each ended by a comma; words NAME=VALUE; the program and its
 * arguments. Words are quoted as a shell would. A parameter's name is in lower case, a variable's seldom is.
 */
#include "results/short_name.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char prefix[] = "cmd:";

enum { LINE = 60 /* bytes of a command line that a sentence bears */ };

bool pb_cell_is_program(const struct pb_cell *cell) {
    return cell->workload && strncmp(cell->workload, prefix, sizeof prefix - 1) == 0;
}

bool pb_cell_is_own(const struct pb_cell *cell) {
    return pb_cell_is_program(cell) && cell->executor && strcmp(cell->executor, "own") == 0;
}

/* Bytes of "check=1," at the beginning of the text, or 0. */
static size_t parameter(const char *text) {
    size_t key = strspn(text, "abcdefghijklmnopqrstuvwxyz_-");
    size_t end = strcspn(text, ", '\"\\");
    return key && text[key] == '=' && text[end] == ',' ? end + 1 : 0;
}

/* Reads one word without its quotes, as much of it as there is room for; returns what follows it. */
static const char *read_word(const char *text, char *out, size_t size) {
    char quote = '\0';
    size_t used = 0;
    text += strspn(text, " \t\n");
    for (; *text && (quote || !isspace((unsigned char)*text)); text++) {
        if (*text == quote || (!quote && (*text == '\'' || *text == '"'))) {
            quote = quote ? '\0' : *text;
            continue;
        }
        if (*text == '\\' && quote != '\'' && text[1])
            text++;
        if (used + 1 < size)
            out[used++] = *text;
    }
    out[used] = '\0';
    return text;
}

static bool is_assignment(const char *word) {
    size_t name = 0;
    while (isalnum((unsigned char)word[name]) || word[name] == '_')
        name++;
    return name && word[name] == '=';
}

static const char *command_of(const char *workload) {
    const char *text = workload + sizeof prefix - 1;
    for (size_t more; (more = parameter(text)) > 0;)
        text += more;
    return text;
}

const char *pb_cell_command(const struct pb_cell *cell) {
    return command_of(cell->workload);
}

/* "" where the text names none. */
static void program_of(const char *workload, char *out, size_t size) {
    char word[4096];
    const char *text = command_of(workload);
    do
        text = read_word(text, word, sizeof word);
    while (is_assignment(word));
    const char *slash = strrchr(word, '/');
    snprintf(out, size, "%s", slash && slash[1] ? slash + 1 : word);
}

const char *pb_cell_program(const struct pb_cell *cell, char *out, size_t size) {
    program_of(cell->workload, out, size);
    return out;
}

static bool is_ambiguous(const struct pb_run *run, const struct pb_cell *cell, const char *name) {
    for (uint32_t i = 0; run && i < run->cells; i++) {
        const struct pb_cell *other = &run->cell[i];
        char theirs[PB_SHORT_NAME];
        if (!pb_cell_is_program(other) || strcmp(other->workload, cell->workload) == 0)
            continue;
        program_of(other->workload, theirs, sizeof theirs);
        if (strcmp(theirs, name) == 0)
            return true;
    }
    return false;
}

/* Cut between characters: a byte that goes on with one is not the last. */
static const char *in_full(const char *text, char *out, size_t size) {
    size_t length = strlen(text);
    if (length >= size) {
        length = size - sizeof "...";
        while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--;
    }
    snprintf(out, size, "%.*s%s", (int)length, text, text[length] ? "..." : "");
    return out;
}

const char *pb_cell_short_name(const struct pb_run *run, const struct pb_cell *cell, char *out, size_t size) {
    if (!cell->workload)
        return strcpy(out, "");
    if (!pb_cell_is_program(cell))
        return in_full(cell->workload, out, size);
    program_of(cell->workload, out, size);
    return *out && !is_ambiguous(run, cell, out) ? out
                                                 : in_full(cell->workload, out, size < LINE ? size : LINE);
}
