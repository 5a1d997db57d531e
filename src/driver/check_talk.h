/* One runner that is spoken to, and what was found wrong with it since the check began (check.c has the
 * checks). */
#ifndef PB_DRIVER_CHECK_TALK_H
#define PB_DRIVER_CHECK_TALK_H

#include "driver/check.h"
#include "driver/session.h"

/* A line that is kept. */
struct pb_talk_line {
    uint32_t number;
    bool said;
    struct pb_buffer text;
};

struct pb_talk {
    const struct pb_check_request *request;
    const struct pb_check_listener *listener;
    struct pb_children children;
    struct pb_session session;       /* only its child, and the pids that the runner named last */
    uint32_t number;                 /* of the last line */
    struct pb_wire_setting setting;  /* what the next line is held against */
    bool wrong;                      /* the last line was */
    struct pb_wire ready;            /* as it answered to `open`; any other type: it is no cell */
    struct pb_error error;           /* its last */
    struct pb_talk_line said, heard; /* the last of each */
    struct pb_check_result result;   /* of the check that goes on */
    struct pb_buffer blamed;         /* result.line's text */
    const char *lost;                /* why it can be asked no more: "it died"; NULL: it can */
    bool interrupted;
    bool restless; /* it did not rest in time, and is not waited for any more */
};

int pb_talk_start(struct pb_talk *, struct pb_error *);
/* Ends it by force, whatever it left with it. */
void pb_talk_end(struct pb_talk *);
bool pb_talk_is_open(const struct pb_talk *);

/* Begins a check; a NULL name: none. */
void pb_talk_check(struct pb_talk *, const char *name);
/* The check has failed, if it had not before, because of a line; NULL: of none. */
void pb_talk_blame(struct pb_talk *, const struct pb_talk_line *, const char *section, const char *key,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Asks, and waits for the answer and until the runner rests. `accepts` are the types that it may have (bits
   1 << type); whatever is wrong with it fails the check. The answer's type, and the caller releases what is
   in it; -1: there was none. */
int pb_talk_ask(struct pb_talk *, const struct pb_wire *question, unsigned accepts, struct pb_wire *answer);
/* The same in words of one's own, without newline; `meant` is what they mean, NULL: nothing that is known. */
int pb_talk_ask_line(struct pb_talk *, const char *words, const struct pb_wire *meant, unsigned accepts,
                     struct pb_wire *answer);
/* Whether it, and each process that it named, comes to rest within a second. */
bool pb_talk_rests(const struct pb_talk *);
/* It has been told to end: waits for that, hears what it says meanwhile, and looks at what it leaves behind.
   `orderly`: with exit code 0. */
void pb_talk_await_end(struct pb_talk *, bool orderly, const char *section);
void pb_talk_seek_survivors(struct pb_talk *);

#endif
