/* One row per sample, as RFC 4180 has it: a header, CRLF, texts between quotes. What a spreadsheet would take
 * for a formula begins with an apostrophe. Unknown numbers are empty. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "report/formats.h"
#include "report/harmless.h"

/* Blanks before them do not help, and some readers take the wide forms for them. */
static bool is_formula(const char *text) {
    static const char *const signs[] = {"=", "+", "-", "@", "＝", "＋", "－", "＠"};
    text += strspn(text, " ");
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strncmp(text, signs[i], strlen(signs[i])) == 0)
            return true;
    return false;
}

static void put_text(struct pb_buffer *out, const char *text) {
    struct pb_buffer plain = {0};
    pb_harmless(&plain, text);
    const char *at = pb_buffer_string(&plain);
    pb_buffer_text(out, is_formula(at) ? "\"'" : "\"");
    for (; *at; at++)
        pb_buffer_printf(out, *at == '"' ? "\"\"" : "%c", *at);
    pb_buffer_text(out, "\"");
    out->failed |= plain.failed;
    pb_buffer_release(&plain);
}

static const char *role(const struct pb_cell *c) {
    return c->role == PB_ROLE_BASE ? "base" : c->role == PB_ROLE_REFERENCE ? "reference" : "cell";
}

static const char *state(const struct pb_cell *c) {
    static const char *const names[] = {
        [PB_CELL_PLANNED] = "planned", [PB_CELL_RUNNING] = "running", [PB_CELL_DONE] = "done",
        [PB_CELL_FAILED] = "failed",   [PB_CELL_WRONG] = "wrong",     [PB_CELL_REFUSED] = "refused",
    };
    return names[c->state];
}

static const char header[] =
    "workload,executor,workers,binding,via,runner,side,role,state,cell,round,fork,tasks,failed_tasks,"
    "makespan_ns,cpu_ns,voluntary,involuntary,migrations,minor_faults,major_faults,peak_bytes,throttled,"
    "throttled_ns,steal_ns,digest\r\n";

static void put_cell(struct pb_buffer *out, const struct pb_cell *c) {
    put_text(out, c->workload);
    pb_buffer_text(out, ",");
    put_text(out, c->executor);
    pb_buffer_printf(out, ",%" PRIu32 ",", c->workers);
    const char *const texts[] = {c->binding, c->via, c->runner, c->side};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put_text(out, texts[i]);
        pb_buffer_text(out, ",");
    }
    pb_buffer_printf(out, "%s,%s,%" PRIu32, role(c), state(c), c->id);
}

static void put_sample(struct pb_buffer *out, const struct pb_sample *s) {
    const int64_t perhaps[] = {s->voluntary,    s->involuntary,  s->migrations,
                               s->minor_faults, s->major_faults, s->peak_bytes,
                               s->throttled,    s->throttled_ns, s->steal_ns};
    uint64_t failed = s->tasks > s->status[0] ? s->tasks - s->status[0] : 0;
    pb_buffer_printf(out, ",%" PRIu32 ",%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, s->round,
                     s->fork, s->tasks, failed, s->makespan_ns, s->cpu_ns);
    for (size_t i = 0; i < sizeof perhaps / sizeof *perhaps; i++)
        if (perhaps[i] < 0)
            pb_buffer_text(out, ",");
        else
            pb_buffer_printf(out, ",%" PRId64, perhaps[i]);
    pb_buffer_printf(out, ",0x%016" PRIx64 "\r\n", s->digest);
}

int pb_csv_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                 struct pb_error *error) {
    (void)style;
    pb_buffer_text(out, header);
    for (uint32_t i = 0; i < run->cells; i++) {
        struct pb_buffer cell = {0};
        put_cell(&cell, &run->cell[i]);
        for (uint32_t k = 0; k < run->cell[i].samples; k++) {
            pb_buffer_text(out, pb_buffer_string(&cell));
            put_sample(out, &run->cell[i].sample[k]);
        }
        out->failed |= cell.failed;
        pb_buffer_release(&cell);
    }
    return out->failed ? pb_error_set(error, -ENOMEM, "format csv: no memory: free some") : 0;
}
