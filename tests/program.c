/* Whatever a program under test leaves behind comes to us (PR_SET_CHILD_SUBREAPER): so waitpid knows whether
 * anything was left, wherever it may have hidden. */
#include "program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/words.h"
#include "results/json.h"

enum { DYING_SECONDS = 20 };

void program_need(void) {
    if (access(PROGRAM, X_OK) != 0)
        pb_test_skip("%s is not built", PROGRAM);
}

bool program_sees(const char *executor) {
    return strcmp(EXECUTORS, "all") == 0 || strstr(EXECUTORS, executor);
}

void program_skip_unseen(const char *executor) {
    if (!program_sees(executor))
        pb_test_skip("the thread sanitizer does not see %s: its runtime is not instrumented", executor);
}

static bool names(const char *variable, const char *const *list) {
    for (; list && *list; list++)
        if (strncmp(variable, *list, strcspn(*list, "=") + 1) == 0)
            return true;
    return false;
}

/* Ours, with those of the list instead of or beside it. The caller frees the array. */
static const char **environment_with(const char *const *list) {
    size_t count = 0, kept = 0;
    for (char **v = environ; *v; v++)
        count++;
    for (const char *const *v = list; v && *v; v++)
        count++;
    const char **out = calloc(count + 1, sizeof *out);
    CHECK(out);
    for (char **v = environ; *v; v++)
        if (!names(*v, list))
            out[kept++] = *v;
    for (; list && *list; list++)
        out[kept++] = *list;
    return out;
}

static void make_pipe(int end[2]) {
    CHECK(pipe2(end, O_CLOEXEC) == 0);
}

void program_begin(struct program *p, const struct program_start *start) {
    const char *argv[PROGRAM_WORDS + 2] = {start->other ? start->other : "bench"};
    int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2];
    program_need();
    for (int i = 0; start->word[i]; i++) {
        CHECK(i < PROGRAM_WORDS);
        argv[i + 1] = start->word[i];
    }
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    make_pipe(err);
    if (start->listens)
        make_pipe(in);
    if (!start->out_fd)
        make_pipe(out);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, PB_BINARY_DIR);
    if (start->listens)
        posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    else
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, start->out_fd ? start->out_fd : out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    const char **environment = environment_with(start->environment);
    *p = (struct program){.in = in[1], .out = out[0], .err = err[0]};
    int rc = posix_spawnp(&p->pid, start->other ? start->other : PROGRAM, &actions, NULL,
                          (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)environment);
    if (start->other && rc == ENOENT)
        pb_test_skip("%s is not there", start->other);
    CHECK_MSG(rc == 0, "%s: %s", start->other ? start->other : PROGRAM, strerror(rc));
    posix_spawn_file_actions_destroy(&actions);
    free(environment);
    CHECK((p->watch = (int)syscall(SYS_pidfd_open, p->pid, 0)) >= 0);
    int theirs[] = {in[0], out[1], err[1]};
    for (int i = 0; i < 3; i++)
        if (theirs[i] >= 0)
            close(theirs[i]);
}

static void close_fd(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void drain(int *fd, struct pb_buffer *to) {
    char block[4096];
    ssize_t got = read(*fd, block, sizeof block);
    if (got > 0)
        pb_buffer_add(to, block, (size_t)got);
    else if (got == 0 || errno != EINTR)
        close_fd(fd);
}

void program_finish(struct program *p) {
    close_fd(&p->in);
    while (p->out >= 0 || p->err >= 0) {
        struct pollfd polled[2] = {{p->out, POLLIN, 0}, {p->err, POLLIN, 0}};
        CHECK(poll(polled, 2, -1) >= 0 || errno == EINTR);
        if (polled[0].revents)
            drain(&p->out, &p->said);
        if (polled[1].revents)
            drain(&p->err, &p->complained);
    }
    CHECK(waitpid(p->pid, &p->status, 0) == p->pid);
}

void program_release(struct program *p) {
    int *fds[] = {&p->in, &p->out, &p->err, &p->watch};
    for (int i = 0; i < 4; i++)
        close_fd(fds[i]);
    pb_buffer_release(&p->said);
    pb_buffer_release(&p->complained);
}

static void begin_line(struct program *p, const char *const *environment, const char *format,
                       va_list arguments) {
    const char *word[PROGRAM_WORDS + 1] = {NULL};
    struct pb_strings words = {0};
    char line[2048];
    CHECK(vsnprintf(line, sizeof line, format, arguments) < (int)sizeof line);
    CHECK(pb_words_split(&words, "a test's line", line, NULL) == 0 && words.count <= PROGRAM_WORDS);
    for (uint32_t i = 0; i < words.count; i++)
        word[i] = words.text[i];
    program_begin(p, &(struct program_start){.word = word, .environment = environment});
    pb_strings_release(&words);
}

void program_begin_line(struct program *p, const char *const *environment, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    begin_line(p, environment, format, arguments);
    va_end(arguments);
}

void program_run(struct program *p, const char *const *environment, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    begin_line(p, environment, format, arguments);
    va_end(arguments);
    program_finish(p);
}

static uint32_t lines_of(const char *path) {
    struct pb_buffer text;
    uint32_t lines = 0;
    if (access(path, R_OK) != 0)
        return 0;
    program_read_file(&text, path);
    for (size_t i = 0; i < text.size; i++)
        lines += text.data[i] == '\n';
    pb_buffer_release(&text);
    return lines;
}

void program_wait_samples(struct program *p, const char *path, uint32_t samples) {
    while (lines_of(path) < 1 + samples) {
        /* As soon as it ends, it cannot come any more. */
        struct pollfd watch = {p->watch, POLLIN, 0};
        CHECK_MSG(poll(&watch, 1, 5) == 0, "it ended before %u samples were in %s", samples, path);
    }
}

void program_check_code(const struct program *p, int code) {
    CHECK_MSG(WIFEXITED(p->status) && WEXITSTATUS(p->status) == code,
              "status %#x, expected exit code %d: %s%s", p->status, code, pb_buffer_string(&p->said),
              pb_buffer_string(&p->complained));
}

void program_check_nothing_left(bool killed) {
    sigset_t deaths;
    sigemptyset(&deaths);
    sigaddset(&deaths, SIGCHLD);
    sigprocmask(SIG_BLOCK, &deaths, NULL);
    pid_t left = 0;
    for (time_t end = time(NULL) + DYING_SECONDS; killed && time(NULL) < end;) {
        while ((left = waitpid(-1, NULL, WNOHANG)) > 0)
            ;
        if (left < 0)
            return;
        sigtimedwait(&deaths, NULL, &(struct timespec){.tv_sec = 1});
    }
    left = waitpid(-1, NULL, WNOHANG);
    CHECK_MSG(left < 0 && errno == ECHILD, "a process of the run is left%s", left ? ", though dead" : "");
}

void program_decode(struct pb_run *run, const char *name, const struct pb_buffer *text) {
    struct pb_error error = {0};
    pb_run_init(run);
    CHECK_MSG(pb_run_decode(run, name, pb_buffer_string(text), text->size, &error) == 0, "%s: \"%s\"",
              error.text, pb_buffer_string(text));
}

void program_read_file(struct pb_buffer *to, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK_MSG(fd >= 0, "%s: %s", path, strerror(errno));
    *to = (struct pb_buffer){0};
    while (fd >= 0)
        drain(&fd, to);
}

const struct pb_cell *program_cell(const struct pb_run *run, const char *workload, const char *executor,
                                   uint32_t workers) {
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *c = &run->cell[i];
        if (c->role != PB_ROLE_REFERENCE && strstr(c->workload, workload) && c->workers == workers &&
            strncmp(c->executor, executor, strlen(executor)) == 0)
            return c;
    }
    pb_test_failed(__FILE__, __LINE__, "there is no row of %s, %s %u", workload, executor, workers);
}

int program_shell(const char *format, ...) {
    char command[1024];
    va_list arguments;
    va_start(arguments, format);
    CHECK(vsnprintf(command, sizeof command, format, arguments) < (int)sizeof command);
    va_end(arguments);
    int status = system(command);
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status);
}

void program_directory(char path[64]) {
    snprintf(path, 64, "/tmp/parbench-test-XXXXXX");
    CHECK(mkdtemp(path));
}

void program_directory_release(const char *path) {
    DIR *directory = opendir(path);
    CHECK(directory);
    for (struct dirent *entry; (entry = readdir(directory));)
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    CHECK(rmdir(path) == 0);
}
