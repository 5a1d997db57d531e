/* A case that hangs fails, and the runner says where. */
#include "suite.h"

#include <stdlib.h>

#include "base/buffer.h"

#define HANGING "exec 2>&1; export PB_TEST_SECONDS=1; exec '" PB_BINARY_DIR "/tests-hanging'"

/* The output of the runner, whose suite of two has one that hangs; fails the case unless that one failed
 * alone.
 */
static void run_hanging(struct pb_buffer *out, const char *command) {
    char line[4096];
    FILE *pipe = popen(command, "re");
    CHECK(pipe);
    while (fgets(line, sizeof line, pipe))
        pb_buffer_printf(out, "%s", line);
    CHECK(pclose(pipe) == 1 << 8);
    CHECK_HAS(pb_buffer_string(out), "FAIL hanging/for-ever: hung for 1 s\n");
    CHECK_HAS(pb_buffer_string(out), "1 passed, 1 failed, 0 skipped\n");
}

static unsigned count(const char *text, const char *part) {
    unsigned n = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

static void names_what_hangs(const void *data) {
    struct pb_buffer out = {0};
    (void)data;
    run_hanging(&out, HANGING);
    const char *said = pb_buffer_string(&out);
    if (strstr(said, "as the kernel sees it"))
        pb_test_skip("there is no gdb here, or it may not attach to other processes");
    CHECK_MSG(count(said, " hang_here ") == 2, "%s", said); /* in both threads */
    CHECK_MSG(count(said, " hang_in_thread ") == 1, "%s", said);
    CHECK_MSG(count(said, " hang_in_child ") == 1, "%s", said);
    pb_buffer_release(&out);
}

/* Without a debugger the kernel still names the threads. */
static void names_threads_without_debugger(const void *data) {
    struct pb_buffer out = {0};
    (void)data;
    run_hanging(&out, "PATH=/nowhere; " HANGING);
    CHECK_HAS(pb_buffer_string(&out), "comm hanging-thread");
    CHECK(count(pb_buffer_string(&out), "as the kernel sees it") >=
          3); /* a sanitizer has threads of its own */
    pb_buffer_release(&out);
}

const struct pb_suite suite_stacks = {
    "stacks",
    (const struct pb_case[]){{"names-what-hangs", names_what_hangs, NULL},
                             {"names-threads-without-debugger", names_threads_without_debugger, NULL},
                             {0}},
    NULL,
};
