/* What is shipped with the program and the library: modules, headers, runners in other languages. */
#ifndef PB_BASE_BESIDE_H
#define PB_BASE_BESIDE_H

#include <stddef.h>

/* Writes the path of `name` ("parbench-openmp.so", "include"): beside the object that this code is part of,
   where a build leaves it, or where it is installed (cmake/layout.cmake), seen from the program and from the
   library. 0; -ENOENT: it is in none of them; -ENAMETOOLONG; others, where /proc is not mounted. */
int pb_beside(const char *name, char *path, size_t size);

#endif
