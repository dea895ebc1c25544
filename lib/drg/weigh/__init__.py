"""weigh (测算权重): relative weights of a region from its history, and the history cases the trimming removed.

`history` gathers cases and sums in Spark; `weights` turns the sums into weights, exactly and without Spark.
"""
