/* One row per word. Outcomes and causes stand in the order in which stats/verdict.c tries them, and their
 * figures are those of stats/verdict.h; a test holds the words of both together. */
#include "analysis/analysis.h"

#include <strings.h>

static const struct pb_explanation words[] = {
    {"parallel", "outcome", "Speedup is at least 0.9 of what is possible, its whole interval included.",
     "Nothing to do. More needs more processors or less work."},
    {"overlapped", "outcome",
     "I/O-bound: speedup is above 1.5 and above 1.1 times the processors busy, so it is waiting that "
     "overlaps.",
     "Raise -n until the speedup stops growing; the loop executor does so without more threads."},
    {"partial", "outcome",
     "Speedup lies between serialised (1.1) and parallel (0.9 of what is possible); or it lies within "
     "5 % of what the tasks' lengths allow, and that is below 0.97 of what is possible; or it reaches what "
     "is "
     "possible where a quota or other load cut that short, too.",
     "See the cause. Without one, compare busy (idle processors) and cost (wasted ones)."},
    {"serialised", "outcome", "Speedup is 0.9 to 1.1 although more than one worker had tasks.",
     "See the cause; most often a lock. Processes share none by accident."},
    {"slower", "outcome", "Speedup is below 0.9: handing the work out costs more than it gains.",
     "See the cause; most often tasks that are too short. Batch them, or stay serial."},
    {"keeps up", "outcome",
     "Tasks come by themselves, and are done at 0.97 or more of the rate at which they come, the whole "
     "interval included. Speedup says nothing there and is not judged.",
     "Look at the percentiles: they count from when a task was due."},
    {"falls behind", "outcome",
     "Tasks come by themselves, and are done at less than 0.97 of the rate at which they come: the queue "
     "grows.",
     "More at once (-n), another executor, or fewer tasks."},
    {"unclear", "outcome",
     "The interval of the speedup spans two outcomes and is wider than 2.5 % to either side, or that of the "
     "share kept up with spans two.",
     "Measure longer (--thorough), or on a quieter machine."},
    {"-", "outcome",
     "Nothing to judge: a baseline, a reference, one worker, one task, or no speedup to go by.", NULL},

    {"quota", "cause",
     "The cgroup's CPU quota is less than the workers, and it stopped them for 0.05 of the time that they "
     "ran or "
     "could have run, or longer. Where the kernel does not tell for how long: at least 0.85 of the quota is "
     "used. "
     "A row that would be parallel, against a reference that the quota stops too, is partial then.",
     "Run no more workers than the quota's processors, or raise cpu.max."},
    {"overhead", "cause",
     "A task takes at most 20 us on the base, and the row is slower, or costs 1.1 times the base or more.",
     "Batch tasks so that handing one out takes a tenth of its time; the finding says how many."},
    {"imbalance", "cause",
     "The tasks' lengths, handed out in order to whoever is free, bound the speedup below 0.97 of what is "
     "possible, and 0.9 of the bound is reached; or the busiest worker computes 1.15 times the mean or more, "
     "which explains the rest, and the others idle.",
     "Start the longest tasks first, split them, or hand out on demand (openmp:schedule=dynamic)."},
    {"lock", "cause",
     "Compute-bound workers waited for the model's lock, or slept inside tasks, for 0.05 of their time or "
     "more; or speedup is at most 1.1 and 0.8 to 1.2 processors are busy, although two or more "
     "workers had tasks and processors: one works, the others wait.",
     "Hold the lock for less, give each worker its own data, or use processes."},
    {"serial part", "cause",
     "The serial fraction is at least 0.05 and within a quarter the same at three widths or more; or a "
     "program "
     "that makes its own workers keeps 0.8 to 1.2 processors busy at a speedup of at most 1.1.",
     "Shorten what runs alone: by Amdahl's law speedup ends at 1 / fraction. See whether a program heeds "
     "{n}."},
    {"oversubscribed", "cause",
     "More workers than usable processors, all of them busy, and the work costs 1.1 times the base or more.",
     "Use as many workers as processors: -n max."},
    {"shared hardware", "cause",
     "At least 0.85 of the processors are busy, but the work costs 1.15 times the base's CPU time or more: "
     "memory bandwidth, a shared cache line, or SMT siblings.",
     "Touch less memory, keep what workers write 64 bytes apart, or use fewer workers."},
    {"other load", "cause",
     "No more workers than processors, and processors not all busy, yet 50 or more involuntary switches per "
     "CPU "
     "second, or 0.02 of the processors' time or more was stolen, which the hypervisor gave to others: "
     "something else runs here.",
     "Stop it, or measure at another time; ratios are paired by round, so slow drift cancels out."},
    {"unknown", "cause", "None of the rules holds: the sample does not tell.",
     "Compare busy and cost; look at the workers one by one, or use a profiler."},

    {"time", "column", "Makespan: from the first task handed out to the last one done. Median over rounds.",
     NULL},
    {"speedup", "column",
     "The base's time over this row's in the same round; median, and its 95 % interval by resampling "
     "rounds. Fewer than 6 rounds give no interval.",
     "Too wide: more rounds (--thorough, --time)."},
    {"busy", "column", "Processors kept busy: CPU seconds / makespan. Compute-bound: speedup = busy / cost.",
     "Low: workers wait or have nothing to do."},
    {"cost", "column",
     "CPU seconds relative to the base's for the same work, paired by round. None where the base computes "
     "less than 0.05 of its time: then it is noise that would be compared.",
     "Above 1: processors are wasted on handing out, on waiting in a loop, or on shared hardware."},
    {"possible", "column",
     "What this machine can give at that width: the speedup of `spin` under the same placement in the same "
     "rounds. Turbo, SMT, quota and other load lower it.",
     NULL},
    {"verdict", "column", "An outcome and, where the sample can tell it, a cause.",
     "`bench explain WORD` tells each one's rule."},
    {"efficiency", "column", "Speedup / workers.", NULL},
    {"bound", "column",
     "The best speedup that the tasks' measured lengths allow, handed out in order to the first free worker.",
     "Close to it: split or reorder the tasks; more workers do not help."},
    {"imbalance ratio", "column", "The busiest worker's CPU time over the mean of all workers.", NULL},
    {"computing", "column",
     "Of the workers' time, workers x makespan, the share that their CPU clocks counted inside tasks. "
     "Computing, GIL, I/O, idle and the rest are that whole: medians over samples. --wide shows them per "
     "row, "
     "-v per worker.",
     "Low in compute-bound work: see which of the others is high."},
    {"GIL", "column",
     "The share of the workers' time that they waited for the lock of executor gil, clocked where it is "
     "taken.",
     "Compute without the lock, as native code may (allow_begin), or use processes."},
    {"I/O", "column",
     "The share of the workers' time that they waited in I/O verbs, less what the verbs computed. Of a loop: "
     "its thread waited while tasks were under way.",
     "That is time for more tasks at once: raise -n, or use the loop executor."},
    {"idle", "column",
     "The share of the workers' time without a task: before their first, after their last, and when there "
     "was none to take; looking for one is idle too.",
     "Tasks of unequal length, or too few: split them. If tasks are short, handing them out takes longer."},
    {"rest", "column",
     "What no clock holds of the workers' time, at most 2 % on a quiet machine: inside a task, but off the "
     "processor. Called preempted where involuntary switches tell that others ran there; else tasks waited "
     "by themselves, for a lock, say.",
     "Preempted: stop other work, or use no more workers than processors."},
    {"preempted", "column",
     "The rest of the workers' time if it is 2 % or more, and at least one switch in eleven was involuntary: "
     "tasks were ready to run, but others had the processor.",
     "Stop other work, or use no more workers than processors."},
    {"serial fraction", "column",
     "Karp and Flatt's (1/S - 1/p) / (1 - 1/p). Flat over widths: serial code; rising: overhead; negative: "
     "faster than linear.",
     NULL},
    {"law", "word",
     "bench scale: X(n) = g n / (1 + a (n - 1) + b n (n - 1)), the USL, or Amdahl's with b = 0, whichever "
     "AICc "
     "prefers. Not identifiable from fewer than 4 widths (6 for b), nor beyond the processors, a quota, a "
     "package, or cores shared by SMT siblings.",
     "Measure more widths: -n 1-max."},
    {"USL", "word",
     "The Universal Scalability Law: a is what queues for something shared, b what each worker costs every "
     "other; throughput peaks at sqrt((1 - a) / b) workers.",
     "Above the peak fewer workers are faster."},
    {"Amdahl", "word", "Speedup n / (1 + a (n - 1)): never more than 1 / a.",
     "Make the serial part a smaller."},
    {"METG", "word",
     "METG(50 %): the shortest task at which half of the workers' time is still the tasks' own work. `bench "
     "metg` measures it.",
     "Batch shorter tasks to at least that; nine times as long loses a tenth."},
    {"throughput", "column", "Tasks per second; bytes per second where the workload states its bytes.", NULL},
    {"rate", "column",
     "Per second, median over rounds: of what the workload counts first, which heads the column "
     "(requests/s); "
     "where it counts nothing, of tasks (tasks/s).",
     "I/O-bound: raise -n while it grows; a finding says where it ends."},
    {"p50", "column",
     "Half of all latencies that the tasks observed, all rounds together, are this long or shorter.", NULL},
    {"p99", "column",
     "One latency in a hundred is longer. Each is known to 1/128 of itself; the table shows two digits.",
     "Far above p50: something makes some wait, a queue, a lock or a pause. Fewer at once may help."},
    {"p99.9", "column",
     "One latency in a thousand is longer; of fewer than a thousand it is the longest that was seen.",
     "Measure longer (--thorough) before trusting it."},
    {"peak", "column", "The most memory that was resident, runner and worker processes together.", NULL},

    {"regressed", "comparison",
     "The whole interval of the change lies above the threshold (5 %, or --threshold): it is slower by more "
     "than that.",
     "See what changed. `bench gate` measures both in turns, and tells smaller changes."},
    {"improved", "comparison",
     "The whole interval of the change lies below the threshold on the other side: it is faster by more than "
     "that.",
     NULL},
    {"equivalent", "comparison",
     "The whole interval of the change lies within the threshold on both sides: whatever changed is smaller.",
     "A smaller --threshold finds smaller changes, if the machine carries it."},
    {"inconclusive", "comparison",
     "The interval of the change reaches over the threshold, or there are fewer than 6 samples: both may be.",
     "Measure both longer (--time), or on a quieter machine; --wide shows what could have been found. With "
     "--strict the exit code is 3."},
    {"not comparable", "comparison",
     "The two are not the same work on the same machine: processor, topology, usable processors, version, "
     "parameters, tasks, place or answers differ, or one of them has no numbers. Then there is no verdict.",
     "Measure both in the same way on one machine, with the same --tasks. With --strict the exit code is 3."},
    {"change", "comparison",
     "head / base - 1 of the median times: +6 % is slower. Its interval comes from resampling launches, and "
     "repetitions within each; it is so wide (column confidence) that all rows together are right with 95 % "
     "(Holm). Where both ran `spin` beside them, rows that compute are taken relative to it, so that a slow "
     "mood of the machine cancels out.",
     NULL},
    {"could find", "comparison",
     "The smallest regression that would have been called one in 19 of 20 such measurements.",
     "Four times as many samples halve what it lies above the threshold."},

    {"control", "word",
     "Of a gate: base once more. If it differs from base by more than the threshold, something else than the "
     "change moves the numbers, and the row stays inconclusive.",
     "Quieten the machine and repeat it."},
    {"workload", "word", "A kind of work with parameters: sha:size=1MiB.", "bench list"},
    {"task", "word", "One call of a workload, number i of n.", NULL},
    {"worker", "word", "What runs tasks: a thread, a process, an OpenMP thread, a loop's thread.", NULL},
    {"lane", "word", "Room for one task in flight: a worker has one, an event loop many.", NULL},
    {"executor", "word", "What hands tasks to workers.", "bench list"},
    {"cell", "word", "Workload x executor x -n x binding: one row of the table.", NULL},
    {"repetition", "word", "All tasks of a cell once, timed as one makespan.", NULL},
    {"refused", "word",
     "The workload cannot be run so, and says why in its row: too few tasks at once, say. It is no failure, "
     "and "
     "does not change the exit code, unless every row was refused (6). Where the base was refused, rows have "
     "no "
     "speedup, cost and verdict.",
     "Do what the row says, most often a greater -n."},
    {"wrong answers", "word",
     "A repetition's answer, the tasks' digests and what they left in shared state, differs from the base's, "
     "or "
     "from the row's own first one. Exit code 4.",
     "See race."},
    {"race", "word",
     "Rows that run several tasks at once give wrong answers, while rows that run one at a time agree: tasks "
     "change shared state without a lock. Answers that differ between rounds of one row hint at it too.",
     "Put a lock around the change, or give each task state of its own."},
    {"gil*", "word",
     "Threads under a model of CPython's lock, which one of them holds at a time; the star says that no "
     "Python "
     "runs. With --wide: how often the lock changed hands, how often by force, and how long threads waited.",
     "Tasks that wait give the lock up; for computing use processes."},
    {"status", "word",
     "How a task ended: ok, error, or a class that the workload names. Where any is not ok, lines below the "
     "rows "
     "count them, per repetition.",
     "-v names failed tasks and why they failed."},
    {"round", "word",
     "One repetition of every cell, in shuffled order; ratios are taken within a round, so drift cancels "
     "out.",
     NULL},
    {"sample", "word", "What one repetition measured.", NULL},
    {"launch", "word",
     "One start of a runner. Launches of one build differ by luck, with memory above all, which all "
     "repetitions of a launch share. With --forks K each runner is started K times, the launches share the "
     "rounds, and intervals come from resampling launches, then rounds within each; a gate counts launches "
     "alone.",
     "--forks 5, where less than 1 % counts: launches of one program differ by as much."},
    {"outlier", "word",
     "A time more than 1.5 interquartile ranges beyond the quartiles (Tukey). Each is blamed on what the "
     "same "
     "repetition counted far above the row's others: quota, steal, major faults, preemption, migration, "
     "minor "
     "faults. None is left out.",
     "Medians bear a few. Many, by one cause: remove it."},
    {"drift", "word",
     "Times rise or fall over the run, by more than chance (Mann and Kendall, 1 %) and further than the "
     "interval is "
     "wide. Speedups are paired by round, which cancels it.",
     "Let the machine settle: clock, temperature, other load."},
    {"autocorrelation", "word",
     "Lag-1, told above 2 / sqrt(n): a round is like the one before, so n rounds tell less than n.",
     "Measure longer, in several launches: --forks."},
    {"two modes", "word",
     "The best cut into two classes explains 0.87 of the times' variance, and each holds a fifth of 20 "
     "samples or "
     "more.",
     "Something has two states: placement, clock, a neighbour. Bind workers (-b), or look at the samples "
     "(-o)."},
    {"suspended", "word",
     "The machine slept during a repetition, which was dropped and counted for that. Nothing else is ever "
     "dropped.",
     "Keep it awake: systemd-inhibit bench ..."},
    {"base", "word",
     "The row that 1.00x means: serial, or the same executor with one worker, or with another number of "
     "them. "
     "Against a base of several, rows that are no wider get no verdict.",
     "--base serial|n=1|n=4|none"},
    {"own", "word",
     "A program that makes its own workers, as many as {n} tells it. What all of them cost is known, what "
     "each "
     "does is not.",
     "bench -n 1,2,4 -- PROGRAM -j{n}"},
    {"reference", "word", "A row of `spin` that tells what is possible at a width.", NULL},
    {"runner", "word", "The process that runs one cell.", NULL},
    {"driver", "word", "The process that you started: it plans, asks runners in rounds, and prints.", NULL},
};

const struct pb_explanation *pb_explanation(size_t i) {
    return i < sizeof words / sizeof *words ? &words[i] : NULL;
}

const struct pb_explanation *pb_explain(const char *word) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(words[i].word, word) == 0)
            return &words[i];
    return NULL;
}
