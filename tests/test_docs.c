/* Each command that README.md, results/README.md or a page of docs/ shows is run, page by page: in a
 * directory of its own with the files that the pages name, with `bench` in PATH and as scripts/bench, and as
 * little measuring as can be. It must end with code 0, unless a row below says otherwise. docs/tutorial.md
 * has a suite of its own, and so have the blocks of C and of programs' output.
 *
 * Of the other scripts those in Python are run, the others asked for --help behind the words that the page
 * gives them, which they read before: they would build, and measure for minutes. Programs of others are stood
 * in for. */
#include "suite.h"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pages.h"
#include "program.h"

enum { NOT_RUN = -1, PAGES = 64, PATH_LENGTH = 512 };

/* ---- What is not as usual ---- */

/* A command, or with a star at its end what it begins with. Each must stand on some page. */
static const struct exception {
    const char *command;
    int code;          /* that it ends with, or NOT_RUN */
    const char *needs; /* a program without which it cannot be run, or NULL */
    const char *why;   /* it is not as usual */
    const char *with;  /* what its environment has, or NULL */
} exceptions[] = {
    {.command = "bench", .code = NOT_RUN, .why = "a folder in a drawing"},
    {.command = "scripts/", .code = NOT_RUN, .why = "another"},
    {.command = "bench check-runner", .code = NOT_RUN, .why = "the name of a command"},
    {.command = "bench compare --format json", .code = NOT_RUN, .why = "a part of one"},
    {.command = "bench export", .code = NOT_RUN, .why = "the name of a command"},
    {.command = "bench gate", .code = NOT_RUN, .why = "the name of a command"},
    {.command = "bench gate -o", .code = NOT_RUN, .why = "a part of one"},
    {.command = "jq -r '.cells as $c | .laws[]*",
     .code = NOT_RUN,
     .why = "a law takes more widths than a short run has"},
    {.command = "bench -e mpi", .code = NOT_RUN, .why = "a part of one"},
    {.command = "scripts/bench -w sha -e process,mpi*", .code = NOT_RUN, .why = "suite mpi starts ranks"},
    {.command = "bench -w sha -e process,mpi*", .code = NOT_RUN, .why = "suite mpi starts ranks"},
    {.command = "bench -w sha -e mpi*", .code = NOT_RUN, .why = "it names hosts"},
    {.command = "bench -w sleep:ms=5 -e mpi*", .code = NOT_RUN, .why = "it names hosts"},
    {.command = "bench topology --launcher*", .code = NOT_RUN, .why = "it names hosts"},
    {.command = "bench explain WORD", .code = NOT_RUN, .why = "a pattern"},
    {.command = "bench check-runner [-w*", .code = NOT_RUN, .why = "a pattern"},
    {.command = "bench gate --base X --head Y", .code = NOT_RUN, .why = "a pattern"},
    {.command = "bench --trace",
     .code = NOT_RUN,
     .why = "an option, of a command that stands on another page"},
    {.command = "bench -o FILE",
     .code = NOT_RUN,
     .why = "it would meet the journal that the same page reads"},
    {.command = "bench doctor --threshold 1%",
     .code = 3,
     .why = "in so short a time no threshold is carried"},
    {.command = "bench doctor --full --trials 60*", .code = NOT_RUN, .why = "it takes an hour"},
    {.command = "bench --runner ./ranks.py*", .code = NOT_RUN, .why = "suite launcher runs such a one"},
    {.command = "bench topology -n 4 --launcher*", .code = NOT_RUN, .why = "Slurm is not there"},
    {.command = "bench metg*", .code = NOT_RUN, .why = "it takes long, and suite scale runs it"},
    {.command = "scripts/bench metg*", .code = NOT_RUN, .why = "the same"},
    {.command = "build/dev/bin/models queue", .code = NOT_RUN, .why = "suite models runs it"},
    {.command = "build/dev/bin/protocols settle", .code = NOT_RUN, .why = "suite models runs it"},
    {.command = "build/dev/bin/tests-plain*", .code = NOT_RUN, .why = "it is running"},
    {.command = "build/dev/bin/tests-textbook*", .code = NOT_RUN, .why = "suite writing runs it"},
    {.command = "build/release/bin/coroutines*",
     .code = NOT_RUN,
     .why = "io_uring is not permitted everywhere"},
    {.command = "build/release/bin/overhead --executor thread --via submit",
     .code = 2,
     .why = "four words are to follow"},
    {.command = "build/release/bin/overhead --executor openmp*",
     .code = 2,
     .why = "four words are to follow"},
    {.command = "build/release/bin/overhead --executor process*",
     .code = 2,
     .why = "four words are to follow"},
    {.command = "c++ *", .needs = "c++", .why = "a compiler"},
    {.command = "bench -w ./sieve.so*", .needs = "c++", .why = "what it made"},
    {.command = "rustc *", .needs = "rustc", .why = "a compiler"},
    {.command = "/usr/share/benchmark/compare.py*",
     .code = NOT_RUN,
     .why = "suite formats runs it, with the python3 that it needs"},
    {.command = "bench -w sha -e thread -n 2 --forks 5*",
     .with = "PARBENCH_ROUNDS=15",
     .why = "each launch has at least 3"},
};

/* ---- The files that pages name ---- */

/* Made if a command of the page has the name, in this order, in the directory where it is run. */
static const struct file {
    const char *name, *made_by;
} files[] = {
    {"mine.c", "cp docs/examples/workloads/mine.c ."},
    {"steps.c", "cp docs/examples/workloads/steps.c ."},
    {"./collatz.c", "cp docs/examples/workloads/collatz.c ."},
    {"yours.so", "cc -shared -fPIC -I src/include -o yours.so docs/examples/workloads/collatz.c"},
    {"old.c", "cp docs/examples/workloads/mine.c old.c; cp old.c new.c"},
    {"work.py", "printf 'def task(i):\\n    return sum(range(i, i + 1000))\\n' >work.py"},
    {"my_runner.py", "cp docs/examples/runner.py my_runner.py"},
    {"mine.py", "{ echo '#!/usr/bin/env python3'; cat docs/examples/runner.py; } >mine.py; chmod +x mine.py"},
    {"old/bench", "mkdir -p old new; ln -s ../bin/bench old/bench; ln -s ../bin/bench new/bench"},
    {"old/prog", "mkdir -p old new; cp bin/worker old/prog; cp bin/worker new/prog"},
    {"base/", "for side in base head; do mkdir $side; cp -P -R build scripts bin/bench $side/; cp bin/worker "
              "$side/prog; done"},
    {"./prog", "cp bin/worker prog"},
    {"./solver", "cp bin/worker solver"},
    {"make ", "printf 'all:\\n\\techo\\n' >Makefile"},
    {"FILE", "bench -q -w http:items=4,errors=0.5 -e thread -n 2 -o FILE || bench -q -w spin -o FILE"},
    {".partial", "bench -q -w sleep -e thread -n 1 --rounds 100000 -o killed.json & "
                 "while test ! -e killed.json.partial || test $(wc -l <killed.json.partial) -lt 3; "
                 "do kill -0 $! || exit 1; done; "
                 "kill -KILL $!; cp killed.json.partial FILE.partial"},
    {"sha.json", "bench -q -w sha -e thread -n 1 -o sha.json"},
    {"old.json", "bench -q -w sha -e thread -n 1 -o old.json"},
    {"new.json", "bench -q -w sha -e thread -n 1 --like old.json -o new.json"},
    {"big.bin", "seq 20000 >big.bin"},
    {"data.txt", "seq 2000 >data.txt"},
    {"a.xz", "seq 2000 | xz >a.xz"},
    {"in-{i}.png", "for i in 0 1 2 3 4 5 6 7; do echo $i >in-$i.png; done"},
};

/* Programs of others, as far as the pages need them, and the one that many names stand for. */
static const struct stand_in {
    const char *name, *script;
} stand_ins[] = {
    {"worker", "seq 2000 >/dev/null"},
    {"pigz", "shift; exec gzip \"$@\""},
    {"convert", "exec cp \"$1\" \"$2\""},
    {"mpiexec", "shift 2; exec \"$@\""},
    {"make", "exec true"},
    {"git", "exec true"},
    {"YOUR_PROGRAM", "exec seq 2000"},
    {"python3.14", "exec python3 \"$@\""},
    {"python3.14t", "exec python3 \"$@\""},
};

/* $1: the tree, $2: where programs were built; in an empty directory. */
static const char home[] =
    "set -e\n"
    "mkdir -p bin build/dev build/release scripts results\n"
    "for name in src docs tests cmake; do ln -s \"$1/$name\" $name; done\n"
    "for preset in dev release; do ln -s \"$2\" build/$preset/bin; ln -s \"$2/../lib\" build/$preset/lib; "
    "done\n"
    "ln -s \"$2/bench\" bin/bench\n"
    "for script in \"$1\"/scripts/*; do\n"
    "    name=scripts/${script##*/}\n"
    "    if test -d \"$script\" || head -n 1 \"$script\" | grep -q python; then\n"
    "        ln -s \"$script\" $name\n"
    "    else\n"
    "        printf '#!/bin/sh\\ngrep -q -e --help \"%s\" || exit 0\\nexec \"%s\" \"$@\" --help\\n' \\\n"
    "            \"$script\" \"$script\" >$name\n"
    "        chmod +x $name\n"
    "    fi\n"
    "done\n"
    "ln -sf ../bin/bench scripts/bench\n"
    "printf '#!/bin/sh\\ncp -L bin/bench \"$1\"\\n' >scripts/relink\n";

/* ---- Pages ---- */

struct place {
    char name[64], path[PATH_LENGTH];
};

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct place *)a)->name, ((const struct place *)b)->name);
}

static void add_place(struct place *p, const char *name, const char *path) {
    snprintf(p->name, sizeof p->name, "%s", name);
    CHECK(snprintf(p->path, sizeof p->path, "%s/%s", PB_SOURCE_DIR, path) < PATH_LENGTH);
}

/* In the order of their names. */
static size_t list_pages(struct place *out) {
    size_t count = 0;
    DIR *docs = opendir(PB_SOURCE_DIR "/docs");
    CHECK(docs);
    add_place(&out[count++], "README", "README.md");
    add_place(&out[count++], "results-README", "results/README.md");
    for (struct dirent *entry; (entry = readdir(docs));) {
        char path[PATH_LENGTH], name[64];
        if (!ends(entry->d_name, ".md") || strcmp(entry->d_name, "tutorial.md") == 0)
            continue;
        CHECK(count < PAGES && strlen(entry->d_name) < sizeof name);
        snprintf(path, sizeof path, "docs/%s", entry->d_name);
        snprintf(name, sizeof name, "%.*s", (int)strlen(entry->d_name) - 3, entry->d_name);
        add_place(&out[count++], name, path);
    }
    closedir(docs);
    qsort(out, count, sizeof *out, by_name);
    return count;
}

/* All of them, listed once. */
static const struct place *all_pages(size_t *count) {
    static struct place place[PAGES];
    static size_t pages;
    if (!pages)
        pages = list_pages(place);
    *count = pages;
    return place;
}

static const char *without_folder(const char *command) {
    return starts(command, "scripts/bench") ? command + strlen("scripts/") : command;
}

/* Whether a page before this one shows the same, and its case runs it. */
static bool is_run_before(const struct place *place, const char *command) {
    size_t pages;
    for (const struct place *p = all_pages(&pages); p < place; p++) {
        struct page page;
        page_read(&page, p->path);
        for (size_t i = 0; i < page.commands; i++)
            if (strcmp(without_folder(page.command[i].text), without_folder(command)) == 0)
                return true;
    }
    return false;
}

/* ---- Running ---- */

struct run {
    struct pb_buffer said;
    int code;
};

/* In the shell, here; both outputs go to `said`. */
static void run_line(struct run *run, const char *command) {
    struct pb_buffer line = {0};
    char part[4096];
    pb_buffer_printf(&line, "{ %s\n} </dev/null 2>&1", command);
    FILE *shell = popen(pb_buffer_string(&line), "r");
    CHECK(shell);
    *run = (struct run){0};
    for (size_t got; (got = fread(part, 1, sizeof part, shell)) > 0;)
        pb_buffer_add(&run->said, part, got);
    int status = pclose(shell);
    run->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    pb_buffer_release(&line);
}

static void run_well(const char *command) {
    struct run run;
    run_line(&run, command);
    CHECK_MSG(run.code == 0, "%s: ends with code %d, and says %s", command, run.code,
              pb_buffer_string(&run.said));
    pb_buffer_release(&run.said);
}

static void write_program(const char *path, const char *script) {
    FILE *file = fopen(path, "w");
    CHECK(file);
    fprintf(file, "#!/bin/sh\n%s\n", script);
    CHECK(fclose(file) == 0);
    CHECK(chmod(path, 0755) == 0);
}

/* This process's directory and environment from now on: a case has one of its own. */
static void settle(const char *directory) {
    char line[4 * PATH_LENGTH], path[PATH_LENGTH];
    const char *const variables[][2] = {
        {"PARBENCH_TIME", "0.1s"},
        {"PARBENCH_ROUNDS", "1"},
        {"PARBENCH_TASKS", "2"},
        {"CC", "cc"},
        {"LC_ALL", "C.UTF-8"},
        {"TMPDIR", directory},
        {"GITHUB_STEP_SUMMARY", "summary.md"},
        {"SOURCE", PB_SOURCE_DIR},
        {"BINARY", PB_BINARY_DIR},
    };
    CHECK(snprintf(line, sizeof line, "%s/bin:%s", directory, getenv("PATH")) < (int)sizeof line);
    CHECK(setenv("PATH", line, 1) == 0);
    for (size_t i = 0; i < COUNT(variables); i++)
        CHECK(setenv(variables[i][0], variables[i][1], 1) == 0);
    CHECK(chdir(directory) == 0);
    write_program("home", home);
    run_well("sh ./home \"$SOURCE\" \"$BINARY\"");
    for (size_t i = 0; i < COUNT(stand_ins); i++) {
        snprintf(path, sizeof path, "bin/%s", stand_ins[i].name);
        write_program(path, stand_ins[i].script);
    }
}

static bool page_names(const struct page *p, const char *name) {
    for (size_t i = 0; i < p->commands; i++)
        if (strstr(p->command[i].text, name))
            return true;
    return false;
}

static const struct exception *exception_of(const char *command) {
    for (size_t i = 0; i < COUNT(exceptions); i++) {
        size_t length = strlen(exceptions[i].command);
        bool begins = exceptions[i].command[length - 1] == '*';
        if (begins ? strncmp(command, exceptions[i].command, length - 1) == 0
                   : strcmp(command, exceptions[i].command) == 0)
            return &exceptions[i];
    }
    return NULL;
}

static bool is_there(const char *program) {
    struct run run;
    char line[128];
    snprintf(line, sizeof line, "command -v %s", program);
    run_line(&run, line);
    pb_buffer_release(&run.said);
    return run.code == 0;
}

/* What jq picks of a record, the record has. */
static bool picks_nothing(const struct page_command *c, const struct run *run) {
    return strstr(c->text, "jq ") && (!run->said.size || strstr(pb_buffer_string(&run->said), "null"));
}

static void try(const struct place *place, const struct page_command *c, struct pb_buffer *broken) {
    const struct exception *e = exception_of(c->text);
    int wanted = e ? e->code : c->code;
    struct pb_buffer line = {0};
    struct run run;
    if (wanted == NOT_RUN || (e && e->needs && !is_there(e->needs)) || is_run_before(place, c->text))
        return;
    pb_buffer_printf(&line, "%s %s", e && e->with ? e->with : "", c->text);
    run_line(&run, pb_buffer_string(&line));
    pb_buffer_release(&line);
    if (run.code != wanted || picks_nothing(c, &run))
        pb_buffer_printf(broken, "\n%s:%d: %s\n    ends with code %d, not %d, and says\n%.2000s\n",
                         place->path + sizeof PB_SOURCE_DIR, c->line, c->text, run.code, wanted,
                         pb_buffer_string(&run.said));
    pb_buffer_release(&run.said);
}

static void runs_all(const void *data) {
    const struct place *place = data;
    struct pb_buffer broken = {0};
    struct page page;
    char directory[64], line[128];
    program_need();
    page_read(&page, place->path);
    program_directory(directory);
    settle(directory);
    for (size_t i = 0; i < COUNT(files); i++)
        if (page_names(&page, files[i].name))
            run_well(files[i].made_by);
    for (size_t i = 0; i < page.commands; i++)
        try(place, &page.command[i], &broken);
    CHECK(chdir("/") == 0);
    snprintf(line, sizeof line, "rm -rf '%s'", directory);
    CHECK_INT(system(line), 0);
    CHECK_MSG(broken.size == 0, "%s", pb_buffer_string(&broken));
    pb_buffer_release(&broken);
}

/* ---- The suite ---- */

static void exceptions_are_needed(const void *data) {
    bool met[COUNT(exceptions)] = {false};
    size_t pages, commands = 0;
    const struct place *place = all_pages(&pages);
    (void)data;
    for (size_t i = 0; i < pages; i++) {
        struct page page;
        page_read(&page, place[i].path);
        for (size_t k = 0; k < page.commands; k++) {
            const struct exception *e = exception_of(page.command[k].text);
            if (e)
                met[e - exceptions] = true;
        }
        commands += page.commands;
    }
    for (size_t i = 0; i < COUNT(exceptions); i++)
        CHECK_MSG(met[i], "no page has the command %s any more", exceptions[i].command);
    CHECK_MSG(commands > 100, "only %zu commands were found", commands);
}

static bool case_at(size_t i, struct pb_case *out) {
    size_t pages;
    const struct place *place = all_pages(&pages);
    if (i < pages)
        *out = (struct pb_case){place[i].name, runs_all, &place[i]};
    else if (i == pages)
        *out = (struct pb_case){"exceptions-are-needed", exceptions_are_needed, NULL};
    return i <= pages;
}

const struct pb_suite suite_docs = {.name = "docs", .generate = case_at};
