/* Positions are looked for only once there is something to complain about, by walking the text again. The
 * walk trusts that the text is valid JSON, but never leaves its bounds if it is not. */
#include "results/position.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct walk {
    const char *at, *end;
};

struct pb_json_place pb_json_place(const char *text, size_t offset) {
    struct pb_json_place place = {1, 1};
    for (size_t i = 0; i < offset; i++) {
        place.column++;
        if (text[i] == '\n') {
            place.line++;
            place.column = 1;
        }
    }
    return place;
}

static char peek(struct walk *w) {
    while (w->at < w->end && strchr(" \t\r\n", *w->at) && *w->at)
        w->at++;
    return w->at < w->end ? *w->at : '\0';
}

/* Past a string whose opening quote is next. */
static void skip_string(struct walk *w) {
    for (w->at++; w->at < w->end && *w->at != '"'; w->at++)
        if (*w->at == '\\')
            w->at++;
    w->at = w->at < w->end ? w->at + 1 : w->end;
}

/* Past one value, brackets and all. */
static void skip_value(struct walk *w) {
    int depth = 0;
    do {
        char c = peek(w);
        if (c == '\0')
            return;
        if (c == '"') {
            skip_string(w);
        } else if (strchr("{[", c)) {
            depth++;
            w->at++;
        } else if (strchr("}]", c)) {
            depth--;
            w->at++;
        } else if (strchr(",:", c)) {
            w->at++;
        } else {
            while (w->at < w->end && !memchr(" \t\r\n,:{}[]\"", *w->at, 12))
                w->at++;
        }
    } while (depth > 0);
}

/* Whether the string that starts here spells `key`. Escapes in keys are rare: a key with one is not found. */
static bool is_key(const struct walk *w, const char *key) {
    size_t length = strlen(key);
    return (size_t)(w->end - w->at) > length + 1 && memcmp(w->at + 1, key, length) == 0 &&
           w->at[length + 1] == '"';
}

static bool enter(struct walk *w, const struct pb_json_step *step) {
    char open = step->key ? '{' : '[';
    if (peek(w) != open)
        return false;
    w->at++;
    for (size_t i = 0; peek(w) && !strchr("}]", peek(w)); i++) {
        bool found = step->key ? is_key(w, step->key) : i == step->index;
        if (step->key) {
            skip_string(w);
            if (peek(w) != ':')
                return false;
            w->at++;
        }
        if (found)
            return peek(w) != '\0';
        skip_value(w);
        if (peek(w) == ',')
            w->at++;
    }
    return false;
}

size_t pb_json_find(const char *text, size_t size, const struct pb_json_step *step, size_t steps) {
    struct walk w = {text, text + size};
    peek(&w);
    const char *found = w.at;
    for (size_t i = 0; i < steps && enter(&w, &step[i]); i++)
        found = w.at;
    return (size_t)(found - text);
}

size_t pb_json_too_deep(const char *text, size_t size, int most) {
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        if (quoted) {
            quoted = text[i] != '"';
            i += text[i] == '\\';
        } else if (text[i] == '"') {
            quoted = true;
        } else if (text[i] == '{' || text[i] == '[') {
            if (++depth > most)
                return i;
        } else if (text[i] == '}' || text[i] == ']') {
            depth--;
        }
    }
    return size;
}

/* Bytes of memory that jansson takes for what begins, or goes on, with this character, as measured. */
static size_t weight_of(char c) {
    static const struct {
        char c;
        uint8_t weight;
    } rows[] = {{'{', 235}, {'[', 140}, {'"', 50}, {',', 42}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].c == c)
            return rows[i].weight;
    return 0;
}

size_t pb_json_too_heavy(const char *text, size_t size, size_t most) {
    size_t weight = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        if (quoted) {
            quoted = text[i] != '"';
            i += text[i] == '\\';
        } else {
            quoted = text[i] == '"';
            weight += weight_of(text[i]);
            if (weight >> 20 >= most)
                return i;
        }
    }
    return size;
}
