"""SQL over Arrow tables within the process (DuckDB): what is asked of a batch of lists, value by value.

Spark would make a method of a hundred predicates and of the reading of a hundred fields, too long to be compiled well;
here they run column by column. Nothing is kept between two questions and nothing is read from outside: the engine sees
the tables it is handed and no file, network or extension.
"""

from __future__ import annotations

import functools

import duckdb
import pyarrow as pa

# The words of the questions beside those of SQL. Of texts, null where a text is not what is asked for; the last of a
# weight.
_WORDS = (
    r"instant(x) AS CASE WHEN regexp_full_match(x, '\d{4}-\d{2}-\d{2}( ([01]\d|2[0-3]):[0-5]\d:[0-5]\d)?')"
    " AND x >= '0001' THEN try_cast(x AS TIMESTAMP) END",
    # Whole and not below zero; of a fraction (age 0.5) the whole part. Wide enough for what checks multiply it with.
    r"whole(x) AS CASE WHEN regexp_full_match(x, '\d{1,5}(\.\d+)?') THEN CAST(split_part(x, '.', 1) AS BIGINT) END",
    "whole_or_blank(x) AS CASE WHEN x IS NULL THEN 0 ELSE whole(x) END",
    # Yuan with two decimals, HALF_UP where more are written. Twelve digits before the point leave room for every sum.
    r"amount(x) AS CASE WHEN regexp_full_match(x, '-?\d{1,12}(\.\d+)?') THEN try_cast(x AS DECIMAL(16,2)) END",
    # A weight or an amount of blood as written, in whatever unit.
    r"weight(x) AS CASE WHEN regexp_full_match(x, '\d{1,6}(\.\d+)?') THEN try_cast(x AS DECIMAL(10,3)) END",
    "grams(x) AS x * CASE WHEN x < 20 THEN 1000 ELSE 1 END",
)
# What is wrong with a question itself is told in words of the question.
_OF_THE_QUESTION = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)


@functools.cache
def _engine() -> duckdb.DuckDBPyConnection:
    """One engine a process; one thread, since Spark runs as many processes as there are processors."""
    engine = duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "enable_external_access": False,
            "python_enable_replacements": False,
        },
    )
    for word in _WORDS:
        engine.execute(f"CREATE MACRO {word}")
    return engine


def answer(question: str, **tables: pa.Table) -> pa.Table:
    """The rows a SELECT gives over these tables, by name; rows stay in their order where it names one table only.

    Raises RuntimeError for a question that fails on what is in the tables; the engine's own words hold their values and
    are left out.
    """
    engine = _engine()
    for name, table in tables.items():
        engine.register(name, table)
    try:
        return engine.sql(question).to_arrow_table()
    except _OF_THE_QUESTION:
        raise
    except duckdb.Error as error:
        kind = type(error).__name__
        raise RuntimeError(f"a question about {', '.join(tables)} failed on a value of theirs ({kind})") from None
    finally:
        for name in tables:
            engine.unregister(name)
