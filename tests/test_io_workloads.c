/* What the I/O-bound workloads promise beyond what all do: the same answers under every executor, errors that
 * say what to do, and that no file and no process is left, however it ends. */
#include "metered.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "executor_cases.h"
#include "program.h"
#include "runner/cell.h"

enum { WORK_RATE = 500, WORKERS = 2 };

/* ---- The same answers everywhere ---- */

static const struct row {
    const char *workload, *params;
    uint64_t tasks;
} rows[] = {
    {"file", "size=64k,block=4k", 40},
    {"file", "size=64k,block=4k,op=write,access=random", 40},
    {"file", "size=64k,block=4k,op=mixed,share=0,access=random", 40},
    {"file", "size=16k,block=1k,op=mixed,fsync=1", 20},
    {"file", "size=64k,block=4k,direct=1,op=mixed", 40},
    {"pipe", "size=10000,block=4k", 20},
    {"request", "cpu=20us,wait=1ms", 20},
    {"request", "cpu=20us,wait=0,rate=2000,items=20", 20},
    {"sleep", "ms=1", 10},
    {"echo", "cpu=0,requests=20,size=1000", 1},
    {"echo", "cpu=1,requests=20,grain=2us", 2},
};

struct pair {
    const char *executor;
    const struct row *row;
};

/* What the workload's tasks answer one by one, without an executor. */
static uint64_t expected(const struct row *row) {
    struct stage stage;
    uint64_t sum = 0;
    CHECK_MSG(stage_open(&stage, workload(row->workload), row->params) == 0, "%s", stage.message.text);
    if (stage.workload->begin)
        CHECK_INT(begin_with(&stage, WORKERS, WORKERS), 0);
    for (uint64_t i = 0; i < row->tasks; i++)
        sum += pb_mix(i, stage_run(&stage, 0, i));
    if (stage.workload->end)
        sum += pb_mix(row->tasks, stage.workload->end(stage.state));
    stage_close(&stage);
    return sum;
}

static bool needs_two(const struct row *row) {
    return strncmp(row->params, "cpu=1,", 6) == 0;
}

static void repeat(struct pb_runner_cell *cell, const struct row *row, uint64_t digest) {
    struct pb_wire answer = {.type = PB_WIRE_SAMPLE};
    struct pb_error error = {0};
    int rc = pb_runner_cell_run(cell, &(struct pb_wire_run){.tasks = row->tasks}, &answer.sample, &error);
    CHECK_MSG(rc == 0, "%s", error.text);
    CHECK_INT(answer.sample.sample.status[PB_OK], row->tasks);
    CHECK_MSG(answer.sample.sample.digest == digest, "it answers otherwise");
    pb_wire_release(&answer);
}

static void same_answers(const void *data) {
    const struct pair *pair = data;
    const struct row *row = pair->row;
    char item[160];
    snprintf(item, sizeof item, "%s:%s", row->workload, row->params);
    struct pb_wire_open open = {
        .workload = item, .executor = (char *)pair->executor, .workers = WORKERS, .work_rate = WORK_RATE};
    struct pb_wire ready = {.type = PB_WIRE_READY};
    struct pb_runner_cell cell;
    struct pb_error error = {0};
    if (strcmp(pair->executor, "openmp") == 0)
        program_skip_unseen(pair->executor);
    uint64_t digest = expected(row);
    CHECK_MSG(pb_runner_cell_open(&cell, &open, &ready.ready, &error) == 0, "%s", error.text);
    if (needs_two(row) && pb_executor_workers(cell.executor) < WORKERS) {
        struct pb_wire answer = {.type = PB_WIRE_SAMPLE};
        CHECK_INT(
            pb_runner_cell_run(&cell, &(struct pb_wire_run){.tasks = row->tasks}, &answer.sample, &error),
            -ENOTSUP);
        CHECK_HAS(error.text, pb_executor_lanes(cell.executor) > 1
                                  ? "tasks that share a thread wait"
                                  : "needs 2 workers that compute at once, and there is 1");
        pb_wire_release(&answer);
    } else {
        for (int k = 0; k < 3; k++)
            repeat(&cell, row, digest);
    }
    pb_wire_release(&ready);
    pb_runner_cell_close(&cell);
}

/* ---- Set-ups that fail ---- */

static void refused(const void *data) {
    static const struct {
        const char *workload, *params;
        int code;
        const char *says;
    } bad[] = {
        {"file", "op=append", -EINVAL, "read|write|mixed"},
        {"file", "block=1000", -EINVAL, "block is no multiple of 512"},
        {"file", "size=4k,block=8k", -EINVAL, "block is larger than size"},
        {"file", "fsync=1", -EINVAL, "nothing is written"},
        {"file", "fsync=2", -ERANGE, "0 to 1"},
        {"pipe", "block=0", -ERANGE, "1 B to"},
        {"request", "rate=-1", -ERANGE, "0 to 1000000"},
        {"request", "wait=soon", -EINVAL, "a time like"},
        {"echo", "requests=0", -ERANGE, "1 to"},
        {"echo", "client=first", -EINVAL, "client=first: there are no such processors"},
        {"echo", "client=1-0", -EINVAL, "no such processors"},
        {"echo", "client=0-", -EINVAL, "no such processors"},
        {"echo", "client=0+", -EINVAL, "no such processors"},
        {"echo", "client=1023", -EINVAL, "no such processors"},
        {"echo", "client=1024", -EINVAL, "no such processors"},
    };
    (void)data;
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        const struct pb_workload *w = workload(bad[k].workload);
        struct pb_param_set set;
        struct pb_error error = {0};
        int rc = pb_param_set_init(&set, w->name, w->params, bad[k].params, WORK_RATE, &error);
        if (rc == 0) {
            struct stage stage;
            pb_param_set_release(&set);
            rc = stage_open(&stage, w, bad[k].params);
            snprintf(error.text, sizeof error.text, "%s", stage.message.text);
        }
        CHECK_MSG(rc == bad[k].code, "%s:%s gives %d, \"%s\"", w->name, bad[k].params, rc, error.text);
        CHECK_HAS(error.text, bad[k].says);
        CHECK(strncmp(error.text, w->name, strlen(w->name)) == 0);
    }
}

static void no_directory(const void *data) {
    static const char *const places[] = {"/nonexistent", "/proc", "/dev/null"};
    (void)data;
    for (size_t k = 0; k < sizeof places / sizeof *places; k++)
        for (int share = 0; share <= 1; share++) {
            struct stage stage;
            setenv("TMPDIR", places[k], 1);
            int rc = stage_open(&stage, workload("file"), share ? "size=64k" : "size=64k,share=0");
            CHECK_MSG(rc < 0, "it makes a file in %s", places[k]);
            CHECK_HAS(stage.message.text, "file: no file can be made in ");
            CHECK_HAS(stage.message.text, places[k]);
            CHECK_HAS(stage.message.text, "set TMPDIR to a directory that can be written to");
        }
}

static void too_many_files(const void *data) {
    struct stage stage;
    int last = dup(0);
    CHECK(last >= 0);
    CHECK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){(rlim_t)last + 1, (rlim_t)last + 1}) == 0);
    CHECK_INT(stage_open(&stage, workload("file"), "size=64k,share=0"), -EMFILE);
    CHECK_HAS(stage.message.text, "raise the limit (ulimit -n), or give share=1");
    CHECK_INT(stage_open(&stage, workload("pipe"), NULL), -EMFILE);
    CHECK_HAS(stage.message.text, "ulimit -n");
    (void)data;
    close(last);
}

/* File systems that lack something, each in a name space of its own that ends with the case. */
static const struct lack {
    const char *type, *options, *params;
    int code;
    const char *says;
} no_direct = {"ramfs", NULL, "size=64k,direct=1", -EINVAL, "has no direct I/O: set TMPDIR"},
  no_room = {"tmpfs", "size=64k", "size=1MiB", -ENOSPC, "give a smaller size, or set TMPDIR to a larger"};

static void lacking(const void *data) {
    const struct lack *lack = data;
    char path[64];
    struct stage stage;
    program_directory(path);
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", path, lack->type, 0, lack->options) < 0) {
        program_directory_release(path);
        pb_test_skip("nothing may be mounted here: %s", strerror(errno));
    }
    setenv("TMPDIR", path, 1);
    int rc = stage_open(&stage, workload("file"), lack->params);
    umount(path);
    program_directory_release(path);
    CHECK_INT(rc, lack->code);
    CHECK_HAS(stage.message.text, "file: ");
    CHECK_HAS(stage.message.text, path);
    CHECK_HAS(stage.message.text, lack->says);
}

/* ---- Nothing is left ---- */

static unsigned entries(const char *path) {
    unsigned count = 0;
    DIR *directory = opendir(path);
    CHECK(directory);
    for (struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

/* In a child: becomes the cell, runs it once, says so, and waits to be killed. */
static _Noreturn void be_runner(const char *item, const char *executor, uint64_t tasks, int say) {
    struct pb_wire_open open = {
        .workload = (char *)item, .executor = (char *)executor, .workers = WORKERS, .work_rate = WORK_RATE};
    struct pb_wire ready = {.type = PB_WIRE_READY}, answer = {.type = PB_WIRE_SAMPLE};
    struct pb_runner_cell cell;
    struct pb_error error = {0};
    CHECK_MSG(pb_runner_cell_open(&cell, &open, &ready.ready, &error) == 0, "%s", error.text);
    CHECK_INT(pb_runner_cell_run(&cell, &(struct pb_wire_run){.tasks = tasks}, &answer.sample, &error), 0);
    CHECK(write(say, "", 1) == 1);
    for (;;)
        pause();
}

static const struct killed {
    const char *item, *executor;
    uint64_t tasks;
    int processes; /* at least: the runner, the client, the fork server, whose workers are its own */
} killed_rows[] = {
    {"file:size=64k,op=mixed", "thread", 20, 1},
    {"file:size=64k,op=mixed,share=0", "process", 20, 2},
    {"echo:cpu=1,requests=10", "thread", 2, 2},
    {"echo:cpu=1,requests=10", "process", 2, 3},
};

static void killed(const void *data) {
    const struct killed *row = data;
    char path[64], byte;
    int said[2], reaped = 0;
    program_directory(path);
    setenv("TMPDIR", path, 1);
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 && pipe2(said, O_CLOEXEC) == 0);
    fflush(NULL);
    pid_t runner = fork();
    CHECK(runner >= 0);
    if (runner == 0)
        be_runner(row->item, row->executor, row->tasks, said[1]);
    close(said[1]);
    CHECK_MSG(read(said[0], &byte, 1) == 1, "the runner failed");
    CHECK_INT(entries(path), 0);
    CHECK(kill(runner, SIGKILL) == 0);
    while (waitpid(-1, NULL, 0) > 0)
        reaped++;
    CHECK_MSG(errno == ECHILD && reaped >= row->processes, "only %d processes came to an end", reaped);
    CHECK_INT(entries(path), 0);
    program_directory_release(path);
}

static void torn_down(const void *data) {
    const char *item = data, *colon = strchr(item, ':');
    char path[64], name[16];
    struct stage stage;
    snprintf(name, sizeof name, "%.*s", (int)(colon - item), item);
    program_directory(path);
    setenv("TMPDIR", path, 1);
    int before = dup(0);
    close(before);
    CHECK_INT(stage_open(&stage, workload(name), colon + 1), 0);
    stage_run(&stage, 0, 0);
    CHECK_INT(entries(path), 0);
    stage_close(&stage);
    CHECK_INT(entries(path), 0);
    int after = dup(0);
    CHECK_MSG(after == before, "a descriptor is left open");
    close(after);
    CHECK_MSG(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "a process is left");
    program_directory_release(path);
}

/* ---- All of it ---- */

static const struct pb_case others[] = {
    {"refused", refused, NULL},
    {"no-directory", no_directory, NULL},
    {"too-many-files", too_many_files, NULL},
    {"no-direct", lacking, &no_direct},
    {"no-room", lacking, &no_room},
    {"killed-file", killed, &killed_rows[0]},
    {"killed-file-process", killed, &killed_rows[1]},
    {"killed-echo", killed, &killed_rows[2]},
    {"killed-echo-process", killed, &killed_rows[3]},
    {"torn-down-file", torn_down, "file:size=64k,op=mixed"},
    {"torn-down-own-file", torn_down, "file:size=64k,share=0"},
    {"torn-down-pipe", torn_down, "pipe:size=64k"},
    {"torn-down-echo", torn_down, "echo:requests=3"},
};

/* Each row under each executor that is to be had. */
static bool generate(size_t i, struct pb_case *out) {
    static struct pair pair;
    static char name[160];
    const size_t each = sizeof rows / sizeof *rows, rest = sizeof others / sizeof *others;
    struct pb_executor_listing listing;
    if (i < rest) {
        *out = others[i];
        return true;
    }
    i -= rest;
    for (size_t e = 0; executor_of_any(e, &listing) == 0; e++) {
        if (listing.absent)
            continue;
        if (i < each) {
            pair = (struct pair){listing.name, &rows[i]};
            snprintf(name, sizeof name, "%s/%s-%zu", listing.name, pair.row->workload, i);
            *out = (struct pb_case){name, same_answers, &pair};
            return true;
        }
        i -= each;
    }
    return false;
}

const struct pb_suite suite_io_workloads = {"io-workloads", NULL, generate};
