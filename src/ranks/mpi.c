/* Messages over MPI. Compiled once against each MPI there is: their libraries differ in all but this
 * interface.
 *
 * Sends are non-blocking, and their buffers are freed once MPI is done with them, which is looked for
 * whenever something is sent or received: so nobody ever waits for a receiver.
 *
 * Ranks on one host share a window of memory, in which each has its bell. */
#include <errno.h>
#include <mpi.h>
#include <stdlib.h>

#include "ranks/transport.h"

enum { NORMAL = 1, URGENT = 2 };

struct sending {
    struct sending *next;
    MPI_Request request;
    int32_t to;
    void *bytes;
};

struct mpi {
    MPI_Comm comm, host;   /* all ranks; those on this host */
    MPI_Win window;        /* of bells; MPI_WIN_NULL: there is none */
    struct pb_bell **bell; /* of each rank; NULL: it is on another host */
    struct sending *oldest, **newest;
};

/* In order: the oldest holds up the others, which costs memory for a moment. */
static void reap(struct mpi *m) {
    int done = 1;
    while (m->oldest && MPI_Test(&m->oldest->request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && done) {
        struct sending *s = m->oldest;
        m->oldest = s->next;
        if (!m->oldest)
            m->newest = &m->oldest;
        free(s->bytes);
        free(s);
    }
}

/* The lowest of the ranks on a host is the host's number. */
static int find_host(struct mpi *m, uint32_t rank, uint32_t *node) {
    int lowest = (int)rank;
    if (MPI_Comm_split_type(m->comm, MPI_COMM_TYPE_SHARED, (int)rank, MPI_INFO_NULL, &m->host) != MPI_SUCCESS)
        return -EIO;
    MPI_Bcast(&lowest, 1, MPI_INT, 0, m->host);
    *node = (uint32_t)lowest;
    return 0;
}

/* Without memory for bells there are none. */
static int share_bells(struct mpi *m, const struct pb_transport_place *place, struct pb_error *error) {
    struct pb_bell *own;
    int rank = (int)place->rank, count;
    MPI_Comm_size(m->host, &count);
    int *number = calloc((size_t)count, sizeof *number);
    m->bell = calloc(place->ranks, sizeof *m->bell);
    if (!number || !m->bell) {
        free(number);
        return pb_error_set(error, -ENOMEM, "ranks: no memory for %u of them", place->ranks);
    }
    MPI_Allgather(&rank, 1, MPI_INT, number, 1, MPI_INT, m->host);
    MPI_Comm_set_errhandler(m->host, MPI_ERRORS_RETURN);
    if (MPI_Win_allocate_shared(sizeof *own, 1, MPI_INFO_NULL, m->host, &own, &m->window) == MPI_SUCCESS) {
        *own = (struct pb_bell){0};
        for (int i = 0; i < count; i++) {
            MPI_Aint size;
            int unit;
            MPI_Win_shared_query(m->window, i, &size, &unit, (void *)&m->bell[number[i]]);
        }
        MPI_Barrier(m->host); /* nobody rings before all are cleared */
    } else {
        m->window = MPI_WIN_NULL;
    }
    free(number);
    return 0;
}

static int mpi_open(void **self, struct pb_transport_place *place, struct pb_error *error) {
    int level, rank, ranks;
    struct mpi *m = calloc(1, sizeof *m);
    *self = m;
    if (!m)
        return pb_error_set(error, -ENOMEM, "ranks: no memory");
    m->newest = &m->oldest;
    m->window = MPI_WIN_NULL;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level) != MPI_SUCCESS)
        return pb_error_set(error, -EIO, "ranks: MPI_Init failed: see what MPI says above");
    if (level < MPI_THREAD_SERIALIZED)
        return pb_error_set(
            error, -ENOTSUP,
            "ranks: this MPI permits calls from one thread alone: use one with MPI_THREAD_SERIALIZED");
    MPI_Comm_dup(MPI_COMM_WORLD, &m->comm);
    MPI_Comm_rank(m->comm, &rank);
    MPI_Comm_size(m->comm, &ranks);
    place->rank = (uint32_t)rank;
    place->ranks = (uint32_t)ranks;
    int rc = find_host(m, place->rank, &place->node);
    return rc < 0 ? rc : share_bells(m, place, error);
}

static int mpi_send(void *self, uint32_t to, bool urgent, void *bytes, size_t size) {
    struct mpi *m = self;
    struct sending *s = malloc(sizeof *s);
    if (!s || size > INT32_MAX) {
        free(s);
        free(bytes);
        return s ? -EMSGSIZE : -ENOMEM;
    }
    *s = (struct sending){.to = (int32_t)to, .bytes = bytes};
    if (MPI_Isend(bytes, (int)size, MPI_BYTE, (int)to, urgent ? URGENT : NORMAL, m->comm, &s->request) !=
        MPI_SUCCESS) {
        free(s);
        free(bytes);
        return -EIO;
    }
    *m->newest = s;
    m->newest = &s->next;
    reap(m);
    return 0;
}

static int mpi_receive(void *self, bool urgent, uint32_t *from, void **bytes, size_t *size) {
    struct mpi *m = self;
    MPI_Message message;
    MPI_Status status;
    int there = 0, count = 0;
    if (m->oldest)
        reap(m);
    if (MPI_Improbe(MPI_ANY_SOURCE, urgent ? URGENT : NORMAL, m->comm, &there, &message, &status) !=
        MPI_SUCCESS)
        return -EIO;
    if (!there)
        return 0;
    MPI_Get_count(&status, MPI_BYTE, &count);
    *from = (uint32_t)status.MPI_SOURCE;
    *size = (size_t)count;
    *bytes = malloc((size_t)count + 1);
    if (!*bytes)
        return -ENOMEM;
    if (MPI_Mrecv(*bytes, count, MPI_BYTE, &message, MPI_STATUS_IGNORE) != MPI_SUCCESS) {
        free(*bytes);
        return -EIO;
    }
    return 1;
}

static struct pb_bell *mpi_bell(void *self, uint32_t rank) {
    struct mpi *m = self;
    return m->bell[rank];
}

static int32_t mpi_unsent(void *self) {
    struct mpi *m = self;
    return m->oldest ? m->oldest->to : -1;
}

/* What nobody wanted any more, such as signs of life: UCX complains of it. */
static void drop(struct mpi *m, bool urgent) {
    uint32_t from;
    size_t size;
    void *bytes;
    for (int empty = 0; empty < 2;) {
        int rc = mpi_receive(m, urgent, &from, &bytes, &size);
        if (rc > 0)
            free(bytes);
        empty += rc <= 0;
    }
}

static void mpi_close(void *self) {
    struct mpi *m = self;
    for (struct sending *s; (s = m->oldest);) {
        MPI_Wait(&s->request, MPI_STATUS_IGNORE);
        m->oldest = s->next;
        free(s->bytes);
        free(s);
    }
    MPI_Barrier(m->comm);
    drop(m, false);
    drop(m, true);
    if (m->window != MPI_WIN_NULL)
        MPI_Win_free(&m->window);
    MPI_Comm_free(&m->host);
    MPI_Comm_free(&m->comm);
    MPI_Finalize();
    free(m->bell);
    free(m);
}

static void mpi_abort(void *self) {
    (void)self;
    MPI_Abort(MPI_COMM_WORLD, 1);
}

extern const struct pb_transport_ops pb_transport_module;
const struct pb_transport_ops pb_transport_module = {
    .name = PB_MPI_NAME,
    .open = mpi_open,
    .send = mpi_send,
    .receive = mpi_receive,
    .bell = mpi_bell,
    .unsent = mpi_unsent,
    .close = mpi_close,
    .abort = mpi_abort,
};
