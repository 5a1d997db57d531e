#include "io/stacks.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    MAPPED_GUARDS = 2048,
    /* MADV_GUARD_INSTALL of linux/mman.h, from Linux 6.13 on: no mapping of its own */
    GUARD_INSTALL = 102,
};

static size_t page(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

int pb_stacks_init(struct pb_stacks *s, uint32_t count, size_t size) {
    s->size = (size + page() - 1) / page() * page();
    s->stride = s->size + page();
    s->count = count;
    if (s->size < size || count > SIZE_MAX / s->stride)
        return -ENOMEM;
    s->base = mmap(NULL, count * s->stride, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (s->base == MAP_FAILED)
        return -errno;
    /* One touched byte would cost a whole huge page; where there are none the kernel says so, to no harm. */
    (void)madvise(s->base, count * s->stride, MADV_NOHUGEPAGE);
    return 0;
}

void pb_stacks_release(struct pb_stacks *s) {
    munmap(s->base, s->count * s->stride);
}

char *pb_stacks_take(struct pb_stacks *s, uint32_t i) {
    char *guard = s->base + i * s->stride;
    if (madvise(guard, page(), GUARD_INSTALL) != 0 && i < MAPPED_GUARDS)
        (void)mprotect(guard, page(), PROT_NONE); /* at worst this one goes without */
    return guard + page();
}
