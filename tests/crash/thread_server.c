#include "thread_server.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "executor/process_shared.h"

struct server {
    struct pb_hive *hive;
    int socket;
    uint32_t workers;
    pthread_t *thread;
    bool *alive;
};

/* Of a worker's thread. */
struct self {
    struct server *server;
    uint32_t worker;
};

static _Thread_local struct self *self;

static void say(const struct server *s, enum pb_server_word word, uint32_t worker, int status) {
    struct pb_server_packet packet = {.word = word, .worker = worker, .pid = gettid(), .status = status};
    while (send(s->socket, &packet, sizeof packet, MSG_NOSIGNAL) < 0 && errno == EINTR)
        ;
}

_Noreturn void __wrap__exit(int status) {
    if (!self)
        __real__exit(status);
    struct self mine = *self;
    free(self);
    say(mine.server, PB_SERVER_DIED, mine.worker, (status & 0xff) << 8);
    pthread_exit(NULL);
}

static void *worker_main(void *argument) {
    self = argument;
    say(self->server, PB_SERVER_SPAWNED, self->worker, 0);
    pb_process_worker_main(self->server->hive, self->worker);
}

static void join(struct server *s, uint32_t worker) {
    if (s->alive[worker])
        pthread_join(s->thread[worker], NULL);
    s->alive[worker] = false;
}

static void spawn(struct server *s, uint32_t worker) {
    struct self *its = malloc(sizeof *its);
    if (!its)
        abort();
    *its = (struct self){s, worker};
    join(s, worker); /* the one before has said that it died */
    int rc = pthread_create(&s->thread[worker], NULL, worker_main, its);
    if (rc == 0) {
        s->alive[worker] = true;
        return;
    }
    free(its);
    say(s, PB_SERVER_REFUSED, worker, rc);
}

/* Until the parent closes or shuts down its end; its workers have left by then. */
static void *server_main(void *argument) {
    struct server *s = argument;
    struct pb_server_packet packet;
    for (ssize_t got; (got = recv(s->socket, &packet, sizeof packet, 0)) != 0;) {
        if (got < 0 && errno != EINTR)
            break;
        if (got == sizeof packet && packet.word == PB_SERVER_SPAWN && packet.worker < s->workers)
            spawn(s, packet.worker);
    }
    for (uint32_t i = 0; i < s->workers; i++)
        join(s, i);
    close(s->socket);
    free(s->thread);
    free(s->alive);
    free(s);
    return NULL;
}

int pb_fork_server_start(struct pb_hive *hive, pid_t *server, int *socket, struct pb_error *error) {
    (void)error;
    uint32_t workers = hive->crew->workers;
    struct server *s = malloc(sizeof *s);
    sigset_t all, before;
    pthread_t thread;
    int pair[2];
    if (!s || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        abort();
    *s = (struct server){.hive = hive,
                         .socket = pair[1],
                         .workers = workers,
                         .thread = calloc(workers, sizeof *s->thread),
                         .alive = calloc(workers, sizeof *s->alive)};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (!s->thread || !s->alive || pthread_create(&thread, NULL, server_main, s) != 0)
        abort();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_detach(thread);
    *server = 0; /* none to wait for */
    *socket = pair[0];
    return 0;
}
