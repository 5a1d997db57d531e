/* Checks in Python of scripts that draw: tests/pictures/NAME.py, by the Python that those scripts find. */
#ifndef PB_TESTS_DRAWING_H
#define PB_TESTS_DRAWING_H

#include "program.h"

#include <stdlib.h>

#define SCRIPTS PB_SOURCE_DIR "/scripts"
#define PYTHON  "\"$('" SCRIPTS "/lib/python.sh' numpy matplotlib)\""

/* Skips the case if they cannot draw here. */
static inline void need_drawing(void) {
    if (system("'" SCRIPTS "/lib/python.sh' numpy matplotlib >/dev/null 2>&1") != 0)
        pb_test_skip("python3-numpy or python3-matplotlib is not installed");
}

#endif
