#include "results/doctor.h"

#include <stdlib.h>

void pb_doctor_release(struct pb_doctor *d) {
    for (uint32_t i = 0; i < d->made_rows; i++) {
        free(d->made[i].change);
        free(d->made[i].seconds);
    }
    free(d->made);
    free(d->drawn);
    free(d->carried);
    free(d->relinked);
    *d = (struct pb_doctor){0};
}
