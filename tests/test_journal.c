/* The journal: FILE is the old one or the new one, whatever happens, and samples are never lost. */
#include "results/journal.h"
#include "results/json.h"
#include "sample_run.h"
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A directory of its own is the working directory; gone at the end. */
static char directory[] = "/tmp/parbench-journal-XXXXXX";

static void enter(void) {
    CHECK(mkdtemp(directory));
    CHECK_INT(chdir(directory), 0);
}

static void leave(void) {
    char command[64];
    CHECK_INT(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    CHECK_INT(system(command), 0);
}

static void put(const char *path, const char *text) {
    FILE *file = fopen(path, "we");
    CHECK(file);
    fputs(text, file);
    CHECK_INT(fclose(file), 0);
}

/* A file's text; NULL if there is none. */
static char *get(const char *path, struct pb_buffer *out) {
    char piece[4096];
    *out = (struct pb_buffer){0};
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
        pb_buffer_add(out, piece, n);
    fclose(file);
    return out->data;
}

static bool exists(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0;
}

static void check_text(const char *path, const char *expected) {
    struct pb_buffer text;
    CHECK_TEXT(get(path, &text), expected);
    pb_buffer_release(&text);
}

/* What opens, says where it begins, and writes all samples of the run. */
static int write_samples(struct pb_journal *j, const struct pb_run *run, const char *path,
                         struct pb_error *error) {
    int rc = pb_journal_open(j, path, error);
    if (rc)
        return rc;
    pb_journal_begin(j, run);
    for (uint32_t c = 0; c < run->cells; c++)
        for (uint32_t i = 0; i < run->cell[c].samples; i++)
            pb_journal_sample(j, &run->cell[c], &run->cell[c].sample[i]);
    return j->failed.code;
}

static void commit(const void *data) {
    struct pb_run run;
    struct pb_journal j;
    struct pb_error error = {0};
    struct pb_buffer text = {0}, samples;
    (void)data;
    enter();
    sample_run_init(&run);
    CHECK_INT(pb_run_encode(&run, &text), 0);
    put("r.json", "old");
    CHECK_INT(chmod("r.json", 0640), 0);
    CHECK_INT(write_samples(&j, &run, "r.json", &error), 0);
    check_text("r.json", "old");
    CHECK(get("r.json.partial", &samples));
    struct pb_run back;
    CHECK_MSG(pb_run_decode(&back, "p", samples.data, samples.size, &error) == 0, "%s", error.text);
    CHECK_INT(back.cell[3].samples, 3);
    CHECK_INT(back.cell[3].sample[2].makespan_ns, run.cell[3].sample[2].makespan_ns);
    CHECK_INT(pb_journal_commit(&j, &run, &error), 0);
    check_text("r.json", text.data);
    CHECK(!exists("r.json.partial") && !exists("r.json.partial.new"));
    struct stat st;
    CHECK_INT(stat("r.json", &st), 0);
    CHECK_INT(st.st_mode & 0777, 0640);
    pb_run_release(&back);
    pb_run_release(&run);
    pb_buffer_release(&text);
    pb_buffer_release(&samples);
    leave();
}

/* A journal cut anywhere: within its first line it is an error, behind it whole lines are read. */
static void cut(const void *data) {
    struct pb_run run, back;
    struct pb_journal j;
    struct pb_error error;
    struct pb_buffer text;
    (void)data;
    enter();
    sample_run_init(&run);
    CHECK_INT(write_samples(&j, &run, "r.json", NULL), 0);
    CHECK(get("r.json.partial", &text));
    size_t first = (size_t)(strchr(text.data, '\n') - text.data);
    for (size_t size = 0; size <= text.size; size++) {
        char *copy = malloc(size + !size);
        CHECK(copy);
        memcpy(copy, text.data, size);
        uint32_t lines = 0, samples = 0;
        for (size_t i = 0; i < size; i++)
            lines += copy[i] == '\n';
        int rc = pb_run_decode(&back, "p", copy, size, &error);
        CHECK_MSG(rc == (size < first ? -EINVAL : 0), "%zu bytes: %s", size, rc ? error.text : "accepted");
        for (uint32_t c = 0; c < back.cells; c++)
            samples += back.cell[c].samples;
        CHECK_INT(samples, lines ? lines - 1 : 0);
        pb_run_release(&back);
        free(copy);
    }
    pb_buffer_release(&text);
    pb_journal_close(&j);
    CHECK(exists("r.json.partial"));
    pb_run_release(&run);
    leave();
}

/* A failure's line adds to what the first line knows already, once. */
static void failures(const void *data) {
    static const struct pb_failure known = {3, 1, "known"}, fresh = {4, 2, "fresh"};
    struct pb_run run, back;
    struct pb_journal j;
    struct pb_error error = {0};
    struct pb_buffer text;
    (void)data;
    enter();
    sample_run_init(&run);
    CHECK_INT(pb_cell_add_failure(&run.cell[1], &known), 1);
    CHECK_INT(pb_journal_open(&j, "r.json", NULL), 0);
    CHECK_INT(pb_journal_begin(&j, &run), 0);
    for (int i = 0; i < 2; i++)
        CHECK_INT(pb_journal_failure(&j, &run.cell[1], &fresh), 0);
    CHECK_INT(pb_journal_failure(&j, &run.cell[1], &known), 0);
    CHECK(get("r.json.partial", &text));
    CHECK_MSG(pb_run_decode(&back, "p", text.data, text.size, &error) == 0, "%s", error.text);
    CHECK_INT(back.cell[0].failures, 0);
    CHECK_INT(back.cell[1].failures, 2);
    CHECK_TEXT(back.cell[1].failure[0].reason, "known");
    CHECK_TEXT(back.cell[1].failure[1].reason, "fresh");
    CHECK_INT(back.cell[1].failure[1].status, 2);
    pb_buffer_release(&text);
    pb_journal_close(&j);
    pb_run_release(&run);
    pb_run_release(&back);
    leave();
}

static void bad_lines(const void *data) {
    static const char *const rows[][2] = {
        {"{\"cell\": 6, \"sample\": {}}\n", "p:2:10: cell: not the number of a cell: there are 6"},
        {"{\"cell\": 0, \"sample\": {}}\n", "p:2:23: sample: lacks \"round\""},
        {"{\"cell\": 0}\n", "p:2:1: neither a sample nor a failure"},
        {"[]\n", "p:2:1: neither a sample nor a failure"},
        {"{\"cell\": 0, \"sample\": {}, \"failure\": {}}\n", "p:2:1: neither a sample nor a failure"},
        {"{\"cell\": 0, \"failure\": {\"task\": 1, \"status\": 9, \"reason\": \"\"}}\n",
         "failure.status: 9 is not between 0 and 7"},
        {"{\"cell\": 0, \"failure\": []}\n", "p:2:24: failure: not an object"},
        {"\n{}\n", "p:2:1: not JSON"},
        {"{\"cell\": 0, \"cell\": 0}\n", "not JSON: duplicate"},
    };
    (void)data;
    enter();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_run run, back;
        struct pb_journal j;
        struct pb_error error = {0};
        struct pb_buffer text;
        sample_run_init(&run);
        CHECK_INT(pb_journal_open(&j, "r.json", NULL), 0);
        CHECK_INT(pb_journal_begin(&j, &run), 0);
        CHECK(get("r.json.partial", &text));
        pb_buffer_text(&text, rows[i][0]);
        CHECK_INT(pb_run_decode(&back, "p", text.data, text.size, &error), -EINVAL);
        CHECK_HAS(error.text, rows[i][1]);
        pb_buffer_release(&text);
        pb_journal_close(&j);
        CHECK(!exists("r.json.partial")); /* no sample was in it */
        pb_run_release(&run);
    }
    leave();
}

/* Runs a commit in a child that dies at its n-th entry into the kernel or return from it; false once it gets
   through. */
static bool commit_and_die(const struct pb_run *run, int n) {
    struct pb_journal j;
    int status;
    pid_t child = fork();
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
            _exit(77);
        raise(SIGSTOP);
        int rc = write_samples(&j, run, "r.json", NULL);
        _exit(rc || pb_journal_commit(&j, run, NULL));
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    if (WIFEXITED(status))
        pb_test_skip("ptrace is not permitted");
    for (int i = 0; i < n; i++) {
        CHECK_INT(ptrace(PTRACE_SYSCALL, child, NULL, NULL), 0);
        CHECK(waitpid(child, &status, 0) == child);
        if (WIFEXITED(status)) {
            CHECK_INT(WEXITSTATUS(status), 0);
            return false;
        }
    }
    kill(child, SIGKILL);
    CHECK(waitpid(child, &status, 0) == child);
    return true;
}

static void killed(const void *data) {
    struct pb_run run, back;
    struct pb_error error;
    struct pb_buffer fresh = {0}, text;
    int old = 0, new = 0;
    (void)data;
    enter();
    sample_run_init(&run);
    CHECK_INT(pb_run_encode(&run, &fresh), 0);
    for (int n = 1;; n++) {
        put("r.json", "old");
        bool died = commit_and_die(&run, n);
        CHECK(get("r.json", &text));
        bool is_old = strcmp(text.data, "old") == 0;
        CHECK_MSG(is_old || strcmp(text.data, fresh.data) == 0, "killed at stop %d: half a file", n);
        old += is_old;
        new += !is_old;
        pb_buffer_release(&text);
        if (is_old && get("r.json.partial", &text) && strchr(text.data, '\n'))
            CHECK_MSG(pb_run_decode(&back, "p", text.data, text.size, &error) == 0, "stop %d: %s", n,
                      error.text);
        else
            pb_run_init(&back);
        pb_run_release(&back);
        if (is_old)
            pb_buffer_release(&text);
        unlink("r.json.partial");
        if (!died)
            break;
    }
    CHECK_MSG(old > 40 && new > 2, "%d old, %d new", old, new);
    pb_buffer_release(&fresh);
    pb_run_release(&run);
    leave();
}

/* No room: the old file is untouched, the error says so, the samples that fitted stay. */
static void check_full(void) {
    struct pb_run run;
    struct pb_journal j;
    struct pb_error error = {0};
    sample_run_init(&run);
    put("r.json", "old");
    CHECK_INT(write_samples(&j, &run, "r.json", &error), 0);
    for (int i = 0; i < 1000 && !j.failed.code; i++)
        pb_journal_sample(&j, &run.cell[1], &run.cell[1].sample[0]);
    CHECK(j.failed.code == -ENOSPC || j.failed.code == -EFBIG);
    CHECK_HAS(j.failed.text, "r.json.partial: cannot be written: ");
    for (int i = 0; i < 100; i++)
        CHECK_INT(pb_cell_add_sample(&run.cell[1], &run.cell[1].sample[0]), 0);
    for (int i = 0; i < 10; i++)
        for (uint32_t k = 0; k < 100; k++)
            CHECK_INT(pb_cell_add_sample(&run.cell[1], &run.cell[1].sample[k]), 0);
    CHECK_INT(pb_journal_commit(&j, &run, &error), j.failed.code);
    CHECK_HAS(error.text, "r.json: cannot be written: ");
    CHECK_HAS(error.text, "the samples are in ");
    check_text("r.json", "old");
    CHECK(exists("r.json.partial") && !exists("r.json.partial.new"));
    pb_run_release(&run);
}

static void full(const void *data) {
    struct rlimit limit = {64 << 10, 64 << 10};
    (void)data;
    enter();
    signal(SIGXFSZ, SIG_IGN);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
    check_full();
    leave();
}

static void full_disk(const void *data) {
    (void)data;
    enter();
    if (mount("none", directory, "tmpfs", 0, "size=128k") < 0) {
        leave();
        pb_test_skip("no file system may be mounted here");
    }
    CHECK_INT(chdir(directory), 0);
    check_full();
    CHECK_INT(chdir("/"), 0);
    CHECK_INT(umount2(directory, MNT_DETACH), 0);
    leave();
}

static void refused(const void *data) {
    static const struct {
        const char *path;
        int code;
        const char *error;
    } rows[] = {
        {"", -ENOENT, "its name is empty"},
        {"/dev/full", -EINVAL, "/dev/full: not a regular file"},
        {"no/r.json", -ENOENT, "no/r.json.partial: cannot be written: No such file or directory"},
        {"dir", -EISDIR, "dir: cannot be written: Is a directory: name a file in it"},
        {"nowhere", -ENOENT,
         "nowhere: cannot be written: No such file or directory: it is a link to nowhere"},
        {"linked.json", -ELOOP, "linked.json.partial: cannot be written"},
        {"fifo.json", -EINVAL, "fifo.json.partial: cannot be written"},
        {"left.json", -EEXIST, "left.json.partial: an interrupted run left its samples here"},
    };
    struct pb_journal j;
    struct pb_error error;
    (void)data;
    enter();
    CHECK_INT(mkdir("dir", 0777), 0);
    CHECK_INT(symlink("gone", "nowhere"), 0);
    CHECK_INT(symlink("victim", "linked.json.partial"), 0);
    CHECK_INT(mkfifo("fifo.json.partial", 0666), 0);
    put("victim", "safe");
    put("left.json.partial", "{}\n{}\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK_MSG(pb_journal_open(&j, rows[i].path, &error) == rows[i].code, "row %zu: %s", i, error.text);
        CHECK_HAS(error.text, rows[i].error);
        CHECK(j.fd == -1 && !j.path);
        pb_journal_close(&j);
    }
    check_text("victim", "safe");
    check_text("left.json.partial", "{}\n{}\n");
    leave();
}

/* FILE may be a link: what it points to is replaced. And nobody else writes meanwhile. */
static void linked(const void *data) {
    struct pb_run run;
    struct pb_journal j, other;
    struct pb_error error;
    struct pb_buffer text = {0};
    struct stat st;
    (void)data;
    enter();
    sample_run_bare(&run);
    CHECK_INT(pb_run_encode(&run, &text), 0);
    CHECK_INT(mkdir("deep", 0777), 0);
    put("deep/real.json", "old");
    CHECK_INT(symlink("deep/real.json", "r.json"), 0);
    CHECK_INT(pb_journal_open(&j, "r.json", &error), 0);
    CHECK(exists("deep/real.json.partial"));
    CHECK_INT(pb_journal_open(&other, "deep/real.json", &error), -EBUSY);
    CHECK_HAS(error.text, "another run is writing it");
    CHECK_INT(pb_journal_commit(&j, &run, &error), 0);
    check_text("deep/real.json", text.data);
    CHECK_INT(lstat("r.json", &st), 0);
    CHECK(S_ISLNK(st.st_mode));
    pb_buffer_release(&text);
    pb_run_release(&run);
    leave();
}

static const struct pb_case cases[] = {
    {"commit", commit, NULL},       {"cut", cut, NULL},
    {"failures", failures, NULL},   {"bad_lines", bad_lines, NULL},
    {"killed", killed, NULL},       {"full", full, NULL},
    {"full_disk", full_disk, NULL}, {"refused", refused, NULL},
    {"linked", linked, NULL},       {NULL, NULL, NULL},
};
const struct pb_suite suite_journal = {"journal", cases, NULL};
