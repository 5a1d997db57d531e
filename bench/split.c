#include "bench/split.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    const char *at;
    char *out;
};

static void take(struct reader *r) {
    *r->out++ = *r->at++;
}

/* A backslash stands at `at`; within "..." it is one of its own before most characters. */
static int take_escaped(struct reader *r, const char *special) {
    if (!r->at[1])
        return -EINVAL;
    if (!special || strchr(special, r->at[1]))
        r->at++;
    take(r);
    return 0;
}

/* The quote that stands at `at`, up to its end. */
static int take_quoted(struct reader *r) {
    const char *quote = r->at++;
    while (*r->at && *r->at != *quote) {
        if (*quote != '"' || *r->at != '\\')
            take(r);
        else if (take_escaped(r, "\"\\$`\n") < 0)
            break;
    }
    if (*r->at != *quote) {
        r->at = quote;
        return -EINVAL;
    }
    r->at++;
    return 0;
}

static int take_word(struct reader *r) {
    int rc = 0;
    while (rc == 0 && *r->at && !isspace((unsigned char)*r->at)) {
        if (*r->at == '\'' || *r->at == '"')
            rc = take_quoted(r);
        else if (*r->at == '\\')
            rc = take_escaped(r, NULL);
        else
            take(r);
    }
    *r->out++ = '\0';
    return rc;
}

int pb_split(struct pb_split_words *words, const char *text, size_t *where) {
    size_t size = strlen(text);
    int rc = 0;
    /* Each word but the last has at least one blank behind it, which becomes its end. */
    *words = (struct pb_split_words){.word = calloc(size / 2 + 2, sizeof *words->word),
                                     .storage = malloc(size + 2)};
    struct reader r = {.at = text, .out = words->storage};
    if (!words->word || !words->storage)
        rc = -ENOMEM;
    while (rc == 0 && *(r.at += strspn(r.at, " \t\n\v\f\r"))) {
        words->word[words->count++] = r.out;
        rc = take_word(&r);
    }
    if (rc == -EINVAL)
        *where = (size_t)(r.at - text);
    if (rc < 0)
        pb_split_release(words);
    return rc;
}

void pb_split_release(struct pb_split_words *words) {
    free(words->word);
    free(words->storage);
    *words = (struct pb_split_words){0};
}

size_t pb_split_assigned(const char *word) {
    size_t size = 0;
    while (isalnum((unsigned char)word[size]) || word[size] == '_')
        size++;
    return size > 0 && word[size] == '=' && !isdigit((unsigned char)word[0]) ? size : 0;
}
