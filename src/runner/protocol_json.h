/* What the files of the codec share: JSON values to and from C ones. A value that is missing or of another
 * type reads as if it said nothing. */
#ifndef PB_RUNNER_PROTOCOL_JSON_H
#define PB_RUNNER_PROTOCOL_JSON_H

#include <jansson.h>

#include "runner/protocol.h"

/* Text that is not UTF-8 (a reason may have been cut amid a character) is mended. */
json_t *pb_wire_json_text(const char *text);

/* NULL stays away, and comes back as NULL; what is read is a copy. */
void pb_wire_put_text(json_t *object, const char *key, const char *text);
char *pb_wire_get_text(const json_t *object, const char *key);
void pb_wire_put_list(json_t *object, const char *key, const struct pb_wire_list *);
void pb_wire_get_list(const json_t *object, const char *key, struct pb_wire_list *);
void pb_wire_put_count(json_t *object, const char *key, uint64_t value);
/* Of a value that is no count: 0. */
uint64_t pb_wire_count(const json_t *value);
uint64_t pb_wire_get_count(const json_t *object, const char *key);
/* Of a value that is no number: -1. */
int64_t pb_wire_get_signed(const json_t *object, const char *key);

/* Hosts, written and read as the record has them; what is wrong with those read, owned, or NULL. */
void pb_wire_put_hosts(json_t *object, const struct pb_ranks_host *, uint32_t count);
char *pb_wire_get_hosts(const json_t *object, struct pb_ranks_host **, uint32_t *count);

/* The sample, the one message with many parts (protocol_sample.c). */
void pb_wire_put_sample(json_t *, const struct pb_wire *);
void pb_wire_get_sample(const json_t *, struct pb_wire *);

#endif
