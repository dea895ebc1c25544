"""Grouping (分组): rule packs, the rule language and the kernel that gives a case its MDC, ADRG and DRG and says why.

compiled = compile_pack(load_pack("chs-drg-2.0"))
groups = compiled.group(cases)  # Arrow in, Arrow out; see CompiledPack.group
"""

from drg.group.compile import compile_pack
from drg.group.icd import IcdLists, load_icd
from drg.group.kernel import CompiledPack
from drg.group.pack import RulePack, available_schemes, load_pack
from drg.group.reasons import GroupingStatus, ReasonCode

__all__ = [
    "CompiledPack",
    "GroupingStatus",
    "IcdLists",
    "ReasonCode",
    "RulePack",
    "available_schemes",
    "compile_pack",
    "load_icd",
    "load_pack",
]
