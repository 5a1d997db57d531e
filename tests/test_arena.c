/* The arena: blocks of shared memory for arguments. */
#include "suite.h"

#include <stdint.h>
#include <sys/mman.h>

#include "future/arena.h"

/* Blocks do not overlap, and one that was given is taken again. */
static void keeps_blocks_apart(const void *data) {
    static const size_t sizes[] = {1, 64, 65, 4096, 100000, 300000, 64, 1 << 20, 24};
    enum { COUNT = sizeof sizes / sizeof *sizes };
    struct pb_arena arena;
    unsigned char *block[COUNT];
    (void)data;
    CHECK_INT(pb_arena_open(&arena), 0);
    for (int i = 0; i < COUNT; i++) {
        CHECK((block[i] = pb_arena_take(&arena, sizes[i])) != NULL);
        CHECK_INT((uintptr_t)block[i] % 64, 0);
        memset(block[i], i + 1, sizes[i]);
    }
    for (int i = 0; i < COUNT; i++)
        for (size_t k = 0; k < sizes[i]; k++)
            CHECK_INT(block[i][k], i + 1);
    pb_arena_give(&arena, block[3], sizes[3]);
    CHECK(pb_arena_take(&arena, 4000) == block[3]);
    CHECK(pb_arena_take(&arena, (32 << 20) + 1) == NULL);
    pb_arena_close(&arena);
}

/* The memory of a large block goes back to the kernel with it, wherever the block lies. */
static void gives_pages_back(const void *data) {
    enum { SIZE = 1 << 20, PAGES = SIZE / 4096 };
    struct pb_arena arena;
    unsigned char resident[PAGES] = {0};
    unsigned left = 0;
    (void)data;
    CHECK_INT(pb_arena_open(&arena), 0);
    CHECK(pb_arena_take(&arena, 64) != NULL);
    unsigned char *block = pb_arena_take(&arena, SIZE);
    CHECK(block);
    memset(block, 1, SIZE);
    pb_arena_give(&arena, block, SIZE);
    CHECK_INT(mincore(block, SIZE, resident), 0);
    for (int i = 0; i < PAGES; i++)
        left += resident[i] & 1;
    CHECK_INT(left, 0);
    CHECK(pb_arena_take(&arena, SIZE) == block);
    CHECK_INT(block[0], 0);
    pb_arena_close(&arena);
}

const struct pb_suite suite_arena = {
    "arena",
    (const struct pb_case[]){
        {"keeps-blocks-apart", keeps_blocks_apart, NULL}, {"gives-pages-back", gives_pages_back, NULL}, {0}},
    NULL,
};
