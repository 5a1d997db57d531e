/* What sanitizers are told about switches of stacks. Without one it is nothing. */
#ifndef PB_IO_FIBER_H
#define PB_IO_FIBER_H

#include <stddef.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define PB_FIBER_ADDRESS
#elif __has_feature(thread_sanitizer)
#define PB_FIBER_THREAD
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define PB_FIBER_ADDRESS
#endif
#ifdef __SANITIZE_THREAD__
#define PB_FIBER_THREAD
#endif

/* The four of each variant:
 * pb_fiber_here     this is the thread's own stack; called on it before a switch away from it
 * pb_fiber_init     a new stack of `size` bytes from `bottom` on; released when nobody is on it
 * pb_fiber_leave    right before a switch
 * pb_fiber_arrive   right after it, on the new stack */

#if defined PB_FIBER_ADDRESS
#include <sanitizer/common_interface_defs.h>

struct pb_fiber {
    void *fake; /* where the sanitizer keeps locals, while this does not run */
    const void *bottom;
    size_t size;
};

static inline void pb_fiber_here(struct pb_fiber *self) {
    (void)self; /* arriving elsewhere tells */
}
static inline void pb_fiber_init(struct pb_fiber *self, const void *bottom, size_t size) {
    *self = (struct pb_fiber){NULL, bottom, size};
}
static inline void pb_fiber_release(struct pb_fiber *self) {
    (void)self;
}
static inline void pb_fiber_leave(struct pb_fiber *from, const struct pb_fiber *to) {
    __sanitizer_start_switch_fiber(&from->fake, to->bottom, to->size);
}
static inline void pb_fiber_arrive(const struct pb_fiber *self, struct pb_fiber *from) {
    __sanitizer_finish_switch_fiber(self->fake, &from->bottom, &from->size);
}

#elif defined PB_FIBER_THREAD
#include <sanitizer/tsan_interface.h>

struct pb_fiber {
    void *handle;
};

static inline void pb_fiber_here(struct pb_fiber *self) {
    self->handle = __tsan_get_current_fiber();
}
static inline void pb_fiber_init(struct pb_fiber *self, const void *bottom, size_t size) {
    (void)bottom;
    (void)size;
    self->handle = __tsan_create_fiber(0);
}
static inline void pb_fiber_release(struct pb_fiber *self) {
    __tsan_destroy_fiber(self->handle);
}
static inline void pb_fiber_leave(struct pb_fiber *from, const struct pb_fiber *to) {
    (void)from;
    __tsan_switch_to_fiber(to->handle, 0);
}
static inline void pb_fiber_arrive(const struct pb_fiber *self, struct pb_fiber *from) {
    (void)self;
    (void)from;
}

#else

struct pb_fiber {
    char none;
};

static inline void pb_fiber_here(struct pb_fiber *self) {
    (void)self;
}
static inline void pb_fiber_init(struct pb_fiber *self, const void *bottom, size_t size) {
    (void)self;
    (void)bottom;
    (void)size;
}
static inline void pb_fiber_release(struct pb_fiber *self) {
    (void)self;
}
static inline void pb_fiber_leave(struct pb_fiber *from, const struct pb_fiber *to) {
    (void)from;
    (void)to;
}
static inline void pb_fiber_arrive(const struct pb_fiber *self, struct pb_fiber *from) {
    (void)self;
    (void)from;
}

#endif
#endif
