"""Pictures of what `bench` measured: for scripts/plot, scripts/report and scripts/history; and scripts/simulate, which computes.

record     a result file, the only input
palette    one colour for each executor, everywhere
style      what all pictures have in common, and how numbers are written
svg        a figure as SVG, for a file or within a page
kinds      one file for each kind of picture, and a list of them
plot, report, history, simulate   what the scripts of these names run
"""
