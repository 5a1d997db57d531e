/* The client of `echo`: a process that sends requests to a server over loopback, one after the other, and
 * notes how long each took. */
#ifndef PB_BENCH_ECHO_CLIENT_H
#define PB_BENCH_ECHO_CLIENT_H

#include <netinet/in.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "parbench/workload.h"

/* In memory that the client, the server and the computing tasks share, whichever processes they are. */
struct pb_echo_common {
    sem_t turn;                 /* posted by a server that begins: the client connects and asks */
    _Atomic pid_t server;       /* its process, written before that */
    atomic_uint serving;        /* set when a repetition begins; the computing tasks go on while it is */
    _Atomic uint64_t answered;  /* requests of this repetition */
    _Atomic uint64_t computing; /* tasks of this repetition that have begun to */
    uint64_t latency[];         /* ns of each; whole once the client has closed the connection */
};

struct pb_echo_client {
    struct pb_echo_common *common;
    size_t common_size;
    pid_t pid; /* 0: none, or found dead */
    /* Of one turn: */
    struct sockaddr_in server;
    uint64_t requests;
    size_t size; /* bytes of a request and of its answer; request k is pb_pattern_fill by the key k */
};

/* Starts it; `server`, `requests` and `size` are filled in. `processors` are those that it may use,
   like "0-1+3", "" for any. The message is then a note of where it runs. 0 or -errno with a message; released
   then too. The client lives no longer than the calling thread. */
int pb_echo_client_open(struct pb_echo_client *, const char *processors, struct pb_message *);
bool pb_echo_client_lives(struct pb_echo_client *); /* to be asked by the process that opened it */
void pb_echo_client_close(struct pb_echo_client *);

#endif
