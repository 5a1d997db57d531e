/* Where the time went, in words. */
#ifndef PB_REPORT_ACCOUNT_H
#define PB_REPORT_ACCOUNT_H

#include "report/report.h"

/* Appends "computing 97 % · GIL 0 % · I/O 0 % · idle 2 % · rest 1 %" of a cell, and which worker works
   longest if that is longer than the others do; nothing if it is not known. */
void pb_account_say(const struct pb_cell *, struct pb_buffer *);
/* Appends ", computing 97 %, idle 2 %" of one of its workers, all samples together, with no part that would
   be 0 %; nothing if it is not known. */
void pb_account_say_worker(const struct pb_cell *, uint32_t worker, struct pb_buffer *);

#endif
