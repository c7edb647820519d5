"""What is looked up beside the objects that were seen."""

from __future__ import annotations

from ako.core.base.refs import AviRef
from ako.core.model import DnsInfo, IpAddr, Vip, VsVip
from ako.core.observe.observed import Observed, ObservedObject


def put(observed: Observed, name: str, *fqdns: str, address: str = "10.0.0.1") -> AviRef:
    item = VsVip(name=name, dns_info=tuple(map(DnsInfo, fqdns)), vip=(Vip(ip_address=IpAddr.of(address)),))
    observed.put(item.ref, ObservedObject("u", item))
    return item.ref


def test_an_address_that_was_ours_stays_known_as_such() -> None:
    """It may stand in a status that has yet to be mended."""
    observed = Observed()
    for name, address in (("a", "10.0.0.1"), ("b", "10.0.0.2"), ("a", "10.0.0.3")):
        last = put(observed, name, address=address)
    observed.forget(last)
    observed.replace({})
    assert observed.addresses == {"10.0.0.1", "10.0.0.2", "10.0.0.3"}


def test_a_name_is_that_of_the_vsvip_that_had_it_last() -> None:
    """Answers come in any order: that it left the old one may be said after it entered the new one."""
    observed = Observed()
    old = put(observed, "old", "x.com", "y.com")
    new = put(observed, "new", "x.com")
    put(observed, "old", "y.com")
    assert (observed.holder("x.com"), observed.holder("y.com")) == (new, old)
    observed.forget(new)
    assert observed.holder("x.com") is None
