/* Copying a few bytes whose number is known only at run time: mostly a word or two, which need no call.
 * Exactly so many are read: a wider load of what was just stored in words waits until the stores are through.
 */
#ifndef PB_BASE_COPY_H
#define PB_BASE_COPY_H

#include <string.h>

static inline void pb_copy(void *to, const void *from, size_t size) {
    switch (size) {
    case 0:
        break;
    case 4:
        memcpy(to, from, 4);
        break;
    case 8:
        memcpy(to, from, 8);
        break;
    case 16:
        memcpy(to, from, 16);
        break;
    default:
        memcpy(to, from, size);
    }
}

#endif
