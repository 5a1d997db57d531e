/* What the suites of the workload `http` share: its server seen from outside, by /proc and by a plain socket.
 */
#ifndef PB_TESTS_HTTP_CASES_H
#define PB_TESTS_HTTP_CASES_H

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "bench/http_item.h"
#include "stage.h"

/* Beyond PB_OK and PB_ERROR, in the order of the workload's statuses. */
enum { HTTP_STATUS_NOT_FOUND = PB_STATUS_FIRST, HTTP_STATUS_TIMEOUT, HTTP_STATUS_SHORT };

/* What a task says of an answer that it was given. */
static inline int http_status(enum http_answer answer) {
    static const int status[] = {[HTTP_GOOD] = PB_OK,
                                 [HTTP_NOT_FOUND] = HTTP_STATUS_NOT_FOUND,
                                 [HTTP_ERROR] = PB_ERROR,
                                 [HTTP_RESET] = PB_ERROR,
                                 [HTTP_TRUNCATED] = HTTP_STATUS_SHORT};
    return status[answer];
}

/* Skips the case if the module was not built. */
static inline const struct pb_workload *http_workload(void) {
    const struct pb_workload_entry *entry = pb_workloads;
    while (entry->name && strcmp(entry->name, "http") != 0)
        entry++;
    CHECK(entry->name);
    return stage_load(entry);
}

static inline void http_open(struct stage *stage, const char *params) {
    int rc = stage_open(stage, http_workload(), params);
    CHECK_MSG(rc == 0, "%s", stage->message.text);
}

/* Process id of the one server that is a child of `parent`, or 0. */
static inline pid_t http_server_of(pid_t parent) {
    DIR *processes = opendir("/proc");
    pid_t found = 0;
    CHECK(processes);
    for (struct dirent *entry; (entry = readdir(processes));) {
        char path[300], name[64], state;
        int pid, its_parent;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        FILE *file = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' ? fopen(path, "r") : NULL;
        if (!file)
            continue;
        if (fscanf(file, "%d (%63[^)]) %c %d", &pid, name, &state, &its_parent) == 4 &&
            its_parent == parent && strcmp(name, "parbench-http") == 0) {
            CHECK_MSG(found == 0, "two servers");
            found = pid;
        }
        fclose(file);
    }
    closedir(processes);
    return found;
}

/* Sends a request and collects all that comes back. 0, or -errno of what ended it but an orderly end. */
static inline int http_ask(uint16_t port, const char *path, struct pb_buffer *out) {
    const struct sockaddr_in there = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char text[4096];
    ssize_t size =
        snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n", path);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(fd >= 0 && connect(fd, (const struct sockaddr *)&there, sizeof there) == 0);
    CHECK(send(fd, text, (size_t)size, MSG_NOSIGNAL) == size);
    while ((size = recv(fd, text, sizeof text, 0)) > 0)
        pb_buffer_add(out, text, (size_t)size);
    int rc = size < 0 ? -errno : 0;
    close(fd);
    return rc;
}

/* Whether process `pid` has the socket of that inode open. */
static inline bool http_holds(pid_t pid, unsigned long inode) {
    char path[300], wanted[64], link[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    DIR *descriptors = opendir(path);
    bool holds = false;
    CHECK(descriptors);
    for (struct dirent *entry; (entry = readdir(descriptors));) {
        ssize_t size = readlinkat(dirfd(descriptors), entry->d_name, link, sizeof link - 1);
        link[size < 0 ? 0 : size] = '\0';
        holds = holds || strcmp(link, wanted) == 0;
    }
    closedir(descriptors);
    return holds;
}

/* The port on which it listens, which must be one, and of 127.0.0.1 only. */
static inline uint16_t http_port_of(pid_t pid) {
    static const char *const tables[] = {"tcp", "tcp6"};
    enum { LISTENS = 0x0a };
    unsigned found = 0;
    for (size_t k = 0; k < 2; k++) {
        char path[64], line[512], address[40];
        snprintf(path, sizeof path, "/proc/%d/net/%s", (int)pid, tables[k]);
        FILE *file = fopen(path, "r");
        while (file && fgets(line, sizeof line, file)) {
            unsigned port, state;
            unsigned long inode;
            if (sscanf(line, " %*d: %39[0-9A-F]:%x %*s %x %*s %*s %*s %*s %*s %lu", address, &port, &state,
                       &inode) != 4 ||
                state != LISTENS || !http_holds(pid, inode))
                continue;
            CHECK_MSG(!found, "it listens twice");
            in_addr_t loopback = htonl(INADDR_LOOPBACK);
            char expected[9];
            snprintf(expected, sizeof expected, "%08X", loopback);
            CHECK_TEXT(address, expected);
            found = port;
        }
        if (file)
            fclose(file);
    }
    CHECK_MSG(found, "it listens nowhere");
    return (uint16_t)found;
}

struct http_counts {
    unsigned long long requests;
    unsigned peak;
};

static inline struct http_counts http_count(uint16_t port) {
    struct pb_buffer answer = {0};
    struct http_counts counts = {0};
    CHECK_INT(http_ask(port, "/counts", &answer), 0);
    const char *body = strstr(pb_buffer_string(&answer), "\r\n\r\n");
    CHECK(body && sscanf(body, " requests %llu peak %u", &counts.requests, &counts.peak) == 2);
    pb_buffer_release(&answer);
    return counts;
}

#endif
