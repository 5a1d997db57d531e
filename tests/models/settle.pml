/* How a future is taken, settled, waited for and given back (queue.c, future.c, await.c), where workers are processes
 * that may be killed at any step, and the collector settles what they had claimed (settle_claim in
 * process_collector.c). A model, see sleep.pml. Every future settles once; no slot is given back while a worker uses
 * it; and whenever nobody can go on, every waiter has returned.
 *
 * Controls: CLAIM_LATE, a worker names its future only once it has it; NO_WAKE_AFTER_DEATH, a burial does not wake who
 * waits for a future that its worker settled; SLEEP_BLINDLY, a waiter sleeps without comparing the word; FORGET_BUSY,
 * an expired future is given back though its worker runs. */
#define WORKERS 2
#define FUTURES 2
#ifndef DEATHS
#define DEATHS 1
#endif
#define NOBODY 7

mtype = { PENDING, RUNNING, FINISHED, EXPIRED };

/* The words of state. */
mtype phase[FUTURES] = PENDING;
bool waited[FUTURES], busy[FUTURES];
byte by[FUTURES] = NOBODY;
#define IS_SETTLED(f) (phase[f] == FINISHED || phase[f] == EXPIRED)

byte settled[FUTURES]; /* how often */
bool sleeps[FUTURES], released[FUTURES];
byte claim[WORKERS] = NOBODY, uses[WORKERS] = NOBODY;
bool doomed[WORKERS];
byte deaths;
bool returned;

/* move(RUNNING, FINISHED), then the wake that its flags ask for. */
inline finish(f) {
    atomic {
        moved = (phase[f] == RUNNING);
        flag = waited[f];
        if
        :: moved -> phase[f] = FINISHED; busy[f] = false; settled[f]++
        :: else
        fi
    };
    if
    :: moved && flag -> atomic { sleeps[f] = false; flag = false }
    :: else -> flag = false
    fi
}

proctype worker(byte w) {
    byte f;
    bool moved, flag;
again:
    {
        for (f : 0 .. FUTURES - 1) {
#ifndef CLAIM_LATE
            if
            :: phase[f] == PENDING -> claim[w] = f
            :: else
            fi;
#endif
            atomic {
                if
                :: phase[f] == PENDING ->
                    assert(!released[f]);
                    phase[f] = RUNNING;
                    by[f] = w;
                    busy[f] = true;
                    uses[w] = f
                :: else
                fi
            };
#ifdef CLAIM_LATE
            claim[w] = f;
#endif
            if
            :: uses[w] == f ->
                uses[w] = NOBODY;
                finish(f);
                if
                :: !moved -> doomed[w] = true; false /* end_expired */
                :: else
                fi
            :: else
            fi
        }
    } unless {
        doomed[w];
        atomic { doomed[w] = false; uses[w] = NOBODY; f = claim[w]; moved = false; flag = false };
        if
        :: f != NOBODY && by[f] == w ->
            if
            :: phase[f] == RUNNING ->
                finish(f); /* pb_future_lose */
                if
                :: !moved -> busy[f] = false /* it has expired meanwhile */
                :: else
                fi
            :: phase[f] == EXPIRED && busy[f] -> busy[f] = false
            :: else ->
#ifndef NO_WAKE_AFTER_DEATH
                if
                :: waited[f] -> sleeps[f] = false
                :: else
                fi
#else
                skip
#endif
            fi
        :: else
        fi;
        atomic { claim[w] = NOBODY; f = 0; moved = false };
        goto again
    }
}

/* The deadline of the first future passes, or does not. The second only keeps workers busy. */
proctype timing() {
    bool flag;
    if
    :: true
    :: atomic {
            !IS_SETTLED(0) ->
            busy[0] = (phase[0] == RUNNING);
            phase[0] = EXPIRED;
            settled[0]++;
            flag = waited[0]
        };
        if
        :: flag -> sleeps[0] = false
        :: else
        fi
    fi
}

proctype waiter(byte f) {
    mtype seen;
    atomic { waited[f] = true; seen = phase[f] };
    do
    :: seen == FINISHED || seen == EXPIRED -> break
    :: else ->
        atomic {
            if
#ifndef SLEEP_BLINDLY
            :: phase[f] == seen -> sleeps[f] = true
            :: else
#else
            :: sleeps[f] = true
#endif
            fi
        };
        !sleeps[f];
        seen = phase[f]
    od;
    returned = true;
    /* Released: the slot is given back once nobody uses it. */
#ifndef FORGET_BUSY
    !busy[f];
#endif
    atomic {
        assert(settled[f] == 1 && uses[0] != f && uses[1] != f);
        released[f] = true
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
    atomic {
        run worker(0);
        run worker(1);
        run timing();
        run waiter(0);
        run killer()
    };
    timeout -> assert(returned && released[0] && settled[1] == 1)
}
