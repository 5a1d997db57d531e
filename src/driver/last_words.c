/* From what launchers say to which rank died, where and of what. A new launcher is a row or two of `sayings`.
 *
 * What they say holds for their processes, not for ours: a rank's number, its process number, or a host. What
 * is missing of these is completed by what the runner had told of its hosts. */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/launcher.h"

/* ---- What they say ---- */

struct facts {
    int64_t rank, pid, code; /* -1: not said */
    int signal;              /* 0: not said */
    char host[65];           /* "": not said */
};

/* All of the phrases stand somewhere in the text. In them %r is a rank, %p a process number, %h a host's
   name, %s a signal's number, %S its description, %c an exit code; * is whatever comes up to the letter
   behind it, and a blank any number of blanks. The launchers are those that were heard to say it: Open
   MPI 4.1.4 (mpiexec, mpirun), Hydra of MPICH 4.0.2. Slurm's are as its documentation has them. */
enum { PHRASES = 3 };
static const struct saying {
    const char *who, *phrase[PHRASES];
    bool lost;      /* a host, with all that is there */
    bool ambiguous; /* its exit code may be a signal's number */
} sayings[] = {
    /* Its parent, which saw it die (runner/witness.c). */
    {.who = "its witness", .phrase = {"parbench: rank %r on %h, process %p, was ended by signal %s "}},
    /* A rank's own handler of signals, which knows best: of Open MPI, and of UCX. */
    {.who = "Open MPI's library", .phrase = {"[%h:%p] Signal: *(%s)"}},
    {.who = "UCX", .phrase = {"[%h:%p:*] Caught signal %s "}},
    {.who = "Open MPI", .phrase = {"process rank %r with PID %p on node %h exited on signal %s "}},
    {.who = "Open MPI", .phrase = {"Process name: [[*,*],%r]", "Exit code: %c"}},
    {.who = "Open MPI", .phrase = {"MPI_ABORT was invoked on rank %r in ", "with errorcode %c"}},
    {.who = "MPICH", .phrase = {"Abort(%c) on node *(rank %r in "}},
    {.who = "Hydra", .phrase = {"= PID %p RUNNING AT %h", "= EXIT CODE: %c", "(signal %s)"}},
    {.who = "Hydra", .phrase = {"= PID %p RUNNING AT %h", "= EXIT CODE: %c"}, .ambiguous = true},
    {.who = "Open MPI",
     .phrase = {"ORTE has lost communication with a remote daemon", "Remote daemon: [[*,*],*] on node %h"},
     .lost = true},
    {.who = "Slurm", .phrase = {"srun: error: %h: task %r: Exited with exit code %c"}},
    {.who = "Slurm", .phrase = {"srun: error: %h: task %r: %S"}},
};

/* After these nothing comes any more, though the launcher may wait for ever: hosts that cannot be reached. */
static const char *const final[] = {
    "ssh: Could not resolve hostname", "ssh: connect to host",          "Permission denied (",
    "Host key verification failed",    "Cannot open network namespace",
};

/* ---- Reading ---- */

static bool read_number(const char **at, int64_t *out) {
    char *end;
    if (!isdigit((unsigned char)**at))
        return false;
    *out = strtoll(*at, &end, 10);
    *at = end;
    return true;
}

static bool read_name(const char **at, char *out, size_t size) {
    size_t length = strspn(*at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");
    if (!length || length >= size)
        return false;
    snprintf(out, size, "%.*s", (int)length, *at);
    *at += length;
    return true;
}

static bool read_signal(const char **at, int *out) {
    int64_t number;
    if (!read_number(at, &number) || number <= 0 || number >= NSIG)
        return false;
    *out = (int)number;
    return true;
}

/* "Killed", "Segmentation fault (core dumped)". */
static bool read_description(const char **at, int *out) {
    for (int signal = 1; signal < NSIG; signal++) {
        const char *text = sigdescr_np(signal);
        if (!text || strncmp(*at, text, strlen(text)) != 0)
            continue;
        *out = signal;
        *at += strlen(text);
        return true;
    }
    return false;
}

static bool read_fact(char what, const char **at, struct facts *facts) {
    switch (what) {
    case 'r':
        return read_number(at, &facts->rank);
    case 'p':
        return read_number(at, &facts->pid);
    case 'c':
        return read_number(at, &facts->code);
    case 's':
        return read_signal(at, &facts->signal);
    case 'S':
        return read_description(at, &facts->signal);
    default:
        return read_name(at, facts->host, sizeof facts->host);
    }
}

/* Whether the phrase stands where `at` is; within one line. */
static bool stands(const char *phrase, const char *at, struct facts *facts) {
    for (; *phrase; phrase++) {
        if (*phrase == '%') {
            if (!read_fact(*++phrase, &at, facts))
                return false;
        } else if (*phrase == ' ') {
            if (*at != ' ')
                return false;
            at += strspn(at, " ");
        } else if (*phrase == '*') {
            at += strcspn(at, (char[]){phrase[1], '\n', '\0'});
        } else if (*phrase != *at++) {
            return false;
        }
    }
    return true;
}

static bool find_phrase(const char *phrase, const char *text, struct facts *facts) {
    for (; *text; text++) {
        struct facts found = *facts;
        if (!stands(phrase, text, &found))
            continue;
        *facts = found;
        return true;
    }
    return false;
}

static bool find_saying(const struct saying *saying, const char *text, struct facts *facts) {
    *facts = (struct facts){.rank = -1, .pid = -1, .code = -1};
    for (size_t i = 0; i < PHRASES && saying->phrase[i]; i++)
        if (!find_phrase(saying->phrase[i], text, facts))
            return false;
    /* Hydra may give one process's number and exit code, and the signal of another: then only the signal is
     * sure. */
    if (facts->signal && facts->code >= 0 && facts->code != facts->signal) {
        facts->pid = -1;
        facts->host[0] = '\0';
    }
    return true;
}

/* ---- Completing ---- */

/* "node1" and "node1.example.org" are one. */
static bool same_host(const char *a, const char *b) {
    size_t size = strcspn(a, ".");
    return size == strcspn(b, ".") && strncmp(a, b, size) == 0;
}

/* Launchers may know a host by another name than it does itself: then its process number has to be enough. */
static bool is_known(const struct pb_last_words *words, const char *name) {
    for (uint32_t h = 0; h < words->hosts; h++)
        if (words->host[h].name && same_host(words->host[h].name, name))
            return true;
    return false;
}

/* Whether that rank is the one that was spoken of; `known`: its host's name can be compared. */
static bool is_meant(const struct pb_ranks_host *host, uint32_t at, const struct facts *facts, bool known) {
    if (facts->rank >= 0)
        return host->rank[at] == facts->rank;
    return facts->pid > 0 && host->pid[at] == facts->pid && (!known || same_host(host->name, facts->host));
}

/* If exactly one rank is meant. */
static void complete(const struct pb_last_words *words, struct facts *facts) {
    const struct pb_ranks_host *found = NULL;
    uint32_t at = 0, count = 0;
    bool known = is_known(words, facts->host);
    for (uint32_t h = 0; h < words->hosts; h++)
        for (uint32_t i = 0; i < words->host[h].ranks && i < words->host[h].pids; i++)
            if (is_meant(&words->host[h], i, facts, known)) {
                found = &words->host[h];
                at = i;
                count++;
            }
    if (count != 1)
        return;
    facts->rank = found->rank[at];
    facts->pid = found->pid[at];
    snprintf(facts->host, sizeof facts->host, "%s", found->name ? found->name : "");
}

static void tell(const struct saying *saying, const struct facts *facts, struct pb_buffer *out) {
    if (saying->lost) {
        pb_buffer_printf(out, "host %s was lost", facts->host);
        return;
    }
    if (facts->rank >= 0)
        pb_buffer_printf(out, "rank %lld", (long long)facts->rank);
    else if (facts->pid > 0)
        pb_buffer_printf(out, "process %lld", (long long)facts->pid);
    else
        pb_buffer_text(out, "a rank");
    if (facts->host[0])
        pb_buffer_printf(out, " on %s", facts->host);
    if (facts->signal)
        pb_buffer_printf(out, " was killed by SIG%s", sigabbrev_np(facts->signal));
    else if (saying->ambiguous && facts->code > 0 && facts->code < NSIG && sigabbrev_np((int)facts->code))
        pb_buffer_printf(out, " was killed by SIG%s, or exited with code %lld",
                         sigabbrev_np((int)facts->code), (long long)facts->code);
    else
        pb_buffer_printf(out, " exited with code %lld", (long long)facts->code);
}

/* ---- What nobody knows ---- */

enum { LINES = 3, LINE = 160 };

/* Frames of dashes, and what is blank. */
static bool is_ornament(const char *line, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (!strchr("-=*# \t\r", line[i]))
            return false;
    return true;
}

static void add_line(const char *line, size_t size, struct pb_buffer *out) {
    while (size && isspace((unsigned char)*line))
        line++, size--;
    while (size &&
           isspace((unsigned char)line[size - 1])) /* ssh ends its lines with a carriage return, too */
        size--;
    if (out->size)
        pb_buffer_text(out, " | ");
    for (size_t i = 0; i < size && i < LINE; i++) {
        char c = (char)((unsigned char)line[i] < ' ' || line[i] == 0x7f ? '?' : line[i]);
        pb_buffer_add(out, &c, 1);
    }
}

/* Open MPI explains at length, in frames of dashes, and what it is about comes first: the last frame, or
 * NULL. */
static const char *last_frame(const char *text) {
    const char *frame = NULL;
    bool open = false;
    for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        size_t size = strcspn(at, "\n");
        if (size < 40 || strspn(at, "-") < 40)
            continue;
        open = !open;
        frame = open ? at : frame;
    }
    return frame;
}

/* Hydra tells where it was when something failed, and then of all that failed for it: the first such line
 * says what. */
static bool is_hydras(const char *line) {
    return strncmp(line, "[mpiexec@", 9) == 0 || strncmp(line, "[proxy:", 7) == 0;
}

/* The first lines of a frame, or the last of all; each that says something. */
static void quote(const char *text, struct pb_buffer *out) {
    const char *line[LINES] = {NULL}, *frame = last_frame(text);
    uint32_t count = 0;
    bool hydra = false;
    for (const char *at = frame ? frame : text; *at && !(frame && count == LINES); at += *at == '\n') {
        size_t size = strcspn(at, "\n");
        bool consequence = hydra && is_hydras(at);
        hydra |= is_hydras(at);
        if (!is_ornament(at, size) && !consequence)
            line[count++ % LINES] = at;
        at += size;
    }
    for (uint32_t i = count > LINES ? count - LINES : 0; i < count; i++)
        add_line(line[i % LINES], strcspn(line[i % LINES], "\n"), out);
}

/* ---- The whole ---- */

bool pb_last_words(const struct pb_last_words *words, struct pb_buffer *out) {
    struct facts facts;
    for (size_t i = 0; i < sizeof sayings / sizeof *sayings; i++) {
        if (!find_saying(&sayings[i], words->text, &facts))
            continue;
        complete(words, &facts);
        tell(&sayings[i], &facts, out);
        return true;
    }
    quote(words->text, out);
    return false;
}

bool pb_last_words_are_final(const struct pb_buffer *text) {
    for (size_t i = 0; text->size && i < sizeof final / sizeof *final; i++)
        if (strstr(text->data, final[i]))
            return true;
    return false;
}
