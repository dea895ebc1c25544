"""What an explanation says beside the way of a case: its local group, exclusions, transfers, who else paid."""

from __future__ import annotations

from datetime import date

from told import holds, told

from drg.policy.records import ExcludedItem, LocalGroup


def test_a_transfer_is_said_to_change_nothing() -> None:
    holds(told({"discharge_way": "2"}, {}), "转院病例（医嘱转院）：仅作标记供审核，不影响支付")
    holds(told({"discharge_way": "3"}, {}), "转院病例（医嘱转社区卫生服务机构、乡镇卫生院）")
    assert "转院" not in told({"discharge_way": "1"}, {})


def test_who_paid_beside_the_basic_fund() -> None:
    """1,000 + 200 + 300 + 2,500 are the 4,000 that the basic fund did not pay."""
    holds(
        told({}, {}),
        "个人及其他基金已付 = 医疗总费用 10,000.00 − 统筹基金按项目支付 6,000.00 = 4,000.00 元",
        "其中大病保险 1,000.00、医疗救助 200.00、其他基金 300.00、个人负担 2,500.00："
        "大病保险、医疗救助等在DRG之外按原办法支付",
    )


def test_an_exclusion_names_its_entry_its_place_and_whether_it_counts() -> None:
    item = ExcludedItem(
        code="lvad",
        title="植入式左心室辅助系统",
        pays="case",
        first=date(2025, 1, 1),
        last=date(2025, 12, 31),
        max_cases=20,
    )
    excluded = {"exclusion_rule": "on_application", "exclusion_pays": "by_item"}

    def of(place: int | None, standing: str, code: str = "lvad", limit: int | None = 20) -> str:
        applied = {"item_code": code, "place": place, "max_cases": limit, "standing": standing}
        facts = {"excluded_case": standing == "admitted"}
        return told(facts, excluded, entries=(item,), exclusions=[applied])

    holds(
        of(20, "admitted"),
        "除外支付项目 lvad 植入式左心室辅助系统：本年度第 20 例，限 20 例，目录期限 2025-01-01 至 2025-12-31",
        "除外支付：申报经评审同意，整例不按病组付费",
    )
    text = of(21, "over_limit")
    holds(text, "lvad 植入式左心室辅助系统：虽经评审同意，本年度第 21 例，限 20 例，超出例数不按除外支付")
    holds(text, "支付类型：正常倍率")
    holds(
        of(None, "not_listed", "other", None),
        "除外支付项目 other：虽经评审同意，出院当日不在除外支付目录内，不按除外支付",
    )


def test_what_put_a_case_in_its_local_group_is_said() -> None:
    care = LocalGroup(drg="BR2", suffix="I", title="重症监护72小时及以上", min_icu_hours=72)
    old = LocalGroup(drg="BR2", suffix="E", title="高龄有创呼吸机", age_from=80, procedures=("96.7",))
    text = told({"drg": "BR25", "icu_minutes": 72 * 60 + 5}, {}, "BR25-I", (care, old))
    holds(text, "付费病组：BR25-I 重症监护72小时及以上（本地细分组：重症监护 72 小时 5 分，不少于 72 小时）")
    text = told({"drg": "BR25", "age_years": 81, "procedures": ["54.1", "96.7201"]}, {}, "BR25-E", (care, old))
    holds(text, "付费病组：BR25-E 高龄有创呼吸机（本地细分组：年龄 81 岁；手术操作 96.7201）")
