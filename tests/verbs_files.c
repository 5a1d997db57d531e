/* Files: results, errors, offsets, flags and modes; and descriptors that are none. */
#include "verbs.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char directory[32], file[64];
};

static struct place make_place(void) {
    struct place p;
    temporary(p.directory);
    snprintf(p.file, sizeof p.file, "%s/file", p.directory);
    return p;
}

static void clear_place(const struct place *p) {
    unlink(p->file);
    CHECK(rmdir(p->directory) == 0);
}

static void opens(struct pb_task *task, void *argument) {
    struct place p = make_place();
    struct stat status;
    char below[80];
    (void)argument;
    CHECK_INT(pb_open(task, p.file, O_RDONLY, 0), -ENOENT);
    mode_t mask = umask(027);
    int fd = pb_open(task, p.file, O_RDWR | O_CREAT | O_EXCL, 0666);
    umask(mask);
    CHECK(fd >= 0);
    CHECK(fstat(fd, &status) == 0);
    CHECK_INT(status.st_mode & 0777, 0640);
    CHECK_INT(fcntl(fd, F_GETFD), 0);
    CHECK_INT(pb_close(task, fd), 0);
    CHECK_INT(pb_open(task, p.file, O_RDWR | O_CREAT | O_EXCL, 0600), -EEXIST);
    CHECK_INT(pb_open(task, p.directory, O_WRONLY, 0), -EISDIR);
    CHECK_INT(pb_open(task, p.file, O_RDONLY | O_DIRECTORY, 0), -ENOTDIR);
    snprintf(below, sizeof below, "%s/below", p.file);
    CHECK_INT(pb_open(task, below, O_RDONLY, 0), -ENOTDIR);
    CHECK_INT(pb_open(task, "", O_RDONLY, 0), -ENOENT);
    fd = pb_open(task, p.file, O_RDONLY | O_CLOEXEC, 0);
    CHECK(fd >= 0);
    CHECK_INT(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CHECK_INT(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
    CHECK_INT(pb_write(task, fd, "x", 1), -EBADF);
    CHECK_INT(pb_pwrite(task, fd, "x", 1, 0), -EBADF);
    CHECK_INT(pb_close(task, fd), 0);
    clear_place(&p);
}

static void appends_and_truncates(struct pb_task *task, void *argument) {
    struct place p = make_place();
    char text[8] = {0};
    (void)argument;
    int fd = pb_open(task, p.file, O_RDWR | O_CREAT | O_APPEND, 0600);
    CHECK_INT(pb_write(task, fd, "abc", 3), 3);
    CHECK_INT(lseek(fd, 0, SEEK_SET), 0);
    CHECK_INT(pb_write(task, fd, "de", 2), 2);
    CHECK_INT(pb_pread(task, fd, text, sizeof text, 0), 5);
    CHECK_TEXT(text, "abcde");
    CHECK_INT(pb_close(task, fd), 0);
    fd = pb_open(task, p.file, O_WRONLY | O_TRUNC, 0);
    CHECK_INT(lseek(fd, 0, SEEK_END), 0);
    CHECK_INT(pb_read(task, fd, text, 1), -EBADF);
    CHECK_INT(pb_close(task, fd), 0);
    clear_place(&p);
}

static void reads_and_writes(struct pb_task *task, void *argument) {
    struct place p = make_place();
    char text[16];
    (void)argument;
    int fd = pb_open(task, p.file, O_RDWR | O_CREAT, 0600);
    CHECK_INT(pb_write(task, fd, "0123456789", 10), 10);
    CHECK_INT(pb_read(task, fd, text, sizeof text), 0); /* at the end */
    CHECK_INT(lseek(fd, 6, SEEK_SET), 6);
    CHECK_INT(pb_read(task, fd, text, 2), 2);
    CHECK(memcmp(text, "67", 2) == 0);
    CHECK_INT(pb_read(task, fd, text, sizeof text), 2); /* short: what is left */
    CHECK(memcmp(text, "89", 2) == 0);
    CHECK_INT(pb_read(task, fd, text, 0), 0);
    CHECK_INT(pb_write(task, fd, text, 0), 0);
    CHECK_INT(lseek(fd, 100, SEEK_SET), 100);
    CHECK_INT(pb_read(task, fd, text, 1), 0);
    CHECK_INT(pb_fsync(task, fd), 0);
    CHECK_INT(pb_close(task, fd), 0);
    fd = pb_open(task, p.directory, O_RDONLY, 0);
    CHECK_INT(pb_read(task, fd, text, 1), -EISDIR);
    CHECK_INT(pb_pread(task, fd, text, 1, 0), -EISDIR);
    CHECK_INT(pb_close(task, fd), 0);
    clear_place(&p);
}

/* pread and pwrite leave the offset where it is. */
static void positions(struct pb_task *task, void *argument) {
    struct place p = make_place();
    char text[16];
    int ends[2];
    (void)argument;
    int fd = pb_open(task, p.file, O_RDWR | O_CREAT, 0600);
    CHECK_INT(pb_write(task, fd, "0123456789", 10), 10);
    CHECK_INT(lseek(fd, 5, SEEK_SET), 5);
    CHECK_INT(pb_pwrite(task, fd, "ab", 2, 1), 2);
    CHECK_INT(pb_pread(task, fd, text, 4, 0), 4);
    CHECK(memcmp(text, "0ab3", 4) == 0);
    CHECK_INT(pb_pread(task, fd, text, sizeof text, 7), 3);
    CHECK_INT(pb_pread(task, fd, text, 1, 10), 0);
    CHECK_INT(pb_pread(task, fd, text, 1, -1), -EINVAL);
    CHECK_INT(pb_pwrite(task, fd, text, 1, -1), -EINVAL);
    CHECK_INT(pb_pread(task, fd, text, 1, INT64_MIN), -EINVAL);
    CHECK_INT(lseek(fd, 0, SEEK_CUR), 5);
    CHECK_INT(pb_pwrite(task, fd, "z", 1, 20), 1);
    CHECK_INT(lseek(fd, 0, SEEK_END), 21);
    CHECK_INT(pb_close(task, fd), 0);
    CHECK(pipe(ends) == 0);
    CHECK_INT(pb_pread(task, ends[0], text, 1, 0), -ESPIPE);
    CHECK_INT(pb_pwrite(task, ends[1], "x", 1, 0), -ESPIPE);
    CHECK_INT(pb_fsync(task, ends[1]), -EINVAL);
    CHECK_INT(pb_close(task, ends[0]), 0);
    CHECK_INT(pb_close(task, ends[1]), 0);
    clear_place(&p);
}

/* More than any cache of pages that is at hand, in one call. */
static void moves_much(struct pb_task *task, void *argument) {
    enum { SIZE = 8 << 20 };
    struct place p = make_place();
    unsigned char *data = malloc(SIZE), *copy = calloc(1, SIZE);
    (void)argument;
    CHECK(data && copy);
    for (size_t k = 0; k < SIZE; k++)
        data[k] = (unsigned char)(k * 2654435761u >> 13);
    int fd = pb_open(task, p.file, O_RDWR | O_CREAT, 0600);
    CHECK_INT(pb_write(task, fd, data, SIZE), SIZE);
    CHECK_INT(pb_fsync(task, fd), 0);
    CHECK_INT(pb_pread(task, fd, copy, SIZE, 0), SIZE);
    CHECK(memcmp(data, copy, SIZE) == 0);
    CHECK_INT(pb_close(task, fd), 0);
    free(data);
    free(copy);
    clear_place(&p);
}

static void closes(struct pb_task *task, void *argument) {
    int ends[2];
    (void)argument;
    CHECK(pipe(ends) == 0);
    CHECK_INT(pb_close(task, ends[1]), 0);
    CHECK(fcntl(ends[1], F_GETFD) == -1 && errno == EBADF);
    CHECK_INT(pb_close(task, ends[1]), -EBADF);
    CHECK_INT(pb_read(task, ends[0], &(char){0}, 1), 0); /* the other end is told */
    CHECK_INT(pb_close(task, ends[0]), 0);
}

/* A number below zero, one that was given up, and one that never was. */
static void bad_descriptors(struct pb_task *task, void *argument) {
    int bad[] = {-1, dup(0), 1 << 20};
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/tmp/nowhere"};
    const struct sockaddr *to = (const struct sockaddr *)&address;
    char buffer[1] = {0};
    (void)argument;
    close(bad[1]);
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        int fd = bad[k];
        CHECK_INT(pb_read(task, fd, buffer, 1), -EBADF);
        CHECK_INT(pb_write(task, fd, buffer, 1), -EBADF);
        CHECK_INT(pb_pread(task, fd, buffer, 1, 0), -EBADF);
        CHECK_INT(pb_pwrite(task, fd, buffer, 1, 0), -EBADF);
        CHECK_INT(pb_fsync(task, fd), -EBADF);
        CHECK_INT(pb_connect(task, fd, to, sizeof address), -EBADF);
        CHECK_INT(pb_accept(task, fd, NULL, NULL), -EBADF);
        CHECK_INT(pb_send(task, fd, buffer, 1, 0), -EBADF);
        CHECK_INT(pb_recv(task, fd, buffer, 1, 0), -EBADF);
        CHECK_INT(pb_poll(task, fd, POLLIN, 0), -EBADF);
        CHECK_INT(pb_poll(task, fd, POLLIN, -1), -EBADF);
        CHECK_INT(pb_close(task, fd), -EBADF);
    }
}

const struct verbs_case verbs_files[] = {
    {.name = "opens", .task = opens},
    {.name = "appends-and-truncates", .task = appends_and_truncates},
    {.name = "reads-and-writes", .task = reads_and_writes},
    {.name = "positions", .task = positions},
    {.name = "moves-much", .task = moves_much},
    {.name = "closes", .task = closes},
    {.name = "bad-descriptors", .task = bad_descriptors},
    {0},
};
