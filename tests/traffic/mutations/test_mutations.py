"""A sample of the mutations, and that what the command says of them is true."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.traffic.mutations.bench import Bench
from tests.traffic.mutations.campaign import Wanted, judged
from tests.traffic.mutations.changes import Mutation
from tests.traffic.mutations.exclusive import exclude
from tests.traffic.mutations.judging import Judge
from tests.traffic.mutations.page import PAGE, reasons_table, text
from tests.traffic.mutations.report import lines, unexplained
from tests.traffic.mutations.scripting import broken
from tests.traffic.mutations.states import Written, states_of
from tests.traffic.mutations.tracing import Tracer, traced


@pytest.fixture(scope="module")
def weighted() -> Written:
    """Give a state with two Services beside each other behind one Route."""
    return states_of("routes/09-alternate-backends")[0]


@pytest.fixture(scope="module")
def judge(weighted: Written) -> Iterator[Judge]:
    with Bench() as bench:
        yield Judge(bench, weighted.state, weighted.fields, lambda promise: promise.ours)


def test_a_sample_of_mutations_is_noticed_or_cannot_be(weighted: Written) -> None:
    part = judged(weighted, Wanted(every=9))
    assert part.wrong == ""
    assert [str(one) for one in unexplained(part.verdicts)] == []
    assert sum(bool(one.by) for one in part.verdicts) > 10
    assert lines(part.verdicts)


@pytest.mark.parametrize(
    ("kind", "path", "deed"),
    [
        ("poolgroup", "members[]", "dropped"),
        ("poolgroup", "members[].ratio", "changed"),
        ("poolgroup", "members[].priority_label", "changed"),
        ("poolgroup", "members[].pool_ref", "changed"),
        ("pool", "servers[].port", "changed"),
        ("vsvip", "dns_info[].fqdn", "changed"),
        ("pool", "", "dropped"),
        ("virtualservice", "", "dropped"),
        ("vsdatascriptset", "", "dropped"),
    ],
)
def test_a_wrong_object_is_noticed(kind: str, path: str, deed: str, judge: Judge) -> None:
    wanted = [one for one in judge.mutations() if (one.kind, one.path, one.deed) == (kind, path, deed)]
    verdicts = list(judge.try_all(wanted[:1]))
    assert verdicts
    assert [str(one) for one in verdicts if not one.by] == []


def test_the_right_objects_are_back_after_each_mutation(judge: Judge) -> None:
    dropped = [one for one in judge.mutations() if one.path == ""]
    before = judge.content()
    list(judge.try_all(dropped))
    assert judge.content() == before


def test_what_no_request_has_read_no_request_notices(judge: Judge) -> None:
    """The campaign does not ask where nothing was read of what is changed; here it is asked all the same."""
    unread = [one for one in judge.mutations() if not judge.is_read(one)]
    assert len(unread) > 50
    assert [str(one) for one in unread[::40] if judge.fault_of_any(one)] == []


def test_every_reading_of_a_value_is_noted() -> None:
    tracer = Tracer()
    value = traced({"a": [{"b": 1}, {"b": 2}], "c": {"d": 3}, "e": 4}, tracer, ("u", ()))
    assert tracer.taken() == frozenset()
    assert [one.get("b") for one in value["a"]] == [1, 2]
    places = {("u", ("a",)), ("u", ("a", 0)), ("u", ("a", 1)), ("u", ("a", 0, "b")), ("u", ("a", 1, "b"))}
    assert tracer.taken() == places
    assert "x" not in value
    assert tracer.taken() == {("u", ("x",))}
    assert {**value["c"]} == {"d": 3}
    assert tracer.taken() == {("u", ("c",)), ("u", ("c", "d"))}


def test_each_line_and_each_word_of_a_script_is_changed() -> None:
    found = list(broken('-- why\nif x == 1 then go("a") end\n'))
    assert [to for deed, to, _ in found if deed == "line dropped"] == ["-- why", 'if x == 1 then go("a") end']
    words = [to.partition(" in ")[0] for deed, to, _ in found if deed == "word changed"]
    assert words == ["if → if_", "x → x_", "== → ~=", "1 → 2", "then → then_", "go → go_", '"a" → "ax"', "end → end_"]
    assert found[4][2] == '-- why\nif x ~= 1 then go("a") end\n'


def _path(criterion: str, text: str) -> dict[str, object]:
    return {"match": {"path": {"match_criteria": criterion, "match_str": [text], "match_case": "SENSITIVE"}}}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (_path("BEGINS_WITH", "/a"), _path("BEGINS_WITH", "/b"), True),
        (_path("BEGINS_WITH", "/a"), _path("BEGINS_WITH", "/ab"), False),
        (_path("EQUALS", "/a"), _path("BEGINS_WITH", "/a"), False),
        (_path("EQUALS", "/a"), _path("EQUALS", "/a/b"), True),
        (_path("EQUALS", "/a"), _path("BEGINS_WITH", "/a/b"), True),
        (_path("EQUALS", "/a"), {"match": {}}, False),
        (_path("CONTAINS", "/a"), _path("EQUALS", "/b"), False),
    ],
)
def test_rules_exclude_each_other_if_no_request_fits_both(
    one: dict[str, object], other: dict[str, object], expected: bool
) -> None:
    assert exclude(one, other) is expected
    assert exclude(other, one) is expected


def test_the_page_has_the_reasons_that_the_command_knows() -> None:
    page = PAGE.read_text(encoding="utf-8")
    table = reasons_table()
    assert table in page, "make tables"
    assert text(page.replace(table.splitlines()[2], "| an old reason | any | any | always |")) == page


def test_a_mutation_says_what_it_is() -> None:
    mutation = Mutation("pool", "p", "servers[].port", "changed", "1 → 2", {}, None)
    assert str(mutation) == "pool p: servers[].port changed: 1 → 2"
