"""Checks of how diagnoses are coded: names, daggers, external causes, editions, treatment as principal diagnosis."""

from __future__ import annotations

from drg.validate.check import Check

# Principal diagnoses that stand for a treatment, and the procedures that are that treatment: dialysis, radiotherapy,
# chemotherapy (also into a cavity, an artery, the spinal canal or the bladder). Assumed.
TREATED_BY = {
    "Z49": "39[.]95|54[.]98|38[.]95|39[.](27|42|43)|54[.]93",
    "Z51[.]0": "92[.][23]",
    "Z51[.]1": "99[.]2[58]|03[.]92|39[.]97|50[.]93|54[.]97|34[.]92|96[.]49|57[.]49",
}


def _untreated() -> str:
    return " OR ".join(
        f"(regexp_matches(principal_diagnosis, '^{code}') AND NOT regexp_matches(procedure_text, '(^| )({done})'))"
        for code, done in TREATED_BY.items()
    )


CODING = (
    Check(
        "DX07", "diag_name",
        warn="diagnosis_name_differs",
        warn_message="诊断名称(diag_name)与编码(diag_code)在医保版编码库中的名称不一致；请核对编码，并按编码库填写名称",
    ),
    Check(
        "DX12", "diag_code",
        warn="regexp_matches(principal_diagnosis, '^[ST]') AND NOT regexp_matches(diagnosis_text, '(^| )[V-Y]')",
        warn_message="主要诊断为损伤中毒(S、T编码)而没有外部原因编码(V至Y)；请在其他诊断中补充外部原因",
        default_on=False,
    ),
    Check(
        "DX18", "diag_code",
        warn="lone_asterisk",
        warn_message="剑号星号编码(diag_code)不完整：只有星号部分，或加号后缺星号且无法确定；请在同一条诊断中填写完整的双重编码",
    ),
    Check(
        "DX22", "diag_code",
        warn="of_two_editions",
        warn_message="国临版编码(diag_code、oprn_oprt_code)与含义不同的医保版编码同形，已按国临版转换；请确认编码体系(icd_version)声明无误",
    ),
    Check(
        "DX23", "diag_code",
        warn=_untreated(),
        warn_message="主要诊断为透析、放疗或化疗(Z49、Z51.0、Z51.1)而没有相应的操作编码；请补充操作或核对主要诊断",
    ),
)  # fmt: skip
