/* All cases of all suites, one after the other: what both runners loop over. */
#ifndef PB_TESTS_CASES_H
#define PB_TESTS_CASES_H

#include "suite.h"

/* The n-th case over all suites and its suite, false past the end. */
static inline bool pb_case_at(size_t n, const struct pb_suite **suite, struct pb_case *out) {
    for (size_t s = 0; pb_suites[s]; s++) {
        *suite = pb_suites[s];
        for (size_t i = 0;; i++) {
            if ((*suite)->generate) {
                if (!(*suite)->generate(i, out))
                    break;
            } else {
                *out = (*suite)->cases[i];
                if (!out->name)
                    break;
            }
            if (n-- == 0)
                return true;
        }
    }
    return false;
}

#endif
