/* Programs among hosts that are network namespaces (tests/hosts/with). */
#ifndef PB_TESTS_WITH_HOSTS_H
#define PB_TESTS_WITH_HOSTS_H

#include "program.h"

#include <stdlib.h>
#include <sys/wait.h>

enum { NOT_PERMITTED = 77 };

/* Begins `tests/hosts/with OPTIONS -- bash -c COMMAND`. */
static inline void begin_with(struct program *p, const char *options, const char *command) {
    static const char *const environment[] = {"PB_LINK=" PB_BINARY_DIR "/tests-link", "TESTS=" PB_BINARY_DIR,
                                              NULL};
    char line[512], *script;
    CHECK(asprintf(&script, "ln -s \"$TESTS\" \"$PB_HOSTS_DIR/tests\"; export TESTS=$PB_HOSTS_DIR/tests; %s",
                   command) > 0); /* what goes through a host's shell has no blank */
    snprintf(line, sizeof line, "exec '%s/tests/hosts/with' %s -- bash -c \"$1\"", PB_SOURCE_DIR, options);
    program_begin(p, &(struct program_start){.other = "bash",
                                             .word = (const char *const[]){"-c", line, "with", script, NULL},
                                             .environment = environment});
    free(script);
}

static inline void skip_not_permitted(const struct program *p) {
    if (WIFEXITED(p->status) && WEXITSTATUS(p->status) == NOT_PERMITTED)
        pb_test_skip("%s", pb_buffer_string((struct pb_buffer *)&p->complained));
}

#endif
