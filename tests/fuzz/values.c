#include "values.h"

#include <stdbool.h>
#include <string.h>

static const char *const numbers[] = {
    "null",
    "0",
    "-0",
    "-0.0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "10",
    "64",
    "255",
    "4095",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "1e308",
    "-1e308",
    "5e-324",
    "-5e-324",
    "1e999",
    "0.1",
    "1.5",
    "1e18",
    "NaN",
};
static const char *const strings[] = {
    "null",
    "\"\"",
    "\"0\"",
    "\"0-4095\"",
    "\"-\"",
    "\"serial\"",
    "\"cell\"",
    "\"base\"",
    "\"reference\"",
    "\"io\"",
    "\"cpu\"",
    "\"done\"",
    "\"failed\"",
    "\"wrong\"",
    "\"refused\"",
    "\"running\"",
    "\"openmp:schedule=static\"",
    "\"loop\"",
    "\"own\"",
    "\"cmd: true\"",
    "\"18446744073709551615\"",
    "\"0xffffffffffffffff\"",
    "\"0000-01-01T00:00:00Z\"",
    "\"1900-01-01T00:00:00Z\"",
    "\"9999-12-31T23:59:59Z\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\u202e\\u001b[2J\"",
    "\"\\uffff\\ufffd\"",
};
static const char *const others[] = {"null",   "true", "false",    "{}",   "[]",
                                     "[null]", "[0]",  "[[5, 1]]", "\"\"", "0"};
static const struct {
    const char *const *trouble;
    size_t n;
} kinds[VALUE_KINDS] = {{numbers, sizeof numbers / sizeof *numbers},
                        {strings, sizeof strings / sizeof *strings},
                        {others, sizeof others / sizeof *others}};

static size_t string_end(const char *text, size_t size, size_t at) {
    for (at++; at < size && text[at] != '"'; at++)
        at += text[at] == '\\';
    return at < size ? at + 1 : size;
}

static bool is_one_of(char c, const char *set) {
    return c && strchr(set, c);
}

size_t skip_space(const char *text, size_t size, size_t at) {
    while (at < size && is_one_of(text[at], " \t\r\n"))
        at++;
    return at;
}

size_t value_end(const char *text, size_t size, size_t at) {
    int depth = 0;
    do {
        char c = text[at];
        if (c == '"') {
            at = string_end(text, size, at);
            continue;
        }
        if (is_one_of(c, "{["))
            depth++;
        else if (is_one_of(c, "}]"))
            depth--;
        at++;
        if (depth == 0 && is_one_of(c, "}]"))
            break;
    } while (at < size && (depth > 0 || !is_one_of(text[at], " \t\r\n,:{}[]\"")));
    return at;
}

void find_values(const char *text, size_t size, struct values *values) {
    values->n = 0;
    for (size_t at = skip_space(text, size, 0); at < size && values->n < MOST_VALUES;
         at = skip_space(text, size, at)) {
        char c = text[at];
        size_t end = c == '"'                 ? string_end(text, size, at)
                     : is_one_of(c, "{[,:}]") ? at + 1
                                              : value_end(text, size, at);
        size_t next = skip_space(text, size, end);
        bool is_key = c == '"' && next < size && text[next] == ':';
        if (!is_key && !is_one_of(c, ",:}]"))
            values->at[values->n++] = (uint32_t)at;
        at = end;
    }
}

enum value_kind kind_of(char first) {
    return is_one_of(first, "-0123456789") ? VALUE_NUMBER : first == '"' ? VALUE_STRING : VALUE_OTHER;
}

const char *trouble_of(enum value_kind kind, size_t i) {
    return i < kinds[kind].n ? kinds[kind].trouble[i] : NULL;
}

size_t troubles_of(enum value_kind kind) {
    return kinds[kind].n;
}
