/* Mutations that leave JSON what it is, nearly: bytes changed at random hardly ever get past the parser. A
 * value is replaced by one that is known for trouble, or by another one of the same text; an element of an
 * array is doubled or left out. One time in eight it is the bytes after all. */
#include "target.h"

#include <string.h>

#include "base/random.h"

enum { MOST_VALUES = 8192, LONGEST = 64 };

struct text {
    char *data;
    size_t size, room;
};

struct values {
    uint32_t at[MOST_VALUES];
    size_t n;
};

/* Each kind of value has troubles of its own; another kind is mostly refused at once. */
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
enum { KINDS = 3 };
static const struct {
    const char *const *trouble;
    size_t n;
} kinds[KINDS] = {{numbers, sizeof numbers / sizeof *numbers},
                  {strings, sizeof strings / sizeof *strings},
                  {others, sizeof others / sizeof *others}};

static size_t string_end(const struct text *t, size_t at) {
    for (at++; at < t->size && t->data[at] != '"'; at++)
        at += t->data[at] == '\\';
    return at < t->size ? at + 1 : t->size;
}

static bool is_one_of(char c, const char *set) {
    return c && strchr(set, c);
}

static size_t skip_space(const struct text *t, size_t at) {
    while (at < t->size && is_one_of(t->data[at], " \t\r\n"))
        at++;
    return at;
}

static size_t value_end(const struct text *t, size_t at) {
    int depth = 0;
    do {
        char c = t->data[at];
        if (c == '"') {
            at = string_end(t, at);
            continue;
        }
        if (is_one_of(c, "{["))
            depth++;
        else if (is_one_of(c, "}]"))
            depth--;
        at++;
        if (depth == 0 && is_one_of(c, "}]"))
            break;
    } while (at < t->size && (depth > 0 || !is_one_of(t->data[at], " \t\r\n,:{}[]\"")));
    return at;
}

/* Where values begin; keys are none. */
static void find_values(const struct text *t, struct values *values) {
    values->n = 0;
    for (size_t at = skip_space(t, 0); at < t->size && values->n < MOST_VALUES; at = skip_space(t, at)) {
        char c = t->data[at];
        size_t end = c == '"' ? string_end(t, at) : is_one_of(c, "{[,:}]") ? at + 1 : value_end(t, at);
        size_t next = skip_space(t, end);
        bool is_key = c == '"' && next < t->size && t->data[next] == ':';
        if (!is_key && !is_one_of(c, ",:}]"))
            values->at[values->n++] = (uint32_t)at;
        at = end;
    }
}

/* Puts `size` bytes of `piece`, which lies outside of the text, in the place of those from `at` to `end`. */
static void splice(struct text *t, size_t at, size_t end, const char *piece, size_t size) {
    if (t->size - (end - at) + size > t->room)
        return;
    memmove(t->data + at + size, t->data + end, t->size - end);
    memcpy(t->data + at, piece, size);
    t->size += size - (end - at);
}

static int kind_of(char c) {
    return is_one_of(c, "-0123456789") ? 0 : c == '"' ? 1 : 2;
}

static const char *draw_trouble(struct pb_random *random, char of) {
    int kind = pb_random_below(random, 8) ? kind_of(of) : (int)pb_random_below(random, KINDS);
    return kinds[kind].trouble[pb_random_below(random, kinds[kind].n)];
}

/* Another value, of the same kind if a few draws find one. */
static size_t draw_like(const struct text *t, struct pb_random *random, const struct values *values,
                        size_t at) {
    size_t other = at;
    for (int i = 0; i < 8; i++) {
        other = values->at[pb_random_below(random, values->n)];
        if (other != at && kind_of(t->data[other]) == kind_of(t->data[at]))
            break;
    }
    return other;
}

/* The value and a comma beside it; without a comma the value alone. */
static void leave_out(struct text *t, size_t at, size_t end) {
    size_t next = skip_space(t, end);
    splice(t, at, next < t->size && t->data[next] == ',' ? next + 1 : end, "", 0);
}

static void double_value(struct text *t, size_t at, size_t end, char *spare) {
    size_t size = end - at;
    if (size + 1 > t->room - t->size)
        return;
    memcpy(spare, t->data + at, size);
    spare[size] = ',';
    splice(t, at, at, spare, size + 1);
}

static void mutate_value(struct text *t, struct pb_random *random, char *spare) {
    struct values values;
    find_values(t, &values);
    if (values.n == 0)
        return;
    size_t at = values.at[pb_random_below(random, values.n)], end = value_end(t, at);
    size_t other = draw_like(t, random, &values, at), other_end = value_end(t, other);
    const char *trouble = draw_trouble(random, t->data[at]);
    switch (pb_random_below(random, 7)) {
    case 0:
        leave_out(t, at, end);
        break;
    case 1:
        double_value(t, at, end, spare);
        break;
    case 2:
        memcpy(spare, t->data + other, other_end - other);
        splice(t, at, end, spare, other_end - other);
        break;
    default:
        splice(t, at, end, trouble, strlen(trouble));
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
    static char spare[MOST_BYTES + 1];
    struct pb_random random;
    struct text text = {(char *)data, size, most < MOST_BYTES ? most : MOST_BYTES};
    pb_random_seed(&random, seed);
    if (size > text.room || pb_random_below(&random, 8) == 0)
        return LLVMFuzzerMutate(data, size, most);
    for (uint64_t times = 1 + pb_random_below(&random, 3); times > 0; times--)
        mutate_value(&text, &random, spare);
    return text.size;
}
