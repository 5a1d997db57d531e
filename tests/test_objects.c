/* Rules of the house that the text does not show: what the object files define and call. They are read as the
 * suites were built, sanitizers or not. */
#include "tree.h"

#include <sys/stat.h>

/* What the driver may not call, neither by itself nor through what it links: prefixes of symbols. */
static const char *const not_for_the_driver[] = {"pb_executor_",     "pb_submit",       "pb_map",
                                                 "pb_for",           "pb_future_",      "pb_runner_main",
                                                 "pb_plugin_symbol", "pb_module_symbol"};

/* The writable globals there may be: the flag that the signal handler sets, and a process's place among the
 * ranks. A row is the end of an object's name. */
static const char *const writable[] = {"driver.dir/signals.c.o", "driver.dir/signal.c.o",
                                       "ranks.dir/here.c.o"};

/* The source of an object "src/ROOM/CMakeFiles/TARGET.dir/FILE.c.o" is still there: the build keeps old
 * objects. */
static bool has_source(const char *object) {
    const char *cmake = strstr(object, "CMakeFiles/"), *dir = cmake ? strstr(cmake, ".dir/") : NULL;
    char path[PATH_MAX];
    struct stat status;
    if (!dir)
        return false;
    snprintf(path, sizeof path, "%s/%.*s%.*s", PB_SOURCE_DIR, (int)(cmake - object), object,
             (int)(strlen(dir + 5) - 2), dir + 5);
    return stat(path, &status) == 0;
}

/* Calls `each` for every line that objdump prints of every object below src/ and bench/ of the build. */
static unsigned objects(const char *option,
                        void (*each)(const char *object, const char *line, struct pb_buffer *broken),
                        struct pb_buffer *broken) {
    char line[4096], object[PATH_MAX] = "", command[256];
    unsigned seen = 0;
    bool current = false;
    setenv("PB_DIR", PB_BINARY_DIR "/..", 1);
    snprintf(command, sizeof command,
             "cd \"$PB_DIR\" && find src bench -name '*.o' -print0 | LC_ALL=C xargs -0 objdump %s", option);
    FILE *pipe = popen(command, "r");
    CHECK(pipe);
    while (fgets(line, sizeof line, pipe)) {
        char *colon = strstr(line, ":     file format ");
        line[strcspn(line, "\n")] = 0;
        if (colon) {
            *colon = 0;
            snprintf(object, sizeof object, "%s", line);
            current = has_source(object);
            seen += current;
        } else if (current && *line) {
            each(object, line, broken);
        }
    }
    CHECK_MSG(pclose(pipe) == 0, "objdump failed");
    return seen;
}

/* A symbol as objdump -t prints it: value, flags, section, size, name; data in .data, .bss or common is
 * writable, in .data.rel.ro it is not. What the compiler adds begins with a dot or two underlines. */
static void global(const char *object, const char *line, struct pb_buffer *broken) {
    char section[64], name[256];
    if (strlen(line) < 26 || sscanf(line + 25, "%63s %*s %255s", section, name) != 2)
        return;
    bool data = (starts(section, ".data") && !starts(section, ".data.rel.ro")) || starts(section, ".bss") ||
                strcmp(section, "*COM*") == 0;
    if (!data || name[0] == '.' || starts(name, "__"))
        return;
    for (size_t i = 0; i < COUNT(writable); i++)
        if (ends(object, writable[i]))
            return;
    pb_buffer_printf(broken, "\n    %s: %s is a mutable global", object, name);
}

static void globals(const void *data) {
    struct pb_buffer broken = {0};
    (void)data;
    unsigned seen = objects("-t", global, &broken);
    CHECK_MSG(seen > 5, "only %u objects below %s/..", seen, PB_BINARY_DIR);
    CHECK_MSG(broken.size == 0, "broken rules:%s", pb_buffer_string(&broken));
    pb_buffer_release(&broken);
}

static void driver_symbol(const char *object, const char *line, struct pb_buffer *broken) {
    const char *name = strrchr(line, ' ');
    if (!starts(object, "src/driver/") || !strstr(line, "*UND*") || !name)
        return;
    for (size_t i = 0; i < COUNT(not_for_the_driver); i++)
        if (starts(name + 1, not_for_the_driver[i]))
            pb_buffer_printf(broken, "\n    %s: the driver asks a runner, it does not call %s", object,
                             name + 1);
}

static void driver_links(const void *data) {
    struct pb_buffer broken = {0};
    (void)data;
    CHECK(objects("-t", driver_symbol, &broken) > 5);
    CHECK_MSG(broken.size == 0, "broken rules:%s", pb_buffer_string(&broken));
    pb_buffer_release(&broken);
}

const struct pb_suite suite_objects = {
    "objects",
    (const struct pb_case[]){
        {"no-mutable-globals", globals, NULL}, {"driver-links-no-executor", driver_links, NULL}, {0}},
    NULL,
};
