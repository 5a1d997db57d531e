/* A kernel that does not let a process have everything. */
#ifndef PB_TESTS_DENIAL_H
#define PB_TESTS_DENIAL_H

/* From here on io_uring_setup fails with this errno, in this process and those that it starts. Skips the case
 * where no filter of system calls can be set. */
void deny_uring(int error);

#endif
