"""The DRG settlement engine: from a settlement list (医保基金结算清单) to a payment, for a whole province.

One line, eight words: land, validate, group, weigh, rate, settle, compare, publish. `drg.steps` says what each reads
and writes; every other module belongs to one of these words or is one of the few doors to the outside (`drg.doors`).
"""

__version__ = "0.1.0"
