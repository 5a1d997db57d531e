/* The runner's loop: a line in, a line out. It keeps the descriptors that it was given for itself before
 * anything is loaded: whatever a workload prints goes to standard error, whatever it reads is empty. */
#include "runner/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/children.h"
#include "base/clock.h"
#include "runner/cell.h"
#include "runner/describe.h"
#include "runner/ticker.h"
#include "runner/witness.h"
#include "runner/work.h"

struct runner {
    int in, out;
    struct pb_buffer received;
    struct pb_runner_cell cell;
    bool open;
    struct pb_error
        no_ranks; /* why other ranks cannot be had, where a launcher started this one; code 0: they can */
    struct pb_ticker ticker; /* tells of progress */
};

static int keep_descriptors(struct runner *r) {
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    r->in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    r->out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (null < 0 || r->in < 0 || r->out < 0 || dup2(null, STDIN_FILENO) < 0 ||
        dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return -errno;
    close(null);
    return 0;
}

/* The next line, without its newline; false at the end of input. `taken` bytes of the buffer are then to be
 * consumed. */
static bool next_line(struct runner *r, size_t *taken) {
    for (;;) {
        const char *newline = r->received.size ? memchr(r->received.data, '\n', r->received.size) : NULL;
        if (newline) {
            *taken = (size_t)(newline - r->received.data) + 1;
            return true;
        }
        char chunk[4096];
        ssize_t got = read(r->in, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        pb_buffer_add(&r->received, chunk, (size_t)got);
    }
}

/* Iterations of pb_spin per microsecond: the best of several short stretches, since disturbance only ever
 * slows. */
static double calibrate(void) {
    static const uint64_t iterations = 200000;
    volatile uint64_t sink = 0;
    double best = 0;
    for (int k = 0; k < 40; k++) {
        uint64_t began = pb_now();
        sink = sink + pb_spin(iterations, (uint64_t)k);
        double rate = (double)iterations * 1000 / (double)(pb_now() - began);
        if (rate > best)
            best = rate;
    }
    return best;
}

static void serve_describe(struct runner *r, const struct pb_wire *asked, struct pb_wire *said,
                           struct pb_error *error) {
    (void)r;
    said->type = PB_WIRE_DESCRIPTION;
    if (pb_runner_describe(&asked->describe, &said->description, error) < 0)
        said->type = PB_WIRE_ERROR;
}

static void serve_calibrate(struct runner *r, const struct pb_wire *asked, struct pb_wire *said,
                            struct pb_error *error) {
    (void)r;
    (void)asked;
    (void)error;
    *said = (struct pb_wire){.type = PB_WIRE_CALIBRATED, .work_rate = calibrate()};
}

/* On the ticker's thread, while the runner's own runs or awaits the tasks. */
static void tell_progress(void *context) {
    const struct runner *r = context;
    uint64_t ended = pb_meters_ended(&r->cell.setup.work->meters, pb_executor_workers(r->cell.executor));
    pb_wire_send(r->out, &(struct pb_wire){.type = PB_WIRE_PROGRESS, .ended = ended});
}

static void serve_open(struct runner *r, const struct pb_wire *asked, struct pb_wire *said,
                       struct pb_error *error) {
    said->type = PB_WIRE_ERROR;
    if (r->open) {
        pb_error_set(error, -EBUSY,
                     "runner protocol: open came twice: a runner becomes one cell only: start another");
        return;
    }
    if (asked->open.protocol && asked->open.protocol != PB_PROTOCOL_VERSION) {
        pb_error_set(error, -EPROTO,
                     "runner protocol: the driver speaks version %u, this runner %d: use one build for both",
                     asked->open.protocol, PB_PROTOCOL_VERSION);
        return;
    }
    if (r->no_ranks.code) {
        *error = r->no_ranks;
        return;
    }
    struct pb_wire_ready ready = {0};
    if (pb_runner_cell_open(&r->cell, &asked->open, &ready, error) == 0) {
        r->open = true;
        if (r->cell.setup.found.workload->bound == PB_IO)
            pb_ticker_open(&r->ticker, tell_progress, r);
        *said = (struct pb_wire){.type = PB_WIRE_READY, .ready = ready};
    }
}

static void serve_run(struct runner *r, const struct pb_wire *asked, struct pb_wire *said,
                      struct pb_error *error) {
    struct pb_wire sample = {.type = PB_WIRE_SAMPLE};
    pb_ticker_start(&r->ticker);
    int rc = r->open ? pb_runner_cell_run(&r->cell, &asked->run, &sample.sample, error)
                     : pb_error_set(error, -EINVAL, "runner protocol: run came before open: send open first");
    pb_ticker_stop(&r->ticker);
    if (rc < 0) {
        pb_wire_release(&sample);
        sample.type = PB_WIRE_ERROR;
    }
    *said = sample;
}

static void close_cell(struct runner *r) {
    pb_ticker_close(&r->ticker);
    if (r->open)
        pb_runner_cell_close(&r->cell);
    r->open = false;
}

static void serve_close(struct runner *r, const struct pb_wire *asked, struct pb_wire *said,
                        struct pb_error *error) {
    (void)asked;
    (void)error;
    close_cell(r);
    pb_ranks_end(); /* all of them, before whoever asked may kill what is left */
    *said = (struct pb_wire){.type = PB_WIRE_CLOSED};
}

static void (*const servants[PB_WIRE_TYPES])(struct runner *, const struct pb_wire *, struct pb_wire *,
                                             struct pb_error *) = {
    [PB_WIRE_DESCRIBE] = serve_describe, [PB_WIRE_CALIBRATE] = serve_calibrate, [PB_WIRE_OPEN] = serve_open,
    [PB_WIRE_RUN] = serve_run,           [PB_WIRE_CLOSE] = serve_close,
};

/* One request; true if it was the last. */
static bool serve(struct runner *r, const char *line, size_t size) {
    struct pb_wire asked, said = {.type = PB_WIRE_ERROR};
    struct pb_error error = {0};
    if (pb_wire_decode(&asked, line, size, &error) == 0) {
        if (servants[asked.type])
            servants[asked.type](r, &asked, &said, &error);
        else
            pb_error_set(&error, -EPROTO,
                         "runner protocol: that is an answer, not a request: ask for something");
    }
    bool last = said.type == PB_WIRE_CLOSED;
    if (said.type == PB_WIRE_ERROR)
        said.error = error;
    bool gone = pb_wire_send(r->out, &said) < 0;
    pb_wire_release(&asked);
    pb_wire_release(&said);
    return last || gone;
}

int pb_runner_main(bool ranks) {
    if (ranks)
        pb_witness_begin();
    struct runner r = {0};
    size_t taken;
    /* A launcher may stand between driver and runner: then the end of input tells of the driver's death
     * instead. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    /* What tasks leave behind stays here, for them to end. */
    pb_children_adopt();
    if (keep_descriptors(&r) < 0)
        return 6;
    if (ranks)
        pb_ranks_begin(&r.no_ranks);
    for (bool last = false; !last && next_line(&r, &taken);) {
        last = serve(&r, r.received.data, taken - 1);
        pb_buffer_consume(&r.received, taken);
    }
    close_cell(&r);
    pb_ranks_end();
    pb_buffer_release(&r.received);
    return 0;
}
