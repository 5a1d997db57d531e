#include "results/metg.h"

#include <stdlib.h>

void pb_metg_release(struct pb_metg *m) {
    for (uint32_t i = 0; i < m->rows; i++) {
        free(m->row[i].executor);
        free(m->row[i].binding);
        free(m->row[i].error);
    }
    free(m->row);
    *m = (struct pb_metg){0};
}
