/* What is shipped with the program: modules, headers, runners in other languages. */
#ifndef PB_BASE_BESIDE_H
#define PB_BASE_BESIDE_H

#include <stddef.h>

/* Writes the path of `name` ("parbench-openmp.so", "include"): beside the program, where a build leaves it,
   or in ../lib/parbench/, where it is installed. 0; -ENOENT: it is in neither; -ENAMETOOLONG; others, where
   /proc is not mounted. */
int pb_beside(const char *name, char *path, size_t size);

#endif
