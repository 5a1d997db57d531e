/* The rules of the house, as docs/architecture.md draws it: who may include whom, who owns which foreign
 * header, and what no file may contain. A rule is a row of a table; a new room needs a row of `rooms`.
 *
 * The sources are read with comments blanked out, so that prose may name what code may not; and with strings
 * blanked out too where only code counts. What cannot be seen in the text (mutable globals, whom a room
 * links) is read from the object files that the suites were built with. */
#include "tree.h"

#include <ctype.h>
#include <sys/stat.h>

#define ALLOWED   16
#define LINES_MAX 600

/* ---- Tables ---- */

/* Who may include whom: of the rows whose `who` begins a file's path the first counts. */
static const struct room {
    const char *who, *may[ALLOWED];
} rooms[] = {
    {"src/include/", {"parbench/"}},
    {"src/wrap/", {"parbench/"}},
    {"src/base/", {"base/", "parbench/"}},
    {"src/topology/", {"topology/", "base/"}},
    {"src/stats/", {"stats/", "base/"}},
    {"src/io/", {"io/", "base/", "parbench/"}},
    {"src/ranks/", {"ranks/", "topology/limits.h", "base/", "parbench/"}},
    {"src/future/", {"future/", "io/", "base/", "parbench/"}},
    {"src/executor/", {"executor/", "future/", "io/", "ranks/", "topology/limits.h", "base/", "parbench/"}},
    {"src/results/", {"results/", "topology/", "base/", "parbench/"}},
    {"src/analysis/", {"analysis/", "results/", "stats/", "topology/", "base/"}},
    {"src/report/", {"report/", "results/", "topology/", "base/"}},
    {"src/runner/",
     {"runner/", "ranks/", "results/hosts.h", "results/sample.h", "topology/", "bench/list.h", "base/",
      "parbench/"}},
    {"src/driver/",
     {"driver/", "analysis/", "results/", "topology/", "runner/protocol.h", "runner/protocol_check.h",
      "runner/runner.h", "base/", "parbench/"}},
    {"src/cli/",
     {"cli/", "driver/", "report/", "analysis/", "results/", "topology/", "runner/", "base/", "parbench/"}},
    {"bench/", {"bench/", "base/children.h", "parbench/"}},
};

/* Foreign headers, and the only files that may include them (prefixes of paths). */
static const struct owner {
    const char *header, *owners[ALLOWED];
} owners[] = {
    {"hwloc", {"src/topology/machine.c"}},
    {"jansson", {"src/results/", "src/runner/protocol"}},
    {"libsmartcols", {"src/report/table.c"}},
    {"openssl/", {"bench/sha.c"}},
    {"curl/", {"bench/http.c"}},
    {"microhttpd.h", {"bench/http_server.c"}},
    {"omp.h", {"src/executor/openmp.c"}},
    {"mpi.h", {"src/ranks/mpi.c"}},
    {"liburing", {"src/io/uring.c"}},
    {"linux/io_uring.h", {"src/io/uring.c"}},
    {"sys/epoll.h",
     {"src/io/epoll.c", "bench/http.c" /* libcurl's sockets, for one poll */,
      "bench/outputs.c" /* the same: pipes */}},
    {"dlfcn.h", {"src/base/module.c"}},
};

/* What no code may contain, but for some files. `where` is a prefix of paths. */
static const struct banned {
    const char *where, *text, *why, *except;
} banned[] = {
    {"", "#pragma omp", "only the openmp executor speaks OpenMP", "src/executor/openmp.c"},
    {"", "(constructor", "the lists are visible tables", NULL},
    {"", "__constructor__", "the lists are visible tables", NULL},
    {"src/stats/", "fopen", "statistics do no I/O", NULL},
    {"src/stats/", "clock_gettime", "statistics see no clock", NULL},
    {"src/report/", "clock_gettime", "formats measure nothing", NULL},
    {"src/analysis/", "clock_gettime", "analysis measures nothing", NULL},
};

/* What a workload that calls itself PB_CPU may not contain. */
static const char *const no_clock[] = {"clock_gettime", "gettimeofday", "<time.h>", "<sys/time.h>",
                                       " printf(",      "fprintf(",     "puts("};

/* The executors: none includes another's header. */
static const char *const executors[] = {"serial", "thread", "gil", "process", "openmp", "loop", "mpi"};

/* ---- Reading the tree ---- */

/* True if one of the prefixes (at most ALLOWED, or up to a NULL) begins the text. */
static bool any_starts(const char *text, const char *const prefix[ALLOWED]) {
    for (size_t i = 0; i < ALLOWED && prefix[i]; i++)
        if (starts(text, prefix[i]))
            return true;
    return false;
}

/* Blanks comments out, and what is between quotes if `strings`; lines stay where they are. */
static void blank(char *p, bool strings) {
    while (*p) {
        if (p[0] == '/' && p[1] == '*') {
            for (; *p && !(p[0] == '*' && p[1] == '/'); p++)
                if (*p != '\n')
                    *p = ' ';
            for (int i = 0; i < 2 && *p; i++)
                *p++ = ' ';
        } else if (p[0] == '/' && p[1] == '/') {
            while (*p && *p != '\n')
                *p++ = ' ';
        } else if (*p == '"' || *p == '\'') {
            char quote = *p++;
            while (*p && *p != quote && *p != '\n') {
                int n = *p == '\\' && p[1] ? 2 : 1;
                for (; n > 0; n--, p++)
                    if (strings && *p != '\n')
                        *p = ' ';
            }
            if (*p)
                p++;
        } else {
            p++;
        }
    }
}

/* What a rule looks at: one file, and where it reports. */
struct file {
    const char *path; /* from the root of the tree */
    char *text;
    struct pb_buffer *broken;
};
typedef void rule_fn(const struct file *);

#define BROKEN(file, line, ...)                                                                              \
    do {                                                                                                     \
        pb_buffer_printf((file)->broken, "\n    %s:%d: ", (file)->path, line);                               \
        pb_buffer_printf((file)->broken, __VA_ARGS__);                                                       \
    } while (0)

static bool is_c(const char *path) {
    return ends(path, ".c") || ends(path, ".h");
}

/* Applies the rule to every C file of src/, bench/ and, if asked for, tests/; fails the case with all that is
 * broken, and if too few files were seen for the rule to have meant anything. */
static void apply(rule_fn *rule, bool tests, bool strings) {
    static const char *const folders[] = {"src", "bench", "tests"};
    struct pb_buffer paths = {0}, broken = {0};
    unsigned seen = 0;
    for (size_t i = 0; i < (tests ? 3u : 2u); i++) {
        char folder[PATH_MAX];
        snprintf(folder, sizeof folder, "%s/%s", PB_SOURCE_DIR, folders[i]);
        files_below(folder, &paths);
    }
    for (const char *p = paths.data; p < paths.data + paths.size; p += strlen(p) + 1) {
        if (!is_c(p))
            continue;
        struct file file = {p + strlen(PB_SOURCE_DIR "/"), slurp(p), &broken};
        blank(file.text, strings);
        rule(&file);
        free(file.text);
        seen++;
    }
    CHECK_MSG(seen > 20, "only %u C files below %s", seen, PB_SOURCE_DIR);
    CHECK_MSG(broken.size == 0, "broken rules:%s", pb_buffer_string(&broken));
    pb_buffer_release(&paths);
    pb_buffer_release(&broken);
}

/* The next #include at or after *p: its name without delimiters, and which delimiter; false at the end. */
static bool next_include(const char **p, int *line, char name[256], char *delimiter) {
    for (; **p; ++*line) {
        const char *end = strchrnul(*p, '\n'), *q = *p;
        *p = *end ? end + 1 : end;
        if (sscanf(q, " # include %1[<\"]%255[^>\"\n]", delimiter, name) == 2) {
            ++*line;
            return true;
        }
    }
    return false;
}

/* ---- Rules ---- */

static void include_rule(const struct file *file) {
    const char *p = file->text;
    char name[256], delimiter[2];
    int line = 0;
    size_t r = 0;
    while (r < COUNT(rooms) && !starts(file->path, rooms[r].who))
        r++;
    if (r == COUNT(rooms)) {
        BROKEN(file, 1, "in no room that tests/test_rules.c knows");
        return;
    }
    while (next_include(&p, &line, name, delimiter)) {
        if (delimiter[0] == '"' && !any_starts(name, rooms[r].may))
            BROKEN(file, line, "%s may not include \"%s\"", rooms[r].who, name);
    }
}

static void owner_rule(const struct file *file) {
    const char *p = file->text;
    char name[256], delimiter[2];
    int line = 0;
    while (next_include(&p, &line, name, delimiter))
        for (size_t i = 0; i < COUNT(owners); i++)
            if (starts(name, owners[i].header) && !any_starts(file->path, owners[i].owners))
                BROKEN(file, line, "<%s> belongs to %s", name, owners[i].owners[0]);
}

static void sibling_rule(const struct file *file) {
    const char *p = file->text;
    char name[256], delimiter[2];
    int line = 0;
    if (!starts(file->path, "src/executor/") || starts(file->path, "src/executor/list."))
        return;
    while (next_include(&p, &line, name, delimiter))
        for (size_t i = 0; i < COUNT(executors); i++) {
            char header[64], own[64];
            snprintf(header, sizeof header, "executor/%s.h", executors[i]);
            snprintf(own, sizeof own, "src/executor/%s", executors[i]);
            if (strcmp(name, header) == 0 && !starts(file->path, own))
                BROKEN(file, line, "an executor may not know its sibling \"%s\"", name);
        }
}

static void banned_rule(const struct file *file) {
    for (size_t i = 0; i < COUNT(banned); i++) {
        const struct banned *b = &banned[i];
        const char *at = strstr(file->text, b->text);
        if (at && starts(file->path, b->where) && !(b->except && starts(file->path, b->except)))
            BROKEN(file, line_of(file->text, at), "\"%s\": %s", b->text, b->why);
    }
}

static void clock_rule(const struct file *file) {
    if (!starts(file->path, "bench/") || !strstr(file->text, ".bound = PB_CPU"))
        return;
    for (size_t i = 0; i < COUNT(no_clock); i++) {
        const char *at = strstr(file->text, no_clock[i]);
        if (at)
            BROKEN(file, line_of(file->text, at), "%s: a CPU-bound workload sees no clock and prints nothing",
                   no_clock[i]);
    }
}

/* #if and its like inside braces; those that follow an #if at the outermost level were allowed with it. */
static void variant_rule(const struct file *file) {
    int depth = 0, line = 1;
    bool fresh = true; /* only blanks so far on this line */
    if (!ends(file->path, ".c"))
        return;
    for (const char *p = file->text; *p; p++) {
        if (*p == '\n') {
            line++;
            fresh = true;
            continue;
        }
        if (fresh && *p == '#') {
            const char *q = p + 1 + strspn(p + 1, " \t");
            if (depth > 0 && starts(q, "if"))
                BROKEN(file, line, "#if inside a body: variants are files");
            /* The braces of a directive, and of the lines that it goes on in, are not the code's. */
            while (p[1] && p[1] != '\n')
                if (*++p == '\\' && p[1] == '\n') {
                    line++;
                    p++;
                }
            continue;
        }
        depth += (*p == '{') - (*p == '}');
        fresh = fresh && isspace((unsigned char)*p);
    }
    if (depth != 0)
        BROKEN(file, line, "braces do not balance, so this test cannot read it");
}

static void length_rule(const struct file *file) {
    int lines = line_of(file->text, file->text + strlen(file->text)) - 1;
    if (lines > LINES_MAX)
        BROKEN(file, lines, "%d lines, and %d are enough for any file", lines, LINES_MAX);
}

static const struct rule {
    rule_fn *rule;
    bool tests, strings; /* looks at tests/ too; strings are blanked out */
} include = {include_rule, false, false}, owner = {owner_rule, false, false},
  sibling = {sibling_rule, false, false}, ban = {banned_rule, false, true},
  no_clocks = {clock_rule, false, false}, variants = {variant_rule, true, true},
  lengths = {length_rule, true, false};

static void sources(const void *data) {
    const struct rule *rule = data;
    apply(rule->rule, rule->tests, rule->strings);
}

/* Paths and hosts of the machine that something was made on, in pieces so that this file does not contain
 * them. */
static const char *const machine_words[] = {"/wo"
                                            "rk/",
                                            "/ro"
                                            "ot/",
                                            "/ho"
                                            "me/",
                                            "py"
                                            "pi.org",
                                            "registry.n"
                                            "pmjs",
                                            "proxy.gol"
                                            "ang.org",
                                            "deb.deb"
                                            "ian.org",
                                            "crates"
                                            ".io"};

/* A path counts only where it begins: "network/" does not. */
static const char *find_word(const char *text, const char *word) {
    for (const char *at = text; (at = strstr(at, word)); at++)
        if (*word != '/' || at == text || !(isalnum((unsigned char)at[-1]) || strchr("._-}*)>~$", at[-1])))
            return at;
    return NULL;
}

static void machine_paths(const void *data) {
    static const char *const folders[] = {"src",
                                          "bench",
                                          "tests",
                                          "scripts",
                                          "docs",
                                          ".ci",
                                          "cmake",
                                          "results",
                                          "share",
                                          "README.md",
                                          "CONTRIBUTING.md",
                                          "LICENSE",
                                          "CMakeLists.txt",
                                          "CMakePresets.json"};
    struct pb_buffer paths = {0}, broken = {0};
    struct stat status;
    (void)data;
    for (size_t i = 0; i < COUNT(folders); i++) {
        char folder[PATH_MAX];
        snprintf(folder, sizeof folder, "%s/%s", PB_SOURCE_DIR, folders[i]);
        if (stat(folder, &status) == 0)
            files_below(folder, &paths);
    }
    for (const char *p = paths.data; p < paths.data + paths.size; p += strlen(p) + 1) {
        char *text = slurp(p);
        for (size_t i = 0; i < COUNT(machine_words); i++) {
            const char *at = find_word(text, machine_words[i]);
            if (at)
                pb_buffer_printf(&broken, "\n    %s:%d: names a machine's %s", p, line_of(text, at),
                                 machine_words[i]);
        }
        free(text);
    }
    CHECK_MSG(broken.size == 0, "broken rules:%s", pb_buffer_string(&broken));
    pb_buffer_release(&paths);
    pb_buffer_release(&broken);
}

/* ---- The rules find what they are for ---- */

static void teeth(const void *data) {
    static const struct {
        rule_fn *rule;
        const char *path, *text, *said;
    } rows[] = {
        {include_rule, "src/stats/a.c", "#include \"report/report.h\"\n",
         "a.c:1: src/stats/ may not include"},
        {include_rule, "src/driver/a.c", "\n#include \"executor/list.h\"\n", "a.c:2: src/driver/ may not"},
        {include_rule, "src/report/a.c", "#include \"stats/stats.h\"\n", "may not include"},
        {include_rule, "src/attic/a.c", "", "in no room"},
        {include_rule, "src/runner/a.c", "#include \"bench/list.h\"\n#include <stdio.h>\n", NULL},
        {include_rule, "bench/a.c", "/* #include \"base/clock.h\" */\n#include \"parbench/workload.h\"\n",
         NULL},
        {owner_rule, "src/topology/place.c", "# include <hwloc.h>\n", "belongs to src/topology/machine.c"},
        {owner_rule, "src/topology/machine.c", "#include <hwloc.h>\n", NULL},
        {owner_rule, "src/report/json.c", "#include <jansson.h>\n", "belongs to src/results/"},
        {sibling_rule, "src/executor/gil.c", "#include \"executor/thread.h\"\n", "sibling"},
        {sibling_rule, "src/executor/process_ring.c", "#include \"executor/process.h\"\n", NULL},
        {banned_rule, "bench/a.c", "#pragma omp parallel\n", "speaks OpenMP"},
        {banned_rule, "src/executor/openmp.c", "#pragma omp parallel\n", NULL},
        {banned_rule, "src/io/a.c", "__attribute__((constructor)) void f(void);\n", "visible tables"},
        {clock_rule, "bench/a.c", "#include <time.h>\n.bound = PB_CPU", "sees no clock"},
        {clock_rule, "bench/a.c", "#include <time.h>\n.bound = PB_IO", NULL},
        {variant_rule, "src/io/a.c", "void f(void) {\n#ifdef X\n}\n#endif\n", "a.c:2: #if inside"},
        {variant_rule, "src/io/a.c", "#ifdef X\n#define M \\\n  {\nvoid f(void) {\n}\n#endif\n", NULL},
        {variant_rule, "src/io/a.c", "const char *s = \"{\";\n#if X\n#endif\n", NULL},
    };
    (void)data;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pb_buffer broken = {0};
        struct file file = {rows[i].path, strdup(rows[i].text), &broken};
        CHECK(file.text);
        blank(file.text, rows[i].rule == variant_rule);
        rows[i].rule(&file);
        CHECK_MSG((broken.size > 0) == (rows[i].said != NULL), "row %zu said \"%s\"", i,
                  pb_buffer_string(&broken));
        if (rows[i].said)
            CHECK_HAS(pb_buffer_string(&broken), rows[i].said);
        free(file.text);
        pb_buffer_release(&broken);
    }
}

const struct pb_suite suite_rules = {
    "rules",
    (const struct pb_case[]){{"teeth", teeth, NULL},
                             {"includes", sources, &include},
                             {"foreign-headers", sources, &owner},
                             {"executors-are-strangers", sources, &sibling},
                             {"banned-words", sources, &ban},
                             {"workloads-see-no-clock", sources, &no_clocks},
                             {"variants-are-files", sources, &variants},
                             {"short-files", sources, &lengths},
                             {"no-machine-paths", machine_paths, NULL},
                             {0}},
    NULL,
};
