#include "executor/inbox.h"

#include <stdlib.h>

static size_t payload_size(const struct pb_inbox *in) {
    return (size_t)in->head.size + in->head.text_size;
}

static size_t drop(struct pb_ring *ring, size_t size) {
    unsigned char scrap[4096];
    return pb_ring_read(ring, scrap, size < sizeof scrap ? size : sizeof scrap);
}

bool pb_inbox_pull(struct pb_inbox *in, struct pb_ring *ring) {
    size_t before = in->passed;
    if (in->passed < sizeof in->head) {
        in->passed +=
            pb_ring_read(ring, (unsigned char *)&in->head + in->passed, sizeof in->head - in->passed);
        if (in->passed == sizeof in->head && payload_size(in))
            in->payload = calloc(1, payload_size(in) + 1);
    }
    if (in->passed >= sizeof in->head) {
        size_t got = in->passed - sizeof in->head, left = payload_size(in) - got;
        if (left)
            in->passed += in->payload ? pb_ring_read(ring, in->payload + got, left) : drop(ring, left);
    }
    return in->passed != before;
}

bool pb_inbox_is_whole(const struct pb_inbox *in) {
    return in->passed >= sizeof in->head && in->passed == sizeof in->head + payload_size(in);
}

bool pb_inbox_is_lost(const struct pb_inbox *in) {
    return payload_size(in) && !in->payload;
}

void pb_inbox_clear(struct pb_inbox *in) {
    free(in->payload);
    *in = (struct pb_inbox){0};
}
