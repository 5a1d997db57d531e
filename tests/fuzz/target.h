/* What libFuzzer calls, and what it offers. */
#ifndef PB_TESTS_FUZZ_TARGET_H
#define PB_TESTS_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOST_BYTES = 1 << 16 }; /* of an input: what is wrong in a longer one is wrong in a shorter */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

#endif
