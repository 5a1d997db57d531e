/* Names come from users, plug-ins and files: what is UTF-8 in them, and what may not reach a terminal. */
#ifndef PB_RESULTS_UTF8_H
#define PB_RESULTS_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PB_UTF8_INVALID = 0xfffd }; /* the replacement character stands for a byte that is not UTF-8 */

/* Reads one character of NUL-terminated text: its length in bytes, 0 at the end. A byte that starts no valid
   sequence counts as one PB_UTF8_INVALID. */
size_t pb_utf8_next(const char *text, uint32_t *code);

/* Controls (C0, DEL, C1), line separators, invisible and direction-changing characters. */
bool pb_utf8_unsafe(uint32_t code);

#endif
