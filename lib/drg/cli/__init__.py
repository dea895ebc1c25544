"""The command line `drg`, for a person at a terminal; the DAGs submit jobs/ instead. Both call the same library.

Exit status: 0, 1 (the work found something wrong) or 2 (called wrongly, or the installation is not ready).
"""

from __future__ import annotations

import sys

from drg.errors import ConfigError, DrgError


def main() -> None:
    """Run `drg`; a DrgError is printed as its sentence, never as a stack trace."""
    from drg.cli import ask, close, contracts, demo, policy, price, tools, version, work  # noqa: F401  (each registers its commands)
    from drg.cli.app import app, errors

    try:
        app()
    except DrgError as error:
        errors.print(str(error), style="red", highlight=False, markup=False, soft_wrap=True)
        sys.exit(2 if isinstance(error, ConfigError) else 1)
    except KeyboardInterrupt:
        errors.print("stopped; what was written before is whole, run the same command to go on")
        sys.exit(130)
