/* The host beyond its topology, from /proc and /sys. What cannot be read stays unknown. */
#include "results/host.h"

#include <gnu/libc-version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "GCC " __VERSION__
#endif

enum { PIECE = 64 * 1024 };

/* The beginning of a file below root, without the newline at its end; "" when it cannot be read. */
static const char *slurp(const char *root, const char *path, char *out, size_t size) {
    char full[4096];
    snprintf(full, sizeof full, "%s%s", root, path);
    FILE *file = fopen(full, "re");
    size_t length = file ? fread(out, 1, size - 1, file) : 0;
    if (file)
        fclose(file);
    while (length > 0 && (out[length - 1] == '\n' || out[length - 1] == ' '))
        length--;
    out[length] = '\0';
    return out;
}

/* What follows `key` on the line of `text` that starts with it, or NULL. */
static const char *after(const char *text, const char *key) {
    size_t length = strlen(key);
    while (text && strncmp(text, key, length) != 0) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return text ? text + length : NULL;
}

static void read_distribution(struct pb_host *h, const char *root, char *piece) {
    const char *value = after(slurp(root, "/etc/os-release", piece, PIECE), "PRETTY_NAME=");
    if (!value)
        return;
    value += *value == '"';
    snprintf(h->distribution, sizeof h->distribution, "%.*s", (int)strcspn(value, "\"\n"), value);
}

/* 1, 0 or -1 by the first character of a file that holds a 0 or a 1. */
static int32_t read_switch(const char *root, const char *path) {
    char text[8];
    slurp(root, path, text, sizeof text);
    return text[0] == '0' ? 0 : text[0] == '1' ? 1 : -1;
}

static int32_t read_turbo(const char *root) {
    int32_t off = read_switch(root, "/sys/devices/system/cpu/intel_pstate/no_turbo");
    return off >= 0 ? !off : read_switch(root, "/sys/devices/system/cpu/cpufreq/boost");
}

/* Whether the first processor has the flag "hypervisor" (CPUID.1:ECX[31]). */
static bool under_hypervisor(const char *root, char *piece) {
    const char *flags = after(slurp(root, "/proc/cpuinfo", piece, PIECE), "flags\t");
    const char *end = flags ? strchrnul(flags, '\n') : NULL;
    const char *flag = flags ? strstr(flags, " hypervisor") : NULL;
    return flag && flag < end;
}

static bool exists(const char *root, const char *path) {
    char full[4096];
    snprintf(full, sizeof full, "%s%s", root, path);
    return access(full, F_OK) == 0;
}

/* Firmware names its maker: these are virtual machines'. */
static const char *hypervisor_name(const char *root) {
    static const struct {
        const char *vendor, *name;
    } rows[] = {
        {"QEMU", "KVM"},    {"VMware", "VMware"},    {"Microsoft", "Hyper-V"}, {"innotek", "VirtualBox"},
        {"Xen", "Xen"},     {"Amazon EC2", "KVM"},   {"Google", "KVM"},        {"Parallels", "Parallels"},
        {"Bochs", "Bochs"}, {"DigitalOcean", "KVM"},
    };
    char vendor[128];
    slurp(root, "/sys/class/dmi/id/sys_vendor", vendor, sizeof vendor);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strncmp(vendor, rows[i].vendor, strlen(rows[i].vendor)) == 0)
            return rows[i].name;
    return "virtual machine";
}

static void read_virtualisation(struct pb_host *h, const char *root, char *piece) {
    const char *container = exists(root, "/.dockerenv")          ? "Docker"
                            : exists(root, "/run/.containerenv") ? "Podman"
                                                                 : "";
    const char *machine = under_hypervisor(root, piece) ? hypervisor_name(root) : "";
    snprintf(h->virtualisation, sizeof h->virtualisation, "%s%s%s", machine,
             *machine && *container ? ", " : "", container);
}

static void read_load(struct pb_host *h, const char *root, char *piece) {
    char *end;
    slurp(root, "/proc/loadavg", piece, PIECE);
    double load = strtod(piece, &end);
    h->load1 = end > piece && load >= 0 ? load : -1;
    const char *available = after(slurp(root, "/proc/meminfo", piece, PIECE), "MemAvailable:");
    h->memory_available = available ? strtoll(available, NULL, 10) * 1024 : -1;
}

void pb_host_read_at(struct pb_host *h, const char *root) {
    *h = (struct pb_host){.smt_active = -1, .turbo = -1, .load1 = -1, .memory_available = -1};
    struct utsname name;
    if (uname(&name) == 0)
        snprintf(h->kernel, sizeof h->kernel, "%.16s %.64s %.40s", name.sysname, name.release, name.machine);
    if (gethostname(h->hostname, sizeof h->hostname - 1) < 0)
        h->hostname[0] = '\0';
    snprintf(h->compiler, sizeof h->compiler, "%s", COMPILER);
    snprintf(h->libc, sizeof h->libc, "glibc %s", gnu_get_libc_version());
    slurp(root, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", h->governor, sizeof h->governor);
    h->smt_active = read_switch(root, "/sys/devices/system/cpu/smt/active");
    h->turbo = read_turbo(root);
    char *piece = malloc(PIECE);
    if (!piece)
        return;
    read_distribution(h, root, piece);
    read_virtualisation(h, root, piece);
    read_load(h, root, piece);
    free(piece);
}

void pb_host_read(struct pb_host *h) {
    pb_host_read_at(h, "");
}
