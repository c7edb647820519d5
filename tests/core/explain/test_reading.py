"""What is much is told in few lines: servers at most so many, what is left out once for each reason."""

from __future__ import annotations

from ako.core.explain.answer import Answer, HostTold, PoolTold, ServerTold
from ako.core.explain.outline import Line
from ako.core.explain.reading import outline_of

WHY, REMEDY = "it has not the label role=web, which nodePortSelector asks for.", "Label it so."


def pool(servers: int, *left_out: ServerTold) -> Line:
    found = tuple(ServerTold(f"10.0.0.{number}", 80) for number in range(servers))
    host = HostTold("shop.com", "live", "served", pools=(PoolTold("c--pool", "default/web:80", found, left_out),))
    (told,) = outline_of(Answer(question="shop.com", hosts=(host,)))
    return next(line for line in told.lines if line.label == "pool")


def test_of_many_servers_some_are_told() -> None:
    told = pool(50)
    assert told.text == "c--pool of default/web:80: 50 servers"
    assert [line.label for line in told.lines] == ["server"] * 20 + [""]
    assert told.lines[-1].text == "and 30 more"
    assert len(pool(20).lines) == 20


def test_one_that_is_left_out_is_one_line() -> None:
    (line,) = pool(0, ServerTold("10.0.0.9", pod="default/web-1", why_not="it is not ready.", remedy="Look.")).lines
    assert line == Line("left out", "10.0.0.9, pod default/web-1: it is not ready.", line.tone, "Look.")
    (line,) = pool(0, ServerTold("", why_not="Service default/web has no endpoints.")).lines
    assert line.text == "Service default/web has no endpoints."


def test_several_for_one_reason_are_told_with_it_once() -> None:
    nodes = tuple(ServerTold("", node=f"n{number}", why_not=WHY, remedy=REMEDY) for number in range(2000))
    many, other = pool(0, *nodes, ServerTold("10.0.0.9", why_not="it is not ready.")).lines
    assert (many.text, many.remedy) == (f"2000: {WHY}", REMEDY)
    assert [line.text for line in many.lines] == [*(f"on n{number}" for number in range(10)), "and 1990 more"]
    assert other.text == "10.0.0.9: it is not ready."
