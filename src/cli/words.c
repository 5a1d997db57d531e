#include "cli/words.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

struct reader {
    struct pb_words *words;
    struct pb_error *error;
    bool literal; /* after "--" */
};

/* A text on its way to words. */
struct source {
    const char *name, *at, *end;
    unsigned line; /* of the file of that name; 0: it is no file */
};

static int add_word(struct reader *, const char *word, const char *origin, unsigned depth);

static int read_all(const char *path, struct pb_buffer *out, struct pb_error *error) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return pb_error_set(error, -errno, "@%s: %s: name a file of options that can be read", path,
                            strerror(errno));
    char block[4096];
    ssize_t got;
    while ((got = read(fd, block, sizeof block)) > 0 && out->size <= PB_WORDS_FILE_MAX)
        pb_buffer_add(out, block, (size_t)got);
    int rc = 0;
    if (got < 0)
        rc = pb_error_set(error, -errno, "@%s: %s: name a file of options that can be read", path,
                          strerror(errno));
    else if (out->size > PB_WORDS_FILE_MAX)
        rc = pb_error_set(error, -EFBIG, "@%s: it is larger than 1 MiB: name a file of options", path);
    else if (out->size && memchr(out->data, '\0', out->size))
        rc = pb_error_set(error, -EINVAL, "@%s: it holds a zero byte: name a text file", path);
    else if (out->failed)
        rc = pb_error_set(error, -ENOMEM, "@%s: no memory to read it", path);
    close(fd);
    return rc;
}

static void skip_blanks(struct source *s) {
    for (; s->at < s->end; s->at++) {
        if (*s->at == '#')
            while (s->at < s->end && *s->at != '\n')
                s->at++;
        if (s->at == s->end || !isspace((unsigned char)*s->at))
            return;
        s->line += s->line && *s->at == '\n';
    }
}

/* Where it is: "@FILE:LINE", or the text's name. */
static const char *place(const struct source *s, unsigned line, char *out, size_t size) {
    if (line)
        snprintf(out, size, "@%s:%u", s->name, line);
    else
        snprintf(out, size, "%s", s->name);
    return out;
}

/* Reads one word into `out`; `quote` is open until its like comes again. */
static int read_word(struct source *s, struct pb_buffer *out, struct pb_error *error) {
    char quote = '\0', where[512];
    unsigned opened = s->line;
    for (; s->at < s->end && (quote || !isspace((unsigned char)*s->at)); s->at++) {
        char c = *s->at;
        s->line += s->line && c == '\n';
        if (c == '\\' && quote != '\'' && s->at + 1 < s->end) {
            c = *++s->at;
            s->line += s->line && c == '\n';
            if (c != '\n') /* a line that goes on */
                pb_buffer_add(out, &c, 1);
        } else if (c == quote) {
            quote = '\0';
        } else if (!quote && (c == '\'' || c == '"')) {
            quote = c;
            opened = s->line;
        } else {
            pb_buffer_add(out, &c, 1);
        }
    }
    if (quote)
        return pb_error_set(error, -EINVAL, "%s: a quote %c is not closed: close it, or write \\%c",
                            place(s, opened, where, sizeof where), quote, quote);
    return out->failed ? pb_error_set(error, -ENOMEM, "%s: no memory", place(s, s->line, where, sizeof where))
                       : 0;
}

int pb_words_split(struct pb_strings *list, const char *label, const char *text, struct pb_error *error) {
    struct source s = {.name = label, .at = text, .end = text + strlen(text)};
    struct pb_buffer word = {0};
    int rc = 0;
    while (rc == 0 && (skip_blanks(&s), s.at < s.end)) {
        pb_buffer_release(&word);
        rc = read_word(&s, &word, error);
        if (rc == 0 && !pb_strings_add(list, pb_buffer_string(&word), word.size))
            rc = pb_error_set(error, -ENOMEM, "%s: no memory", label);
    }
    pb_buffer_release(&word);
    return rc;
}

static int add_file(struct reader *r, const char *path, unsigned depth) {
    struct pb_buffer text = {0}, word = {0};
    if (depth >= PB_WORDS_NESTED)
        return pb_error_set(r->error, -ELOOP,
                            "@%s: files of options name each other more than %d deep: "
                            "look for one that names itself",
                            path, PB_WORDS_NESTED);
    int rc = read_all(path, &text, r->error);
    struct source s = {
        .name = path, .at = pb_buffer_string(&text), .end = pb_buffer_string(&text) + text.size, .line = 1};
    while (rc == 0 && (skip_blanks(&s), s.at < s.end)) {
        char origin[512];
        snprintf(origin, sizeof origin, "%s:%u", path, s.line);
        pb_buffer_release(&word);
        pb_buffer_text(&word, "");
        rc = read_word(&s, &word, r->error);
        if (rc == 0)
            rc = add_word(r, pb_buffer_string(&word), origin, depth + 1);
    }
    pb_buffer_release(&word);
    pb_buffer_release(&text);
    return rc;
}

static int add_word(struct reader *r, const char *word, const char *origin, unsigned depth) {
    if (!r->literal && word[0] == '@' && word[1])
        return add_file(r, word + 1, depth);
    r->literal = r->literal || strcmp(word, "--") == 0;
    if (!pb_strings_add(&r->words->text, word, strlen(word)) ||
        !pb_strings_add(&r->words->origin, origin, strlen(origin)))
        return pb_error_set(r->error, -ENOMEM, "the command line: no memory");
    return 0;
}

int pb_words_init(struct pb_words *words, int count, char *const *word, struct pb_error *error) {
    *words = (struct pb_words){0};
    struct reader r = {.words = words, .error = error};
    int rc = 0;
    for (int i = 0; rc == 0 && i < count; i++)
        rc = add_word(&r, word[i], "", 0);
    if (rc < 0)
        pb_words_release(words);
    return rc;
}

void pb_words_release(struct pb_words *words) {
    pb_strings_release(&words->text);
    pb_strings_release(&words->origin);
}
