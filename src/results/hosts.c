#include "results/hosts.h"

#include <errno.h>
#include <stdlib.h>

#include "results/decode.h"
#include "results/encode.h"
#include "results/fields.h"

void pb_hosts_release(struct pb_ranks_host *host, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        struct pb_ranks_host *h = &host[i];
        for (uint32_t k = 0; k < h->plans; k++)
            free(h->planned[k]);
        void *owned[] = {h->name,      h->rank,   h->pid,      h->worker,    h->planned,
                         h->effective, h->reason, h->achieved, h->machine.pu};
        for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
            free(owned[k]);
    }
    free(host);
}

const struct pb_ranks_host *pb_hosts_find(const struct pb_ranks_host *host, uint32_t count, uint32_t worker,
                                          uint32_t *at) {
    for (uint32_t h = 0; h < count; h++)
        for (*at = 0; *at < host[h].workers; ++*at)
            if (host[h].worker[*at] == worker)
                return &host[h];
    return NULL;
}

int pb_hosts_encode(const struct pb_ranks_host *host, uint32_t count, struct pb_buffer *out) {
    int rc = 0;
    pb_buffer_text(out, "[");
    for (uint32_t i = 0; rc == 0 && i < count; i++) {
        pb_buffer_text(out, i ? ", " : "");
        rc = pb_object_encode_line(&pb_ranks_host_object, &host[i], out);
    }
    pb_buffer_text(out, "]");
    return out->failed ? -ENOMEM : rc;
}

/* What the table cannot say. */
static int check(struct pb_decoder *d, const struct pb_ranks_host *h) {
    if (h->ranks == 0 || h->ranks != h->pids)
        return pb_decode_fail(d, "%u ranks and %u pids: wanted at least one, and as many", h->ranks, h->pids);
    if (h->workers != h->plans)
        return pb_decode_fail(d, "%u workers and %u planned: wanted as many", h->workers, h->plans);
    return 0;
}

static int decode_all(struct pb_decoder *d, json_t *array, struct pb_ranks_host *host, uint32_t *count) {
    for (; *count < json_array_size(array);) {
        struct pb_ranks_host *h = &host[(*count)++];
        pb_decode_enter(d, NULL, *count - 1);
        int rc = pb_decode_object(d, &pb_ranks_host_object, json_array_get(array, *count - 1), h);
        rc = rc < 0 ? rc : check(d, h);
        if (rc < 0)
            return rc;
        pb_decode_leave(d);
    }
    return 0;
}

int pb_hosts_decode(struct pb_ranks_host **out, uint32_t *count, const char *text, size_t size,
                    struct pb_error *error) {
    struct pb_decoder d = {.name = "hosts", .text = text, .value = text, .size = size, .error = error};
    json_error_t bad;
    json_t *array = json_loadb(text, size, JSON_REJECT_DUPLICATES, &bad);
    *count = 0;
    *out = NULL;
    int rc = json_is_array(array) ? 0 : pb_error_set(error, -EINVAL, "hosts: not a list");
    if (rc == 0 && !(*out = calloc(json_array_size(array) + 1, sizeof **out)))
        rc = pb_error_set(error, -ENOMEM, "hosts: out of memory");
    rc = rc < 0 ? rc : decode_all(&d, array, *out, count);
    json_decref(array);
    if (rc < 0) {
        pb_hosts_release(*out, *count);
        *out = NULL;
        *count = 0;
    }
    return rc;
}
