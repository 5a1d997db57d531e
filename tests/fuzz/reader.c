/* The properties are checked in the order in which a command meets the bytes: read, written again, analysed,
 * shown. The bytes are copied to a block of exactly their size, so that a sanitizer sees a step too far. */
#include "reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "report/report.h"
#include "results/encode.h"
#include "results/json.h"

#define FILE_NAME "r.json"

/* "r.json:LINE:COLUMN: what", or the one complaint about the file as a whole. */
static bool is_placed(const struct pb_error *error) {
    int line = 0, column = 0, end = 0;
    if (error->code == -ENOMEM)
        return true;
    if (strncmp(error->text, FILE_NAME ": larger than ", strlen(FILE_NAME ": larger than ")) == 0)
        return true;
    sscanf(error->text, FILE_NAME ":%d:%d: %n", &line, &column, &end);
    return error->code == -EINVAL && line > 0 && column > 0 && end > 0 && error->text[end];
}

/* The text reads back as `run`; `what` says which text it is. */
static bool reads_back(const struct pb_run *run, const struct pb_buffer *text, const char *what, char *why,
                       size_t room) {
    struct pb_run back;
    struct pb_error error = {0};
    char where[128] = "";
    if (pb_run_decode(&back, FILE_NAME, text->data, text->size, &error) != 0) {
        snprintf(why, room, "%s does not read back: %s", what, error.text);
        return false;
    }
    if (back.rounds != run->rounds && strcmp(what, "journal") == 0)
        back.rounds = run->rounds; /* made up from the samples */
    bool same = same_object(&pb_run_object, run, &back, where, sizeof where);
    if (!same)
        snprintf(why, room, "%s reads back with another \"%s\"", what, where);
    pb_run_release(&back);
    return same;
}

static bool file_holds(const struct pb_run *run, const char *what, char *why, size_t room) {
    struct pb_buffer text = {0};
    int rc = pb_run_encode(run, &text);
    if (rc)
        snprintf(why, room, "%s cannot be written: %s", what, strerror(-rc));
    bool holds = rc == 0 && reads_back(run, &text, what, why, room);
    pb_buffer_release(&text);
    return holds;
}

static bool journal_holds(const struct pb_run *run, char *why, size_t room) {
    struct pb_buffer text = {0};
    int rc = pb_run_encode_line(run, &text);
    for (uint32_t c = 0; c < run->cells && rc == 0; c++)
        for (uint32_t i = 0; i < run->cell[c].samples && rc == 0; i++)
            rc = pb_sample_encode_line(c, &run->cell[c].sample[i], &text);
    if (rc)
        snprintf(why, room, "journal cannot be written: %s", strerror(-rc));
    bool holds = rc == 0 && reads_back(run, &text, "journal", why, room);
    pb_buffer_release(&text);
    return holds;
}

/* Analysed once, and once more, which must change nothing. */
static bool analysis_holds(struct pb_run *run, char *why, size_t room) {
    struct pb_buffer first = {0}, second = {0};
    bool holds = false;
    int rc = pb_analyse(run);
    rc = rc ? rc : pb_run_encode(run, &first);
    rc = rc ? rc : pb_analyse(run);
    rc = rc ? rc : pb_run_encode(run, &second);
    if (rc) {
        snprintf(why, room, "analysis: %s", strerror(-rc));
        goto out;
    }
    if (strcmp(first.data, second.data) != 0) {
        snprintf(why, room, "analysis: not the same when it is done again");
        goto out;
    }
    for (uint32_t i = 0; i < run->cells; i++)
        if (!cell_is_possible(&run->cell[i], why, room))
            goto out;
    for (uint32_t i = 0; i < run->laws; i++)
        if (!law_is_possible(&run->law[i], why, room))
            goto out;
    double widest = pb_widest_interval(run, NULL);
    if (!(widest >= 0)) {
        snprintf(why, room, "widest interval is %g", widest);
        goto out;
    }
    holds = file_holds(run, "analysed file", why, room);
out:
    pb_buffer_release(&first);
    pb_buffer_release(&second);
    return holds;
}

static bool formats_hold(const struct pb_run *run, char *why, size_t room) {
    static const struct pb_report_style styles[] = {{.width = 80}, {true, true, true, true, 200}};
    for (const struct pb_format *f = pb_formats; f->name; f++)
        for (size_t i = 0; i < sizeof styles / sizeof *styles && !f->absent; i++) {
            struct pb_buffer out = {0};
            struct pb_error error = {0};
            int rc = f->write(run, &styles[i], &out, &error);
            pb_buffer_release(&out);
            if (rc && !*error.text) {
                snprintf(why, room, "format %s failed and does not say why", f->name);
                return false;
            }
        }
    return true;
}

bool reader_holds(const char *text, size_t size, char *why, size_t room) {
    struct pb_run run;
    struct pb_error error = {0};
    char *copy = malloc(size + !size);
    bool holds = true;
    *why = '\0';
    if (!copy)
        return true;
    memcpy(copy, text, size);
    int rc = pb_run_decode(&run, FILE_NAME, copy, size, &error);
    if (rc && !is_placed(&error)) {
        snprintf(why, room, "refused without a place: %s", error.text);
        holds = false;
    } else if (rc && (run.cell || run.machine.pu || run.version)) {
        snprintf(why, room, "refused, but something is left of it");
        holds = false;
    } else if (rc == 0) {
        holds = file_holds(&run, "file", why, room) && journal_holds(&run, why, room) &&
                analysis_holds(&run, why, room) && formats_hold(&run, why, room);
        pb_run_release(&run);
    }
    free(copy);
    return holds;
}
