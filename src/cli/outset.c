#include "cli/outset.h"

#include <stdio.h>
#include <time.h>

#include "cli/fitness.h"
#include "cli/output.h"

int pb_outset_format(const struct pb_options *options, const struct pb_format **out) {
    struct pb_error error;
    const char *name = options->format;
    const struct pb_format *format = pb_formats;
    while (!name && format->name && format->absent)
        format++;
    *out = name ? pb_format_find(name, &error) : format;
    return *out ? 0 : pb_complain(PB_EXIT_USAGE, error.text);
}

/* Seeds of 32 bits: short enough to be typed again. */
static uint64_t new_seed(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return ((uint64_t)now.tv_sec * 1000000007u ^ (uint64_t)now.tv_nsec) & UINT32_MAX;
}

int pb_outset(struct pb_run *run, struct pb_options *options, const char *command_line) {
    struct pb_error error;
    struct pb_request *request = &options->request;
    if (pb_machine_init(&run->machine, &error) < 0)
        return pb_complain(PB_EXIT_CANNOT_RUN, error.text);
    if (run->machine.source != PB_MACHINE_LIVE && !options->dry_run)
        return pb_complain(PB_EXIT_USAGE,
                           "HWLOC_XMLFILE, HWLOC_SYNTHETIC: another machine cannot be measured: unset "
                           "them, or only plan by --dry-run");
    pb_limits_read(&run->limits, &run->machine);
    pb_host_read(&run->host);
    if (!pb_option_given(options, "seed"))
        request->seed = new_seed();
    run->seed = request->seed;
    run->precision = request->precision;
    run->time_budget = request->time;
    run->forks = request->forks;
    run->predict = options->predict;
    run->started = (int64_t)time(NULL);
    if (pb_set_text(&run->version, PB_VERSION) < 0 || pb_set_text(&run->command, command_line) < 0)
        return pb_complain(PB_EXIT_CANNOT_RUN, "the record: no memory: free some");
    return 0;
}

int pb_outset_warn(struct pb_run *run, const struct pb_options *options) {
    const struct pb_disturbance disturbance = pb_disturbance_measure(run->machine.pus);
    if (pb_fitness_check(run, &disturbance) < 0)
        return pb_complain(PB_EXIT_CANNOT_RUN, "the record: no memory: free some");
    for (uint32_t i = 0; i < run->warnings && !options->quiet; i++)
        fprintf(stderr, "bench: warning: %s\n", run->warning[i]);
    return PB_EXIT_OK;
}
