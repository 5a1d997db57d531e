#include "cli/runners.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add(struct pb_sources *sources, const char *command, struct pb_error *error) {
    struct pb_strings word = {0};
    char label[200];
    snprintf(label, sizeof label, "--runner=%s", command);
    int rc = pb_words_split(&word, label, command, error);
    if (rc == 0 && word.count == 0)
        rc = pb_error_set(error, -EINVAL, "%s: it holds no word: give a command", label);
    const char **argv = calloc(word.count + 1, sizeof *argv);
    if (rc == 0 && !argv)
        rc = pb_error_set(error, -ENOMEM, "%s: no memory", label);
    for (uint32_t i = 0; rc == 0 && i < word.count; i++)
        argv[i] = word.text[i];
    if (rc == 0)
        rc = pb_sources_add(sources, command, argv, NULL, error);
    free(argv);
    pb_strings_release(&word);
    return rc < 0 ? rc : 0;
}

int pb_launcher_read(struct pb_sources *sources, const struct pb_options *options, struct pb_error *error) {
    const char *text = options->launcher;
    struct pb_strings word = {0};
    char label[200];
    if (!text)
        return 0;
    snprintf(label, sizeof label, "--launcher=%s", text);
    int rc = pb_words_split(&word, label, text, error);
    if (rc == 0 && word.count == 0)
        rc = pb_error_set(error, -EINVAL, "%s: it holds no word: give a command, as mpiexec -n {ranks}",
                          label);
    char **copy = rc == 0 ? calloc(word.count + 1, sizeof *copy) : NULL;
    bool whole = copy != NULL;
    for (uint32_t i = 0; whole && i < word.count; i++)
        whole = (copy[i] = strdup(word.text[i])) != NULL;
    pb_launcher_release(&sources->launcher);
    sources->launcher.word = copy;
    pb_strings_release(&word);
    return rc == 0 && !whole ? pb_error_set(error, -ENOMEM, "%s: no memory", label) : rc;
}

int pb_runners_add(struct pb_sources *sources, const struct pb_options *options, struct pb_error *error) {
    const struct pb_strings *list = &options->list[PB_RUNNERS];
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < list->count; i++)
        rc = add(sources, list->text[i], error);
    return rc;
}
