/* What is installed: a tree that may be moved, programs that are built against it, the manual pages and the
 * completion. What a package manager makes of it is scripts/package --check's. */
#include "suite.h"

#include <ctype.h>
#include <sys/wait.h>
#include <unistd.h>

#include "below.h"
#include "cli/help.h"
#include "cli/options.h"
#include "program.h"
#include "tree.h"

#define SHARE   PB_SOURCE_DIR "/share/"
#define HEADERS PB_SOURCE_DIR "/src/include/parbench/"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

/* ---- The installed tree ---- */

/* Runs a script in bash, whose $1 is a fresh directory and $2 the folder that was built in; what it prints is
 * kept if `said` is not NULL. The first command that fails ends it, and the case. */
static void run_script(const char *script, struct pb_buffer *said) {
    char directory[64];
    struct program p;
    program_directory(directory);
    const char *const word[] = {"-euo",    "pipefail",          "-c", script, "bash",
                                directory, PB_BINARY_DIR "/..", NULL};
    program_begin(&p, &(struct program_start){.other = "bash", .word = word});
    program_finish(&p);
    below_remove(directory);
    program_check_code(&p, 0);
    if (said)
        pb_buffer_add(said, pb_buffer_string(&p.said), p.said.size);
    program_release(&p);
}

/* Installed, and the whole of it moved: nothing may know where it was. */
#define INSTALL                                                                                              \
    "cd \"$1\"\n"                                                                                            \
    "for part in Unspecified openmpi mpich; do DESTDIR=$1/stage cmake --install \"$2\" --prefix "            \
    "/first/place "                                                                                          \
    "--component $part >installed 2>&1 || { cat installed; exit 1; }; done\n"                                \
    "mkdir -p second && mv stage/first/place 'second/other place' && rm -r stage\n"                          \
    "at=\"$1/second/other place\"\n"

static const char *const moved[] = {
    /* Modules are found: it has what the build has, under both names. */
    INSTALL "[[ $(\"$at/bin/parbench\" --version) == 'bench (parbench) '* ]]\n"
            "diff <(\"$2/bin/bench\" list --plain) <(\"$at/bin/parbench\" list --plain)\n"
            "\"$at/bin/bench\" list --plain workloads | grep -q .\n",
    /* So are the headers for C files, and the runner in Python. */
    INSTALL "echo '#include <stdint.h>' >mine.c\n"
            "echo 'uint64_t task(uint64_t i) { return i * 6364136223846793005u; }' >>mine.c\n"
            "\"$at/bin/bench\" -q -w ./mine.c -e serial,thread -n 1 --rounds 1 --tasks 3\n"
            "! type -P python3 || \"$at/bin/bench\" list --plain sources | grep -q python\n"
            "for page in bench.1 parbench.1 parbench.3 pb_submit.3 pb_wait.3; do\n"
            "    [[ -e $at/share/man/man${page##*.}/$page ]]\n"
            "done\n"
            "[[ -f $(find \"$at\" -path '*/parbench/python/parbench_runner/__main__.py') ]]\n",
};

static void installed(const void *data) {
    program_need();
    run_script(data, NULL);
}

#define PROGRAM_TEXT                                                                                         \
    "cat >p.c <<'END'\n"                                                                                     \
    "#include <parbench/executor.h>\n"                                                                       \
    "#include <stdio.h>\n"                                                                                   \
    "int main(void) {\n"                                                                                     \
    "    struct pb_executor_listing l;\n"                                                                    \
    "    for (size_t i = 0; pb_executor_list(i, &l) == 0; i++)\n"                                            \
    "        printf(\"%s: %s\\n\", l.name, l.absent ? l.absent : \"here\");\n"                               \
    "}\n"                                                                                                    \
    "END\n"

static const char *const builds[] = {
    /* The library finds modules from where it lies, whichever program uses it. */
    INSTALL PROGRAM_TEXT "export PKG_CONFIG_PATH=$(dirname \"$(find \"$at\" -name parbench.pc)\")\n"
                         "lib=$(dirname \"$PKG_CONFIG_PATH\")\n"
                         "[[ $(pkg-config --modversion parbench) == *.*.* ]]\n"
                         "eval \"${CC:-cc} -o p p.c $(pkg-config --cflags --libs parbench)\"\n"
                         "LD_LIBRARY_PATH=$lib ./p >said\n"
                         "! [[ -e $2/bin/parbench-openmp.so ]] || grep -x 'openmp: here' said\n"
                         "grep -x 'process: here' said\n",
    INSTALL PROGRAM_TEXT "cat >CMakeLists.txt <<'END'\n"
                         "cmake_minimum_required(VERSION 3.25)\n"
                         "project(p C)\n"
                         "find_package(parbench 0.1 REQUIRED)\n"
                         "add_executable(shared p.c)\n"
                         "target_link_libraries(shared parbench::parbench)\n"
                         "add_executable(static p.c)\n"
                         "target_link_libraries(static parbench::parbench_static)\n"
                         "END\n"
                         "cmake -B out \"-DCMAKE_PREFIX_PATH=$at\"\n"
                         "cmake --build out\n"
                         "out/shared | grep -x 'process: here'\n"
                         "out/static | grep -x 'process: here'\n",
};

static void builds_against(const void *data) {
    if (sanitized)
        pb_test_skip("nothing tells a user's program to link the sanitizer that the library was built with");
    installed(data);
}

/* ---- The manual pages ---- */

/* The text of a page without its comments and escapes, blanks and line breaks alike made one blank. */
static char *read_page(const char *path) {
    char *page = slurp(path), *out = page;
    for (const char *in = page; *in; in++) {
        if (starts(in, ".\\\"") && (in == page || in[-1] == '\n'))
            in = strchrnul(in, '\n') - 1;
        else if (in[0] == '\\' && in[1] == 'f')
            in += 2;
        else if (in[0] == '\\')
            continue;
        else if (!isspace((unsigned char)*in))
            *out++ = *in;
        else if (out > page && out[-1] != ' ')
            *out++ = ' ';
    }
    *out = '\0';
    return page;
}

/* "-w, --workload=ITEMS (run, gate)", as the page has it; the subcommands only where some do not take it. */
static void format_tag(const struct pb_option *o, struct pb_buffer *tag) {
    const char *before = " (";
    pb_buffer_text(tag, " .TP ");
    if (o->letter)
        pb_buffer_printf(tag, "-%c, ", o->letter);
    pb_buffer_printf(tag, "--%s%s%s", o->name, o->argument ? "=" : "", o->argument ? o->argument : "");
    for (const struct pb_command_text *t = pb_command_texts; t->usage && o->commands != PB_EVERY; t++)
        if (o->commands & t->bit) {
            pb_buffer_printf(tag, "%s%s", before, t->bit == PB_RUN ? "run" : t->name);
            before = ", ";
        }
    pb_buffer_text(tag, o->commands != PB_EVERY ? ") " : " ");
}

static size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

static void page_has_options(const void *data) {
    char *page = read_page(SHARE "man/man1/bench.1");
    size_t options = 0;
    (void)data;
    for (const struct pb_option *o = pb_option_table; o->name; o++, options++) {
        struct pb_buffer tag = {0};
        format_tag(o, &tag);
        CHECK_MSG(strstr(page, pb_buffer_string(&tag)), "share/man/man1/bench.1 lacks the option%s",
                  pb_buffer_string(&tag));
        pb_buffer_release(&tag);
    }
    CHECK_INT(count_of(page, " .TP -"), options);
    for (const struct pb_command_text *t = pb_command_texts; t->usage; t++) {
        char topic[64];
        CHECK_HAS(page, t->usage);
        snprintf(topic, sizeof topic, " .TP .B %s ", t->name);
        if (*t->name)
            CHECK_HAS(page, topic);
    }
    free(page);
}

/* ---- The library's page and the headers ---- */

/* Comments, and lines of the preprocessor, made blanks. */
static void leave_code(char *text) {
    bool fresh = true;
    for (char *p = text; *p; p++) {
        char *end = starts(p, "/*") ? strstr(p, "*/") + 2 : fresh && *p == '#' ? strchrnul(p, '\n') : p;
        while (end > p && *end == '\n' && end[-1] == '\\')
            end = strchrnul(end + 1, '\n');
        fresh = *p == '\n';
        if (end > p) {
            memset(p, ' ', (size_t)(end - p));
            p = end - 1;
        }
    }
}

/* A declaration "TYPE pb_NAME(ARGUMENTS" that ends at the bracket, as the page has it; NULL if it is none. */
static char *declaration(const char *from, const char *bracket) {
    static const char *const dropped[] = {"static ", "inline "};
    struct pb_buffer out = {0};
    const char *name = bracket;
    while (name > from && (isalnum((unsigned char)name[-1]) || name[-1] == '_'))
        name--;
    if (!starts(name, "pb_") || name == from)
        return NULL;
    int depth = 0;
    for (const char *p = from; *p && !(p > bracket && depth == 0); p++) {
        for (size_t i = 0; i < COUNT(dropped); i++)
            p += starts(p, dropped[i]) ? strlen(dropped[i]) : 0;
        depth += p >= bracket ? (*p == '(') - (*p == ')') : 0;
        if (!isspace((unsigned char)*p))
            pb_buffer_add(&out, p, 1);
        else if (out.size && out.data[out.size - 1] != ' ')
            pb_buffer_text(&out, " ");
    }
    pb_buffer_text(&out, ";");
    char *text = strdup(pb_buffer_string(&out));
    pb_buffer_release(&out);
    CHECK(text);
    return text;
}

/* Each declaration of a function in the header must be in the page. How many there are. */
static size_t check_header(const char *header, const char *page) {
    char path[sizeof HEADERS + 32];
    snprintf(path, sizeof path, "%s%s.h", HEADERS, header);
    char *text = slurp(path);
    size_t functions = 0;
    int depth = 0;
    leave_code(text);
    const char *from = text;
    for (const char *p = text; *p; p++) {
        depth += (*p == '{') - (*p == '}');
        if (depth > 0 || *p == ';' || *p == '}') {
            from = p + 1;
            continue;
        }
        if (isspace((unsigned char)*p) && p == from)
            from = p + 1;
        if (*p != '(')
            continue;
        char *declared = declaration(from, p);
        CHECK_MSG(!declared || strstr(page, declared), "share/man/man3/parbench.3 lacks %s", declared);
        functions += declared != NULL;
        free(declared);
        if (declared)
            p = strpbrk(p, ";{") - 1;
        else if (starts(from, "__attribute__"))
            from = strstr(p, ")))") + 3;
    }
    free(text);
    return functions;
}

static void page_has_functions(const void *data) {
    static const char *const headers[] = {"executor", "task", "workload", "meter", "param"};
    char *page = read_page(SHARE "man/man3/parbench.3");
    const char *description = strstr(page, " .SH DESCRIPTION ");
    size_t declared = 0, shown = 0;
    (void)data;
    CHECK(description);
    for (size_t i = 0; i < COUNT(headers); i++)
        declared += check_header(headers[i], page);
    CHECK(declared > 50);
    /* Each in the synopsis is told of, and there are no more. */
    for (const char *at = strstr(page, " .SH SYNOPSIS "); (at = strstr(at, "pb_")) && at < description;) {
        char name[64];
        size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz_");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        at += length;
        if (*at != '(')
            continue;
        CHECK_MSG(strstr(description, name), "share/man/man3/parbench.3 does not tell of %s", name);
        shown++;
    }
    CHECK_INT(shown, declared);
    free(page);
}

/* man itself finds nothing wrong with the pages. */
static void pages_are_sound(const void *data) {
    static const char script[] = "for page in '" SHARE "'man/man?/*; do\n"
                                 "    wrong=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 "
                                 "-Z \"$page\" 2>&1 >/dev/null)\n"
                                 "    [[ ! $wrong ]] || { echo \"$wrong\"; exit 1; }\n"
                                 "done\n";
    (void)data;
    if (system("exec >/dev/null 2>&1; man --version && type groff") != 0)
        pb_test_skip("man or groff is not there");
    run_script(script, NULL);
}

/* ---- Completion ---- */

/* What stands on the line up to the cursor, and candidates that must be there, and must not. A candidate is
 * what takes the place of the last piece: bash breaks words at = and :. */
static const struct line {
    const char *name, *text, *has[4], *not [3];
} lines[] = {
    {"subcommand", "bench ", {"gate", "list", "check-runner"}, {"sha", "--help"}},
    {"subcommand-part", "bench do", {"doctor"}, {"gate"}},
    {"options", "bench --w", {"--workload=", "--workers=", "--wide"}, {"--time="}},
    {"options-letters", "bench -", {"-w", "-e", "--version"}, {NULL}},
    {"options-of-gate", "bench gate --", {"--head=", "--strict"}, {"--precision=", "--rounds="}},
    {"options-later", "bench -w spin --ti", {"--time=", "--timeout="}, {NULL}},
    {"workloads", "bench -w s", {"spin", "sleep"}, {"arcfour"}},
    {"workloads-long", "bench --workload=s", {"spin", "sleep"}, {NULL}},
    {"workloads-of-gate", "bench gate -w ar", {"arcfour"}, {NULL}},
    {"workloads-second", "bench -w spin,a", {"spin,arcfour", "spin,all"}, {"arcfour"}},
    {"workloads-python", "bench -w py", {"python"}, {NULL}},
    {"workloads-file", "bench -w spin,./plu", {"spin,./plugins"}, {NULL}},
    {"parameters", "bench -w file:", {"op=", "size=", "access="}, {"read"}},
    {"parameters-part", "bench -w file:si", {"size="}, {"op="}},
    {"parameters-second", "bench -w file:op=read,a", {"read,access=", "read,arcfour"}, {"access="}},
    {"parameters-of-none", "bench -w file:op=read,spin,a", {"read,spin,arcfour"}, {"read,spin,access="}},
    {"parameters-python", "bench -w python:f", {"file=", "func="}, {"gil="}},
    {"parameter-choice", "bench -w file:op=", {"read", "write", "mixed"}, {"seq"}},
    {"parameter-choice-part", "bench -w file:size=4k,access=r", {"random"}, {"read", "seq"}},
    {"parameter-number", "bench -w file:size=", {NULL}, {"read", "seq"}},
    {"executors", "bench -w spin -e pro", {"process"}, {"thread"}},
    {"executors-second", "bench -e thread,pro", {"thread,process"}, {"process"}},
    {"executors-parameters", "bench metg -e loop:th", {"threads="}, {NULL}},
    {"bindings", "bench -b core,sp", {"core,spread"}, {NULL}},
    {"formats", "bench --format=c", {"csv"}, {"json"}},
    {"formats-of-export", "bench export x --format j", {"json", "junit"}, {"csv"}},
    {"choices", "bench --via ", {"for", "submit", "map"}, {NULL}},
    {"choices-equal", "bench --via=s", {"submit"}, {"map"}},
    {"lists", "bench list wo", {"workloads", "words"}, {"formats"}},
    {"words", "bench explain seri", {"serialised"}, {"parallel"}},
    {"files", "bench -o plu", {"plugins"}, {NULL}},
    {"files-equal", "bench --output=plu", {"plugins"}, {NULL}},
    {"files-of-export", "bench export plu", {"plugins"}, {"list"}},
    {"program", "bench -n 1 -- bas", {"bash"}, {"bench"}},
    {"program-words", "bench -n 1 -- ls -d plu", {"plugins"}, {"--workload="}},
    {"anything", "bench --time=", {NULL}, {"3s"}},
};

/* Words as readline breaks them, the last of which is the cursor's. */
static const char complete[] =
    ". \"$1\"\n"
    "line=$3 COMP_WORDS=()\n"
    "while [[ $line ]]; do\n"
    "    [[ $line =~ ^([^=:\\ ]+|[=:]+|\\ +)(.*)$ ]]\n"
    "    COMP_WORDS+=(\"${BASH_REMATCH[1]}\") line=${BASH_REMATCH[2]}\n"
    "    if [[ ${COMP_WORDS[-1]} == ' '* ]]; then\n"
    "        unset 'COMP_WORDS[-1]'\n"
    "        [[ $line ]] || COMP_WORDS+=('')\n"
    "    fi\n"
    "done\n"
    "COMP_WORDS[0]=$2 COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
    "COMP_LINE=$3 COMP_POINT=${#3}\n"
    "[[ $(complete -p bench) == *_parbench* && $(complete -p parbench) == *_parbench* ]] || exit 1\n"
    "_parbench\n"
    "printf '<%s>\\n' \"${COMPREPLY[@]}\"\n";

static void completes(const void *data) {
    const struct line *line = data;
    const char *const word[] = {"-c",    complete,   "bash", SHARE "bash-completion/completions/bench",
                                PROGRAM, line->text, NULL};
    struct program p;
    char candidate[64];
    program_begin(&p, &(struct program_start){.other = "bash", .word = word});
    program_finish(&p);
    program_check_code(&p, 0);
    CHECK_TEXT(pb_buffer_string(&p.complained), "");
    for (size_t i = 0; i < COUNT(line->has) && line->has[i]; i++) {
        snprintf(candidate, sizeof candidate, "<%s>", line->has[i]);
        CHECK_HAS(pb_buffer_string(&p.said), candidate);
    }
    for (size_t i = 0; i < COUNT(line->not ) && line->not [i]; i++) {
        snprintf(candidate, sizeof candidate, "<%s>", line->not [i]);
        CHECK_MSG(!strstr(pb_buffer_string(&p.said), candidate), "\"%s\" offers %s", line->text, candidate);
    }
    program_release(&p);
}

/* A script named bench may do anything, building for one: it is not asked. */
static void lets_scripts_be(const void *data) {
    static const char script[] = "printf '#!/bin/sh\\ntouch %q/ran\\n' \"$1\" >\"$1/bench\"\n"
                                 "chmod +x \"$1/bench\"\n"
                                 "set +eu\n"
                                 ". '" SHARE "bash-completion/completions/bench'\n"
                                 "PATH=$1:/usr/bin:/bin COMP_WORDS=(\"$1/bench\" l) COMP_CWORD=1\n"
                                 "_parbench\n"
                                 "[[ ! -e $1/ran ]]\n";
    (void)data;
    program_need();
    run_script(script, NULL);
}

/* ---- What completion asks ---- */

static void lists_plainly(const void *data) {
    const struct pb_command_text *list = NULL;
    struct pb_error error;
    struct program p;
    char name[32];
    (void)data;
    CHECK((list = pb_command_find("list", &error)));
    for (const char *at = list->takes; *at; at += strlen(name) + (at[strlen(name)] == '|')) {
        size_t rows = 0, tabs = 0;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "|"), at);
        program_run(&p, NULL, "list --plain %s", name);
        program_check_code(&p, 0);
        for (const char *row = pb_buffer_string(&p.said); *row; row = strchr(row, '\n') + 1, rows++) {
            CHECK_MSG(starts(row, name) && row[strlen(name)] == '\t', "list --plain %s says %s", name, row);
            for (const char *c = row; *c != '\n'; c++)
                tabs += *c == '\t';
        }
        CHECK_MSG(rows > 3 && tabs == 6 * rows, "list --plain %s: %zu rows, %zu tabs", name, rows, tabs);
        program_release(&p);
    }
}

/* ---- The suite ---- */

static const struct pb_case fixed[] = {
    {"moved", installed, NULL},
    {"moved-shipped", installed, NULL},
    {"builds-pkg-config", builds_against, NULL},
    {"builds-find-package", builds_against, NULL},
    {"manual-options", page_has_options, NULL},
    {"manual-functions", page_has_functions, NULL},
    {"manual-sound", pages_are_sound, NULL},
    {"completes-no-script", lets_scripts_be, NULL},
    {"lists-plainly", lists_plainly, NULL},
};

static bool case_at(size_t i, struct pb_case *out) {
    static char name[64];
    const char *const scripts[] = {moved[0], moved[1], builds[0], builds[1]};
    if (i < COUNT(fixed)) {
        *out = fixed[i];
        out->data = i < COUNT(scripts) ? scripts[i] : NULL;
        return true;
    }
    i -= COUNT(fixed);
    if (i >= COUNT(lines))
        return false;
    snprintf(name, sizeof name, "completes-%s", lines[i].name);
    *out = (struct pb_case){name, completes, &lines[i]};
    return true;
}

const struct pb_suite suite_package = {.name = "package", .generate = case_at};
