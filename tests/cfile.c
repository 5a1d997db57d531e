#include "cfile.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "parbench/workload.h"

enum { WORDS = 24 };

void cfile_place_init(struct cfile_place *p) {
    program_directory(p->files);
    program_directory(p->tmp);
}

void cfile_place_release(const struct cfile_place *p) {
    CHECK_MSG(rmdir(p->tmp) == 0, "something is left in TMPDIR: %s", strerror(errno));
    program_directory_release(p->files);
}

void cfile_write(const struct cfile_place *place, const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", place->files, name);
    FILE *file = fopen(path, "we");
    CHECK_MSG(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s: %s", path, strerror(errno));
}

char *cfile_text(const struct cfile_place *place, const char *text) {
    const char *slash = strrchr(PB_COMPILER, '/'), *compiler = slash ? slash + 1 : PB_COMPILER;
    struct pb_buffer out = {0};
    for (; *text; text++)
        if (*text == '@' || *text == '%')
            pb_buffer_text(&out, *text == '@' ? place->files : compiler);
        else
            pb_buffer_add(&out, text, 1);
    pb_buffer_add(&out, "", 1);
    CHECK(!out.failed);
    return out.data;
}

void cfile_begin(struct program *p, const struct cfile_place *place, const char *item, const char *options,
                 const char *compiler) {
    char *workload = cfile_text(place, item), *cc = cfile_text(place, compiler), line[512], *rest = NULL;
    char tmpdir[80], compiled[512];
    const char *word[WORDS] = {"-q", "-w", workload};
    int words = 3;
    snprintf(line, sizeof line, "%s", options);
    snprintf(tmpdir, sizeof tmpdir, "TMPDIR=%s", place->tmp);
    snprintf(compiled, sizeof compiled, "CC=%s", cc);
    const char *const environment[] = {tmpdir, compiled, NULL};
    for (char *w = strtok_r(line, " ", &rest); w && words < WORDS - 1; w = strtok_r(NULL, " ", &rest))
        word[words++] = w;
    program_begin(p, &(struct program_start){.word = word, .environment = environment});
    free(workload);
    free(cc);
}

/* A repetition's digest, as docs/runner-protocol.md has it. */
static uint64_t digest_of(uint64_t (*task)(uint64_t)) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < CFILE_TASKS; i++)
        sum += pb_mix(i, task(i));
    return sum;
}

uint32_t cfile_check_rows(const struct pb_run *run, const char *workload, uint64_t (*task)(uint64_t)) {
    uint32_t rows = 0;
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *c = &run->cell[i];
        if (c->role == PB_ROLE_REFERENCE || strcmp(c->workload, workload) != 0)
            continue;
        CHECK_MSG(c->state == PB_CELL_DONE, "%s %s: %s", workload, c->executor, c->error ? c->error : "");
        CHECK(c->samples > 0);
        CHECK_MSG(c->sample[0].digest == digest_of(task), "%s %s: digest %#llx, expected %#llx", workload,
                  c->executor, (unsigned long long)c->sample[0].digest, (unsigned long long)digest_of(task));
        rows++;
    }
    CHECK_MSG(rows > 0, "there is no row of %s", workload);
    return rows;
}

uint64_t cfile_collatz(uint64_t i, uint64_t numbers) {
    uint64_t steps = 0;
    for (uint64_t k = 1; k <= numbers; k++)
        for (uint64_t n = i * numbers + k; n != 1; steps++)
            n = n % 2 ? 3 * n + 1 : n / 2;
    return steps;
}
