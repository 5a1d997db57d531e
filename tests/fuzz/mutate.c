/* Mutations that leave JSON what it is, nearly: bytes changed at random hardly ever get past the parser. A
 * value is replaced by one that is known for trouble, or by another one of the same text; an element of an
 * array is doubled or left out. One time in eight it is the bytes after all. */
#include "target.h"

#include <string.h>

#include "base/random.h"
#include "values.h"

struct text {
    char *data;
    size_t size, room;
};

/* Puts `size` bytes of `piece`, which lies outside of the text, in the place of those from `at` to `end`. */
static void splice(struct text *t, size_t at, size_t end, const char *piece, size_t size) {
    if (t->size - (end - at) + size > t->room)
        return;
    memmove(t->data + at + size, t->data + end, t->size - end);
    memcpy(t->data + at, piece, size);
    t->size += size - (end - at);
}

static const char *draw_trouble(struct pb_random *random, char of) {
    enum value_kind kind = kind_of(of);
    if (pb_random_below(random, 8) == 0)
        kind = (enum value_kind)pb_random_below(random, VALUE_KINDS);
    return trouble_of(kind, pb_random_below(random, troubles_of(kind)));
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
    size_t next = skip_space(t->data, t->size, end);
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
    find_values(t->data, t->size, &values);
    if (values.n == 0)
        return;
    size_t at = values.at[pb_random_below(random, values.n)], end = value_end(t->data, t->size, at);
    size_t other = draw_like(t, random, &values, at), other_end = value_end(t->data, t->size, other);
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
