/* What can be asked not to wait is: sockets by MSG_DONTWAIT; reading and writing by RWF_NOWAIT, which most
 * files know that can wait (Linux from 6.5 on: pipes and sockets among them). Where it is not known, poll
 * says whether one call may be made, and no more than PIPE_BUF bytes are written to a pipe, for which there
 * is room then. Calls that know nothing of the kind, connect and accept, are made while the descriptor is set
 * O_NONBLOCK, which others who have it open see too.
 *
 * connect sets it until it is done; `flags` of its operation are those from before. */
#include "io/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static ssize_t result(ssize_t rc) {
    return rc < 0 ? -errno : rc;
}

static ssize_t later_if_again(ssize_t rc) {
    return rc < 0 && errno == EAGAIN ? PB_ATTEMPT_LATER : result(rc);
}

static ssize_t attempt_poll(struct pb_op *op) {
    struct pollfd entry = {.fd = op->fd, .events = pb_attempt_events(op)};
    int rc = TEMP_FAILURE_RETRY(poll(&entry, 1, 0));
    if (rc == 0)
        return PB_ATTEMPT_LATER;
    if (rc < 0)
        return -errno;
    return entry.revents & POLLNVAL ? -EBADF : entry.revents;
}

/* ---- Reading and writing ---- */

static bool writes(const struct pb_op *op) {
    return op->verb == PB_VERB_WRITE || op->verb == PB_VERB_PWRITE;
}

static ssize_t plain_transfer(struct pb_op *op, size_t size) {
    bool placed = op->verb == PB_VERB_PREAD || op->verb == PB_VERB_PWRITE;
    if (writes(op))
        return result(TEMP_FAILURE_RETRY(placed ? pwrite(op->fd, op->data, size, op->offset)
                                                : write(op->fd, op->data, size)));
    return result(TEMP_FAILURE_RETRY(placed ? pread(op->fd, op->buffer, size, op->offset)
                                            : read(op->fd, op->buffer, size)));
}

static ssize_t when_ready(struct pb_op *op) {
    struct stat status;
    if (fstat(op->fd, &status) < 0)
        return -errno;
    if (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode))
        return PB_ATTEMPT_FILES;
    if (attempt_poll(op) == PB_ATTEMPT_LATER)
        return PB_ATTEMPT_LATER;
    return plain_transfer(op, writes(op) && op->size > PIPE_BUF && S_ISFIFO(status.st_mode) ? PIPE_BUF
                                                                                            : op->size);
}

static ssize_t attempt_transfer(struct pb_op *op) {
    bool placed = op->verb == PB_VERB_PREAD || op->verb == PB_VERB_PWRITE;
    struct iovec piece = {.iov_base = op->buffer, .iov_len = op->size};
    off_t offset = placed ? op->offset : -1;
    ssize_t rc = TEMP_FAILURE_RETRY(writes(op) ? pwritev2(op->fd, &piece, 1, offset, RWF_NOWAIT)
                                               : preadv2(op->fd, &piece, 1, offset, RWF_NOWAIT));
    if (rc < 0 && (errno == EOPNOTSUPP || errno == ENOSYS))
        return when_ready(op);
    return later_if_again(rc);
}

static ssize_t attempt_send(struct pb_op *op) {
    int flags = op->flags | MSG_NOSIGNAL | MSG_DONTWAIT;
    return later_if_again(TEMP_FAILURE_RETRY(send(op->fd, op->data, op->size, flags)));
}

static ssize_t attempt_recv(struct pb_op *op) {
    return later_if_again(TEMP_FAILURE_RETRY(recv(op->fd, op->buffer, op->size, op->flags | MSG_DONTWAIT)));
}

/* ---- Connections ---- */

static ssize_t attempt_accept(struct pb_op *op) {
    int flags = fcntl(op->fd, F_GETFL);
    if (flags < 0 || fcntl(op->fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -errno;
    ssize_t rc = later_if_again(TEMP_FAILURE_RETRY(accept(op->fd, op->address, op->room)));
    fcntl(op->fd, F_SETFL, flags);
    return rc;
}

/* A local connection for which there is no room yet is -EAGAIN: poll does not tell of it. */
static ssize_t attempt_connect(struct pb_op *op) {
    if (!op->begun) {
        op->flags = fcntl(op->fd, F_GETFL);
        if (op->flags >= 0 && op->flags & O_NONBLOCK)
            return result(connect(op->fd, op->peer, op->given));
        if (op->flags < 0 || fcntl(op->fd, F_SETFL, op->flags | O_NONBLOCK) < 0)
            return -errno;
    }
    ssize_t rc = result(connect(op->fd, op->peer, op->given));
    if (rc == -EINPROGRESS || rc == -EALREADY || rc == -EINTR)
        return PB_ATTEMPT_LATER;
    fcntl(op->fd, F_SETFL, op->flags);
    return rc == -EISCONN && op->begun ? 0 : rc;
}

/* ---- Files ---- */

static ssize_t attempt_close(struct pb_op *op) {
    struct stat status;
    if (fstat(op->fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)))
        return PB_ATTEMPT_FILES;
    return close(op->fd) < 0 && errno != EINTR ? -errno : 0;
}

static ssize_t by_the_thread(struct pb_op *op) {
    (void)op;
    return PB_ATTEMPT_FILES;
}

/* ---- The table ---- */

static const struct {
    ssize_t (*attempt)(struct pb_op *);
    short events;
    bool may_refuse; /* to wait, if O_NONBLOCK or MSG_DONTWAIT is set */
} verbs[PB_VERBS] = {
    [PB_VERB_OPEN] = {by_the_thread, 0, false},         [PB_VERB_CLOSE] = {attempt_close, 0, false},
    [PB_VERB_READ] = {attempt_transfer, POLLIN, true},  [PB_VERB_WRITE] = {attempt_transfer, POLLOUT, true},
    [PB_VERB_PREAD] = {attempt_transfer, POLLIN, true}, [PB_VERB_PWRITE] = {attempt_transfer, POLLOUT, true},
    [PB_VERB_FSYNC] = {by_the_thread, 0, false},        [PB_VERB_CONNECT] = {attempt_connect, POLLOUT, false},
    [PB_VERB_ACCEPT] = {attempt_accept, POLLIN, true},  [PB_VERB_SEND] = {attempt_send, POLLOUT, true},
    [PB_VERB_RECV] = {attempt_recv, POLLIN, true},      [PB_VERB_POLL] = {attempt_poll, 0, false},
};

static bool refuses(const struct pb_op *op) {
    bool socket = op->verb == PB_VERB_SEND || op->verb == PB_VERB_RECV;
    return (socket && op->flags & MSG_DONTWAIT) || fcntl(op->fd, F_GETFL) & O_NONBLOCK;
}

ssize_t pb_attempt(struct pb_op *op) {
    ssize_t rc = verbs[op->verb].attempt(op);
    if (rc == PB_ATTEMPT_LATER && !op->begun && verbs[op->verb].may_refuse && refuses(op))
        return -EAGAIN;
    op->begun = true;
    return rc;
}

void pb_attempt_abandon(struct pb_op *op) {
    if (op->verb == PB_VERB_CONNECT)
        fcntl(op->fd, F_SETFL, op->flags);
}

short pb_attempt_events(const struct pb_op *op) {
    return op->verb == PB_VERB_POLL ? (short)op->flags : verbs[op->verb].events;
}
