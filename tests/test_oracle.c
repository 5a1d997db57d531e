/* src/stats against numpy and SciPy: one case for each row of tests/oracle/rows.c. */
#include "oracle/oracle.h"
#include "suite.h"

#include <stdlib.h>
#include <sys/wait.h>

enum { NOT_INSTALLED = 77 };

static uint64_t seed_of(const char *name) {
    uint64_t seed = 0;
    while (*name)
        seed = seed * 31 + (unsigned char)*name++;
    return seed;
}

static void compare(const void *data) {
    const struct oracle_row *row = data;
    char path[] = "/tmp/parbench-oracle-XXXXXX", command[1024], line[512], said[2048] = "";
    struct oracle o = {0};
    int fd = mkstemp(path);
    CHECK(fd >= 0 && (o.out = fdopen(fd, "w")));
    pb_random_seed(&o.random, seed_of(row->name));
    row->write(&o);
    CHECK_INT(fclose(o.out), 0);
    snprintf(command, sizeof command, "/usr/bin/python3 '%s/tests/oracle/check.py' %s <%s 2>&1",
             PB_SOURCE_DIR, row->name, path);
    FILE *checker = popen(command, "re");
    CHECK(checker);
    while (fgets(line, sizeof line, checker))
        strncat(said, line, sizeof said - strlen(said) - 1);
    int status = pclose(checker);
    remove(path);
    CHECK(WIFEXITED(status));
    if (WEXITSTATUS(status) == NOT_INSTALLED || WEXITSTATUS(status) == 127)
        pb_test_skip("%s", said);
    CHECK_MSG(WEXITSTATUS(status) == 0, "check.py ended with %d:\n%s", WEXITSTATUS(status), said);
    CHECK_HAS(said, " questions, 0 answers differ");
}

static bool cases(size_t i, struct pb_case *out) {
    if (!oracle_rows[i].name)
        return false;
    *out = (struct pb_case){oracle_rows[i].name, compare, &oracle_rows[i]};
    return true;
}

const struct pb_suite suite_oracle = {"oracle", NULL, cases};
