"""rate (测算费率): the base rate or point value of each fund of a region, from budget and volume or as published.

`base_rate` is the arithmetic, line by line, without Spark; `parameters` what a region's policy must say for it;
`volume` the weight of the history; `tables` the table.
"""
