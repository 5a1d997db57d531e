/* The process executor with threads instead of processes, for the thread sanitizer: it sees both sides of the
 * protocol then. Stands in for fork_server.c: the same packets over the same socket, but a worker is a thread
 * that runs pb_process_worker_main, and where that ends its process (the linker wraps _exit) the thread ends.
 * Nothing can be killed. */
#ifndef PB_TESTS_CRASH_THREAD_SERVER_H
#define PB_TESTS_CRASH_THREAD_SERVER_H

_Noreturn void __wrap__exit(int status);
_Noreturn void __real__exit(int status);

#endif
