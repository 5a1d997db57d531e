/* The values of a JSON text, and what to put in their places: for the mutator and for the test that goes
 * through all of them. The text may be anything. */
#ifndef PB_TESTS_FUZZ_VALUES_H
#define PB_TESTS_FUZZ_VALUES_H

#include <stddef.h>
#include <stdint.h>

enum { MOST_VALUES = 8192 };

struct values {
    uint32_t at[MOST_VALUES]; /* where they begin; keys are none */
    size_t n;
};
void find_values(const char *text, size_t size, struct values *);

/* Behind the value that begins at `at`, brackets and all. */
size_t value_end(const char *text, size_t size, size_t at);
size_t skip_space(const char *text, size_t size, size_t at);

/* Each kind of value has troubles of its own; another kind is mostly refused at once. */
enum value_kind { VALUE_NUMBER, VALUE_STRING, VALUE_OTHER, VALUE_KINDS };
enum value_kind kind_of(char first);
/* The i-th trouble for a kind; NULL past the end. */
const char *trouble_of(enum value_kind, size_t i);
size_t troubles_of(enum value_kind);

#endif
