/* The models of docs/checking.md: each holds, and each finds what is broken on purpose. They are programs of
 * their own: a checker stands where the sanitizers would. */
#include "suite.h"

#include <stdlib.h>
#include <unistd.h>

struct model {
    const char *program, *arguments;
    bool holds;
};

static void check_model(const void *data) {
    const struct model *m = data;
    char command[4096], line[512], last[512] = "";
    unsigned long explored = 0;
    unsigned violations = 0;
    snprintf(command, sizeof command, "%s/%s", PB_BINARY_DIR, m->program);
    if (access(command, X_OK) != 0)
        pb_test_skip("%s was not built: it needs a C++ compiler and relacy-dev, or spin, and no sanitizer",
                     m->program);
    snprintf(command, sizeof command, "'%s/%s' %s", PB_BINARY_DIR, m->program, m->arguments);
    FILE *said = popen(command, "re");
    CHECK(said);
    while (fgets(line, sizeof line, said))
        memcpy(last, line, sizeof last);
    int status = pclose(said);
    CHECK_MSG(sscanf(last, "%*[^:]: %*s explored %lu, violations %u", &explored, &violations) == 2,
              "%s %s ended with status %d and \"%s\"", m->program, m->arguments, status, last);
    CHECK_MSG((violations == 0) == m->holds, "%s %s: %lu explored, %u violations", m->program, m->arguments,
              explored, violations);
    CHECK((status == 0) == m->holds);
    CHECK(!m->holds || explored >= 1000);
}

#define HOLDS(name, program, arguments)                                                                      \
    {                                                                                                        \
        name, check_model, &(const struct model) {                                                           \
            program, arguments, true                                                                         \
        }                                                                                                    \
    }
#define FAILS(name, program, arguments)                                                                      \
    {                                                                                                        \
        name, check_model, &(const struct model) {                                                           \
            program, arguments, false                                                                        \
        }                                                                                                    \
    }
#define STATES(name, arguments)   HOLDS("states-" name, "protocols", arguments)
#define BROKEN(name, arguments)   FAILS("states-" name, "protocols", arguments)
#define WEAKER(name, model, rule) FAILS(name, "models", model " --weaken " rule)

static const struct pb_case cases[] = {
    HOLDS("queue", "models", "queue"),
    WEAKER("queue-needs-release-of-next", "queue", "next.store.release=relaxed"),
    WEAKER("queue-needs-acquire-of-next", "queue", "next.load.acquire=relaxed"),
    WEAKER("queue-needs-acq-rel-to-take", "queue", "state.exchange_if.acq_rel=relaxed"),
    FAILS("queue-needs-passed", "models", "queue --break passed"),
    HOLDS("sleep", "models", "sleep"),
    WEAKER("sleep-needs-acquire-of-head", "sleep", "head.load.acquire=relaxed"),
    WEAKER("sleep-needs-fence-of-sleeper", "sleep", "lock.fetch_or.seq_cst=release"),
    WEAKER("sleep-needs-order-of-lot", "sleep", "lot.exchange_if.seq_cst=relaxed"),
    FAILS("sleep-needs-notify", "models", "sleep --break notify"),
    HOLDS("range", "models", "range"),
    WEAKER("range-needs-order-of-joined", "range", "joined.store.seq_cst=release"),
    WEAKER("range-needs-order-of-number", "range", "number.load.seq_cst=acquire"),
    WEAKER("range-needs-release-of-left", "range", "left.store.seq_cst=relaxed"),
    HOLDS("ring", "models", "ring"),
    WEAKER("ring-needs-release-of-tail", "ring", "tail.store.release=relaxed"),
    WEAKER("ring-needs-acquire-of-tail", "ring", "tail.load.acquire=relaxed"),
    WEAKER("ring-needs-release-of-head", "ring", "head.store.release=relaxed"),
    WEAKER("ring-needs-order-of-doorbell", "ring", "collector_asleep.exchange.seq_cst=relaxed"),
    WEAKER("ring-needs-order-of-waiting", "ring", "waiting.store.seq_cst=release"),
    HOLDS("settle", "models", "settle"),
    WEAKER("settle-needs-acq-rel-to-settle", "settle", "state.exchange_if.acq_rel=acquire"),
    WEAKER("settle-needs-firing", "settle", "state.load.acquire=0x40"),
    WEAKER("settle-needs-busy", "settle", "state.load.acquire=0x20"),
    FAILS("settle-needs-wake", "models", "settle --break wake"),
    HOLDS("room", "models", "room"),
    WEAKER("room-needs-order-of-head", "room", "head.exchange_if.seq_cst=acq_rel"),
    WEAKER("room-needs-order-of-wish", "room", "room_wanted.load.seq_cst=acquire"),
    STATES("sleep", "sleep"),
    STATES("sleep-of-two-tasks", "sleep -DTASKS=2 -DDEATHS=0"),
    BROKEN("sleep-looks-first", "sleep -DLOOK_FIRST"),
    BROKEN("sleep-resigns-blindly", "sleep -DRESIGN_BLINDLY -DTASKS=2 -DDEATHS=0"),
    BROKEN("sleep-after-death", "sleep -DNO_WAKE_AFTER_DEATH"),
    STATES("range", "range"),
    BROKEN("range-looks-first", "range -DLOOK_FIRST"),
    BROKEN("range-stays-joined", "range -DSTAY_JOINED"),
    BROKEN("range-closes-last", "range -DCLOSE_LAST"),
    STATES("settle", "settle"),
    BROKEN("settle-claims-late", "settle -DCLAIM_LATE"),
    BROKEN("settle-after-death", "settle -DNO_WAKE_AFTER_DEATH"),
    BROKEN("settle-sleeps-blindly", "settle -DSLEEP_BLINDLY"),
    BROKEN("settle-forgets-busy", "settle -DFORGET_BUSY"),
    {0},
};

const struct pb_suite suite_models = {.name = "models", .cases = cases};
