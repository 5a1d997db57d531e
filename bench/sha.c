/* One task hashes its index and then a buffer that all tasks share: the input differs at the cost of eight
 * bytes.
 *
 * The algorithm is fetched once, in setup, because a fetch takes libcrypto's locks and would serialise the
 * tasks; each lane has a context of its own. The buffer is made in setup, so worker processes inherit its
 * pages. `hold` says what the task does under a global lock: hashlib of CPython gives it up for inputs above
 * 2047 bytes, other native code does not. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parbench/workload.h"

struct state {
    EVP_MD *md;
    unsigned char *input;
    size_t size;
    bool hold;
};

struct lane {
    EVP_MD_CTX *context;
};

enum { SIZE, ALGO, HOLD };

static const struct pb_param params[] = {
    [SIZE] = {.name = "size",
              .type = PB_PARAM_SIZE,
              .fallback = "1MiB",
              .min = 1,
              .max = 0x1p30,
              .help = "bytes that one task hashes"},
    [ALGO] = {.name = "algo",
              .type = PB_PARAM_CHOICE,
              .fallback = "sha256",
              .choices = "sha1|sha224|sha256|sha384|sha512",
              .help = "hash function"},
    [HOLD] = {.name = "hold",
              .type = PB_PARAM_COUNT,
              .fallback = "0",
              .min = 0,
              .max = 1,
              .help = "keep the lock of gil (1) or give it up, as hashlib does (0)"},
    {0},
};

/* The names that libcrypto fetches by, in the order of the choices. */
static const char *const algorithms[] = {"SHA1", "SHA2-224", "SHA2-256", "SHA2-384", "SHA2-512"};

static int complain(struct pb_message *message, int code, const char *what) {
    const char *why = ERR_reason_error_string(ERR_peek_last_error());
    snprintf(message->text, sizeof message->text, "sha: %s: %s", what, why ? why : strerror(-code));
    return code;
}

static void fill(unsigned char *input, size_t size) {
    for (size_t k = 0; k < size; k += 8) {
        uint64_t word = pb_mix(k / 8, 0);
        memcpy(input + k, &word, size - k < 8 ? size - k : 8);
    }
}

static void teardown(void *state) {
    struct state *self = state;
    EVP_MD_free(self->md);
    free(self->input);
    *self = (struct state){0};
}

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    const char *algorithm = algorithms[given->value[ALGO].integer];
    int rc = 0;
    self->size = (size_t)given->value[SIZE].integer;
    self->hold = given->value[HOLD].integer != 0;
    self->input = malloc(self->size);
    if (!self->input) {
        rc = complain(message, -ENOMEM, "no memory for the input: give a smaller size");
        goto out;
    }
    fill(self->input, self->size);
    self->md = EVP_MD_fetch(NULL, algorithm, NULL);
    if (!self->md)
        rc = complain(message, -ENOTSUP, "this libcrypto has no such algorithm: choose another algo");
out:
    if (rc < 0)
        teardown(self);
    return rc;
}

static uint64_t bytes(const void *state) {
    return ((const struct state *)state)->size;
}

static void lane_teardown(void *lane, void *state) {
    struct lane *self = lane;
    (void)state;
    EVP_MD_CTX_free(self->context);
    self->context = NULL;
}

static int lane_setup(void *lane, void *state, struct pb_message *message) {
    struct lane *self = lane;
    const struct state *shared = state;
    self->context = EVP_MD_CTX_new();
    if (self->context && EVP_DigestInit_ex2(self->context, shared->md, NULL))
        return 0;
    int rc = complain(message, -ENOMEM, "no hash context");
    lane_teardown(lane, state);
    return rc;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    EVP_MD_CTX *context = ((const struct lane *)task->lane)->context;
    unsigned char hash[EVP_MAX_MD_SIZE];
    if (!self->hold)
        pb_allow_begin(task);
    bool good = EVP_DigestInit_ex2(context, self->md, NULL) && EVP_DigestUpdate(context, &i, sizeof i) &&
                EVP_DigestUpdate(context, self->input, self->size) && EVP_DigestFinal_ex(context, hash, NULL);
    if (!self->hold)
        pb_allow_end(task);
    if (!good)
        return PB_ERROR;
    memcpy(digest, hash, sizeof *digest);
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER,
    .name = "sha",
    .summary = "hashing of a buffer (libcrypto)",
    .bound = PB_CPU,
    .params = params,
    .state_size = sizeof(struct state),
    .lane_size = sizeof(struct lane),
    .bytes = bytes,
    .setup = setup,
    .lane_setup = lane_setup,
    .run = run,
    .lane_teardown = lane_teardown,
    .teardown = teardown,
};
