/* One call of a task function: what it gives back is collected here, wherever it runs. Only the few fields
 * that say what there is are cleared: a call is made for every task. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/copy.h"
#include "future/future.h"

static int refuse(struct pb_call *call, int code) {
    call->code = code;
    return code;
}

int pb_return(struct pb_task *task, const void *data, size_t size) {
    struct pb_call *call = task->call;
    if (!call)
        return -EINVAL;
    if (size > PB_RESULT_MAX) {
        pb_fail(task, -EMSGSIZE,
                "a result of %zu bytes: more than %d bytes cannot be returned: write it to a file or return "
                "parts",
                size, (int)PB_RESULT_MAX);
        return refuse(call, -EMSGSIZE);
    }
    void *block = size > PB_VALUE_MAX ? realloc(call->block, size) : NULL;
    if (size > PB_VALUE_MAX && !block) {
        pb_fail(task, -ENOMEM, "no memory for its result of %zu bytes: return less", size);
        return refuse(call, -ENOMEM);
    }
    if (call->block && size <= PB_VALUE_MAX)
        free(call->block);
    call->block = block;
    call->code = 0;
    call->result_size = (uint32_t)size;
    pb_copy(block ? block : call->bytes, data, size);
    return 0;
}

int pb_fail(struct pb_task *task, int code, const char *format, ...) {
    struct pb_call *call = task->call;
    if (!call)
        return code;
    char *message = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (!format || vasprintf(&message, format, arguments) < 0)
        message = NULL; /* the code still tells */
    va_end(arguments);
    free(call->message);
    call->message = message;
    return code;
}

int pb_call_run(struct pb_call *call, pb_function *function, const void *args, size_t size,
                struct pb_task *task) {
    void *outer = task->call;
    call->code = 0;
    call->more = 0;
    call->result_size = 0;
    call->message = NULL;
    call->block = NULL;
    task->call = call;
    int code = function(task, args, size);
    task->call = outer;
    return code ? code : call->code;
}

void pb_call_release(struct pb_call *call) {
    if (!call->block && !call->message)
        return;
    free(call->block);
    free(call->message);
    call->block = NULL;
    call->message = NULL;
}
