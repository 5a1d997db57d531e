#include "ranks/code.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct module {
    uintptr_t base;
    const char *name;
    const unsigned char *id; /* NULL: it has none */
    size_t id_size;
};

/* What a walk over the modules looks for: an address, or a build. */
struct search {
    uintptr_t address;
    uint64_t build;
    struct module found;
    bool is_found;
};

static uint64_t build_of(const struct module *m) {
    uint64_t build = 0;
    if (m->id && m->id_size >= sizeof build)
        memcpy(&build, m->id, sizeof build);
    return build;
}

static size_t padded(size_t size) {
    return (size + 3) / 4 * 4;
}

/* Looks through one note segment. */
static void read_notes(struct module *m, const unsigned char *at, size_t size) {
    const unsigned char *end = at + size;
    ElfW(Nhdr) head;
    while ((size_t)(end - at) >= sizeof head) {
        memcpy(&head, at, sizeof head);
        const unsigned char *name = at + sizeof head, *body = name + padded(head.n_namesz);
        if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 && memcmp(name, "GNU", 4) == 0) {
            m->id = body;
            m->id_size = head.n_descsz;
            return;
        }
        at = body + padded(head.n_descsz);
        if (at > end)
            return;
    }
}

static bool holds(const struct dl_phdr_info *info, uintptr_t address) {
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        uintptr_t begin = info->dlpi_addr + h->p_vaddr;
        if (h->p_type == PT_LOAD && address >= begin && address < begin + h->p_memsz)
            return true;
    }
    return false;
}

static struct module describe(const struct dl_phdr_info *info) {
    struct module m = {.base = info->dlpi_addr, .name = info->dlpi_name};
    for (int i = 0; i < info->dlpi_phnum && !m.id; i++)
        if (info->dlpi_phdr[i].p_type == PT_NOTE)
            read_notes(&m, (const unsigned char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr),
                       info->dlpi_phdr[i].p_memsz);
    return m;
}

static int look_at(struct dl_phdr_info *info, size_t size, void *context) {
    struct search *s = context;
    (void)size;
    if (s->address && !holds(info, s->address))
        return 0;
    struct module m = describe(info);
    if (!s->address && build_of(&m) != s->build)
        return 0;
    s->found = m;
    s->is_found = true;
    return 1;
}

static bool find_address(uintptr_t address, struct module *m) {
    struct search s = {.address = address};
    dl_iterate_phdr(look_at, &s);
    *m = s.found;
    return s.is_found;
}

static void remember(struct pb_code_cache *cache, pb_any_function *function, const struct pb_code *code) {
    unsigned row = cache->next++ % (sizeof cache->row / sizeof *cache->row);
    cache->row[row].function = function;
    cache->row[row].code = *code;
}

int pb_code_of(struct pb_code_cache *cache, pb_any_function *function, struct pb_code *code,
               struct pb_error *error) {
    struct module m;
    *code = (struct pb_code){0};
    if (!function)
        return 0;
    for (size_t i = 0; i < sizeof cache->row / sizeof *cache->row; i++)
        if (cache->row[i].function == function) {
            *code = cache->row[i].code;
            return 0;
        }
    if (!find_address((uintptr_t)function, &m) || !build_of(&m))
        return pb_error_set(
            error, -ENOEXEC,
            "a function of %s cannot be named in another process: it has no build id: link it with "
            "-Wl,--build-id",
            m.name && *m.name ? m.name : "this program");
    *code = (struct pb_code){build_of(&m), (uintptr_t)function - m.base};
    remember(cache, function, code);
    return 0;
}

int pb_code_here(struct pb_code_cache *cache, const struct pb_code *code, pb_any_function **function,
                 struct pb_error *error) {
    struct search s = {.build = code->build};
    *function = NULL;
    if (!code->build)
        return 0;
    for (size_t i = 0; i < sizeof cache->row / sizeof *cache->row; i++)
        if (cache->row[i].code.build == code->build && cache->row[i].code.offset == code->offset) {
            *function = cache->row[i].function;
            return 0;
        }
    dl_iterate_phdr(look_at, &s);
    if (!s.is_found)
        return pb_error_set(
            error, -ENOENT,
            "a function of a module that is not loaded here, build id %016llx: load it in every "
            "rank, from the same file",
            (unsigned long long)code->build);
    *function = (pb_any_function *)(s.found.base + code->offset);
    remember(cache, *function, code);
    return 0;
}

static size_t write_id(const struct module *m, char *out, size_t size) {
    size_t at = 0;
    for (size_t i = 0; m->id && i < m->id_size && at + 3 < size; i++)
        at += (size_t)snprintf(out + at, size - at, "%02x", m->id[i]);
    return at;
}

/* The first module that is walked over is the program. */
static int take_first(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    *(struct module *)context = describe(info);
    return 1;
}

void pb_code_builds(char *out, size_t size) {
    struct module program = {0}, library = {0};
    dl_iterate_phdr(take_first, &program);
    size_t at = write_id(&program, out, size);
    if (find_address((uintptr_t)pb_code_builds, &library) && library.base != program.base && at + 2 < size) {
        out[at++] = ' ';
        at += write_id(&library, out + at, size - at);
    }
    out[at] = '\0';
}
