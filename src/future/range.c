#include "future/range.h"

void pb_range_init(struct pb_range *range, uint64_t begin, uint64_t n, pb_body *body, const void *args,
                   size_t size, uint32_t workers) {
    *range = (struct pb_range){.begin = begin,
                               .n = n,
                               .body = body,
                               .args = args,
                               .args_size = size,
                               .divisor = 64 * (uint64_t)workers};
    atomic_init(&range->own_cursor, begin);
    range->cursor = &range->own_cursor;
}

static bool claim(struct pb_range *range, uint64_t *begin, uint64_t *end) {
    uint64_t at = atomic_load_explicit(range->cursor, memory_order_relaxed);
    do {
        if (at >= range->n)
            return false;
        uint64_t chunk = (range->n - at) / range->divisor;
        *begin = at;
        *end = at + (chunk ? chunk : 1);
    } while (!atomic_compare_exchange_weak_explicit(range->cursor, &at, *end, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

/* What is the same for every index stays in registers: the task may be a few instructions. */
static void run_chunk(const struct pb_range *range, struct pb_task *task, uint64_t begin, uint64_t end,
                      _Atomic uint64_t *current, struct pb_range_result *tally) {
    pb_body *body = range->body;
    const void *args = range->args;
    uint64_t sum = 0, bad = 0;
    for (uint64_t i = begin; i < end; i++) {
        uint64_t digest = 0;
        atomic_store_explicit(current, i, memory_order_relaxed);
        int status = body(task, i, args, &digest);
        sum += pb_mix(i, digest);
        if (status) {
            tally->status[pb_status_row(status)]++;
            bad++;
        }
        pb_task_boundary(task);
    }
    tally->tasks += end - begin;
    tally->digest += sum;
    tally->status[0] += end - begin - bad;
}

void pb_range_run(struct pb_range *range, struct pb_task *task, _Atomic uint64_t *current,
                  struct pb_range_result *tally) {
    _Atomic uint64_t unwatched;
    for (uint64_t i, end; claim(range, &i, &end);)
        run_chunk(range, task, i, end, current ? current : &unwatched, tally);
}

uint64_t pb_range_left(const struct pb_range *range) {
    uint64_t at = atomic_load_explicit(range->cursor, memory_order_relaxed);
    return at < range->n ? range->n - at : 0;
}

bool pb_range_exhausted(const struct pb_range *range) {
    return pb_range_left(range) == 0;
}

void pb_tally_add(struct pb_range_result *to, const struct pb_range_result *from) {
    to->tasks += from->tasks;
    to->digest += from->digest;
    for (int i = 0; i < PB_STATUS_MAX; i++)
        to->status[i] += from->status[i];
}
