/* Building and freeing the record.
 *
 * Arrays carry no capacity: one that holds `count` elements was allocated for the next power of two, so it
 * grows exactly when `count` is zero or a power of two. That holds as long as cells, samples, notes,
 * failures, warnings, findings, doubts, laws and comparisons are added by the builders here only. A sample's
 * workers and latencies are allocated to size, once. */
#include "results/record.h"

#include "results/fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void *pb_record_grow(void **array, uint32_t count, size_t size) {
    if ((count & (count - 1)) == 0) {
        void *more = count > UINT32_MAX / 2 ? NULL : realloc(*array, (count ? 2 * (size_t)count : 1) * size);
        if (!more)
            return NULL;
        *array = more;
    }
    char *slot = (char *)*array + (size_t)count * size;
    memset(slot, 0, size);
    return slot;
}

int pb_set_text(char **slot, const char *text) {
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        return -ENOMEM;
    free(*slot);
    *slot = copy;
    return 0;
}

static int add_text(char ***list, uint32_t *count, const char *text) {
    void *array = *list;
    char **slot = pb_record_grow(&array, *count, sizeof *slot);
    *list = array;
    if (!slot)
        return -ENOMEM;
    *slot = strdup(text);
    if (!*slot)
        return -ENOMEM;
    ++*count;
    return 0;
}

static void release_texts(char **list, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        free(list[i]);
    free(list);
}

static const struct pb_estimate unknown_estimate = {.value = NAN, .low = NAN, .high = NAN};

static void summary_clear(struct pb_summary *s) {
    *s = (struct pb_summary){
        .time = unknown_estimate,
        .speedup = unknown_estimate,
        .possible = unknown_estimate,
        .throughput = unknown_estimate,
        .kept = unknown_estimate,
        .busy = NAN,
        .cost = NAN,
        .efficiency = NAN,
        .bound = NAN,
        .imbalance = NAN,
        .spent = {NAN, NAN, NAN, NAN, NAN},
        .p50 = NAN,
        .p99 = NAN,
        .p999 = NAN,
        .rate = NAN,
        .serial_fraction = NAN,
        .outcome = "-",
    };
}

void pb_run_init(struct pb_run *run) {
    memset(run, 0, sizeof *run);
    run->host.smt_active = run->host.turbo = -1;
    run->host.load1 = -1;
    run->host.memory_available = -1;
}

static void cell_release(struct pb_cell *cell) {
    char *texts[] = {cell->workload,
                     cell->workload_name,
                     cell->workload_summary,
                     cell->workload_full,
                     cell->executor,
                     cell->binding,
                     cell->binding_effective,
                     cell->binding_reason,
                     cell->via,
                     cell->planned,
                     cell->achieved,
                     cell->error,
                     cell->runner,
                     cell->opens,
                     cell->side};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    for (size_t i = 0; i < PB_STATUS_MAX; i++)
        free(cell->status_name[i]);
    for (size_t i = 0; i < PB_SAMPLE_COUNTERS; i++)
        free(cell->counter_name[i]);
    release_texts(cell->note, cell->notes);
    pb_hosts_release(cell->host, cell->hosts);
    free(cell->failure);
    free(cell->task_ns);
    free(cell->span);
    for (uint32_t i = 0; i < cell->samples; i++)
        pb_sample_release(&cell->sample[i]);
    free(cell->sample);
}

void pb_run_clear_findings(struct pb_run *run) {
    for (uint32_t i = 0; i < run->findings; i++) {
        free(run->finding[i].claim);
        free(run->finding[i].evidence);
        free(run->finding[i].next);
    }
    free(run->finding);
    run->finding = NULL;
    run->findings = 0;
}

static void doubts_release(struct pb_run *run) {
    for (uint32_t i = 0; i < run->doubts; i++)
        free(run->doubt[i].text);
    free(run->doubt);
    run->doubt = NULL;
    run->doubts = 0;
}

static void laws_release(struct pb_run *run) {
    for (uint32_t i = 0; i < run->laws; i++)
        free(run->law[i].why);
    free(run->law);
    run->law = NULL;
    run->laws = 0;
}

void pb_run_clear_comparisons(struct pb_run *run) {
    for (uint32_t i = 0; i < run->comparisons; i++) {
        free(run->comparison[i].name);
        free(run->comparison[i].why);
    }
    free(run->comparison);
    run->comparison = NULL;
    run->comparisons = 0;
}

void pb_run_release(struct pb_run *run) {
    for (uint32_t i = 0; i < run->cells; i++)
        cell_release(&run->cell[i]);
    free(run->cell);
    pb_run_clear_findings(run);
    doubts_release(run);
    laws_release(run);
    pb_run_clear_comparisons(run);
    release_texts(run->warning, run->warnings);
    free(run->machine.pu); /* all that a flat machine owns */
    free(run->version);
    free(run->commit);
    free(run->command);
    pb_run_init(run);
}

struct pb_cell *pb_run_add_cell(struct pb_run *run) {
    void *array = run->cell;
    struct pb_cell *cell = pb_record_grow(&array, run->cells, sizeof *cell);
    run->cell = array;
    if (!cell)
        return NULL;
    cell->id = run->cells++;
    cell->base = cell->reference = cell->reference_base = -1;
    summary_clear(&cell->summary);
    return cell;
}

/* NULL with *failed as it was: there is nothing to copy. */
static void *copy_of(const void *array, uint32_t count, size_t size, bool *failed) {
    if (!count)
        return NULL;
    void *copy = malloc(count * size);
    if (copy)
        memcpy(copy, array, count * size);
    else
        *failed = true;
    return copy;
}

int pb_cell_add_sample(struct pb_cell *cell, const struct pb_sample *sample) {
    struct pb_sample copy = *sample; /* it may lie in the array that grows */
    bool failed = false;
    copy.worker = copy_of(sample->worker, copy.workers, sizeof *copy.worker, &failed);
    copy.latency = copy_of(sample->latency, copy.latencies, sizeof *copy.latency, &failed);
    void *array = cell->sample;
    struct pb_sample *slot = failed ? NULL : pb_record_grow(&array, cell->samples, sizeof *slot);
    cell->sample = array;
    if (!slot) {
        pb_sample_release(&copy);
        return -ENOMEM;
    }
    *slot = copy;
    cell->samples++;
    return 0;
}

int pb_cell_add_failure(struct pb_cell *cell, const struct pb_failure *failure) {
    const struct pb_failure copy = *failure;
    for (uint32_t i = 0; i < cell->failures; i++)
        if (cell->failure[i].task == copy.task && cell->failure[i].status == copy.status)
            return 0;
    if (cell->failures >= PB_CELL_FAILURES)
        return 0;
    void *array = cell->failure;
    struct pb_failure *slot = pb_record_grow(&array, cell->failures, sizeof *slot);
    cell->failure = array;
    if (!slot)
        return -ENOMEM;
    *slot = copy;
    cell->failures++;
    return 1;
}

int pb_cell_add_note(struct pb_cell *cell, const char *text) {
    for (uint32_t i = 0; i < cell->notes; i++)
        if (strcmp(cell->note[i], text) == 0)
            return 0;
    return add_text(&cell->note, &cell->notes, text);
}

int pb_run_add_warning(struct pb_run *run, const char *text) {
    return add_text(&run->warning, &run->warnings, text);
}

struct pb_comparison *pb_run_add_comparison(struct pb_run *run, const char *name) {
    void *array = run->comparison;
    struct pb_comparison *comparison = pb_record_grow(&array, run->comparisons, sizeof *comparison);
    run->comparison = array;
    if (!comparison || pb_set_text(&comparison->name, name) < 0)
        return NULL;
    comparison->cell = -1;
    comparison->base_ns = comparison->head_ns = NAN;
    comparison->change = comparison->control = unknown_estimate;
    comparison->confidence = comparison->threshold = comparison->detectable = NAN;
    comparison->verdict = PB_INCONCLUSIVE;
    run->comparisons++;
    return comparison;
}

int pb_run_add_finding(struct pb_run *run, const char *claim, const char *evidence, const char *next) {
    void *array = run->finding;
    struct pb_finding *finding = pb_record_grow(&array, run->findings, sizeof *finding);
    run->finding = array;
    if (!finding)
        return -ENOMEM;
    int rc = pb_set_text(&finding->claim, claim);
    rc = rc ? rc : pb_set_text(&finding->evidence, evidence);
    rc = rc ? rc : pb_set_text(&finding->next, next);
    if (rc) {
        free(finding->claim);
        free(finding->evidence);
        return rc;
    }
    run->findings++;
    return 0;
}

int pb_run_add_doubt(struct pb_run *run, const char *text, bool grave) {
    void *array = run->doubt;
    struct pb_doubt *doubt = pb_record_grow(&array, run->doubts, sizeof *doubt);
    run->doubt = array;
    if (!doubt || pb_set_text(&doubt->text, text) < 0)
        return -ENOMEM;
    doubt->grave = grave;
    run->doubts++;
    return 0;
}

struct pb_scaling_law *pb_run_add_law(struct pb_run *run, uint32_t cell) {
    static const struct pb_estimate endless = {.value = INFINITY, .low = INFINITY, .high = INFINITY};
    void *array = run->law;
    struct pb_scaling_law *law = pb_record_grow(&array, run->laws, sizeof *law);
    run->law = array;
    if (!law)
        return NULL;
    law->cell = cell;
    law->one = law->a = law->b = law->throughput = law->speedup = unknown_estimate;
    law->peak = endless;
    law->misfit = NAN;
    run->laws++;
    return law;
}

void pb_run_clear_computed(struct pb_run *run) {
    for (uint32_t i = 0; i < run->cells; i++)
        summary_clear(&run->cell[i].summary);
    pb_run_clear_findings(run);
    doubts_release(run);
    laws_release(run);
}
