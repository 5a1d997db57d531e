/* The voice of the findings: why a cell got its verdict, with figures, and what to do next. */
#ifndef PB_ANALYSIS_PHRASES_H
#define PB_ANALYSIS_PHRASES_H

#include "analysis/facts.h"
#include "analysis/groups.h"
#include "base/buffer.h"

struct pb_view {
    const struct pb_run *run;
    const struct pb_cell *cell;   /* the row that speaks for its group: the worst of it */
    struct pb_facts facts;        /* of that row */
    const struct pb_cell *better; /* the fastest parallel row of the same workload, or NULL */
};

/* Appends one or two sentences each; `next` may stay empty. */
void pb_phrase_shortfall(const struct pb_view *, struct pb_buffer *evidence, struct pb_buffer *next);
void pb_phrase_parallel(const struct pb_view *, struct pb_buffer *evidence, struct pb_buffer *next);
void pb_phrase_overlapped(const struct pb_view *, struct pb_buffer *evidence, struct pb_buffer *next);
/* Of tasks that come by themselves; the row is the one of the group that keeps up with the least. */
void pb_phrase_offered(const struct pb_run *, const struct pb_group *, const struct pb_cell *,
                       struct pb_buffer *evidence, struct pb_buffer *next);
void pb_phrase_unclear(const struct pb_view *, struct pb_buffer *evidence, struct pb_buffer *next);
/* The whole of it in phrases that make one sentence: which rows differ from which, what it means, what to do.
 */
void pb_phrase_wrong(const struct pb_run *, const struct pb_group *, struct pb_buffer *claim,
                     struct pb_buffer *evidence, struct pb_buffer *next);

/* "1.97", "7.9", "640": as many digits as a speedup is worth; returns out. */
const char *pb_format_ratio(double ratio, char *out, size_t size);
/* Is the executor of that kind, as pb_is_executor has it? */
bool pb_runs_under(const struct pb_cell *, const char *executor);

#endif
