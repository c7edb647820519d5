"""When certificates end is what looking through all hosts would give, whatever came in which order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ako.core.base.refs import TreeName
from ako.core.control.expiries import Expiries
from ako.core.hooks.claims import VirtualHost
from ako.core.hooks.tls import Certificate
from ako.core.hooks.translation import HostModel

CERTIFICATES = [("one", 100), ("two", 100), ("three", 50), ("four", 0)]


def model(certificate: tuple[str, int] | None) -> HostModel:
    if certificate is None:
        return HostModel(VirtualHost("a.com", ()), None)
    text, ends = certificate
    return HostModel(VirtualHost("a.com", (), certificate=Certificate(text, "key"), expires=ends), None)


changes = st.one_of(st.none(), st.builds(model, st.sampled_from([None, *CERTIFICATES])))


@given(st.lists(st.tuples(st.sampled_from("abcd"), changes), max_size=15))
def test_it_is_what_looking_through_all_gives(steps: list[tuple[str, HostModel | None]]) -> None:
    expiries, hosts = Expiries(), dict[str, HostModel | None]()
    for host, now in steps:
        expiries.note(host, now)
        hosts[host] = now
        found = {
            (one.virtual_host.certificate.certificate, one.virtual_host.expires)
            for one in hosts.values()
            if one is not None and isinstance(one.virtual_host, VirtualHost) and one.virtual_host.certificate
        }
        assert expiries.read() == tuple(sorted(ends for _, ends in found if ends))


def test_what_was_read_stays_as_it_was() -> None:
    expiries = Expiries()
    expiries.note(TreeName("a"), model(("one", 100)))
    before = expiries.read()
    expiries.note(TreeName("b"), model(("three", 50)))
    assert (before, expiries.read()) == ((100,), (50, 100))


def test_what_expires_within_a_week_is_told_with_the_hosts_of_the_first() -> None:
    expiries, now = Expiries(), 1_000_000_000.0
    for number in range(5):
        expiries.note(f"{number}.com", model(("shared", int(now) + 6 * 86400)))
    expiries.note("late.com", model(("late", int(now) + 8 * 86400)))
    expiries.note("past.com", model(("past", int(now) - 30 * 86400)))
    when = "at 2001-09-15T01:46:40Z (0.com, 1.com, 2.com and 2 more)"
    assert expiries.soon(now) == f"1 certificate will expire within 7 days, {when}; renew it"
    assert not expiries.soon(now - 3600 * 24.0 * 8)
    later = now + 2 * 86400
    assert expiries.soon(later).startswith("2 certificates will expire within 7 days, the first at 2001-09-15")
    assert "(late.com)" in expiries.soon(now + 6.5 * 86400)
    expiries.note("late.com", None)
    assert not expiries.soon(now + 6.5 * 86400)
