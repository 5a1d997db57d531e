/* Result records made up for tests of results/ and report/: no number in them was measured. */
#ifndef PB_TESTS_SAMPLE_RUN_H
#define PB_TESTS_SAMPLE_RUN_H

#include "report/report.h"
#include "results/record.h"

/* A row: what the table prints of it. */
struct sample_row {
    const char *executor;
    uint32_t workers;
    double time_ms, speedup, half, busy, cost; /* half < 0: no interval */
    const char *outcome, *cause;
};

/* The example of the design: sha on two processors, serial, thread, gil, process, each with a sample and
   notes, and the references. Every member of the record has a value that is not its default. */
void sample_run_init(struct pb_run *);
/* The machine, host and settings alone. */
void sample_run_bare(struct pb_run *);
/* Adds a cell with three samples. The workload's name is what stands before a colon. */
struct pb_cell *sample_run_add(struct pb_run *, const char *workload, const char *summary,
                               const struct sample_row *);

/* The record as a table; the caller releases `out`. Skips the case in a build without tables. */
void sample_table(const struct pb_run *, const struct pb_report_style *, struct pb_buffer *out);

/* Gives the cell spans of two workers. */
void sample_run_trace(struct pb_cell *);

#endif
