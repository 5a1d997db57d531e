/* How a range is joined, left and closed by its number (team.c), where workers are processes that may be killed at any
 * step and are replaced (leave_range in process_collector.c). A model, see sleep.pml. When the caller returns, no worker
 * is in its range; every index was run once, or claimed by a worker that died; and whenever nobody can go on, the
 * caller has returned.
 *
 * Controls: LOOK_FIRST, a worker looks at the number before it joins; STAY_JOINED, a burial leaves the dead worker in
 * the range; CLOSE_LAST, the caller looks who has joined but not again once it has closed. */
#define WORKERS 2
#define RANGES 2
#define INDICES 2
#ifndef DEATHS
#define DEATHS 1
#endif

byte number, leavings, cursor, ran, died_with, returned, deaths;
bool awaited, caller_sleeps;
byte joined[WORKERS], left[WORKERS];
bool works[WORKERS], doomed[WORKERS];

/* all_left looks at one after the other. */
inline look_at(w) {
    if
    :: all && joined[w] == n ->
        if
        :: left[w] != n -> all = false
        :: else
        fi
    :: else
    fi
}

inline left_range() {
    leavings++;
    if
    :: awaited -> caller_sleeps = false
    :: else
    fi
}

proctype worker(byte w) {
    byte n, last;
    bool claimed;
again:
    {
        do
        :: atomic { number % 2 == 1 && number != last -> n = number; last = n };
#ifdef LOOK_FIRST
            if
            :: number == n -> skip
            :: else -> n = 0
            fi;
            if
            :: n == 0 -> goto next
            :: else
            fi;
            joined[w] = n;
            works[w] = true;
#else
            joined[w] = n;
            atomic {
                if
                :: number == n -> works[w] = true
                :: else
                fi
            };
#endif
            if
            :: works[w] ->
                do
                :: atomic { cursor < INDICES -> cursor++; claimed = true };
                    assert(returned < n);
                    atomic { ran++; claimed = false }
                :: cursor >= INDICES -> break
                od;
                assert(returned < n);
                works[w] = false
            :: else
            fi;
            left[w] = n;
            left_range();
next:
            n = 0
        od
    } unless {
        doomed[w];
        atomic {
            doomed[w] = false;
            works[w] = false;
            died_with = died_with + claimed;
            claimed = false
        };
#ifndef STAY_JOINED
        if
        :: joined[w] != left[w] -> joined[w] = 0; left[w] = 0
        :: else
        fi;
#endif
        left_range();
        atomic { last = left[w]; n = 0 };
        goto again
    }
}

proctype caller() {
    byte k, n, seen;
    bool closed, all;
    for (k : 1 .. RANGES) {
        n = number + 1;
        atomic { cursor = 0; ran = 0; died_with = 0 };
        number = n;
        closed = false;
        awaited = true;
        do
        :: seen = leavings;
            if
            :: !closed && cursor >= INDICES ->
                all = true;
                look_at(0);
                look_at(1);
                if
                :: all -> number = n + 1; closed = true
                :: else
                fi
            :: else
            fi;
#ifndef CLOSE_LAST
            all = closed;
            look_at(0);
            look_at(1);
#endif
            if
            :: closed && all -> break
            :: else
            fi;
            atomic {
                if
                :: leavings == seen -> caller_sleeps = true
                :: else
                fi
            };
            !caller_sleeps
        od;
        awaited = false;
        returned = n;
        assert(!works[0] && !works[1]);
        assert(ran + died_with == INDICES)
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
    timeout -> assert(returned == 2 * RANGES - 1)
}
