"""rate (测算费率): the base rate of each fund of a region, from budget and volume.

`base_rate` is the arithmetic, line by line, without Spark; `volume` the weight of the history; `tables` the table.
"""
