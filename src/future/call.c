/* One call of a task function: what it gives back is collected here, wherever it runs. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "future/future.h"

int pb_return(struct pb_task *task, const void *data, size_t size) {
    struct pb_call *call = task->call;
    if (!call)
        return -EINVAL;
    if (size > PB_RESULT_MAX)
        return -EMSGSIZE;
    void *copy = size ? realloc(call->result, size) : NULL;
    if (size && !copy)
        return -ENOMEM;
    if (size)
        memcpy(copy, data, size);
    else
        free(call->result);
    call->result = copy;
    call->result_size = size;
    return 0;
}

int pb_fail(struct pb_task *task, int code, const char *format, ...) {
    struct pb_call *call = task->call;
    if (!call)
        return code;
    free(call->message);
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&call->message, format, arguments) < 0)
        call->message = NULL; /* the code still tells */
    va_end(arguments);
    return code;
}

int pb_call_run(struct pb_call *call, pb_function *function, const void *args, size_t size,
                struct pb_task *task) {
    void *outer = task->call;
    *call = (struct pb_call){0};
    task->call = call;
    int code = function(task, args, size);
    task->call = outer;
    return code;
}

void pb_call_release(struct pb_call *call) {
    free(call->result);
    free(call->message);
    *call = (struct pb_call){0};
}
