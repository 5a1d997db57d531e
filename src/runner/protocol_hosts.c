/* Hosts as JSON: results/ writes and reads them, so that a message has what the record has. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/protocol_json.h"

void pb_wire_put_hosts(json_t *o, const struct pb_ranks_host *host, uint32_t count) {
    struct pb_buffer text = {0};
    size_t i;
    json_t *item;
    if (count && pb_hosts_encode(host, count, &text) == 0) {
        json_t *array = json_loadb(text.data, text.size, 0, NULL);
        json_array_foreach(array, i, item) json_object_del(item, "achieved");
        json_object_set_new(o, "hosts", array);
    }
    pb_buffer_release(&text);
}

char *pb_wire_get_hosts(const json_t *o, struct pb_ranks_host **host, uint32_t *count) {
    struct pb_error error;
    const json_t *array = json_object_get(o, "hosts");
    *host = NULL;
    *count = 0;
    if (!array)
        return NULL;
    char *text = json_dumps(array, JSON_ENCODE_ANY);
    int rc = text ? pb_hosts_decode(host, count, text, strlen(text), &error)
                  : pb_error_set(&error, -ENOMEM, "hosts: out of memory");
    free(text);
    return rc < 0 ? strdup(error.text) : NULL;
}
