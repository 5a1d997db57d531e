/* What the pages say beside their commands: links lead somewhere, options exist, and what a user may meet
 * (options, verdicts, columns, exit codes, workloads, executors, formats) is told on the page that is for it.
 */
#include "suite.h"

#include <ctype.h>
#include <unistd.h>

#include "analysis/analysis.h"
#include "base/error.h"
#include "bench/list.h"
#include "cli/options.h"
#include "pages.h"
#include "parbench/executor.h"
#include "report/column.h"
#include "results/record.h"
#include "stats/verdict.h"

#define TREE PB_SOURCE_DIR "/"

/* Calls `look` with each page, its path below the tree, and its text. */
static void each_page(void (*look)(const char *path, const char *text, struct pb_buffer *broken),
                      struct pb_buffer *broken) {
    struct pb_buffer paths = {0};
    pb_buffer_add(&paths, TREE "README.md", sizeof TREE "README.md");
    pb_buffer_add(&paths, TREE "CONTRIBUTING.md", sizeof TREE "CONTRIBUTING.md");
    files_below(TREE "docs", &paths);
    files_below(TREE "results", &paths);
    for (const char *path = paths.data; path < paths.data + paths.size; path += strlen(path) + 1) {
        if (!ends(path, ".md"))
            continue;
        char *text = slurp(path);
        look(path + sizeof TREE - 1, text, broken);
        free(text);
    }
    pb_buffer_release(&paths);
}

static void check_pages(void (*look)(const char *path, const char *text, struct pb_buffer *broken)) {
    struct pb_buffer broken = {0};
    each_page(look, &broken);
    CHECK_MSG(broken.size == 0, "%s", pb_buffer_string(&broken));
    pb_buffer_release(&broken);
}

/* ---- Links ---- */

/* A heading as GitHub makes an anchor of it: lower case, hyphens for blanks, no punctuation. */
static void anchor_of(const char *heading, char *out, size_t size) {
    size_t used = 0;
    for (const char *c = heading; *c && *c != '\n' && used + 1 < size; c++)
        if (isalnum((unsigned char)*c) || strchr("-_ ", *c) || (unsigned char)*c >= 0x80)
            out[used++] = *c == ' ' ? '-' : (char)tolower((unsigned char)*c);
    out[used] = '\0';
}

static bool has_anchor(const char *text, const char *anchor) {
    bool fence = false, found_it = false;
    for (const char *line = text; *line && !found_it; line = line_end(line)) {
        char made[256];
        if (line_is_code(line, &fence) || *line != '#')
            continue;
        anchor_of(line + strspn(line, "# "), made, sizeof made);
        found_it = strcmp(made, anchor) == 0;
    }
    return found_it;
}

/* Whether "FILE#ANCHOR", either of which may be empty, leads somewhere from the page. */
static bool leads(const char *page, const char *text, const char *target) {
    char path[2048], *anchor;
    const char *slash = strrchr(page, '/');
    size_t folder = slash ? (size_t)(slash + 1 - page) : 0;
    CHECK(snprintf(path, sizeof path, TREE "%.*s%s", (int)folder, page, target) < (int)sizeof path);
    if ((anchor = strchr(path, '#')))
        *anchor++ = '\0';
    if (*target == '#')
        return has_anchor(text, anchor);
    if (access(path, F_OK) != 0 || !anchor)
        return access(path, F_OK) == 0;
    char *other = slurp(path);
    bool has = has_anchor(other, anchor);
    free(other);
    return has;
}

static void look_at_links(const char *path, const char *text, struct pb_buffer *broken) {
    bool fence = false;
    for (const char *line = text, *end; *line; line = end) {
        end = line_end(line);
        if (line_is_code(line, &fence))
            continue;
        for (const char *at = line; (at = strstr(at, "](")) && at < end; at++) {
            char target[1024];
            if (sscanf(at + 2, "%1023[^)]", target) != 1 || strstr(target, "://"))
                continue;
            if (!leads(path, text, target))
                pb_buffer_printf(broken, "\n%s:%d: %s leads nowhere", path, line_of(text, line), target);
        }
    }
}

static void links_lead_somewhere(const void *data) {
    (void)data;
    check_pages(look_at_links);
}

static void anchors(const void *data) {
    static const char page[] = "# One: `two`, and 3\n\n    # no\n\n```sh\n# nor this\n```\n## What's last\n";
    (void)data;
    CHECK(has_anchor(page, "one-two-and-3"));
    CHECK(has_anchor(page, "whats-last"));
    CHECK(!has_anchor(page, "no") && !has_anchor(page, "nor-this"));
    CHECK(leads("docs/ci.md", page, "../README.md") && leads("docs/ci.md", page, "#whats-last"));
    CHECK(!leads("docs/ci.md", page, "README.txt") && !leads("docs/ci.md", page, "#first"));
    CHECK(!leads("README.md", page, "docs/ci.md#no-such-heading"));
}

/* ---- Options ---- */

/* Of programs that are not ours. */
static const char *const foreign[] = {
    "--adapter",  "--component", "--delay",    "--build",  "--crate-type", "--fast",   "--file",
    "--hostfile", "--install",   "--parallel", "--prefix", "--preset",     "--target", "--whole-archive"};

static bool is_option(const char *name) {
    for (const struct pb_option *o = pb_option_table; o->name; o++)
        if (strcmp(o->name, name + 2) == 0)
            return true;
    return false;
}

static bool is_foreign(const char *name) {
    for (size_t i = 0; i < COUNT(foreign); i++)
        if (strcmp(foreign[i], name) == 0)
            return true;
    return false;
}

/* A word of one of our scripts or of the programs that tests are, where those read their options. */
static bool is_of_a_tool(const char *name) {
    static const char *const folders[] = {TREE "scripts", TREE "tests/overhead", TREE "tests/crash",
                                          TREE "tests/models"};
    struct pb_buffer paths = {0};
    bool is = false;
    for (size_t i = 0; i < COUNT(folders); i++)
        files_below(folders[i], &paths);
    for (const char *path = paths.data; !is && path < paths.data + paths.size; path += strlen(path) + 1) {
        char *text = slurp(path), quoted[80];
        snprintf(quoted, sizeof quoted, "\"%s\"", name + 2); /* of getopt_long */
        is = strstr(text, name) || strstr(text, quoted);
        free(text);
    }
    pb_buffer_release(&paths);
    return is;
}

static void look_at_options(const char *path, const char *text, struct pb_buffer *broken) {
    for (const char *at = text; (at = strstr(at, "--")); at += 2 + strspn(at + 2, "-")) {
        char name[64];
        if ((at > text && (isalnum((unsigned char)at[-1]) || at[-1] == '-')) ||
            sscanf(at, "%63[-a-z]", name) != 1 || !islower((unsigned char)name[2]))
            continue;
        if (!is_option(name) && !is_foreign(name) && !is_of_a_tool(name))
            pb_buffer_printf(broken, "\n%s:%d: there is no option %s", path, line_of(text, at), name);
    }
}

static void options_exist(const void *data) {
    (void)data;
    check_pages(look_at_options);
}

/* ---- What is told ---- */

static void add_text(const char *path, const char *text, struct pb_buffer *all) {
    (void)path;
    pb_buffer_text(all, text);
}

/* Each that any command takes, by its name or its letter. */
static void options_are_told(const void *data) {
    struct pb_buffer all = {0};
    (void)data;
    each_page(add_text, &all);
    for (const struct pb_option *o = pb_option_table; o->name; o++) {
        char name[64], letter[] = {' ', '-', o->letter ? o->letter : '-', ' ', '\0'};
        snprintf(name, sizeof name, "--%s", o->name);
        CHECK_MSG(o->commands == PB_EVERY || strstr(pb_buffer_string(&all), name) ||
                      (o->letter && strstr(pb_buffer_string(&all), letter)),
                  "no page tells of %s", name);
    }
    pb_buffer_release(&all);
}

/* The page has "PREFIXnameSUFFIX". */
static void check_tells(const char *path, const char *prefix, const char *name, const char *suffix) {
    char *text = slurp(path), words[256];
    snprintf(words, sizeof words, "%s%s%s", prefix, name, suffix);
    CHECK_MSG(strstr(text, words), "%s does not have %s", path + sizeof TREE - 1, words);
    free(text);
}

static void verdicts_are_told(const void *data) {
    static const char *const comparisons[] = {PB_REGRESSED, PB_IMPROVED, PB_EQUIVALENT, PB_INCONCLUSIVE,
                                              PB_NOT_COMPARABLE};
    (void)data;
    for (size_t i = 0; pb_outcome(i); i++)
        check_tells(TREE "docs/reading-the-table.md", "`", pb_outcome(i), "`");
    for (size_t i = 0; pb_cause(i); i++)
        check_tells(TREE "docs/reading-the-table.md", "| `", pb_cause(i), "` |");
    for (size_t i = 0; i < COUNT(comparisons); i++) {
        check_tells(TREE "docs/compare.md", "| `", comparisons[i], "` |");
        check_tells(TREE "docs/ci.md", "| ", comparisons[i], " |");
    }
}

static void columns_are_told(const void *data) {
    (void)data;
    for (size_t i = 0; i < PB_COLUMNS; i++)
        if (*pb_columns[i].heading)
            check_tells(TREE "docs/reading-the-table.md", "`", pb_columns[i].heading, "`");
}

static void exit_codes_are_told(const void *data) {
    (void)data;
    for (int code = PB_EXIT_OK; code <= PB_EXIT_CANNOT_RUN; code++) {
        char name[16];
        snprintf(name, sizeof name, "%d", code);
        check_tells(TREE "docs/reading-the-table.md", "\n| ", name, " | ");
    }
}

static void lists_are_told(const void *data) {
    struct pb_executor_listing executor;
    (void)data;
    for (const struct pb_workload_entry *w = pb_workloads; w->name; w++)
        if (strcmp(w->name, "cmd") != 0) /* which has a part of the page */
            check_tells(TREE "docs/workloads.md", "\n| `", w->name, "` |");
    for (size_t i = 0; pb_executor_list(i, &executor) == 0; i++)
        if (!executor.only)
            check_tells(TREE "docs/futures.md", "\n| `", executor.name, "` |");
    for (const struct pb_format *f = pb_formats; f->name; f++)
        check_tells(TREE "docs/formats.md", "\n| `", f->name, "` |");
}

const struct pb_suite suite_docs_text = {
    "docs-text",
    (const struct pb_case[]){{"anchors", anchors, NULL},
                             {"links-lead-somewhere", links_lead_somewhere, NULL},
                             {"options-exist", options_exist, NULL},
                             {"options-are-told", options_are_told, NULL},
                             {"verdicts-are-told", verdicts_are_told, NULL},
                             {"columns-are-told", columns_are_told, NULL},
                             {"exit-codes-are-told", exit_codes_are_told, NULL},
                             {"lists-are-told", lists_are_told, NULL},
                             {0}},
    NULL,
};
