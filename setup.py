"""The distribution drg-province: package `drg` from lib/, command `drg`. The lock is requirements.txt."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
README = HERE / "README.md"

CORE = [
    "delta-spark==4.4.0",  # the newest whose jar is to be had
    "duckdb>=2,<3",
    "jinja2>=3.1",
    "msgspec>=0.20",
    "numpy>=2",
    "openpyxl>=3.1",
    "pandas>=2.2,<3",  # Spark 4.2 warns on every call with pandas 3
    "pyarrow==26.0.1",
    "pydantic>=2",
    "pyspark==4.2.0",  # delta-spark 4.4 forbids anything newer
    "PyYAML>=6",
    "rich>=14",
    "typer>=0.20",
    "xlsxwriter>=3.2",
]

# Locked apart (requirements-airflow.txt) and installed apart: Airflow submits jobs and needs no Spark of its own.
AIRFLOW = [
    "apache-airflow==3.3.2",
    "apache-airflow-providers-apache-spark==6.3.4",
    "pyspark-client==4.2.0",  # asked for by the provider; its files are those of pyspark 4.2.0
    "asyncpg>=0.30",
    "psycopg2-binary>=2.9",  # Airflow's database on PostgreSQL
    "pytest>=9",
    "setuptools>=77",
]

# Locked and installed apart too (requirements-contracts.txt): `make contracts` holds contracts and tables against ODCS.
CONTRACTS = [
    "datacontract-cli[duckdb]==1.2.8",
    "deltalake>=1.6",  # lists the files of a table's newest version
    "setuptools>=77",
]

DEV = [
    "hypothesis>=6",
    "mypy>=2",
    "pytest>=9",
    "pytest-xdist>=3",
    "ruff>=0.17",
    "setuptools>=77",  # builds the editable install without a download
    "types-PyYAML",
    "uv>=0.13",  # installs and renews the lock
]

setup(
    name="drg-province",
    version="0.1.0",
    description="From a settlement list to a payment: provincial DRG settlement on Spark and Delta Lake",
    long_description=README.read_text(encoding="utf-8") if README.is_file() else "",
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    package_dir={"": "lib"},
    packages=find_packages("lib"),
    package_data={"drg": ["py.typed", "**/*.html", "**/*.j2", "**/*.css"]},
    install_requires=CORE,
    extras_require={"airflow": AIRFLOW, "contracts": CONTRACTS, "dev": DEV},
    entry_points={"console_scripts": ["drg = drg.cli:main"]},
)
