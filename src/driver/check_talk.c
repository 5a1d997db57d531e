/* Each line goes through hear_line, which reads it strictly, before pb_child_hear reads it leniently: so a
 * wrong line fails the check, and the conversation goes on with what can be made of it.
 *
 * That a runner says no more than its one answer is told by its threads: once all of them sleep, what they
 * said before is in the pipe. What comes later is found before the next request. */
#include "driver/check_talk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/children.h"
#include "base/clock.h"

enum { REST_NS = 1000000000, DYING_NS = 1000000000, LOOK_MS = 1 };

/* ---- Checks and faults ---- */

void pb_talk_check(struct pb_talk *t, const char *name) {
    t->result = (struct pb_check_result){.name = name};
}

static void keep(struct pb_talk_line *line, uint32_t number, bool said, const char *text, size_t size) {
    line->number = number;
    line->said = said;
    pb_buffer_consume(&line->text, line->text.size);
    pb_buffer_add(&line->text, text, size);
}

static void fail(struct pb_talk *t, const struct pb_talk_line *line, const struct pb_wire_fault *fault) {
    struct pb_check_result *result = &t->result;
    if (result->failed)
        return;
    result->failed = true;
    result->fault = *fault;
    pb_buffer_consume(&t->blamed, t->blamed.size);
    if (line) {
        pb_buffer_add(&t->blamed, pb_buffer_string(&line->text), line->text.size);
        result->line =
            (struct pb_check_line){line->number, line->said, pb_buffer_string(&t->blamed), t->blamed.size};
    }
}

void pb_talk_blame(struct pb_talk *t, const struct pb_talk_line *line, const char *section, const char *key,
                   const char *format, ...) {
    struct pb_wire_fault fault = {.section = section};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fault.text, sizeof fault.text, format, arguments);
    va_end(arguments);
    snprintf(fault.key, sizeof fault.key, "%s", key);
    fail(t, line, &fault);
}

static void hear_line(void *context, bool said, const char *text, size_t size) {
    struct pb_talk *t = context;
    struct pb_talk_line *line = said ? &t->said : &t->heard;
    struct pb_wire_fault fault;
    keep(line, ++t->number, said, text, size);
    if (t->listener->line)
        t->listener->line(t->listener->context, &(struct pb_check_line){line->number, said, text, size});
    t->wrong = !said && !pb_wire_strict(text, size, &t->setting, &fault);
    if (t->wrong)
        fail(t, line, &fault);
}

/* ---- Its life ---- */

int pb_talk_start(struct pb_talk *t, struct pb_error *error) {
    int rc = pb_child_start(&t->session.child, &t->children, t->request->program, error);
    t->session.child.line = hear_line;
    t->session.child.line_context = t;
    return rc;
}

static void forget_cell(struct pb_talk *t) {
    pb_wire_release(&t->ready);
    t->setting = (struct pb_wire_setting){0};
    pb_wire_list_release(&t->session.pids);
    t->restless = false;
}

void pb_talk_end(struct pb_talk *t) {
    pb_child_end(&t->session.child);
    forget_cell(t);
}

bool pb_talk_is_open(const struct pb_talk *t) {
    return t->ready.type == PB_WIRE_READY;
}

/* The file below /proc/PID, as a string; "" if it cannot be read. */
static const char *read_proc(pid_t pid, const char *name, char *out, size_t size) {
    char path[300];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, out, size - 1);
    if (fd >= 0)
        close(fd);
    out[got > 0 ? got : 0] = '\0';
    return out;
}

/* State and parent from the text of a stat file (proc(5)); 0: there is none. */
static char read_stat(const char *text, pid_t *parent) {
    const char *after = strrchr(text, ')');
    char state = 0;
    int number = 0;
    if (!after || sscanf(after + 1, " %c %d", &state, &number) != 2)
        return 0;
    *parent = (pid_t)number;
    return state;
}

/* Whether each thread of the process sleeps, or is no more. */
static bool sleeps(pid_t pid) {
    char path[64], name[300], text[1024];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *threads = opendir(path);
    bool awake = false;
    for (struct dirent *entry; threads && !awake && (entry = readdir(threads));) {
        pid_t parent;
        snprintf(name, sizeof name, "task/%s/stat", entry->d_name);
        char state =
            entry->d_name[0] == '.' ? 0 : read_stat(read_proc(pid, name, text, sizeof text), &parent);
        awake = state == 'R' || state == 'D';
    }
    if (threads)
        closedir(threads);
    return !awake;
}

/* ---- Talking ---- */

/* Whether it says more before it rests. */
static bool says_more(struct pb_talk *t) {
    const struct pb_child *c = &t->session.child;
    uint64_t deadline = pb_deadline(t->restless ? 0 : REST_NS);
    for (;;) {
        if (c->received.size && memchr(c->received.data, '\n', c->received.size))
            return true;
        if (c->pid <= 0 || c->out < 0)
            return false;
        bool rests = sleeps(c->pid);
        t->restless |= !rests && pb_remaining(deadline) == 0;
        rests |= t->restless;
        struct pollfd wait = {.fd = c->out, .events = POLLIN};
        poll(&wait, 1, rests ? 0 : LOOK_MS);
        if (wait.revents & POLLIN)
            return true;
        if (rests || wait.revents)
            return false;
    }
}

static bool all_sleep(const struct pb_session *s) {
    bool all = sleeps(s->child.pid);
    for (uint32_t i = 0; all && i < s->pids.count; i++)
        all = sleeps((pid_t)atoi(s->pids.item[i]));
    return all;
}

/* A clock that stands still does not suffice: its thread may only wait for a processor. */
bool pb_talk_rests(const struct pb_talk *t) {
    uint64_t deadline = pb_deadline(REST_NS);
    while (!all_sleep(&t->session)) {
        if (pb_remaining(deadline) == 0)
            return false;
        poll(NULL, 0, LOOK_MS);
    }
    return pb_session_settle(&t->session);
}

/* How it ended, or that it did not answer, is told of the request. */
static void lose(struct pb_talk *t, int rc) {
    t->interrupted |= rc == -EINTR;
    t->lost = rc == -ETIMEDOUT ? "it hangs" : rc == -EINTR ? "interrupted" : "it died";
    pb_talk_blame(t, &t->said, "Rules", "", "no answer to it: %s", t->error.text);
}

/* One line, if need be after wrong ones that were none of its answers. The answer's type, or -1. */
static int hear(struct pb_talk *t, struct pb_wire *answer) {
    for (;;) {
        int rc = pb_child_hear(&t->session.child, answer, t->request->timeout_ns, &t->error);
        if (rc < 0 && rc != -EPROTO && rc != -EIO) {
            lose(t, rc);
            return -1;
        }
        if (!t->wrong || !says_more(t))
            return rc == 0 ? (int)answer->type : rc == -EIO ? PB_WIRE_ERROR : -1;
        if (rc == 0)
            pb_wire_release(answer);
    }
}

/* Hears what it says though nothing was asked: each such line is wrong. */
static void hear_unasked(struct pb_talk *t) {
    struct pb_wire ignored;
    struct pb_error kept = t->error;
    t->setting.accepts = 0;
    while (!t->lost && says_more(t)) {
        int rc = pb_child_hear(&t->session.child, &ignored, t->request->timeout_ns, &t->error);
        if (rc == 0)
            pb_wire_release(&ignored);
        else if (rc != -EPROTO && rc != -EIO)
            lose(t, rc);
    }
    t->error = kept;
}

/* Whether the process is below the runner, which itself is not. */
static bool is_below(pid_t pid, pid_t runner) {
    char text[1024];
    do
        if (!read_stat(read_proc(pid, "stat", text, sizeof text), &pid))
            return false;
    while (pid > 1 && pid != runner);
    return pid == runner;
}

static void take_pids(struct pb_talk *t, const struct pb_wire_list *pids, const char *section) {
    pb_wire_list_release(&t->session.pids);
    for (uint32_t i = 0; i < pids->count; i++) {
        if (!is_below((pid_t)atoi(pids->item[i]), t->session.child.pid))
            pb_talk_blame(t, &t->heard, section, "pids",
                          "key \"pids\": %.20s is no process that was started by the runner, %d",
                          pids->item[i], (int)t->session.child.pid);
        pb_wire_list_add(&t->session.pids, pids->item[i]);
    }
}

static void take_answer(struct pb_talk *t, int type, struct pb_wire *answer) {
    if (type == PB_WIRE_SAMPLE)
        take_pids(t, &answer->sample.pids, "sample");
    if (type == PB_WIRE_ERROR && !t->wrong && !pb_wire_is_advised(t->error.text))
        t->result.advised = t->heard.number;
    if (type != PB_WIRE_READY)
        return;
    pb_wire_release(&t->ready);
    t->ready = *answer;
    *answer = (struct pb_wire){.type = PB_WIRE_CLOSED};
    t->setting.ready = &t->ready.ready;
    take_pids(t, &t->ready.ready.pids, "ready");
}

int pb_talk_ask_line(struct pb_talk *t, const char *words, const struct pb_wire *meant, unsigned accepts,
                     struct pb_wire *answer) {
    struct pb_buffer line = {0};
    hear_unasked(t);
    if (t->lost)
        return -1;
    t->setting.asked = meant;
    t->setting.accepts = accepts;
    if (accepts >> PB_WIRE_SAMPLE & 1)
        t->setting.accepts |= 1u << PB_WIRE_PROGRESS;
    pb_buffer_printf(&line, "%s\n", words);
    pb_child_say_line(&t->session.child, line.data, line.size); /* a failure shows in what is heard */
    pb_buffer_release(&line);
    int type = hear(t, answer);
    if (type >= 0)
        take_answer(t, type, answer);
    hear_unasked(t);
    t->setting.asked = NULL;
    return type;
}

int pb_talk_ask(struct pb_talk *t, const struct pb_wire *question, unsigned accepts, struct pb_wire *answer) {
    struct pb_buffer line = {0};
    pb_wire_encode(question, &line);
    if (line.size)
        line.data[line.size - 1] = '\0';
    int type = pb_talk_ask_line(t, pb_buffer_string(&line), question, accepts, answer);
    pb_buffer_release(&line);
    return type;
}

/* ---- Its end ---- */

/* Waits for its end; what it says meanwhile is unasked. False: it has not ended in time. */
static bool await_end(struct pb_talk *t) {
    struct pb_child *c = &t->session.child;
    uint64_t deadline = pb_deadline(t->request->timeout_ns);
    for (;;) {
        struct pollfd wait[2] = {{.fd = c->watch, .events = POLLIN}, {.fd = c->out, .events = POLLIN}};
        uint64_t left = pb_remaining(deadline);
        struct timespec until = {.tv_sec = (time_t)(left / 1000000000u),
                                 .tv_nsec = (long)(left % 1000000000u)};
        int rc = ppoll(wait, 2, &until, NULL);
        t->interrupted |= rc < 0 && errno == EINTR;
        if (t->interrupted || rc == 0)
            return false;
        if (wait[1].revents & POLLIN) {
            hear_unasked(t);
        } else if (wait[0].revents) {
            return true;
        } else {
            close(c->out);
            c->out = -1;
        }
    }
}

void pb_talk_await_end(struct pb_talk *t, bool orderly, const char *section) {
    siginfo_t info = {0};
    t->setting.accepts = 0;
    bool ended = !t->lost && await_end(t);
    if (t->lost || t->interrupted)
        return;
    if (!ended)
        pb_talk_blame(t, &t->said, section, "", "it has not ended within %.3g s",
                      (double)t->request->timeout_ns / 1e9);
    /* It stays a zombie, and its pid its own, until what it left is found. */
    else if (waitid(P_PID, (id_t)t->session.child.pid, &info, WEXITED | WNOWAIT) == 0 && orderly &&
             (info.si_code != CLD_EXITED || info.si_status != 0))
        pb_talk_blame(t, &t->heard, section, "",
                      info.si_code == CLD_EXITED ? "it ended with exit code %d, wanted 0"
                                                 : "it was killed by signal %d, wanted exit code 0",
                      info.si_status);
}

/* Whether the process ends by itself before the deadline. */
static bool is_dying(pid_t pid, uint64_t deadline) {
    int watch = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd wait = {.fd = watch, .events = POLLIN};
    bool dead = watch < 0 || poll(&wait, 1, (int)(pb_remaining(deadline) / 1000000)) == 1;
    if (watch >= 0)
        close(watch);
    return dead;
}

void pb_talk_seek_survivors(struct pb_talk *t) {
    size_t count;
    uint64_t deadline = pb_deadline(DYING_NS);
    pid_t *pid = pb_children_list(&count);
    for (size_t i = 0; pid && i < count; i++) {
        char name[64];
        if (pid[i] == t->session.child.pid || is_dying(pid[i], deadline))
            continue;
        read_proc(pid[i], "comm", name, sizeof name);
        name[strcspn(name, "\n")] = '\0';
        pb_talk_blame(t, NULL, "Rules", "", "process %d (%.40s) has survived its runner", (int)pid[i], name);
    }
    free(pid);
}
