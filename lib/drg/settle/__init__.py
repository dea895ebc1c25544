"""settle (结算): what the fund pays for each list, and the sums of hospitals and funds.

`formulas` and `rules` hold the arithmetic, written once for exact decimals and for Spark columns; `stages` its order;
`case_parameters` what a region's policy says on a day; `columns` and `accounts` the tables.

The annual clearing: `clearing` its arithmetic, `clearing_terms` what the policy says of it, `clearing_due` what is
asked before a year is cleared, `clearing_lines` the statements, `clearing_inputs` and `clearing_tables` its tables.
"""
