/* The reader against bad input: the corpus of the fuzz target, which holds what it ever found too, and what
 * no target finds in short inputs. */
#include "fuzz/reader.h"
#include "results/json.h"
#include "sample_run.h"
#include "suite.h"

#include <dirent.h>
#include <stdlib.h>

#include "program.h"

static void check_holds(const char *name, const struct pb_buffer *text) {
    char why[512];
    CHECK_MSG(reader_holds(text->data ? text->data : "", text->size, why, sizeof why), "%s: %s", name, why);
}

/* Files of tests/fuzz/corpus: seeds, and one for each fault that was found, named after it. */
static void corpus(const void *data) {
    static const char *const path = PB_SOURCE_DIR "/tests/fuzz/corpus";
    struct dirent **entry;
    char file[1024];
    (void)data;
    int n = scandir(path, &entry, NULL, alphasort), files = 0;
    CHECK_MSG(n > 0, "%s", path);
    for (int i = 0; i < n; i++) {
        struct pb_buffer text = {0};
        if (entry[i]->d_name[0] != '.') {
            snprintf(file, sizeof file, "%s/%s", path, entry[i]->d_name);
            program_read_file(&text, file);
            check_holds(entry[i]->d_name, &text);
            files++;
        }
        pb_buffer_release(&text);
        free(entry[i]);
    }
    free(entry);
    CHECK(files >= 3);
}

/* The record as it is today, whose members the corpus may not all know. */
static void today(const void *data) {
    struct pb_run run;
    struct pb_buffer text = {0};
    (void)data;
    sample_run_init(&run);
    CHECK_INT(pb_run_encode(&run, &text), 0);
    check_holds("sample run", &text);
    pb_buffer_release(&text);
    pb_run_release(&run);
}

static const struct pb_case cases[] = {
    {"corpus", corpus, NULL},
    {"today", today, NULL},
    {NULL, NULL, NULL},
};
const struct pb_suite suite_fuzz = {"fuzz", cases, NULL};
