"""Why a case has the grouping status it has: the reason codes and their explanation for a reader."""

from __future__ import annotations

from enum import StrEnum


class GroupingStatus(StrEnum):
    """入组状态: grouped (入组), ambiguous (歧义, QY groups) or ungrouped (未入组, 0000)."""

    GROUPED = "grouped"
    AMBIGUOUS = "ambiguous"
    UNGROUPED = "ungrouped"


class ReasonCode(StrEnum):
    """入组原因: one code a case. `explanation` says it in one Chinese sentence, `status` which status it belongs to."""

    GROUPED_BY_DIAGNOSIS = "grouped_by_diagnosis"
    GROUPED_BY_PROCEDURE = "grouped_by_procedure"
    GROUPED_BY_DIAGNOSIS_AND_PROCEDURE = "grouped_by_diagnosis_and_procedure"
    GROUPED_BY_MDC = "grouped_by_mdc"
    AMBIGUOUS_PROCEDURE = "ambiguous_procedure"
    AMBIGUOUS_NEWBORN = "ambiguous_newborn"
    PRINCIPAL_DIAGNOSIS_MISSING = "principal_diagnosis_missing"
    PRINCIPAL_DIAGNOSIS_UNKNOWN = "principal_diagnosis_unknown"
    PRINCIPAL_DIAGNOSIS_NOT_PERMITTED = "principal_diagnosis_not_permitted"
    PRINCIPAL_DIAGNOSIS_IN_NO_MDC = "principal_diagnosis_in_no_mdc"
    SEX_CONTRADICTS_DIAGNOSIS = "sex_contradicts_diagnosis"
    AGE_CONTRADICTS_DIAGNOSIS = "age_contradicts_diagnosis"
    NEWBORN_CRITERIA_NOT_MET = "newborn_criteria_not_met"
    NO_ADRG_IN_MDC = "no_adrg_in_mdc"
    NO_DRG_IN_ADRG = "no_drg_in_adrg"

    @property
    def explanation(self) -> str:
        """The reason as one Chinese sentence, without codes of the case."""
        return _EXPLANATION[self]

    @property
    def status(self) -> GroupingStatus:
        """The grouping status this reason belongs to."""
        if self.value.startswith("grouped_"):
            return GroupingStatus.GROUPED
        return GroupingStatus.AMBIGUOUS if self.value.startswith("ambiguous_") else GroupingStatus.UNGROUPED


_EXPLANATION = {
    ReasonCode.GROUPED_BY_DIAGNOSIS: "诊断符合该ADRG的诊断条件，按诊断入组。",
    ReasonCode.GROUPED_BY_PROCEDURE: "手术操作符合该ADRG的手术操作条件，按手术操作入组。",
    ReasonCode.GROUPED_BY_DIAGNOSIS_AND_PROCEDURE: "诊断与手术操作同时符合该ADRG的条件入组。",
    ReasonCode.GROUPED_BY_MDC: "符合该MDC的条件且不符合其前面各ADRG，进入该MDC的兜底ADRG。",
    ReasonCode.AMBIGUOUS_PROCEDURE: "主要手术操作有效，但不属于该MDC的任何手术操作组，进入歧义组。",
    ReasonCode.AMBIGUOUS_NEWBORN: "出生不足规定天数的新生儿不符合新生儿各组的条件，进入歧义组。",
    ReasonCode.PRINCIPAL_DIAGNOSIS_MISSING: "没有主要诊断，不能入组。",
    ReasonCode.PRINCIPAL_DIAGNOSIS_UNKNOWN: "主要诊断编码不在医保版诊断代码中，不能入组。",
    ReasonCode.PRINCIPAL_DIAGNOSIS_NOT_PERMITTED: "该诊断不得作为主要诊断，不能入组。",
    ReasonCode.PRINCIPAL_DIAGNOSIS_IN_NO_MDC: "主要诊断不属于任何MDC，不能入组。",
    ReasonCode.SEX_CONTRADICTS_DIAGNOSIS: "主要诊断所属的MDC与患者性别不符，不能入组。",
    ReasonCode.AGE_CONTRADICTS_DIAGNOSIS: "主要诊断所属的MDC与患者年龄不符，不能入组。",
    ReasonCode.NEWBORN_CRITERIA_NOT_MET: "主要诊断属于该MDC，但日龄或入院体重缺失或不符合其中各组的条件，不能入组。",
    ReasonCode.NO_ADRG_IN_MDC: "主要诊断属于该MDC，但不符合其中任何ADRG的条件，不能入组。",
    ReasonCode.NO_DRG_IN_ADRG: "符合某ADRG的条件，但不符合其中任何DRG的条件，不能入组。",
}
