/* RC4, the cipher that its owner never published ("alleged RC4", 1994; RFC 6229 has test vectors). Broken as
 * a cipher; kept as a kernel whose every step depends on the one before. */
#ifndef PB_BENCH_ARCFOUR_H
#define PB_BENCH_ARCFOUR_H

#include <stddef.h>
#include <stdint.h>

struct pb_arcfour {
    uint8_t s[256], i, j;
};

/* Starts a key stream; `size` is 1 to 256 bytes. */
void pb_arcfour_key(struct pb_arcfour *, const uint8_t *key, size_t size);
/* Encrypts or decrypts the next `size` bytes; out may be in. */
void pb_arcfour_crypt(struct pb_arcfour *, const uint8_t *in, uint8_t *out, size_t size);

#endif
