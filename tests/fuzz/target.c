/* The fuzz target: scripts/fuzz builds and runs it. */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>

#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char why[512];
    if (!reader_holds((const char *)data, size, why, sizeof why)) {
        fprintf(stderr, "fuzz-reader: %s\n", why);
        abort();
    }
    return 0;
}
