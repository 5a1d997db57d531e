/* A slow network: connects the network namespaces that its arguments name (files, as /run/netns/NAME), one
 * TUN device `net0` in each, and forwards IPv4 packets between them. The host number i (from 1, as they are
 * named) has the addresses that end in .i. A packet leaves its host at --bandwidth, travels for --delay, and
 * arrives at --bandwidth: it is handed over when its last bit would be there. What does not fit the queue of
 * the host that it goes to (QUEUE packets) is dropped.
 *
 * Says "ready" when all devices are up. Ends with its standard input, or by SIGTERM. On SIGUSR1, or
 * --down-after a time, the host named last is cut off: packets to and from it get lost, and nobody is told.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"

enum { MOST_HOSTS = 8, QUEUE = 4096, MOST_BYTES = 9216, BURST = 64, NOT_PERMITTED = 77 };

struct packet {
    int64_t due; /* ns of the monotonic clock */
    uint32_t length;
    unsigned char byte[MOST_BYTES];
};

/* One end: its device, when it will have sent and received what was forwarded so far, and what is under way
 * to it. All packets take equally long, and none arrives before the one ahead: the queue is in the order of
 * `due`. */
struct host {
    int fd;
    int64_t sent, received;
    uint32_t head, count;
    struct packet *queue;
};

struct link {
    int64_t delay, down_at; /* ns; down_at: of the monotonic clock */
    double ns_per_byte;
    int mtu, hosts;
    bool down;
    struct host host[MOST_HOSTS];
};

static volatile sig_atomic_t told_down, told_end;

static void on_signal(int number) {
    if (number == SIGUSR1)
        told_down = 1;
    else
        told_end = 1;
}

_Noreturn static void give_up(const char *what, const char *why) {
    fprintf(stderr, "tests-link: %s: %s\n", what, why);
    exit(errno == EPERM || errno == EACCES || errno == ENODEV || errno == ENOENT ? NOT_PERMITTED : 1);
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* "1Gbit", "100Mbit", "8kbit": bits in a second; 0: no number that. */
static double parse_bandwidth(const char *text) {
    char *unit;
    double value = strtod(text, &unit);
    static const struct {
        const char *name;
        double factor;
    } units[] = {{"Gbit", 1e9}, {"Mbit", 1e6}, {"kbit", 1e3}, {"bit", 1}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(unit, units[i].name) == 0 && value > 0)
            return value * units[i].factor;
    return 0;
}

/* The device of the namespace that we are in: its file, up. */
static int open_device(int mtu) {
    struct ifreq request = {.ifr_name = "net0"};
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        give_up("/dev/net/tun", strerror(errno));
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (ioctl(fd, TUNSETIFF, &request) < 0)
        give_up("making a TUN device", strerror(errno));
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    request.ifr_mtu = mtu;
    if (any < 0 || ioctl(any, SIOCSIFMTU, &request) < 0)
        give_up("--mtu", strerror(errno));
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (ioctl(any, SIOCSIFFLAGS, &request) < 0)
        give_up("setting a TUN device up", strerror(errno));
    close(any);
    return fd;
}

static void add_host(struct link *link, const char *space) {
    int fd = open(space, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
        give_up(space, strerror(errno));
    close(fd);
    struct host *host = &link->host[link->hosts++];
    host->fd = open_device(link->mtu);
    host->queue = calloc(QUEUE, sizeof *host->queue);
    if (!host->queue)
        give_up(space, strerror(errno));
}

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* Whom a packet is for; NULL: nobody here. */
static struct host *receiver(struct link *link, const unsigned char *byte, size_t length) {
    if (length < 20 || byte[0] >> 4 != 4 || byte[19] < 1 || byte[19] > link->hosts)
        return NULL;
    return &link->host[byte[19] - 1];
}

static void forward(struct link *link, struct host *from, const unsigned char *byte, uint32_t length) {
    struct host *to = receiver(link, byte, length), *last = &link->host[link->hosts - 1];
    if (!to || to->count == QUEUE || (link->down && (from == last || to == last)))
        return;
    int64_t takes = (int64_t)(length * link->ns_per_byte);
    from->sent = later(from->sent, now()) + takes;
    to->received = later(from->sent + link->delay, to->received + takes);
    struct packet *packet = &to->queue[(to->head + to->count++) % QUEUE];
    packet->due = to->received;
    packet->length = length;
    memcpy(packet->byte, byte, length);
}

static void receive(struct link *link, struct host *from) {
    unsigned char byte[MOST_BYTES];
    for (int i = 0; i < BURST; i++) {
        ssize_t length = read(from->fd, byte, sizeof byte);
        if (length <= 0)
            return;
        forward(link, from, byte, (uint32_t)length);
    }
}

/* Hands over what is due; when the next is, or INT64_MAX. */
static int64_t deliver(struct host *to) {
    while (to->count) {
        struct packet *packet = &to->queue[to->head];
        if (packet->due > now())
            return packet->due;
        (void)!write(to->fd, packet->byte, packet->length); /* a host may refuse it, as any */
        to->head = (to->head + 1) % QUEUE;
        to->count--;
    }
    return INT64_MAX;
}

static void cut_off(struct link *link) {
    link->down = true;
    link->down_at = INT64_MAX;
    for (int i = 0; i < link->hosts; i++) /* whose packets are under way is not known: all are lost */
        link->host[i].count = 0;
}

static bool input_ended(const struct pollfd *input) {
    char byte[64];
    return (input->revents & (POLLHUP | POLLERR | POLLNVAL)) ||
           ((input->revents & POLLIN) && read(0, byte, sizeof byte) <= 0);
}

static void run(struct link *link, const sigset_t *open_mask) {
    struct pollfd polled[MOST_HOSTS + 1] = {{0, POLLIN, 0}};
    for (int i = 0; i < link->hosts; i++)
        polled[i + 1] = (struct pollfd){link->host[i].fd, POLLIN, 0};
    while (!told_end && !input_ended(&polled[0])) {
        if (!link->down && (told_down || now() >= link->down_at))
            cut_off(link);
        int64_t next = link->down_at;
        for (int i = 0; i < link->hosts; i++) {
            int64_t due = deliver(&link->host[i]);
            next = due < next ? due : next;
        }
        int64_t left = later(next - now(), 0);
        struct timespec wait = {left / 1000000000, left % 1000000000};
        for (int i = 0; i <= link->hosts; i++)
            polled[i].revents = 0;
        if (ppoll(polled, (nfds_t)link->hosts + 1, next == INT64_MAX ? NULL : &wait, open_mask) <= 0)
            continue;
        for (int i = 0; i < link->hosts; i++)
            if (polled[i + 1].revents)
                receive(link, &link->host[i]);
    }
}

/* Signals only arrive in ppoll. Wake-ups are to be exact, where that is permitted before all other work. */
static void prepare(sigset_t *open_mask) {
    struct sigaction act = {.sa_handler = on_signal};
    sigset_t closed;
    sigemptyset(&closed);
    static const int numbers[] = {SIGUSR1, SIGTERM, SIGINT};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        sigaddset(&closed, numbers[i]);
        sigaction(numbers[i], &act, NULL);
    }
    sigprocmask(SIG_BLOCK, &closed, open_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigdelset(open_mask, numbers[i]);
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
}

static bool set_option(struct link *link, const char *name, const char *value) {
    int64_t number;
    double bits;
    if (strcmp(name, "--delay") == 0 && pb_parse_time(value, NULL, &number) == 0 && number >= 0)
        link->delay = number;
    else if (strcmp(name, "--down-after") == 0 && pb_parse_time(value, NULL, &number) == 0)
        link->down_at = now() + number;
    else if (strcmp(name, "--bandwidth") == 0 && (bits = parse_bandwidth(value)) > 0)
        link->ns_per_byte = 8e9 / bits;
    else if (strcmp(name, "--mtu") == 0 && pb_parse_integer(value, &number) == 0 && number >= 68 &&
             number <= MOST_BYTES)
        link->mtu = (int)number;
    else
        return false;
    return true;
}

int main(int argc, char **argv) {
    static struct link link = {.down_at = INT64_MAX, .mtu = 1500};
    sigset_t open_mask;
    int i = 1;
    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2)
        if (!set_option(&link, argv[i], argv[i + 1]))
            return fprintf(stderr, "tests-link: %s %s: not an option\n", argv[i], argv[i + 1]), 2;
    if (argc - i < 2 || argc - i > MOST_HOSTS)
        return fputs("usage: tests-link [--delay 1ms] [--bandwidth 1Gbit] [--mtu 1500] [--down-after 5s] "
                     "NAMESPACE NAMESPACE...\n",
                     stderr),
               2;
    for (; i < argc; i++)
        add_host(&link, argv[i]);
    prepare(&open_mask);
    puts("ready");
    fflush(stdout);
    run(&link, &open_mask);
    return 0;
}
