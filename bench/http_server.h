/* The server of the workload `http`: a process of its own on 127.0.0.1, at a port that the system chooses.
 *
 * It answers GET /items/ITEM/ATTEMPT as http_item.h says, and GET /counts, at once, with what it has seen:
 * "requests 200\npeak 20\n", the peak being how many were under way at the same time. */
#ifndef PB_BENCH_HTTP_SERVER_H
#define PB_BENCH_HTTP_SERVER_H

#include <sys/types.h>

#include "bench/http_item.h"
#include "parbench/workload.h"

struct http_server {
    pid_t pid; /* 0: none runs */
    uint16_t port;
};

/* Forks it, and returns once it serves: 0, or -errno and a message. To be called before threads are started.
   It ends when this process does, however that ends. */
int http_server_start(struct http_server *, const struct http_plan *, struct pb_message *);
/* Ends it and waits for that; nothing if none runs. */
void http_server_stop(struct http_server *);

#endif
