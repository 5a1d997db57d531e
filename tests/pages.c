#include "pages.h"

static void add(struct page *p, char *text, int line) {
    CHECK(text);
    CHECK_MSG(p->commands < PAGE_COMMANDS, "line %d: more commands than PAGE_COMMANDS", line);
    p->command[p->commands++] = (struct page_command){.text = text, .line = line};
}

static void add_once(struct page *p, char *text, int line) {
    CHECK(text);
    for (size_t i = 0; i < p->commands; i++)
        if (strcmp(p->command[i].text, text) == 0) {
            free(text);
            return;
        }
    add(p, text, line);
}

/* ---- Blocks of the shell ---- */

/* The end of the document that "<<'WORD'" in the line begins, or of the line. */
static const char *document_end(const char *line) {
    const char *end = line_end(line), *opens = strstr(line, "<<'");
    char word[32];
    if (!opens || opens > end || sscanf(opens, "<<'%30[A-Z]'", word) != 1)
        return end;
    strcat(word, "\n");
    while (*end && !starts(end, word))
        end = line_end(end);
    CHECK_MSG(*end, "a document is not ended by %s", word);
    return line_end(end);
}

/* Lines that end with a backslash go on. */
static const char *command_end(const char *line) {
    const char *end = document_end(line);
    while (end - line > 2 && starts(end - 2, "\\\n"))
        end = line_end(end);
    return end;
}

static void add_shell(struct page *p, const char *block, int line) {
    static const char code[] = "# exit code ";
    for (const char *at = block, *end; *at; at = end) {
        end = command_end(at);
        if (*at != '\n' && *at != '#') {
            add(p, strndup(at, (size_t)(end - at)), line);
            struct page_command *c = &p->command[p->commands - 1];
            const char *comment = strstr(c->text, code);
            c->code = comment ? atoi(comment + strlen(code)) : 0;
        }
        for (const char *l = at; l < end; l = line_end(l))
            line++;
    }
}

/* ---- Jobs of a CI ---- */

static size_t indent_of(const char *line) {
    return strspn(line, " ");
}

/* Appends the lines that lie deeper than `indent`, as one script; items of a list lose their dash, and a line
 * that lies deeper than an item goes on with it. Returns what comes after. */
static const char *add_script(struct page *p, const char *at, size_t indent, bool list, int line) {
    struct pb_buffer script = {0};
    for (; *at && *at != '`' && (*at == '\n' || indent_of(at) > indent); at = line_end(at)) {
        const char *text = at + indent_of(at);
        bool item = list && starts(text, "- ");
        if (list && !item && script.size)
            script.data[script.size - 1] = ' ';
        text += item ? 2 : 0;
        pb_buffer_add(&script, text, (size_t)(line_end(at) - text));
    }
    add(p, strdup(pb_buffer_string(&script)), line);
    pb_buffer_release(&script);
    return at;
}

static void add_jobs(struct page *p, const char *block, int line) {
    for (const char *at = block, *next; *at; at = next) {
        const char *key = at + indent_of(at);
        size_t indent = indent_of(at);
        next = line_end(at);
        key += starts(key, "- ") ? 2 : 0;
        if (starts(key, "run: |\n") || starts(key, "script:\n"))
            next = add_script(p, next, indent, *key == 's', line + line_of(block, next) - 1);
    }
}

/* ---- Indented lines, and text between backquotes ---- */

static bool is_ours(const char *text) {
    static const char *const first[] = {"bench", "scripts/", "build/", "jq",      "cc",
                                        "c++",   "rustc",    "./",     "python3", "/usr/share/benchmark/"};
    for (size_t i = 0; i < COUNT(first); i++) {
        size_t length = strlen(first[i]);
        bool whole = strchr("/ ", first[i][length - 1]) || strchr(" \n", text[length]);
        if (starts(text, first[i]) && whole)
            return true;
    }
    return false;
}

/* The command of an indented line, without what is said of it behind two blanks. */
static char *command_of(const char *text) {
    const char *end = text;
    for (char quote = '\0'; *end && *end != '\n' && (quote || !starts(end, "  ")); end++)
        if (*end == quote)
            quote = '\0';
        else if (!quote && strchr("'\"", *end))
            quote = *end;
    return strndup(text, (size_t)(end - text));
}

/* What stands between backquotes, with blanks for the ends of lines; one word alone is a name. */
static void add_spans(struct page *p, const char *text, const char *from, const char *to) {
    for (const char *at = from, *end; (at = memchr(at, '`', (size_t)(to - at))); at = end + 1) {
        end = memchr(at + 1, '`', (size_t)(to - at - 1));
        CHECK_MSG(end, "line %d: a backquote is not closed", line_of(text, at));
        char *span = strndup(at + 1, (size_t)(end - at - 1));
        CHECK(span);
        for (char *c = span; *c; c++)
            *c = *c == '\n' ? ' ' : *c;
        if ((starts(span, "bench ") || starts(span, "scripts/")) && strchr(span, ' '))
            add_once(p, span, line_of(text, at));
        else
            free(span);
    }
}

/* ---- The page ---- */

static void add_block(struct page *p, const char *opening, const char *block, int line, bool all) {
    if (starts(opening, "```sh\n"))
        add_shell(p, block, line);
    else if (all && starts(opening, "```yaml\n"))
        add_jobs(p, block, line);
    else if (starts(opening, "```text\n") && p->commands && !p->command[p->commands - 1].expected)
        p->command[p->commands - 1].expected = strdup(block);
    else if (!p->unknown)
        p->unknown = strndup(opening, strcspn(opening, "\n"));
}

static void read_all(struct page *p, const char *path, bool all) {
    char *text = slurp(path);
    const char *prose = text;
    *p = (struct page){0};
    for (const char *at = text, *next; *at; at = next) {
        bool fence = starts(at, "```"), indented = starts(at, "    ");
        next = line_end(at);
        if (all && (fence || indented))
            add_spans(p, text, prose, at);
        if (fence) {
            const char *to = strstr(next, "\n```\n");
            CHECK_MSG(to, "%s: the block at line %d is not closed", path, line_of(text, at));
            char *block = strndup(next, (size_t)(to + 1 - next));
            CHECK(block);
            add_block(p, at, block, line_of(text, next), all);
            free(block);
            next = line_end(to + 1);
        } else if (all && indented && is_ours(at + 4)) {
            add_once(p, command_of(at + 4), line_of(text, at));
        }
        if (fence || indented)
            prose = next;
    }
    if (all)
        add_spans(p, text, prose, text + strlen(text));
    free(text);
}

void page_read_blocks(struct page *p, const char *path) {
    read_all(p, path, false);
}

void page_read(struct page *p, const char *path) {
    read_all(p, path, true);
}
