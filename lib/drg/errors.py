"""The errors a person may see. Each is one sentence that names the thing and the remedy.

A `DrgError` is bad input or a bad setting: the command line prints its sentence and nothing else. Any other exception
is a defect of this program and keeps its stack trace.
"""


class DrgError(Exception):
    """Base of all errors meant for a reader; `str(error)` is the whole sentence."""


class ConfigError(DrgError):
    """A setting, file or tool of the installation is missing or wrong."""


class ContractError(DrgError):
    """A table does not look as its contract says, or an identity between tables does not hold."""


class DeliveryError(DrgError):
    """A region's delivery is missing, incomplete or not what its manifest says."""


class PolicyError(DrgError):
    """A parameter is missing, lapsed, of the wrong unit or contradicts another."""


class RulePackError(DrgError):
    """A rule pack or code list is not well formed."""


class VersionError(DrgError):
    """A version of weights and rates does not stand as a step or a decision asks."""


class StorageError(DrgError):
    """A table cannot be read or written."""


class BusyError(StorageError):
    """Another run is at the same place; the same call may go well a moment later."""
