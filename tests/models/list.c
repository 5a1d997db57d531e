#include "checker.h"

extern const struct checker_model model_queue, model_sleep, model_range, model_ring, model_settle, model_room;

const struct checker_model *const checker_models[] = {&model_queue,  &model_sleep, &model_range, &model_ring,
                                                      &model_settle, &model_room,  NULL};
