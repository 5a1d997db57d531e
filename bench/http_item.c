#include "bench/http_item.h"

#include <string.h>

#include "parbench/workload.h"

/* What a number is drawn for; without it the draws of one item would be one number. */
enum draw { DRAW_ANSWER = 1, DRAW_DELAY, DRAW_BODY };

static uint64_t draw(const struct http_plan *plan, enum draw what, uint64_t item, uint32_t attempt) {
    return pb_mix(attempt, pb_mix(item, pb_mix(what, plan->seed)));
}

/* Uniform in [0, 1): the upper 53 bits. */
static double unit(uint64_t bits) {
    return (double)(bits >> 11) * 0x1p-53;
}

enum http_answer http_answer(const struct http_plan *plan, uint64_t item, uint32_t attempt) {
    const struct {
        enum http_answer answer;
        double share;
    } faults[] = {{HTTP_ERROR, plan->errors}, {HTTP_RESET, plan->reset}, {HTTP_TRUNCATED, plan->truncation}};
    double at = unit(draw(plan, DRAW_ANSWER, item, 0)), end = plan->not_found;
    if (at < end)
        return HTTP_NOT_FOUND;
    if (attempt > 0)
        at = end + (1 - end) * unit(draw(plan, DRAW_ANSWER, item, attempt));
    for (size_t k = 0; k < sizeof faults / sizeof *faults; k++) {
        end += faults[k].share;
        if (at < end)
            return faults[k].answer;
    }
    return HTTP_GOOD;
}

int64_t http_delay(const struct http_plan *plan, uint64_t item, uint32_t attempt) {
    return plan->delay_ns + (int64_t)(unit(draw(plan, DRAW_DELAY, item, attempt)) * (double)plan->jitter_ns);
}

uint64_t http_word(const struct http_plan *plan, uint64_t item, uint64_t k) {
    return pb_mix(k, draw(plan, DRAW_BODY, item, 0));
}

void http_fill(const struct http_plan *plan, uint64_t item, uint64_t offset, char *out, size_t size) {
    uint64_t key = draw(plan, DRAW_BODY, item, 0);
    while (size > 0) {
        uint64_t word = pb_mix(offset / 8, key);
        size_t skip = offset % 8, part = size < 8 - skip ? size : 8 - skip;
        memcpy(out, (const char *)&word + skip, part);
        out += part;
        offset += part;
        size -= part;
    }
}
