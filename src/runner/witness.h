/* Who sees a rank die. Launchers differ in what they say of that, and may say nothing; the parent of a
 * process knows. */
#ifndef PB_RUNNER_WITNESS_H
#define PB_RUNNER_WITNESS_H

/* Goes on in a child; the calling process waits for it, and ends as it does. Of one that a signal ended it
 * says so on standard error: rank, host, process and signal. Called before anything else. Where nothing can
 * be forked the process goes on itself. */
void pb_witness_begin(void);

#endif
