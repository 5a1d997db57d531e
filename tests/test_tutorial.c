/* docs/tutorial.md, held to what it says. Each command of its blocks ```sh is a case: it runs in a fresh
 * directory, after the commands before it that make files, with the program in PATH and few rounds. It ends
 * with code 0, or with that of its comment "# exit code N".
 *
 * Of a block ```text the table is compared: every row, the line of columns, the heading above them must be in
 * the output of the command before it, as far as their first figure; of a complaint the first line. Figures
 * differ, and with them findings, which are sentences: paragraphs that end with a full stop are not looked
 * at, and neither is a line "...". What a compiler calls an error is its own. */
#include "suite.h"

#include <ctype.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pages.h"
#include "program.h"

#define PAGE PB_SOURCE_DIR "/docs/tutorial.md"

#ifdef __SANITIZE_THREAD__
static const bool sees_all = false; /* openmp's runtime is not instrumented */
#else
static const bool sees_all = true;
#endif

/* Read once; the cases are asked for one by one. */
static const struct page *the_page(void) {
    static struct page page;
    if (!page.commands)
        page_read_blocks(&page, PAGE);
    return &page;
}

/* ---- Running a command ---- */

/* What a user has after it that later commands may need. */
static bool makes_files(const struct page_command *c) {
    return c->code == 0 && (!starts(c->text, "bench") || strstr(c->text, " -o "));
}

static void write_script(const struct page *p, const struct page_command *last, const char *directory) {
    char path[128];
    snprintf(path, sizeof path, "%s/script", directory);
    FILE *script = fopen(path, "w");
    CHECK(script);
    fprintf(script, "set -e\nmkdir '%s/home'\ncd '%s/home'\n{\n:\n", directory, directory);
    for (const struct page_command *c = p->command; c < last; c++)
        if (makes_files(c))
            fputs(c->text, script);
    fprintf(script, "} >'%s/before' 2>&1\nset +e\n%s", directory, last->text);
    CHECK(fclose(script) == 0);
}

/* Returns the exit code; both outputs go to `said`. */
static int run_script(const char *directory, struct pb_buffer *said) {
    char line[2048], part[4096];
    int n = snprintf(
        line, sizeof line,
        "unset PARBENCH_TIME; CC=cc PATH='%s':\"$PATH\" PARBENCH_ROUNDS=2 LC_ALL=C.UTF-8 TMPDIR='%s' "
        "sh '%s/script' 2>&1 </dev/null",
        PB_BINARY_DIR, directory, directory);
    CHECK(n < (int)sizeof line);
    FILE *shell = popen(line, "r");
    CHECK(shell);
    for (size_t got; (got = fread(part, 1, sizeof part, shell)) > 0;)
        pb_buffer_add(said, part, got);
    int status = pclose(shell);
    CHECK_MSG(WIFEXITED(status), "status %#x", (unsigned)status);
    return WEXITSTATUS(status);
}

/* ---- Comparing what it says ---- */

static bool is_figure(const char *word) {
    return isdigit((unsigned char)*word);
}

static bool is_number(const char *word, size_t length) {
    return length && strspn(word, "0123456789") == length;
}

/* The line as far as it is compared, with one blank between words: "thread 2" of "thread   2  17.2 ms". */
static void comparable(const char *line, size_t length, char *out, size_t size) {
    size_t used = 0, words = 0;
    const char *end = line + length;
    for (const char *at = line, *word; at < end; words++) {
        while (at < end && *at == ' ')
            at++;
        for (word = at; at < end && *at != ' ';)
            at++;
        const char *next = at + strspn(at, " ");
        bool width = words == 1 && is_number(word, (size_t)(at - word)) && next < end && is_figure(next);
        if (word == at || (is_figure(word) && !width))
            break;
        CHECK(used + (size_t)(at - word) + 2 < size);
        used += (size_t)snprintf(out + used, size - used, "%s%.*s", used ? " " : "", (int)(at - word), word);
        if (ends(out, " error:"))
            break;
    }
    out[used] = '\0';
}

/* Whether a line of the output begins so. */
static bool is_said(const char *said, const char *beginning) {
    char line[4096];
    for (const char *at = said; *at; at = line_end(at)) {
        size_t used = 0;
        for (const char *c = at; *c && *c != '\n' && used + 1 < sizeof line; c++)
            if (*c != ' ' || (used && line[used - 1] != ' '))
                line[used++] = *c;
        line[used] = '\0';
        if (starts(line, beginning))
            return true;
    }
    return false;
}

/* The end of a paragraph: where an empty line or nothing follows. */
static const char *paragraph_end(const char *at) {
    const char *end = strstr(at, "\n\n");
    return end ? end + 1 : at + strlen(at);
}

static size_t check_paragraph(const struct page_command *c, const char *at, const char *end,
                              const char *said) {
    size_t compared = 0;
    for (const char *next; at < end; at = next) {
        char beginning[1024];
        next = line_end(at);
        comparable(at, strcspn(at, "\n"), beginning, sizeof beginning);
        if (!*beginning || strcmp(beginning, "...") == 0)
            continue;
        CHECK_MSG(is_said(said, beginning), "docs/tutorial.md:%d: nothing begins with \"%s\" in\n%s", c->line,
                  beginning, said);
        compared++;
    }
    return compared;
}

static void check_said(const struct page_command *c, const char *said) {
    size_t compared = 0;
    for (const char *at = c->expected, *end; *at; at = end) {
        at += strspn(at, "\n");
        end = paragraph_end(at);
        if (end - at > 2 && !(starts(end - 2, ".\n") && !starts(end - 4, "...\n")))
            compared += check_paragraph(c, at, end, said);
    }
    CHECK_MSG(compared, "docs/tutorial.md:%d: nothing of its output can be compared", c->line);
}

/* ---- Cases ---- */

static void runs_as_shown(const void *data) {
    const struct page_command *c = data;
    char directory[64], line[128];
    struct pb_buffer said = {0};
    program_need();
    if (!sees_all && strstr(c->text, "-e all"))
        pb_test_skip("the thread sanitizer does not see openmp: its runtime is not instrumented");
    program_directory(directory);
    write_script(the_page(), c, directory);
    int code = run_script(directory, &said);
    snprintf(line, sizeof line, "rm -rf '%s'", directory);
    CHECK_INT(system(line), 0);
    CHECK_MSG(code == c->code, "docs/tutorial.md:%d: %sends with code %d, not %d, and says\n%s", c->line,
              c->text, code, c->code, pb_buffer_string(&said));
    if (c->expected)
        check_said(c, pb_buffer_string(&said));
    pb_buffer_release(&said);
}

/* Blocks of other kinds would escape; and each of the four ways in is gone. */
static void is_whole(const void *data) {
    static const char *const ways[] = {"bench -n 1,2,4 -- ", "-w ./mine.c", "-w 'cmd:", "-w python:file="};
    const struct page *p = the_page();
    (void)data;
    CHECK_MSG(!p->unknown, "%s is neither sh nor the one text that follows it", p->unknown);
    for (size_t i = 0; i < COUNT(ways); i++) {
        bool gone = false;
        for (size_t k = 0; k < p->commands; k++)
            gone |= starts(p->command[k].text, "bench") && strstr(p->command[k].text, ways[i]);
        CHECK_MSG(gone, "no command of the page has %s", ways[i]);
    }
}

static bool case_at(size_t i, struct pb_case *out) {
    static char name[64];
    const struct page *p = the_page();
    if (i == 0) {
        *out = (struct pb_case){"is-whole", is_whole, NULL};
        return true;
    }
    if (i > p->commands)
        return false;
    const struct page_command *c = &p->command[i - 1];
    snprintf(name, sizeof name, "line-%d-%.*s", c->line, (int)strcspn(c->text, " \n"), c->text);
    *out = (struct pb_case){name, runs_as_shown, c};
    return true;
}

const struct pb_suite suite_tutorial = {.name = "tutorial", .generate = case_at};
