/* How ranks introduce themselves. The first word of a hello is text that every build can read: who is of
 * another build is told so by name, not misread. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "ranks/inside.h"
#include "topology/limits.h"

#define ALL_COME_NS 30000000000ll
enum { TEXT = 512 };

/* Of this boot: where it is the same, processors are shared, whatever the hosts are called. */
static void read_machine(char *out, size_t size) {
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    if (!file || !fgets(out, (int)size, file))
        gethostname(out, size);
    if (file)
        fclose(file);
    out[strcspn(out, "\n")] = '\0';
}

static void describe_self(const struct pb_ranks *r, struct pb_peer *peer) {
    struct pb_limits limits;
    pb_limits_read(&limits, NULL);
    peer->node = r->place.node;
    peer->pid = getpid();
    peer->processors = limits.processors;
    if (gethostname(peer->host, sizeof peer->host - 1) < 0 || !peer->host[0])
        snprintf(peer->host, sizeof peer->host, "host %u", r->place.node);
    read_machine(peer->machine, sizeof peer->machine);
}

/* "BUILD|host|machine|node|pid|processors" */
static void write_hello(const struct pb_peer *peer, char out[TEXT]) {
    char build[128];
    pb_code_builds(build, sizeof build);
    snprintf(out, TEXT, "%s|%s|%s|%u|%d|%u", build, peer->host, peer->machine, peer->node, peer->pid,
             peer->processors);
}

static int read_hello(struct pb_peer *peer, uint32_t rank, const char *text, struct pb_error *error) {
    char build[128], own[128];
    if (sscanf(text, "%127[^|]|%64[^|]|%39[^|]|%u|%d|%u", build, peer->host, peer->machine, &peer->node,
               &peer->pid, &peer->processors) != 6)
        return pb_error_set(error, -EPROTO,
                            "rank %u: it is no rank of this program: start the same one everywhere", rank);
    pb_code_builds(own, sizeof own);
    if (strcmp(build, own) != 0)
        return pb_error_set(
            error, -EPROTO,
            "rank %u on %s runs another build of this program: %.16s, rank 0 %.16s: install the same "
            "on every host",
            rank, peer->host, build, own);
    return 0;
}

static int hear_one(struct pb_ranks *r, struct pb_error *error) {
    struct arrived a;
    int rc = pb_ranks_receive(r, false, &a);
    if (rc <= 0)
        return rc < 0 ? pb_error_set(error, rc, "ranks: nothing can be received: %s", strerror(-rc)) : 0;
    char text[TEXT] = "";
    memcpy(text, a.body, a.size < sizeof text ? a.size : sizeof text - 1);
    rc = a.kind == HELLO ? read_hello(&r->peer[a.from], a.from, text, error)
                         : pb_error_set(error, -EPROTO, "rank %u: it did not introduce itself", a.from);
    free(a.bytes);
    return rc < 0 ? rc : 1;
}

static uint32_t first_missing(const struct pb_ranks *r) {
    uint32_t i = 0;
    while (i < r->place.ranks && r->peer[i].pid)
        i++;
    return i;
}

static int hear_all(struct pb_ranks *r, struct pb_error *error) {
    static const struct timespec moment = {.tv_nsec = 200000};
    uint64_t deadline = pb_deadline(ALL_COME_NS);
    for (uint32_t missing = r->place.ranks - 1; missing;) {
        int rc = hear_one(r, error);
        if (rc < 0)
            return rc;
        missing -= (uint32_t)rc;
        if (rc == 0 && pb_remaining(deadline) == 0)
            return pb_error_set(error, -ETIMEDOUT, "rank %u of %u has not come within 30 s: see to its host",
                                first_missing(r), r->place.ranks);
        if (rc == 0)
            nanosleep(&moment, NULL); /* no message says that it is about to come */
    }
    return 0;
}

int pb_ranks_introduce(struct pb_ranks *r, struct pb_error *error) {
    char text[TEXT];
    struct pb_peer *self = &r->peer[r->place.rank];
    describe_self(r, self);
    if (r->place.ranks < 2)
        return pb_error_set(
            error, -EPROTO,
            "this rank is alone: %s was started by the launcher of another MPI, or with one rank: use "
            "its own mpiexec, and at least 2 ranks",
            r->ops->name);
    if (r->place.rank == 0)
        return hear_all(r, error);
    write_hello(self, text);
    return pb_ranks_send(r, 0, HELLO, text, strlen(text) + 1);
}
