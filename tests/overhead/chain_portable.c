/* Without a fence: an out-of-order core may begin the next task's chain while this one's last links are still
 * on their way, so tasks of a few nanoseconds seem shorter than they are asked to be. */
#include "chain.h"

void pb_chain(uint64_t links) {
    uint64_t x = 0x9e3779b97f4a7c15u;
    for (; links > 0; links--) {
        x *= x;
        __asm__ volatile("" : "+r"(x)); /* each link is really computed */
    }
}
