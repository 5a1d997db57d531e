/* Points: the steps of a protocol at which a test build can kill, stop or end the process that takes them.
 *
 * A build with PB_POINTS defined calls pb_point with the name of each step; the test that is linked with it
 * defines what happens then. In every other build a point is nothing. */
#ifndef PB_BASE_POINT_H
#define PB_BASE_POINT_H

#ifdef PB_POINTS
void pb_point(const char *name);
#define PB_POINT(name) pb_point(#name)
#else
#define PB_POINT(name) ((void)0)
#endif

#endif
