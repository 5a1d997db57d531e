#include "executor/transfer.h"

#include <stdlib.h>

bool pb_transfer_push(struct pb_transfer *t, struct pb_ring *ring) {
    const void *piece[3] = {&t->head, t->piece[0], t->piece[1]};
    size_t size[3] = {sizeof t->head, t->piece_size[0], t->piece_size[1]};
    size_t begin = 0, before = t->passed;
    for (int k = 0; k < 3; begin += size[k++]) {
        if (t->passed < begin || t->passed >= begin + size[k])
            continue;
        size_t skip = t->passed - begin;
        t->passed += pb_ring_write(ring, (const char *)piece[k] + skip, size[k] - skip);
    }
    t->active = t->passed < begin;
    return t->passed != before;
}

static size_t payload_size(const struct pb_transfer *t) {
    return t->head.size + t->head.text_size;
}

bool pb_transfer_pull(struct pb_transfer *t, struct pb_ring *ring) {
    size_t before = t->passed;
    if (t->passed < sizeof t->head)
        t->passed += pb_ring_read(ring, (unsigned char *)&t->head + t->passed, sizeof t->head - t->passed);
    if (t->passed < sizeof t->head)
        return t->passed != before;
    size_t size = payload_size(t), got = t->passed - sizeof t->head;
    if (!t->payload && size)
        t->payload = calloc(1, size + 1);
    if (t->payload)
        t->passed += pb_ring_read(ring, t->payload + got, size - got);
    return t->passed != before;
}

bool pb_transfer_whole(const struct pb_transfer *t) {
    return t->passed >= sizeof t->head && t->passed == sizeof t->head + payload_size(t);
}
