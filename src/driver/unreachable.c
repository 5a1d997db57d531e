/* A launcher that reaches hosts by a program such as ssh waits minutes for one that does not answer, and says
 * nothing. The kernel knows better: proc(5) lists each connection with its state, and how often its last
 * segment was sent again. */
#include "driver/unreachable.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/children.h"

enum { SYN_SENT = 2, REPEATED = 2 };

/* A connection that is being asked for. */
struct call {
    char host[INET6_ADDRSTRLEN];
    unsigned port;
    unsigned long inode;
};

/* ---- Connections ---- */

/* The kernel prints addresses as words in the order of this machine's bytes. */
static bool read_address(const char *hex, char *out, size_t size) {
    uint32_t word[4] = {0};
    size_t words = strlen(hex) / 8;
    if (words != 1 && words != 4)
        return false;
    for (size_t i = 0; i < words; i++)
        if (sscanf(hex + 8 * i, "%8" SCNx32, &word[i]) != 1)
            return false;
    return inet_ntop(words == 1 ? AF_INET : AF_INET6, word, out, (socklen_t)size) != NULL;
}

/* A line of /proc/PID/net/tcp; false: it is no call in vain. */
static bool read_call(const char *line, struct call *call) {
    char remote[40];
    unsigned state, repeated;
    return sscanf(line, " %*u: %*[0-9A-F]:%*x %39[0-9A-F]:%x %x %*x:%*x %*x:%*x %x %*u %*u %lu", remote,
                  &call->port, &state, &repeated, &call->inode) == 5 &&
           state == SYN_SENT && repeated >= REPEATED && read_address(remote, call->host, sizeof call->host);
}

static bool is_held(pid_t pid, unsigned long inode) {
    char path[300], link[64], socket[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    snprintf(socket, sizeof socket, "socket:[%lu]", inode);
    DIR *files = opendir(path);
    bool held = false;
    for (struct dirent *entry; files && !held && (entry = readdir(files));) {
        snprintf(path, sizeof path, "/proc/%d/fd/%s", (int)pid, entry->d_name);
        ssize_t size = readlink(path, link, sizeof link - 1);
        link[size < 0 ? 0 : size] = '\0';
        held = strcmp(link, socket) == 0;
    }
    if (files)
        closedir(files);
    return held;
}

/* In the process's own network, which may be another than ours. */
static bool find_call(pid_t pid, const char *table, struct call *call) {
    char path[300], line[512];
    snprintf(path, sizeof path, "/proc/%d/net/%s", (int)pid, table);
    FILE *file = fopen(path, "re");
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file))
        found = read_call(line, call) && is_held(pid, call->inode);
    if (file)
        fclose(file);
    return found;
}

/* ---- Processes ---- */

static void read_name(pid_t pid, char *out, int size) {
    char path[300];
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file || !fgets(out, size, file))
        snprintf(out, (size_t)size, "process %d", (int)pid);
    if (file)
        fclose(file);
    out[strcspn(out, "\n")] = '\0';
}

bool pb_unreachable(pid_t root, struct pb_buffer *out) {
    size_t count;
    pid_t *pid = pb_children_below(root, &count);
    bool found = false;
    for (size_t i = 0; pid && i < count && !found; i++) {
        struct call call;
        char name[32];
        if (!find_call(pid[i], "tcp", &call) && !find_call(pid[i], "tcp6", &call))
            continue;
        found = true;
        read_name(pid[i], name, sizeof name);
        pb_buffer_printf(
            out, "host %s does not answer %s, which calls its port %u: see whether it is up and reachable",
            call.host, name, call.port);
    }
    free(pid);
    return found;
}
