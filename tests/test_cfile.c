/* C files as workloads, `bench -w ./mine.c`: measured as any other, under every executor; refused with the
 * compiler's own words; and nothing is left of it, neither a process nor a file. */
#include "cfile.h"
#include "executor_cases.h"
#include "tree.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parbench/executor.h"
#include "parbench/workload.h"

/* ---- What is right ---- */

static uint64_t congruential(uint64_t i, int steps) {
    while (steps--)
        i = i * 6364136223846793005u + 1442695040888963407u;
    return i;
}

static uint64_t hundred_thousand(uint64_t i) {
    return congruential(i, 100000);
}

static uint64_t seven(uint64_t i) {
    return congruential(i, 7);
}

static uint64_t squared(uint64_t i) {
    return i * i;
}

static uint64_t collatz_thousand(uint64_t i) {
    return cfile_collatz(i, 1000);
}

static uint64_t collatz_ten(uint64_t i) {
    return cfile_collatz(i, 10);
}

/* ---- Files that work ---- */

#define SQUARE "#include <stdint.h>\nuint64_t task(uint64_t i) { return i * i; }\n"
#define STRUCT                                                                                               \
    "#include \"parbench/workload.h\"\n"                                                                     \
    "static int run(struct pb_task *t, uint64_t i, uint64_t *d) { (void)t; *d = i * i; return PB_OK; }\n"    \
    "const struct pb_workload pb_workload = {PB_WORKLOAD_HEADER, .name = \"x\", .bound = PB_CPU, .run = "    \
    "run};\n"

/* Names that the program's libraries have too, and the wrapper. */
#define SHADOWS                                                                                              \
    "#include <stdint.h>\n"                                                                                  \
    "uint64_t json_object(uint64_t i) { return i; }\n"                                                       \
    "uint64_t pb_now(uint64_t i) { return i; }\n"                                                            \
    "uint64_t run(uint64_t i) { return json_object(i) * pb_now(i); }\n"

static const struct good {
    const char *name;
    const char *file, *text; /* NULL: nothing to write */
    const char *item, *shown;
    uint64_t (*task)(uint64_t);
} goods[] = {
    {"function", NULL, NULL, EXAMPLES "mine.c", EXAMPLES "mine.c", hundred_thousand},
    {"macro", NULL, NULL, EXAMPLES "steps.c:func=congruential,cflags=-DSTEPS=7 -O0",
     EXAMPLES "steps.c:cflags=-DSTEPS=7 -O0,func=congruential", seven},
    {"struct", NULL, NULL, EXAMPLES "collatz.c", EXAMPLES "collatz.c", collatz_thousand},
    {"struct-parameter", NULL, NULL, EXAMPLES "collatz.c:numbers=10,cflags=-O3",
     EXAMPLES "collatz.c:cflags=-O3,numbers=10", collatz_ten},
    {"blank", "a b=c.c", SQUARE, "@/a b=c.c", "@/a b=c.c", squared},
    {"hidden", "h.c", SQUARE, "@/h.c:cflags=-fvisibility=hidden", "@/h.c:cflags=-fvisibility=hidden",
     squared},
    {"hidden-struct", "h.c", STRUCT, "@/h.c:cflags=-fvisibility=hidden", "@/h.c:cflags=-fvisibility=hidden",
     squared},
    {"strict", "s.c", SQUARE, "@/s.c:cflags=-Wall -Wextra -Wpedantic -Wmissing-prototypes -Werror -std=c11",
     "@/s.c:cflags=-Wall -Wextra -Wpedantic -Wmissing-prototypes -Werror -std=c11", squared},
    {"shadows", "s.c", SHADOWS, "@/s.c:func=run", "@/s.c:func=run", squared},
    {"feature-macro", "f.c",
     "#define _POSIX_C_SOURCE 1\n#include <stdio.h>\n#ifdef __USE_XOPEN2K8\n"
     "#error the first header came before the macro\n#endif\n#include <stdint.h>\n"
     "uint64_t task(uint64_t i) { return i * i; }\n",
     "@/f.c:cflags=-std=c17", "@/f.c:cflags=-std=c17", squared},
    {"library", "m.c",
     "#include <math.h>\n#include <stdint.h>\n"
     "uint64_t task(uint64_t i) { return (uint64_t)lround(pow((double)i, 2)); }\n",
     "@/m.c", "@/m.c", squared},
};

static void good(const void *data) {
    const struct good *g = data;
    struct cfile_place place;
    struct program p;
    struct pb_run run;
    cfile_place_init(&place);
    if (g->file)
        cfile_write(&place, g->file, g->text);
    CHECK(chmod(place.files, 0500) == 0);
    char *shown = cfile_text(&place, g->shown);
    cfile_begin(&p, &place, g->item, "-e thread " BRIEFLY, "");
    program_finish(&p);
    CHECK(chmod(place.files, 0700) == 0);
    program_check_code(&p, 0);
    CHECK_TEXT(pb_buffer_string(&p.complained), "");
    CHECK_MSG(!strstr(pb_buffer_string(&p.said), place.tmp), "the record names a file of TMPDIR");
    program_decode(&run, "standard output", &p.said);
    CHECK_INT(cfile_check_rows(&run, shown, g->task), 2);
    pb_run_release(&run);
    program_release(&p);
    cfile_place_release(&place);
    free(shown);
}

/* ---- Every executor ---- */

static void executor(const void *data) {
    const struct pb_executor_listing *listing = data;
    struct cfile_place place;
    struct program p;
    struct pb_run run;
    char options[160];
    if (listing->absent)
        pb_test_skip("%s", listing->absent);
    program_skip_unseen(listing->name);
    cfile_place_init(&place);
    snprintf(options, sizeof options, "--base none -e %s " BRIEFLY, listing->name);
    cfile_begin(&p, &place, EXAMPLES "mine.c", options, "");
    program_finish(&p);
    program_check_code(&p, 0);
    program_decode(&run, "standard output", &p.said);
    CHECK_INT(cfile_check_rows(&run, EXAMPLES "mine.c", hundred_thousand), 1);
    pb_run_release(&run);
    program_release(&p);
    cfile_place_release(&place);
}

/* ---- Several ---- */

/* Two files, and one of them again with other flags; each is compiled once, though one is named twice. */
static void several(const void *data) {
    static const char counting[] = "echo compiled >&2\nexec '" PB_COMPILER "' \"$@\"\n";
    struct cfile_place place;
    struct program p;
    struct pb_run run;
    unsigned compiled = 0;
    (void)data;
    cfile_place_init(&place);
    cfile_write(&place, "counting.sh", counting);
    cfile_write(&place, "square.c", SQUARE);
    char *shown = cfile_text(&place, "@/square.c"), *again = cfile_text(&place, "@/square.c:cflags=-O0");
    cfile_begin(&p, &place,
                "@/square.c:cflags=-O0,@/square.c," EXAMPLES "collatz.c:numbers=10," EXAMPLES "collatz.c",
                "-e serial " BRIEFLY, "sh @/counting.sh");
    program_finish(&p);
    program_check_code(&p, 0);
    for (const char *at = pb_buffer_string(&p.complained); (at = strstr(at, "compiled\n")); at++)
        compiled++;
    CHECK_INT(compiled, 3);
    program_decode(&run, "standard output", &p.said);
    cfile_check_rows(&run, shown, squared);
    cfile_check_rows(&run, again, squared);
    cfile_check_rows(&run, EXAMPLES "collatz.c:numbers=10", collatz_ten);
    cfile_check_rows(&run, EXAMPLES "collatz.c", collatz_thousand);
    pb_run_release(&run);
    program_release(&p);
    cfile_place_release(&place);
    free(shown);
    free(again);
}

static void dry_run(const void *data) {
    struct cfile_place place;
    struct program p;
    (void)data;
    cfile_place_init(&place);
    cfile_write(&place, "square.c", SQUARE);
    char *shown = cfile_text(&place, "@/square.c:func=task ");
    cfile_begin(&p, &place, "@/square.c:func=task", "-e thread --dry-run", "");
    program_finish(&p);
    program_check_code(&p, 0);
    CHECK_HAS(pb_buffer_string(&p.said), shown);
    program_release(&p);
    cfile_place_release(&place);
    free(shown);
}

/* ---- Files that do not ---- */

static const struct bad {
    const char *name, *text; /* of mine.c; NULL: there is none */
    const char *item, *compiler;
    int code;
    const char *said[3]; /* on standard error; each is part of it, as cfile_text has it */
} bads[] = {
    {"error-in-line-3",
     "#include <stdint.h>\n\nuint64_t task(uint64_t i) { return i + nothing; }\n",
     "@/mine.c",
     "",
     2,
     {"@/mine.c:3:", "nothing", "bench: @/mine.c: % exited with code 1: mend what it says above\n"}},
    {"int",
     "int task(int i) { return i; }\n",
     "@/mine.c",
     "",
     2,
     {"@/mine.c:1:", "conflicting types", "as: uint64_t task(uint64_t i), and not static"}},
    {"double",
     "#include <stdint.h>\ndouble task(uint64_t i) { return (double)i; }\n",
     "@/mine.c",
     "",
     2,
     {"@/mine.c:2:", "conflicting types"}},
    {"static",
     "#include <stdint.h>\nstatic uint64_t task(uint64_t i) { return i; }\n",
     "@/mine.c",
     "",
     2,
     {"@/mine.c:2:", "static declaration of", "and not static"}},
    {"neither",
     "int nothing;\n",
     "@/mine.c",
     "",
     2,
     {"bench: @/mine.c: it defines neither uint64_t task(uint64_t i) nor a struct pb_workload pb_workload: ",
      "func=NAME", "docs/writing-a-workload.md"}},
    {"other-function",
     SQUARE,
     "@/mine.c:func=tusk",
     "",
     2,
     {"@/mine.c: it defines neither uint64_t tusk(uint64_t i)"}},
    {"no-function-name", SQUARE, "@/mine.c:func=a-b", "", 2, {"@/mine.c: func=a-b is no name"}},
    {"undefined",
     "#include <stdint.h>\nuint64_t other(uint64_t);\nuint64_t task(uint64_t i) { return "
     "other(i); }\n",
     "@/mine.c",
     "",
     2,
     {"undefined reference to", "other"}},
    {"no-object", SQUARE, "@/mine.c:cflags=-fsyntax-only", "", 2, {"@/mine.c: % made no shared object"}},
    {"unknown-flag",
     SQUARE,
     "@/mine.c:cflags=-fno-such-flag",
     "",
     2,
     {"-fno-such-flag", "exited with code 1"}},
    {"parameter",
     SQUARE,
     "@/mine.c:funk=x",
     "",
     2,
     {"workload @/mine.c: it has no parameter \"funk\": did you mean func? it has cflags, func\n"}},
    {"parameter-of-struct",
     NULL,
     EXAMPLES "collatz.c:number=3",
     "",
     2,
     {"it has no parameter \"number\": did you mean numbers? it has cflags, func, numbers\n"}},
    {"parameter-range",
     NULL,
     EXAMPLES "collatz.c:numbers=0",
     "",
     2,
     {"bench: workload " EXAMPLES "collatz.c: numbers=0 is out of range"}},
    {"twice", SQUARE, "@/mine.c:func=a,func=b", "", 2, {"func is given twice"}},
    {"missing", NULL, "@/mine.c", "", 2, {"bench: @/mine.c: No such file or directory: name a C file"}},
    {"no-compiler",
     SQUARE,
     "@/mine.c",
     "@/no-compiler -x",
     6,
     {"@/mine.c: the C compiler @/no-compiler: No such file", "apt-get install gcc", "CC="}},
    {"killed-compiler", SQUARE, "@/mine.c", "@/dying", 6, {"@/dying was killed by SIGSEGV"}},
    {"crash-on-load",
     "#include <signal.h>\n__attribute__((constructor)) static void f(void) { "
     "raise(SIGSEGV); }\n" SQUARE,
     "@/mine.c",
     "",
     5,
     {"bench: @/mine.c serial: @/mine.c: the process that loaded it: killed by SIGSEGV"}},
    {"crash-in-task",
     "#include <signal.h>\n#include <stdint.h>\nuint64_t task(uint64_t i) { raise(SIGSEGV); "
     "return i; }\n",
     "@/mine.c",
     "",
     5,
     {"bench: @/mine.c serial: killed by SIGSEGV"}},
    {"setup",
     "#include \"parbench/workload.h\"\n"
     "static int setup(void *s, const struct pb_params *p, struct pb_message *m) { return -5; }\n"
     "static int run(struct pb_task *t, uint64_t i, uint64_t *d) { return PB_OK; }\n"
     "const struct pb_workload pb_workload = {PB_WORKLOAD_HEADER, .name = \"x\", .bound = PB_CPU, "
     ".setup = setup, .run = run};\n",
     "@/mine.c",
     "",
     5,
     {"bench: @/mine.c serial: workload @/mine.c: setup: "}},
    {"abi",
     "struct pb_workload { unsigned abi, size; };\n"
     "const struct pb_workload pb_workload = {999, 8};\n",
     "@/mine.c",
     "",
     5,
     {"@/mine.c: it has abi 999"}},
    {"c++",
     NULL,
     "dir/mine.cpp",
     "",
     2,
     {"workload dir/mine.cpp: C++ is not compiled here: build a shared object", "c++ ", "-w dir/mine.so"}},
    {"rust", NULL, "mine.rs:n=5", "", 2, {"Rust is not compiled here", "rustc ", "-w ./mine.so"}},
};

static void bad(const void *data) {
    const struct bad *b = data;
    struct cfile_place place;
    struct program p;
    char dying[128];
    cfile_place_init(&place);
    if (b->text)
        cfile_write(&place, "mine.c", b->text);
    cfile_write(&place, "dying", "#!/bin/sh\nkill -SEGV $$\n");
    snprintf(dying, sizeof dying, "%s/dying", place.files);
    CHECK(chmod(dying, 0700) == 0);
    cfile_begin(&p, &place, b->item, "-e thread " BRIEFLY, b->compiler);
    program_finish(&p);
    program_check_code(&p, b->code);
    program_check_nothing_left(false);
    for (int i = 0; i < 3 && b->said[i]; i++) {
        char *said = cfile_text(&place, b->said[i]);
        CHECK_HAS(pb_buffer_string(&p.complained), said);
        free(said);
    }
    const char *ours = strstr(pb_buffer_string(&p.complained), "bench: "); /* a linker may name its files */
    CHECK_MSG(ours && !strstr(ours, place.tmp), "it names a file of TMPDIR: %s", ours);
    CHECK_MSG(!strchr(pb_buffer_string(&p.complained), '\033'), "it is coloured, though no terminal");
    program_release(&p);
    cfile_place_release(&place);
}

static void warning(const void *data) {
    struct cfile_place place;
    struct program p;
    (void)data;
    cfile_place_init(&place);
    cfile_write(&place, "mine.c", "#warning this is shown\n" SQUARE);
    cfile_begin(&p, &place, "@/mine.c", "-e serial " BRIEFLY, "");
    program_finish(&p);
    program_check_code(&p, 0);
    CHECK_HAS(pb_buffer_string(&p.complained), "this is shown");
    CHECK_MSG(starts(pb_buffer_string(&p.said), "{"), "it is on standard output");
    program_release(&p);
    cfile_place_release(&place);
}

static void no_directory(const void *data) {
    static const char *const environment[] = {"TMPDIR=/proc/none", NULL};
    struct program p;
    (void)data;
    program_run(&p, environment, "-q -w '%s' -e serial", EXAMPLES "mine.c");
    program_check_code(&p, 6);
    CHECK_HAS(pb_buffer_string(&p.complained), "TMPDIR: /proc/none: no directory can be made there");
    program_release(&p);
}

/* ---- A compiler that does not end ---- */

/* What it starts leaves its session, and writes to where intermediate files go. */
#define SLOW "trap '' INT TERM\n: >\"$TMPDIR/part.o\"\nsetsid sleep 1000 &\necho compiling >&2\nsleep 1000\n"

static const struct stop {
    const char *name, *timeout;
    int signal, code; /* signal 0: none */
    const char *said;
} stops[] = {
    {"interrupted", "3600s", SIGINT, 128 + SIGINT, "compiling\n"},
    {"terminated", "3600s", SIGTERM, 128 + SIGTERM, "compiling\n"},
    {"timed-out", "4s", 0, 6, "mine.c: sh took longer than 4 s: raise --timeout\n"},
};

static void stop(const void *data) {
    const struct stop *s = data;
    struct cfile_place place;
    struct program p;
    char options[64], line[64] = "";
    cfile_place_init(&place);
    cfile_write(&place, "mine.c", SQUARE);
    cfile_write(&place, "slow.sh", SLOW);
    snprintf(options, sizeof options, "-e thread --timeout %s", s->timeout);
    cfile_begin(&p, &place, "@/mine.c", options, "sh @/slow.sh");
    for (size_t size = 0; !strstr(line, "compiling\n");) {
        ssize_t got = read(p.err, line + size, sizeof line - 1 - size);
        CHECK(got > 0);
        size += (size_t)got;
    }
    if (s->signal)
        CHECK(kill(p.pid, s->signal) == 0);
    program_finish(&p);
    program_check_code(&p, s->code);
    program_check_nothing_left(false);
    if (s->signal)
        CHECK_TEXT(pb_buffer_string(&p.complained), "");
    else
        CHECK_HAS(pb_buffer_string(&p.complained), s->said);
    program_release(&p);
    cfile_place_release(&place);
}

/* ---- The suite ---- */

static const struct pb_case fixed[] = {
    {"several", several, NULL},
    {"dry-run", dry_run, NULL},
    {"warning", warning, NULL},
    {"no-directory", no_directory, NULL},
};

static bool generate(size_t i, struct pb_case *out) {
    static struct pb_executor_listing listing;
    static char name[64];
    if (i < COUNT(goods))
        *out = (struct pb_case){goods[i].name, good, &goods[i]};
    else if ((i -= COUNT(goods)) < COUNT(bads))
        *out = (struct pb_case){bads[i].name, bad, &bads[i]};
    else if ((i -= COUNT(bads)) < COUNT(stops))
        *out = (struct pb_case){stops[i].name, stop, &stops[i]};
    else if ((i -= COUNT(stops)) < COUNT(fixed))
        *out = fixed[i];
    else if (executor_of_any(i - COUNT(fixed), &listing) == 0) {
        snprintf(name, sizeof name, "executor-%s", listing.name);
        *out = (struct pb_case){name, executor, &listing};
    } else
        return false;
    return true;
}

const struct pb_suite suite_cfile = {"cfile", NULL, generate};
