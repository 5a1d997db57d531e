/* The wrapped calls: each counts, fails if it is the one that is to fail, and else calls the real one.
 *
 * The heap is watched in the program alone (workers end by _exit): every live allocation stands in a table
 * with the stack that made it, so that a leak is found without a leak checker, and named. */
#include "faults/inject.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/module.h"
#include "executor/executor_ops.h"

#define WRAP(type, name, ...)                                                                                \
    type __real_##name(__VA_ARGS__);                                                                         \
    type __wrap_##name(__VA_ARGS__);                                                                         \
    type __wrap_##name(__VA_ARGS__)

const struct inject_kind inject_kinds[] = {
    {"malloc ENOMEM", INJECT_MALLOC, ENOMEM, true, false, true},
    {"calloc ENOMEM", INJECT_CALLOC, ENOMEM, true, false, true},
    {"realloc ENOMEM", INJECT_REALLOC, ENOMEM, true, false, true},
    {"aligned_alloc ENOMEM", INJECT_ALIGNED_ALLOC, ENOMEM, true, false, true},
    {"strdup ENOMEM", INJECT_STRDUP, ENOMEM, true, false, true},
    {"vasprintf ENOMEM", INJECT_VASPRINTF, ENOMEM, true, false, true},
    {"mmap ENOMEM", INJECT_MMAP, ENOMEM, true, false, true},
    {"mprotect ENOMEM", INJECT_MPROTECT, ENOMEM, true, false, true},
    {"madvise EAGAIN", INJECT_MADVISE, EAGAIN, true, true, false},
    {"fork EAGAIN", INJECT_FORK, EAGAIN, false, false, true},
    {"pthread_create EAGAIN", INJECT_PTHREAD_CREATE, EAGAIN, false, false, true},
    {"eventfd EMFILE", INJECT_EVENTFD, EMFILE, false, false, true},
    {"signalfd EMFILE", INJECT_SIGNALFD, EMFILE, false, false, true},
    {"socketpair EMFILE", INJECT_SOCKETPAIR, EMFILE, false, false, true},
    {"pipe2 EMFILE", INJECT_PIPE2, EMFILE, false, false, true},
    {"memfd_create EMFILE", INJECT_MEMFD_CREATE, EMFILE, false, false, true},
    {"timerfd_create EMFILE", INJECT_TIMERFD_CREATE, EMFILE, false, false, true},
    {"pidfd_open EMFILE", INJECT_PIDFD_OPEN, EMFILE, false, false, true},
    {"futex EINTR", INJECT_FUTEX_WAIT, EINTR, false, true, false},
    {"futex EAGAIN", INJECT_FUTEX_WAIT, EAGAIN, false, true, false},
    {"poll EINTR", INJECT_POLL, EINTR, false, true, false},
    {"poll ENOMEM", INJECT_POLL, ENOMEM, false, false, false},
    {"send EINTR", INJECT_SEND, EINTR, false, true, false},
    {"send ENOMEM", INJECT_SEND, ENOMEM, false, false, false},
    {"recv EINTR", INJECT_RECV, EINTR, false, true, false},
    {"recv EAGAIN", INJECT_RECV, EAGAIN, false, true, false},
    {"recv ENOMEM", INJECT_RECV, ENOMEM, false, false, false},
    {"read EINTR", INJECT_READ, EINTR, false, true, false},
    {"read EAGAIN", INJECT_READ, EAGAIN, false, true, false},
    {"write EINTR", INJECT_WRITE, EINTR, false, true, false},
    {"waitpid EINTR", INJECT_WAITPID, EINTR, false, true, false},
    {"close EINTR", INJECT_CLOSE, EINTR, false, true, false},
    {"opendir EMFILE", INJECT_OPENDIR, EMFILE, false, true, false},
    {0},
};

static struct inject_board *board;

struct inject_board *inject_board_open(void) {
    void *p = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void inject_board_use(struct inject_board *b) {
    board = b;
}

void inject_board_reset(struct inject_board *b, const struct inject_kind *kind, unsigned nth, bool lasting) {
    memset(b, 0, sizeof *b);
    b->kind = kind;
    b->nth = nth;
    b->lasting = lasting && kind && kind->lasts;
}

/* Counts a call; true, with errno, if it is to fail. `possible` is false where the manual page rules the
 * error out for this very call; the next one then fails instead. */
static bool fails_if(enum inject_call call, bool possible) {
    struct inject_board *b = board;
    if (!b || !atomic_load(&b->armed))
        return false;
    unsigned n = atomic_fetch_add(&b->count[call], 1) + 1;
    if (!b->kind || b->kind->call != call || n < b->nth || !possible)
        return false;
    if (!atomic_exchange(&b->fired, true)) {
        b->fired_in = getpid();
        inject_stack_take(&b->where);
    } else if (!b->lasting) {
        return false;
    }
    errno = b->kind->error;
    return true;
}

static bool fails(enum inject_call call) {
    return fails_if(call, true);
}

static bool asked_for(int error) {
    return board && board->kind && board->kind->error == error;
}

/* EAGAIN is only what a descriptor says that does not block. */
static bool may_say_again(int fd) {
    return !asked_for(EAGAIN) || (fcntl(fd, F_GETFL) & O_NONBLOCK);
}

/* ---- The heap ---- */

enum { HEAP_ROOM = 1 << 14 };

/* Stacks stand apart: each run looks at all blocks when it is done, and touches a few pages for it, not
 * thousands. */
static struct {
    pid_t owner;
    atomic_flag busy;
    void *block[HEAP_ROOM];
    struct inject_stack made[HEAP_ROOM];
} heap = {.busy = ATOMIC_FLAG_INIT};

void inject_heap_watch(void) {
    heap.owner = getpid();
}

static void replace(void *was, void *is, const struct inject_stack *made) {
    while (atomic_flag_test_and_set(&heap.busy))
        ;
    size_t at = ((uintptr_t)(was ? was : is) >> 4) % HEAP_ROOM;
    for (size_t i = 0; i < HEAP_ROOM; i++, at = (at + 1) % HEAP_ROOM)
        if (heap.block[at] == was) {
            heap.block[at] = is;
            if (made)
                heap.made[at] = *made;
            break;
        }
    atomic_flag_clear(&heap.busy);
}

static void *made(void *block) {
    if (block && board && atomic_load(&board->armed) && heap.owner == getpid()) {
        struct inject_stack stack;
        inject_stack_take(&stack);
        replace(NULL, block, &stack);
    }
    return block;
}

static void unmade(void *block) {
    if (block && heap.owner && heap.owner == getpid())
        replace(block, NULL, NULL);
}

void inject_heap_check(struct inject_board *b) {
    unsigned left = 0;
    for (size_t i = 0; i < HEAP_ROOM; i++)
        if (heap.block[i] && left++ == 0) {
            struct inject_thread *t = &b->thread[atomic_fetch_add(&b->threads, 1) % INJECT_THREADS];
            *t = (struct inject_thread){.pid = getpid(), .name = "what leaks", .stack = heap.made[i]};
        }
    if (left)
        inject_violation(b, "%u allocations were not freed", left);
}

WRAP(void *, malloc, size_t size) {
    return fails(INJECT_MALLOC) ? NULL : made(__real_malloc(size));
}

WRAP(void *, calloc, size_t count, size_t size) {
    return fails(INJECT_CALLOC) ? NULL : made(__real_calloc(count, size));
}

WRAP(void *, realloc, void *block, size_t size) {
    if (fails(INJECT_REALLOC))
        return NULL;
    void *moved = __real_realloc(block, size);
    if (moved) {
        unmade(block);
        made(moved);
    }
    return moved;
}

WRAP(void *, aligned_alloc, size_t alignment, size_t size) {
    return fails(INJECT_ALIGNED_ALLOC) ? NULL : made(__real_aligned_alloc(alignment, size));
}

WRAP(char *, strdup, const char *text) {
    return fails(INJECT_STRDUP) ? NULL : made(__real_strdup(text));
}

WRAP(int, vasprintf, char **out, const char *format, va_list arguments) {
    if (fails(INJECT_VASPRINTF)) {
        *out = (char *)(uintptr_t)0xdead; /* undefined, says the manual */
        return -1;
    }
    int size = __real_vasprintf(out, format, arguments);
    if (size >= 0)
        made(*out);
    return size;
}

WRAP(void, free, void *block) {
    unmade(block);
    __real_free(block);
}

/* ---- Memory, processes, threads ---- */

WRAP(void *, mmap, void *at, size_t size, int protection, int flags, int fd, off_t offset) {
    return fails(INJECT_MMAP) ? MAP_FAILED : __real_mmap(at, size, protection, flags, fd, offset);
}

WRAP(int, mprotect, void *at, size_t size, int protection) {
    return fails(INJECT_MPROTECT) ? -1 : __real_mprotect(at, size, protection);
}

WRAP(int, madvise, void *at, size_t size, int advice) {
    return fails(INJECT_MADVISE) ? -1 : __real_madvise(at, size, advice);
}

WRAP(pid_t, fork, void) {
    return fails(INJECT_FORK) ? -1 : __real_fork();
}

WRAP(int, pthread_create, pthread_t *thread, const pthread_attr_t *attributes, void *(*main)(void *),
     void *argument) {
    return fails(INJECT_PTHREAD_CREATE) ? EAGAIN : __real_pthread_create(thread, attributes, main, argument);
}

WRAP(pid_t, waitpid, pid_t pid, int *status, int options) {
    return fails_if(INJECT_WAITPID, !(options & 1 /* WNOHANG */)) ? -1 : __real_waitpid(pid, status, options);
}

/* The signal that asks for stacks stays unblocked. */
WRAP(int, pthread_sigmask, int how, const sigset_t *set, sigset_t *before) {
    sigset_t open;
    if (set && how != SIG_UNBLOCK) {
        open = *set;
        sigdelset(&open, inject_stacks_signal());
        set = &open;
    }
    return __real_pthread_sigmask(how, set, before);
}

WRAP(int, sigprocmask, int how, const sigset_t *set, sigset_t *before) {
    return __wrap_pthread_sigmask(how, set, before) ? -1 : 0;
}

/* ---- Descriptors ---- */

WRAP(int, eventfd, unsigned value, int flags) {
    return fails(INJECT_EVENTFD) ? -1 : __real_eventfd(value, flags);
}

WRAP(int, signalfd, int fd, const sigset_t *mask, int flags) {
    return fails(INJECT_SIGNALFD) ? -1 : __real_signalfd(fd, mask, flags);
}

WRAP(int, socketpair, int domain, int type, int protocol, int pair[2]) {
    return fails(INJECT_SOCKETPAIR) ? -1 : __real_socketpair(domain, type, protocol, pair);
}

WRAP(int, pipe2, int pair[2], int flags) {
    return fails(INJECT_PIPE2) ? -1 : __real_pipe2(pair, flags);
}

WRAP(int, memfd_create, const char *name, unsigned flags) {
    return fails(INJECT_MEMFD_CREATE) ? -1 : __real_memfd_create(name, flags);
}

WRAP(int, timerfd_create, int clock, int flags) {
    return fails(INJECT_TIMERFD_CREATE) ? -1 : __real_timerfd_create(clock, flags);
}

WRAP(int, poll, struct pollfd *fd, nfds_t count, int timeout) {
    return fails(INJECT_POLL) ? -1 : __real_poll(fd, count, timeout);
}

WRAP(int, ppoll, struct pollfd *fd, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
    return fails(INJECT_POLL) ? -1 : __real_ppoll(fd, count, timeout, mask);
}

WRAP(ssize_t, send, int fd, const void *data, size_t size, int flags) {
    return fails(INJECT_SEND) ? -1 : __real_send(fd, data, size, flags);
}

WRAP(ssize_t, recv, int fd, void *data, size_t size, int flags) {
    return fails_if(INJECT_RECV, flags & MSG_DONTWAIT || may_say_again(fd))
               ? -1
               : __real_recv(fd, data, size, flags);
}

WRAP(ssize_t, read, int fd, void *data, size_t size) {
    return fails_if(INJECT_READ, may_say_again(fd)) ? -1 : __real_read(fd, data, size);
}

WRAP(ssize_t, write, int fd, const void *data, size_t size) {
    return fails(INJECT_WRITE) ? -1 : __real_write(fd, data, size);
}

/* Linux has closed it when it says EINTR. */
WRAP(int, close, int fd) {
    int rc = __real_close(fd);
    return fails(INJECT_CLOSE) ? -1 : rc;
}

WRAP(DIR *, opendir, const char *path) {
    return fails(INJECT_OPENDIR) ? NULL : __real_opendir(path);
}

static bool waits(long operation) {
    return (operation & FUTEX_CMD_MASK) == FUTEX_WAIT || (operation & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...) {
    long a[6];
    va_list arguments;
    va_start(arguments, number);
    for (size_t i = 0; i < 6; i++)
        a[i] = va_arg(arguments, long);
    va_end(arguments);
    if (number == SYS_futex && waits(a[1]) && fails(INJECT_FUTEX_WAIT))
        return -1;
    if (number == SYS_pidfd_open && fails(INJECT_PIDFD_OPEN))
        return -1;
    return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* ---- Modules: linked in, so that their calls are wrapped too ---- */

extern const struct pb_executor_ops pb_executor_module __attribute__((weak));

const void *__real_pb_module_symbol(const char *name, const char *symbol, struct pb_error *error);
const void *__wrap_pb_module_symbol(const char *name, const char *symbol, struct pb_error *error);
const void *__wrap_pb_module_symbol(const char *name, const char *symbol, struct pb_error *error) {
    if (&pb_executor_module && strcmp(name, pb_executor_module.name) == 0)
        return &pb_executor_module;
    return __real_pb_module_symbol(name, symbol, error);
}
