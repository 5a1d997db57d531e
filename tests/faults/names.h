/* The scenarios by name, for the program that runs them and the suite that calls it: name, function, whether
 * for executors of processes only. */
#ifndef PB_TESTS_FAULTS_NAMES_H
#define PB_TESTS_FAULTS_NAMES_H

#define INJECT_SCENARIOS(ROW)                                                                                \
    ROW("opens", opens, false)                                                                               \
    ROW("refused", refused, false)                                                                           \
    ROW("small", small, false)                                                                               \
    ROW("large", large, false)                                                                               \
    ROW("failures", failures, false)                                                                         \
    ROW("ranges", ranges, false)                                                                             \
    ROW("maps", maps, false)                                                                                 \
    ROW("completes", completes, false)                                                                       \
    ROW("waits", waits, false)                                                                               \
    ROW("calls-back", calls_back, false)                                                                     \
    ROW("cancels", cancels, false)                                                                           \
    ROW("deadlines", deadlines, false)                                                                       \
    ROW("blocks-when-full", blocks_when_full, false)                                                         \
    ROW("refuses-when-full", refuses_when_full, false)                                                       \
    ROW("renews", renews, false)                                                                             \
    ROW("nests", nests, false)                                                                               \
    ROW("drains", drains, false)                                                                             \
    ROW("shuts-down-cancelling", shuts_down_cancelling, false)                                               \
    ROW("kills", kills, false)                                                                               \
    ROW("survives-death", survives_death, true)

#endif
