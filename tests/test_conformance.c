/* What executor.h promises, on every executor of the list: written once, told apart by traits only. */
#include "conformance.h"

static const struct executor_case *const tables[] = {
    conformance_submit,   conformance_result, conformance_failure,      conformance_cancel,
    conformance_callback, conformance_wait,   conformance_as_completed, conformance_map,
    conformance_range,    conformance_close,  conformance_bound,        conformance_deadline,
    conformance_nested,   conformance_worker,
};

const struct executor_case *conformance_case(size_t i) {
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct executor_case *c = tables[t]; c->name; c++)
            if (i-- == 0)
                return c;
    return NULL;
}

static size_t count_cases(void) {
    size_t count = 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct executor_case *c = tables[t]; c->name; c++)
            count++;
    return count;
}

static bool generate(size_t i, struct pb_case *out) {
    size_t count = count_cases();
    return executor_case_of(conformance_case(i % count), i / count, out);
}

const struct pb_suite suite_conformance = {"conformance", NULL, generate};
