"""The drawn lists look like a province: groups, persons, costs."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import date

import pandas as pd
import pyarrow as pa

from drg.group import compile_pack, load_pack
from drg.group.icd import load_icd
from tests.synth.drawn import Draw, Message

STABLE = ("psn_name", "certno", "gend", "brdy", "insutype", "insu_admdvs", "curr_addr", "coner_tel", "naty")


def lists(drawn: Draw) -> pd.DataFrame:
    return drawn.truth[drawn.truth.record_kind.isin(["list", "late"])]


def persons(drawn: Draw) -> dict[str, list[Message]]:
    found: dict[str, list[Message]] = defaultdict(list)
    for message in drawn.of(defect="", record_kind="list") + drawn.of(record_kind="late"):
        found[message["psn_no"]].append(message)
    return found


def test_grouped_ambiguous_and_ungrouped_in_believable_shares(usual: Draw) -> None:
    drg = lists(usual).drg
    assert 0.90 < (~drg.str.endswith("QY") & (drg != "0000")).mean() < 0.945
    assert 0.035 < drg.str.endswith("QY").mean() < 0.065
    assert 0.02 < (drg == "0000").mean() < 0.042
    assert (lists(usual).intended_drg == drg).mean() > 0.98
    assert drg.nunique() > 350  # a long tail
    assert drg.value_counts(normalize=True).iloc[0] < 0.08


def test_levels_of_complication_and_newborns_occur(usual: Draw) -> None:
    drg = lists(usual).drg
    assert 0.01 < drg.str.endswith("1").mean() < 0.10
    assert 0.05 < drg.str.endswith("3").mean() < 0.20
    assert 0.005 < drg.str.startswith("P").mean() < 0.03
    assert drg.str.startswith("O").any()


def test_the_group_of_the_truth_is_the_group_of_the_message(usual: Draw) -> None:
    """Grouped anew from the delivered text, so that the message says what the truth was priced by."""
    places = usual.by_place()
    truth = usual.truth[usual.truth.defect == ""]
    messages = [places[place] for place in zip(truth.file_name, truth.line_number, strict=True)]
    result = compile_pack(load_pack("chs-drg-2.0")).group(pa.Table.from_pylist([_case(m) for m in messages if m], CASE))
    assert result.column("drg").to_pylist() == truth.drg.tolist()


CASE = pa.schema(
    [
        ("sex", pa.string()), ("age_years", pa.int32()), ("age_days", pa.int32()), ("newborn_weight_g", pa.int32()),
        ("principal_diagnosis", pa.string()), ("other_diagnoses", pa.list_(pa.string())),
        ("principal_procedure", pa.string()), ("other_procedures", pa.list_(pa.string())),
    ]
)  # fmt: skip


def _case(m: Message) -> Message:
    diagnoses = [row["diag_code"] for row in m["diseinfo"]]
    procedures = [row["oprn_oprt_code"] for row in m["oprninfo"]]
    return {
        "sex": m["gend"],
        "age_years": int(m["age"]),
        "age_days": int(m["age_days"]) if m["age_days"] else None,
        "newborn_weight_g": int(m["nwb_adm_wt"]) if m["nwb_adm_wt"] else None,
        "principal_diagnosis": diagnoses[0],
        "other_diagnoses": diagnoses[1:],
        "principal_procedure": procedures[0] if procedures else None,
        "other_procedures": procedures[1:],
    }


def test_codes_are_known_and_named_as_in_the_lists(usual: Draw) -> None:
    icd = load_icd()
    for message in usual.clean():
        assert all(icd.diagnoses[row["diag_code"]] == row["diag_name"] for row in message["diseinfo"])
        assert all(icd.procedures[row["oprn_oprt_code"]] == row["oprn_oprt_name"] for row in message["oprninfo"])
        assert [row["maindiag_flag"] for row in message["diseinfo"]] == ["1"] + ["0"] * (len(message["diseinfo"]) - 1)
        assert len({row["diag_code"] for row in message["diseinfo"]}) == len(message["diseinfo"])


def test_persons_have_several_stays_with_the_same_attributes_that_never_overlap(usual: Draw) -> None:
    repeated = {number: stays for number, stays in persons(usual).items() if len(stays) > 1}
    assert len(repeated) > 100
    assert any(len({m["setl_time"][:7] for m in stays}) > 1 for stays in repeated.values())
    for stays in repeated.values():
        assert all(len({m[name] for m in stays}) == 1 for name in STABLE)
        assert len({m["mdtrt_id"] for m in stays}) == len(stays)
        ordered = sorted(stays, key=lambda m: m["adm_time"])
        assert all(one["dscg_time"] < two["adm_time"] for one, two in itertools.pairwise(ordered))
        assert all(m["dscg_way"] != "5" for m in ordered)


def test_identifiers_are_well_formed_and_cannot_be_real(usual: Draw) -> None:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    for message in usual.clean():
        number = message["certno"]
        assert len(number) == 18
        assert number.startswith("59")  # no such province
        assert number[6:14] == message["brdy"].replace("-", "")
        assert int(number[16]) % 2 == int(message["gend"]) % 2
        assert number[17] == "10X98765432"[sum(int(n) * w for n, w in zip(number[:17], weights, strict=True)) % 11]
        assert message["coner_tel"].startswith("100")  # no such operator
        assert len(message["coner_tel"]) == 11
        assert message["psn_name"].startswith("虚拟")
        assert "虚构" in message["fixmedins_name"]


def test_ages_agree_with_birth_and_admission(usual: Draw) -> None:
    for m in usual.clean():
        born, day = date.fromisoformat(m["brdy"]), date.fromisoformat(m["adm_time"][:10])
        years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
        assert int(m["age"]) == years
        assert m["age_days"] == (str((day - born).days) if years == 0 else "")
        newborn = years == 0 and (day - born).days <= 28
        assert (m["nwb_adm_wt"] != "") == newborn
        assert int(m["act_ipt_days"]) == max((date.fromisoformat(m["dscg_time"][:10]) - day).days, 1)
        for row in m["oprninfo"]:
            assert m["adm_time"][:10] <= row["oprn_oprt_date"] <= m["dscg_time"][:10]
        for row in m["icuinfo"]:
            assert m["adm_time"] <= row["scs_cutd_inpool_time"] < row["scs_cutd_exit_time"] <= m["dscg_time"]
        hours = int(m["vent_used_days"]) * 24 + int(m["vent_used_h_cnt"])
        assert hours <= int(m["act_ipt_days"]) * 24


def test_patients_of_other_regions_are_treated(usual: Draw) -> None:
    away = [m["insu_admdvs"] != m["setl_id"][:6] for m in usual.clean()]
    assert 0.06 < sum(away) / len(away) < 0.16


def test_costs_scatter_around_their_expectation_with_real_outliers(usual: Draw) -> None:
    rows = lists(usual)
    ratio = rows.total_cost.astype(float) / rows.expected_cost.astype(float)
    assert 0.93 < ratio.median() < 1.0  # lognormal with mean 1
    assert 0.005 < (ratio < 0.30).mean() < 0.03
    assert 0.004 < (ratio > 3).mean() < 0.025
    assert 7_000 < rows.total_cost.astype(float).mean() < 13_000
