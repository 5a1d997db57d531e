/* Functions as they travel between processes that run the same program: an address differs from one to
 * another, the module that it lies in and its offset there do not. A module is known by its build id, which
 * the linker writes into it: what was built otherwise has another, and is never called by mistake. */
#ifndef PB_RANKS_CODE_H
#define PB_RANKS_CODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct pb_code {
    uint64_t build;  /* the first 8 bytes of the module's build id; 0: no function */
    uint64_t offset; /* bytes from where the module was loaded */
};

typedef void pb_any_function(void);

/* What was looked up last: looking up walks the list of modules. For one thread. Zeroed: empty. */
struct pb_code_cache {
    struct {
        pb_any_function *function;
        struct pb_code code;
    } row[8];
    unsigned next;
};

/* Where the function lies; NULL gives a code whose build is 0. -ENOEXEC: its module has no build id, the
   error names it. */
int pb_code_of(struct pb_code_cache *, pb_any_function *, struct pb_code *, struct pb_error *);
/* The function here; NULL for a code of none. -ENOENT: no module here is of that build. */
int pb_code_here(struct pb_code_cache *, const struct pb_code *, pb_any_function **, struct pb_error *);
/* Build ids of the program and, where it is another module, the library that this is part of, as text: what
   must be the same in processes that are to work together. */
void pb_code_builds(char *out, size_t size);

#endif
