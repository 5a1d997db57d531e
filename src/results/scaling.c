#include "results/scaling.h"

#include <stdlib.h>

void pb_scaling_release(struct pb_scaling *s) {
    for (uint32_t i = 0; i < s->curves; i++) {
        for (uint32_t k = 0; k < s->curve[i].rows; k++)
            free(s->curve[i].row[k].left_out);
        free(s->curve[i].row);
    }
    free(s->curve);
    *s = (struct pb_scaling){0};
}
