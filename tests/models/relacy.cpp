/* The checker: the thread sanitizer's interface, as compilers call it, on top of Relacy.
 *
 * An atomic stays where its source put it, with its size; what Relacy knows of it stands in a cell that its
 * address leads to. The memory itself always holds the value that was stored last. Atomics outside of a
 * schedule (when a model opens) work on the memory alone. */
#include <cerrno>
enum { TIMED_OUT = -ETIMEDOUT }; /* Relacy gives the name another value */
#include <relacy/relacy.hpp>

#include <cctype>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "checker.h"

namespace {

using word32 = unsigned;
using word64 = unsigned long;

/* ---- What was shared ---- */

enum { CELLS_MAX = 256, BUCKETS = 4096, UNITS_MAX = 1024, AREAS_MAX = 16, RULES_MAX = 8 };

struct cell {
    void *at;
    size_t size;
    const char *name;
    alignas(16) unsigned char body[sizeof(rl::atomic<word64>)];

    template <class T> rl::atomic<T> *as() {
        return reinterpret_cast<rl::atomic<T> *>(body);
    }
};

struct area {
    unsigned char *at;
    size_t size, unit, first;
    const char *name;
};

struct kept {
    unsigned char *at, *copy;
    size_t size;
};

/* What is to go wrong with an operation of that order on atomics of that name: another order, or bits that a
 * load does not see. */
struct rule {
    char name[32], operation[32];
    int from, to;
    unsigned hidden;
};

cell cells[CELLS_MAX];
size_t cell_count;
unsigned short bucket[BUCKETS]; /* of a cell, and one; 0: none */
alignas(16) unsigned char units[UNITS_MAX][sizeof(rl::var<char>)];
size_t unit_count;
area areas[AREAS_MAX];
size_t area_count;
kept keeps[AREAS_MAX];
size_t keep_count;
rule rules[RULES_MAX];
size_t rule_count;
const char *broken = "";

const checker_model *model;
bool running; /* the threads of a schedule are */
bool eager;   /* in this schedule sleepers may wake without being woken, which hides that nobody wakes them */

/* ---- Threads ---- */

/* What a history shows: the name of what was touched, and the place in the program, for addr2line. */
uintptr_t place;

rl::debug_info here(const char *name) {
    return rl::debug_info(name, "models", static_cast<unsigned>(place));
}

jmp_buf end_of[CHECKER_THREADS];
bool mortal[CHECKER_THREADS];
word32
    dead[CHECKER_THREADS]; /* shared: who learns of a death sees all that came before it, as waitpid does */

enum { DEATH_ONE_IN = 16 };

void may_die() {
    unsigned i = rl::thread_index();
    if (!mortal[i] || rl::rand(DEATH_ONE_IN))
        return;
    mortal[i] = false;
    _longjmp(end_of[i], 1);
}

/* ---- Atomics ---- */

size_t hash(const volatile void *at) {
    return (reinterpret_cast<uintptr_t>(at) >> 2) * 0x9e3779b97f4a7c15u >> 52;
}

cell *cell_of(const volatile void *at) {
    for (size_t i = hash(at); bucket[i]; i = (i + 1) % BUCKETS)
        if (cells[bucket[i] - 1].at == at)
            return &cells[bucket[i] - 1];
    return nullptr;
}

/* The cell of an atomic that is used just now, or null: it is a thread's own, or no schedule runs. In memory
 * that all threads use every atomic must have been shared. */
cell *cell_in_use(const volatile void *at) {
    const volatile unsigned char *byte = static_cast<const volatile unsigned char *>(at);
    cell *c = running ? cell_of(at) : nullptr;
    if (c || !running)
        return c;
    for (size_t i = 0; i < keep_count; i++)
        if (byte >= keeps[i].at && byte < keeps[i].at + keeps[i].size) {
            fprintf(stderr, "models: %s: an atomic of what it keeps was not shared (called from 0x%lx)\n",
                    model->name, static_cast<unsigned long>(place));
            abort();
        }
    return nullptr;
}

const rule *rule_for(const cell &c, const char *operation, int from) {
    for (size_t i = 0; i < rule_count; i++)
        if (rules[i].from == from && !strcmp(rules[i].name, c.name) && !strcmp(rules[i].operation, operation))
            return &rules[i];
    return nullptr;
}

rl::memory_order order(const cell &c, const char *operation, int from) {
    const rule *r = rule_for(c, operation, from);
    return static_cast<rl::memory_order>(r ? r->to : from);
}

template <class T> T load(const volatile T *at, int mo) {
    cell *c = cell_in_use(at);
    if (!c)
        return *at;
    may_die();
    T value = c->as<T>()->load(order(*c, "load", mo), here(c->name));
    const rule *r = rule_for(*c, "load", mo);
    return r ? value & ~static_cast<T>(r->hidden) : value;
}

template <class T> void store(volatile T *at, T value, int mo) {
    if (cell *c = cell_in_use(at)) {
        may_die();
        c->as<T>()->store(value, order(*c, "store", mo), here(c->name));
    }
    *at = value;
}

template <rl::rmw_type_e kind, class T> T change(volatile T *at, T value, int mo, const char *operation) {
    rl::rmw_type_t<kind> how;
    T before = *at;
    if (cell *c = cell_in_use(at)) {
        may_die();
        before = c->as<T>()->rmw(how, value, order(*c, operation, mo), here(c->name));
    }
    *at = rl::perform_rmw(how, before, value);
    return before;
}

template <bool weak, class T> int exchange_if(volatile T *at, T *expected, T value, int mo, int failure) {
    bool done;
    if (cell *c = cell_in_use(at)) {
        may_die();
        rl::memory_order success = order(*c, "exchange_if", mo);
        rl::memory_order otherwise = success == mo ? static_cast<rl::memory_order>(failure) : rl::mo_relaxed;
        done = c->as<T>()->compare_exchange(rl::bool_t<weak>(), *expected, value, success, otherwise,
                                            here(c->name));
    } else {
        done = *at == *expected;
        *expected = *at;
    }
    if (done)
        *at = value;
    return done;
}

/* ---- Plain memory ---- */

rl::var<char> *unit_at(size_t i) {
    return reinterpret_cast<rl::var<char> *>(units[i]);
}

template <class F> void each_unit(const void *at, size_t size, F touch) {
    const unsigned char *begin = static_cast<const unsigned char *>(at);
    if (!running || !size || cell_of(at))
        return;
    for (size_t k = 0; k < area_count; k++) {
        const area &a = areas[k];
        if (begin < a.at || begin >= a.at + a.size)
            continue;
        size_t last = (begin + size - 1 - a.at) / a.unit;
        for (size_t i = (begin - a.at) / a.unit; i <= last && i * a.unit < a.size; i++)
            touch(unit_at(a.first + i), here(a.name));
        return;
    }
}

void read_plain(const void *at, size_t size) {
    each_unit(at, size, [](rl::var<char> *v, rl::debug_info where) { (void)(char)(*v)(where); });
}

void write_plain(const void *at, size_t size) {
    each_unit(at, size, [](rl::var<char> *v, rl::debug_info where) { (*v)(where) = '\0'; });
}

/* ---- A schedule ---- */

void begin() {
    for (size_t i = 0; i < keep_count; i++)
        memcpy(keeps[i].at, keeps[i].copy, keeps[i].size);
    for (size_t i = 0; i < cell_count; i++) {
        cell &c = cells[i];
        if (c.size == 4)
            new (c.body) rl::atomic<word32>(*static_cast<word32 *>(c.at));
        else
            new (c.body) rl::atomic<word64>(*static_cast<word64 *>(c.at));
    }
    for (size_t i = 0; i < unit_count; i++)
        new (units[i]) rl::var<char>('\0');
    memset(mortal, 0, sizeof mortal);
    eager = rl::rand(4) == 0;
}

void end() {
    for (size_t i = 0; i < cell_count; i++) {
        if (cells[i].size == 4)
            cells[i].as<word32>()->~atomic();
        else
            cells[i].as<word64>()->~atomic();
    }
    for (size_t i = 0; i < unit_count; i++)
        unit_at(i)->~var();
}

struct schedule : rl::test_suite<schedule, CHECKER_THREADS> {
    void before() {
        running = false;
        begin();
        running = true;
        if (model->before)
            model->before();
    }
    void thread(unsigned i) {
        if (_setjmp(end_of[i]))
            store(&dead[i], 1u, rl::mo_release);
        else
            model->thread(i);
        mortal[i] = false;
    }
    void after() {
        if (model->after)
            model->after();
        running = false;
        end();
    }
};

/* ---- The program ---- */

const char *const orders[] = {"relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst"};

int order_named(const char *name) {
    for (int i = 0; i < 6; i++)
        if (!strcmp(orders[i], name))
            return i;
    return -1;
}

/* NAME.OPERATION.ORDER=ORDER, or =BITS */
bool add_rule(const char *text) {
    char from[32], to[32];
    rule r = {};
    if (rule_count == RULES_MAX ||
        sscanf(text, "%31[^.].%31[^.].%31[^=]=%31s", r.name, r.operation, from, to) != 4)
        return false;
    r.from = r.to = order_named(from);
    if (isdigit(static_cast<unsigned char>(*to)))
        r.hidden = static_cast<unsigned>(strtoul(to, nullptr, 0));
    else
        r.to = order_named(to);
    rules[rule_count++] = r;
    return r.from >= 0 && r.to >= 0;
}

int usage() {
    fputs("usage: models MODEL [--schedules N] [--weaken NAME.OPERATION.ORDER=ORDER|BITS] [--break NAME] "
          "[--show]\n",
          stderr);
    return 2;
}

} // namespace

int main(int argc, char **argv) {
    rl::test_params params;
    std::ostream quiet(nullptr);
    unsigned schedules = 0;
    bool show = false;
    for (size_t i = 0; argc > 1 && checker_models[i]; i++)
        if (!strcmp(checker_models[i]->name, argv[1]))
            model = checker_models[i];
    if (!model)
        return usage();
    for (int i = 2; i < argc; i++) {
        if (!strcmp(argv[i], "--show"))
            show = true;
        else if (i + 1 == argc)
            return usage();
        else if (!strcmp(argv[i], "--schedules"))
            schedules = static_cast<unsigned>(strtoul(argv[++i], nullptr, 10));
        else if (!strcmp(argv[i], "--break"))
            broken = argv[++i];
        else if (strcmp(argv[i], "--weaken") || !add_rule(argv[++i]))
            return usage();
    }
    for (word32 &d : dead) {
        checker_keep(&d, sizeof d);
        checker_atomic(&d, sizeof d, "dead");
    }
    model->open();
    params.iteration_count = schedules ? schedules : model->schedules;
    params.execution_depth_limit = 20000;
    params.progress_stream = &quiet;
    if (!show)
        params.output_stream = &quiet;
    bool good = rl::simulate<schedule>(params);
    if (!good)
        printf("%s: %s\n", model->name, rl::test_result_str(params.test_result));
    printf("%s: schedules explored %lu, violations %d\n", model->name,
           static_cast<unsigned long>(params.stop_iteration), good ? 0 : 1);
    return good ? 0 : 1;
}

/* ---- What models call ---- */

void checker_keep(void *memory, size_t size) {
    if (keep_count == AREAS_MAX)
        abort();
    kept k = {static_cast<unsigned char *>(memory), static_cast<unsigned char *>((malloc)(size)),
              size}; /* not Relacy's macro */
    memcpy(k.copy, memory, size);
    keeps[keep_count++] = k;
}

void checker_atomic(void *at, size_t size, const char *name) {
    if (cell_count == CELLS_MAX || (size != 4 && size != 8))
        abort();
    cell &c = cells[cell_count++];
    c.at = at;
    c.size = size;
    c.name = name;
    size_t i = hash(at);
    while (bucket[i])
        i = (i + 1) % BUCKETS;
    bucket[i] = static_cast<unsigned short>(cell_count);
}

void checker_plain(void *memory, size_t size, size_t unit, const char *name) {
    if (area_count == AREAS_MAX || unit_count + size / unit > UNITS_MAX)
        abort();
    areas[area_count++] = {static_cast<unsigned char *>(memory), size, unit, unit_count, name};
    unit_count += size / unit;
}

void checker_assert(bool condition, const char *what) {
    rl::debug_info where = here("model");
    if (!condition)
        rl::ctx().fail_test(what, rl::test_result_user_assert_failed, where);
}

unsigned checker_random(unsigned limit) {
    return rl::rand(limit);
}

void checker_yield(void) {
    rl::debug_info where = here("model");
    rl::ctx().yield(1, where);
}

void checker_mortal(bool is) {
    mortal[rl::thread_index()] = is;
}

bool checker_has_died(unsigned thread) {
    return load(&dead[thread], rl::mo_acquire);
}

bool checker_breaks(const char *name) {
    return !strcmp(broken, name);
}

void *checker_memcpy(void *to, const void *from, size_t size) {
    read_plain(from, size);
    write_plain(to, size);
    return memcpy(to, from, size);
}

/* ---- In place of base/futex.c and base/clock.c ---- */

extern "C" int pb_futex_wait(word32 *word, unsigned expected, uint64_t deadline, bool) {
    rl::debug_info where = here("sleep");
    rl::context &context = rl::ctx();
    may_die();
    context.sched();
    context.atomic_thread_fence_seq_cst();
    if (*word != expected) /* the kernel compares with the newest */
        return 0;
    rl::unpark_reason reason =
        cell_of(word)->as<word32>()->wait(context, deadline != UINT64_MAX, eager, where);
    return reason == rl::unpark_reason_timeout ? TIMED_OUT : 0;
}

extern "C" void pb_futex_wake(word32 *word, unsigned count, bool) {
    rl::debug_info where = here("wake");
    rl::context &context = rl::ctx();
    may_die();
    context.sched();
    context.atomic_thread_fence_seq_cst();
    unsigned most = CHECKER_THREADS;
    if (!checker_breaks("wake"))
        cell_of(word)->as<word32>()->wake(context, count < most ? count : most, where);
}

/* Time passes with every look at it, so what spins for a while looks two or three times. */
extern "C" uint64_t pb_now(void) {
    static uint64_t now;
    return now += 15000;
}

extern "C" uint64_t pb_deadline(int64_t timeout) {
    return timeout == INT64_MAX ? UINT64_MAX : UINT64_MAX - 1;
}

extern "C" uint64_t pb_remaining(uint64_t) {
    return 1;
}

/* ---- What the compiler calls ---- */

#define AT_CALLER place = reinterpret_cast<uintptr_t>(__builtin_return_address(0)) - 1

#define PLAIN(size)                                                                                          \
    void __tsan_read##size(void *at) {                                                                       \
        AT_CALLER;                                                                                           \
        read_plain(at, size);                                                                                \
    }                                                                                                        \
    void __tsan_write##size(void *at) {                                                                      \
        AT_CALLER;                                                                                           \
        write_plain(at, size);                                                                               \
    }                                                                                                        \
    void __tsan_unaligned_read##size(void *at) {                                                             \
        AT_CALLER;                                                                                           \
        read_plain(at, size);                                                                                \
    }                                                                                                        \
    void __tsan_unaligned_write##size(void *at) {                                                            \
        AT_CALLER;                                                                                           \
        write_plain(at, size);                                                                               \
    }

#define ATOMIC(bits)                                                                                         \
    word##bits __tsan_atomic##bits##_load(const volatile word##bits *at, int mo) {                           \
        AT_CALLER;                                                                                           \
        return load(at, mo);                                                                                 \
    }                                                                                                        \
    void __tsan_atomic##bits##_store(volatile word##bits *at, word##bits value, int mo) {                    \
        AT_CALLER;                                                                                           \
        store(at, value, mo);                                                                                \
    }                                                                                                        \
    word##bits __tsan_atomic##bits##_exchange(volatile word##bits *at, word##bits value, int mo) {           \
        AT_CALLER;                                                                                           \
        return change<rl::rmw_type_swap>(at, value, mo, "exchange");                                         \
    }                                                                                                        \
    word##bits __tsan_atomic##bits##_fetch_add(volatile word##bits *at, word##bits value, int mo) {          \
        AT_CALLER;                                                                                           \
        return change<rl::rmw_type_add>(at, value, mo, "fetch_add");                                         \
    }                                                                                                        \
    word##bits __tsan_atomic##bits##_fetch_sub(volatile word##bits *at, word##bits value, int mo) {          \
        AT_CALLER;                                                                                           \
        return change<rl::rmw_type_sub>(at, value, mo, "fetch_sub");                                         \
    }                                                                                                        \
    word##bits __tsan_atomic##bits##_fetch_and(volatile word##bits *at, word##bits value, int mo) {          \
        AT_CALLER;                                                                                           \
        return change<rl::rmw_type_and>(at, value, mo, "fetch_and");                                         \
    }                                                                                                        \
    word##bits __tsan_atomic##bits##_fetch_or(volatile word##bits *at, word##bits value, int mo) {           \
        AT_CALLER;                                                                                           \
        return change<rl::rmw_type_or>(at, value, mo, "fetch_or");                                           \
    }                                                                                                        \
    int __tsan_atomic##bits##_compare_exchange_weak(volatile word##bits *at, word##bits *expected,           \
                                                    word##bits value, int mo, int failure) {                 \
        AT_CALLER;                                                                                           \
        return exchange_if<true>(at, expected, value, mo, failure);                                          \
    }                                                                                                        \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile word##bits *at, word##bits *expected,         \
                                                      word##bits value, int mo, int failure) {               \
        AT_CALLER;                                                                                           \
        return exchange_if<false>(at, expected, value, mo, failure);                                         \
    }                                                                                                        \
    word##bits __tsan_atomic##bits##_compare_exchange_val(volatile word##bits *at, word##bits expected,      \
                                                          word##bits value, int mo, int failure) {           \
        AT_CALLER;                                                                                           \
        exchange_if<false>(at, &expected, value, mo, failure);                                               \
        return expected;                                                                                     \
    }

extern "C" {
PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)
ATOMIC(32)
ATOMIC(64)

void __tsan_read_range(void *at, size_t size) {
    read_plain(at, size);
}
void __tsan_write_range(void *at, size_t size) {
    write_plain(at, size);
}
void *__tsan_memcpy(void *to, const void *from, size_t size) {
    return checker_memcpy(to, from, size);
}
void *__tsan_memset(void *to, int value, size_t size) {
    write_plain(to, size);
    return memset(to, value, size);
}
void __tsan_atomic_thread_fence(int mo) {
    rl::debug_info where = here("fence");
    if (running)
        rl::atomic_thread_fence(static_cast<rl::memory_order>(mo), where);
}
void __tsan_atomic_signal_fence(int) {
}
void __tsan_init(void) {
}
void __tsan_func_entry(void *) {
}
void __tsan_func_exit(void) {
}
}
