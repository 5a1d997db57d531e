#include "report/annotations.h"

#include <stdlib.h>
#include <string.h>

#include "report/change_text.h"
#include "report/column.h"
#include "report/harmless.h"
#include "report/row_names.h"

bool pb_annotations_wanted(void) {
    const char *set = getenv("GITHUB_ACTIONS");
    return set && strcmp(set, "true") == 0;
}

/* A property of a command ends at ":" or ",", a message at the end of its line. */
static void put(struct pb_buffer *out, const char *text, const char *special) {
    struct pb_buffer plain = {0};
    pb_harmless(&plain, text);
    for (const char *at = pb_buffer_string(&plain); *at; at++)
        pb_buffer_printf(out, strchr(special, *at) ? "%%%02X" : "%c", (unsigned char)*at);
    out->failed |= plain.failed;
    pb_buffer_release(&plain);
}

static void annotate(struct pb_buffer *out, const char *level, const char *name, const char *message) {
    pb_buffer_printf(out, "::%s title=", level);
    put(out, name, "%\r\n:,");
    pb_buffer_text(out, "::");
    put(out, message, "%\r\n");
    pb_buffer_text(out, "\n");
}

static void annotate_comparison(struct pb_buffer *out, const struct pb_comparison *c) {
    const char *verdict = c->verdict ? c->verdict : PB_INCONCLUSIVE;
    bool regressed = strcmp(verdict, PB_REGRESSED) == 0;
    struct pb_buffer message = {0};
    if (!regressed && strcmp(verdict, PB_INCONCLUSIVE) != 0 && strcmp(verdict, PB_NOT_COMPARABLE) != 0)
        return;
    pb_buffer_printf(&message, "%s: ", verdict);
    pb_change_text(c, &message);
    annotate(out, regressed ? "error" : "warning", c->name, pb_buffer_string(&message));
    out->failed |= message.failed;
    pb_buffer_release(&message);
}

void pb_annotations_write(const struct pb_run *run, struct pb_buffer *out) {
    struct pb_row_names names;
    if (pb_row_names_init(&names, run, "annotations", NULL) < 0)
        out->failed = true;
    for (uint32_t i = 0; i < names.count; i++) {
        struct pb_buffer why = {0};
        if (pb_cell_broken(&run->cell[i])) {
            pb_cell_measured(&run->cell[i], &why);
            annotate(out, "error", names.name[i], pb_buffer_string(&why));
        }
        out->failed |= why.failed;
        pb_buffer_release(&why);
    }
    for (uint32_t i = 0; i < run->comparisons; i++) {
        const struct pb_cell *cell = pb_comparison_cell(run, &run->comparison[i]);
        if (!cell || !pb_cell_broken(cell)) /* that has been said */
            annotate_comparison(out, &run->comparison[i]);
    }
    pb_row_names_release(&names);
}
