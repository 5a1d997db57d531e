/* Network namespaces as hosts on this machine, and the slow network between them (tests/hosts/with). Of times
 * only what they are at least is looked at. */
#include "with_hosts.h"

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LEFT = 70, MOST_TIMES = 16 };

/* What COMMANDs are made of: the echo on a host, whose process id is $echo; it is gone before the next word.
 */
#define SERVE(host) "exec 3< <($PB_AGENT " host " \"$TESTS/tests-echo\" serve); read echo <&3; "
#define ASK         "\"$TESTS/tests-echo\" ask "
#define STOP        "; kill $echo; "
#define SPACES      "stat -L -c %i \"$PB_HOSTS_DIR\"/net?; "

/* The same to its end, which must be with that exit code. */
static void run_with(struct program *p, const char *options, const char *command, int code) {
    begin_with(p, options, command);
    program_finish(p);
    skip_not_permitted(p);
    program_check_code(p, code);
    program_check_nothing_left(true);
}

/* The numbers that it said, one a line; how many. */
static unsigned numbers(const struct program *p, int64_t out[MOST_TIMES]) {
    unsigned count = 0;
    const char *text = pb_buffer_string((struct pb_buffer *)&p->said);
    for (char *end; count < MOST_TIMES; text = end) {
        out[count] = strtoll(text, &end, 10);
        if (end == text)
            break;
        count++;
    }
    return count;
}

static void have_names_and_reach_each_other(const void *data) {
    struct program p;
    int64_t time[MOST_TIMES];
    run_with(&p, "--hosts 3",
             "hostname; for h in node2 node3; do $PB_AGENT -x $h hostname; done; "
             "$PB_AGENT node3 \"ls /sys/class/net\"; $PB_AGENT node3 \"exit 5\"; echo $?; "
             "$PB_AGENT other true 2>/dev/null; echo $?; getent hosts node2 | cut -d\" \" -f1",
             0);
    CHECK_TEXT(pb_buffer_string(&p.said), "node1\nnode2\nnode3\nlo\nnet0\n5\n255\n10.77.0.2\n");
    program_release(&p);
    run_with(&p, "--hosts 3",
             SERVE("node3") ASK "10.77.0.3 1 8; $PB_AGENT node2 \"$TESTS/tests-echo ask 10.77.0.3 1 8\"" STOP,
             0);
    CHECK_INT(numbers(&p, time), 2);
    program_release(&p);
    (void)data;
}

/* The first packet also finds out whose address it is, or need not: there and back takes at least twice the
 * delay. */
static void delays(const void *data) {
    struct program p;
    int64_t time[MOST_TIMES];
    run_with(&p, "--delay 20ms", SERVE("node2") "for i in 1 2 3; do " ASK "10.77.0.2 1 8; done" STOP, 0);
    CHECK_INT(numbers(&p, time), 3);
    for (int i = 0; i < 3; i++)
        CHECK_MSG(time[i] >= 40000000, "a packet was there and back after %" PRId64 " ns", time[i]);
    program_release(&p);
    (void)data;
}

/* 40 packets of 1000 bytes, with the headers of UDP and IP, leave one by one: at 8 bits in a microsecond. */
static void limits_bandwidth(const void *data) {
    struct program p;
    int64_t time[MOST_TIMES];
    run_with(&p, "--bandwidth 8Mbit", SERVE("node2") ASK "10.77.0.2 40 1000" STOP, 0);
    CHECK_INT(numbers(&p, time), 1);
    CHECK_MSG(time[0] >= 40 * 1028 * 1000, "40 packets were there and back after %" PRId64 " ns", time[0]);
    program_release(&p);
    (void)data;
}

/* The last host gets no packet any more, though others do that were sent later. */
static void cuts_off(const void *data) {
    struct program p;
    run_with(&p, "--hosts 3 --delay 1us",
             SERVE("node3") ASK
             "10.77.0.3 1 8 >/dev/null && echo reached; kill -USR1 $PB_LINK_PID; "
             "while [[ $(" ASK "10.77.0.3 1 8) != lost ]]; do :; done; kill $echo; "
             "got() { $PB_AGENT node3 \"cat /sys/class/net/net0/statistics/rx_packets\"; }; before=$(got); "
             "for i in 1 2 3; do echo x >/dev/udp/10.77.0.3/7007; done; " SERVE(
                 "node2") "[[ $(" ASK "10.77.0.2 1 8) != lost ]] && echo reached; "
                          "echo $(($(got) - before))" STOP,
             0);
    CHECK_TEXT(pb_buffer_string(&p.said), "reached\nreached\n0\n");
    program_release(&p);
    run_with(&p, "--down-after 0s", SERVE("node2") ASK "10.77.0.2 1 8" STOP, 0);
    CHECK_TEXT(pb_buffer_string(&p.said), "lost\n");
    program_release(&p);
    (void)data;
}

static bool file_has(const char *path, const char *part) {
    bool has = false;
    char line[4096];
    FILE *file = fopen(path, "re");
    while (file && !has && fgets(line, sizeof line, file))
        has = strstr(line, part);
    if (file)
        fclose(file);
    return has;
}

/* Whether any process is in the network namespace, or sees a file that keeps it. */
static bool somebody_has(int64_t space) {
    DIR *processes = opendir("/proc");
    char name[32], path[300], seen[64] = "";
    bool has = false;
    CHECK(processes);
    snprintf(name, sizeof name, "net:[%" PRId64 "]", space);
    for (struct dirent *entry; !has && (entry = readdir(processes));) {
        snprintf(path, sizeof path, "/proc/%s/ns/net", entry->d_name);
        ssize_t size = readlink(path, seen, sizeof seen - 1);
        seen[size > 0 ? size : 0] = '\0';
        snprintf(path, sizeof path, "/proc/%s/mountinfo", entry->d_name);
        has = strcmp(seen, name) == 0 || file_has(path, name);
    }
    closedir(processes);
    return has;
}

static void check_gone(const struct program *p) {
    int64_t space[MOST_TIMES];
    CHECK_INT(numbers(p, space), 2);
    for (int i = 0; i < 2; i++)
        CHECK_MSG(!somebody_has(space[i]), "the network namespace %" PRId64 " is left", space[i]);
}

static void leaves_nothing(const void *data) {
    struct program p;
    run_with(&p, "--delay 1ms", SPACES "exit 3", 3);
    CHECK_TEXT(pb_buffer_string(&p.complained), "");
    check_gone(&p);
    program_release(&p);
    (void)data;
}

/* What COMMAND leaves running, here or on another host, is named and ended. */
static void names_what_is_left(const void *data) {
    struct program p;
    begin_with(&p, data,
               SPACES "for h in node1 node2; do $PB_AGENT $h \"exec sleep 1234\" <&- >/dev/null 2>&1 & done; "
                      "until (($(pgrep -xc sleep) >= 2)); do :; done");
    program_finish(&p);
    skip_not_permitted(&p);
    program_check_code(&p, LEFT);
    program_check_nothing_left(true);
    const char *first = strstr(pb_buffer_string(&p.complained), "sleep 1234 \n");
    CHECK_MSG(first && strstr(first + 1, "sleep 1234 \n"), "%s", pb_buffer_string(&p.complained));
    check_gone(&p);
    program_release(&p);
}

static void dies_with_all(const void *data) {
    struct program p;
    char directory[256] = "", byte;
    size_t size = 0;
    begin_with(&p, "--delay 1ms", "echo $PB_HOSTS_DIR; " SPACES "exec sleep 1234");
    while (size < sizeof directory - 1 && read(p.out, &byte, 1) == 1 && byte != '\n')
        directory[size++] = byte;
    if (size && read(p.out, &byte, 1) == 1) { /* it began to say the next line */
        pb_buffer_add(&p.said, &byte, 1);
        kill(p.pid, SIGKILL);
    }
    program_finish(&p);
    skip_not_permitted(&p);
    CHECK(WIFSIGNALED(p.status) && WTERMSIG(p.status) == SIGKILL);
    program_check_nothing_left(true);
    int64_t space[MOST_TIMES];
    CHECK(numbers(&p, space) >= 1 && !somebody_has(space[0]));
    CHECK(rmdir(directory) == 0); /* where nothing lies but for those who died */
    program_release(&p);
    (void)data;
}

static void refuses(const void *data) {
    struct program p;
    run_with(&p, data, "true", 2);
    CHECK_HAS(pb_buffer_string(&p.complained), "usage: ");
    program_release(&p);
}

const struct pb_suite suite_hosts = {
    "hosts",
    (const struct pb_case[]){{"have-names-and-reach-each-other", have_names_and_reach_each_other, NULL},
                             {"delays", delays, NULL},
                             {"limits-bandwidth", limits_bandwidth, NULL},
                             {"cuts-off", cuts_off, NULL},
                             {"leaves-nothing", leaves_nothing, NULL},
                             {"names-what-is-left/ethernet", names_what_is_left, ""},
                             {"names-what-is-left/slow", names_what_is_left, "--delay 1ms"},
                             {"dies-with-all", dies_with_all, NULL},
                             {"refuses/hosts", refuses, "--hosts 1"},
                             {"refuses/option", refuses, "--speed 1"},
                             {0}},
    NULL,
};
