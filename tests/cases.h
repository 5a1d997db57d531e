/* All cases of all suites, one after the other: what both runners loop over. */
#ifndef PB_TESTS_CASES_H
#define PB_TESTS_CASES_H

#include "suite.h"

/* A place in the list of all cases; zeroed, it stands before the first. */
struct pb_case_cursor {
    size_t suite, next;
};

/* The next case and its suite, false past the last. */
static inline bool pb_case_next(struct pb_case_cursor *at, const struct pb_suite **suite,
                                struct pb_case *out) {
    for (; (*suite = pb_suites[at->suite]); at->suite++, at->next = 0) {
        size_t i = at->next++;
        if ((*suite)->generate) {
            if ((*suite)->generate(i, out))
                return true;
        } else {
            *out = (*suite)->cases[i];
            if (out->name)
                return true;
        }
    }
    return false;
}

#endif
