/* How workers sleep and are woken (lot.c, and idle in team.c), where workers are processes that may be killed at any
 * step. A model: every step is one of the source's, all see them in one order (what C11 allows beyond that is
 * sleep.c's matter). The task that is taken first ends only after the others: while it runs, they are another worker's.
 * It must hold that whenever nobody can go on, every task has been run, or lost with its worker.
 *
 * Controls: LOOK_FIRST, a sleeper looks for work before it is counted; NO_WAKE_AFTER_DEATH, a burial wakes nobody;
 * RESIGN_BLINDLY, a sentinel sleeps on without looking again. */
#define WORKERS 2
#ifndef TASKS
#define TASKS 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif

byte pending, moved, taken, ended, lost;
byte deaths;

/* The lot. */
byte asleep, epoch;
bool searching, sentinel;
#define SAME (asleep == seen_asleep && epoch == seen_epoch && searching == seen_searching && sentinel == seen_sentinel)
#define FORGET seen_asleep = 0; seen_epoch = 0; seen_searching = false; seen_sentinel = false; seen_moved = 0; timed_out = false
#define SEE seen_asleep = asleep; seen_epoch = epoch; seen_searching = searching; seen_sentinel = sentinel

bool in_futex[WORKERS]; /* sleeps on the lot's word */
bool runs[WORKERS];
bool doomed[WORKERS];

inline wake_one() {
    atomic {
        if
        :: asleep == 0 -> woken_somebody = false
        :: else -> asleep--; epoch = (epoch + 1) % 4; woken_somebody = true
        fi
    };
    if
    :: woken_somebody ->
        atomic {
            if
            :: in_futex[0] -> in_futex[0] = false
            :: in_futex[1] -> in_futex[1] = false
            :: else
            fi;
            woken_somebody = false
        }
    :: else
    fi
}

inline wake_all() {
    atomic { asleep = 0; searching = false; sentinel = false; epoch = (epoch + 1) % 4 };
    atomic { in_futex[0] = false; in_futex[1] = false }
}

inline notify() {
    if
    :: asleep > 0 && !searching && (!sentinel || asleep >= WORKERS) -> wake_one()
    :: else
    fi
}

proctype worker(byte w) {
    byte seen_asleep, seen_epoch, seen_moved;
    bool seen_searching, seen_sentinel, was_idle, is_first, is_sentinel, rush, woken, timed_out, woken_somebody;
again:
    {
        was_idle = true;
        do
        :: atomic { pending > 0 -> pending--; taken++; is_first = (taken == 1); runs[w] = true };
            if
            :: was_idle && pending > 0 -> notify()
            :: else
            fi;
            was_idle = false;
            atomic { !is_first || ended + lost + 1 == TASKS -> is_first = false; runs[w] = false; ended++ }
        :: atomic { pending == 0 -> was_idle = true };
            /* It searches, or not: that depends on the processors. */
            if
            :: true
            :: atomic { !searching -> searching = true };
                if
                :: pending > 0
                :: true
                fi;
                searching = false
            fi;
#ifdef LOOK_FIRST
            if
            :: pending > 0 -> goto awake
            :: else
            fi;
#endif
            /* pb_lot_sleep */
            atomic {
                asleep++;
                is_sentinel = rush && !sentinel;
                sentinel = sentinel || is_sentinel;
                SEE;
                seen_moved = moved
            };
            do
#ifndef LOOK_FIRST
            :: pending > 0 -> break
            :: pending == 0 ->
#else
            :: true ->
#endif
                if
                :: is_sentinel && timed_out && moved == seen_moved ->
                    atomic { sentinel = false; is_sentinel = false; rush = false; timed_out = false };
                    atomic { seen_asleep = asleep; seen_searching = searching; seen_sentinel = sentinel };
#ifdef RESIGN_BLINDLY
                    goto doze;
#endif
                :: else ->
doze:
                    atomic {
                        seen_moved = moved;
                        if
                        :: SAME -> in_futex[w] = true
                        :: else
                        fi
                    };
                    if
                    :: !in_futex[w] -> timed_out = false
                    :: is_sentinel -> in_futex[w] = false; timed_out = true
                    fi;
                    atomic { woken = (epoch != seen_epoch); SEE };
                    if
                    :: woken -> break
                    :: else
                    fi
                fi
            od;
            atomic {
                if
                :: !woken && epoch == seen_epoch -> asleep--
                :: else
                fi;
                FORGET
            };
            if
            :: is_sentinel -> atomic { sentinel = false; is_sentinel = false }
            :: else
            fi;
            atomic {
                rush = rush || (woken && pending == 0);
                woken = false
            };
awake:
            skip
        od
    } unless {
        doomed[w];
        /* The collector buries it, and has it replaced. */
        atomic { doomed[w] = false; in_futex[w] = false; rush = false; is_sentinel = false; woken_somebody = false; woken = false; is_first = false; FORGET };
        atomic {
            if
            :: runs[w] -> runs[w] = false; lost++
            :: else
            fi
        };
#ifndef NO_WAKE_AFTER_DEATH
        wake_all();
#endif
        goto again
    }
}

proctype caller() {
    byte k;
    bool woken_somebody;
    for (k : 1 .. TASKS) {
        atomic { pending++; moved++ };
        notify()
    }
}

proctype killer() {
    do
    :: deaths < DEATHS ->
        atomic {
            deaths++;
            if
            :: doomed[0] = true
            :: doomed[1] = true
            fi
        }
    :: true -> break
    od
}

init {
    atomic { run worker(0); run worker(1); run caller(); run killer() };
    timeout -> assert(pending == 0 && ended + lost == TASKS)
}
