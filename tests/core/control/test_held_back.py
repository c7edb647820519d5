"""What is held back, and for how long: what could not be read, and what is too much at once."""

from __future__ import annotations

import pytest

from ako.core.avi.errors import AviRejected
from ako.core.base.refs import AviRef
from ako.core.plan.plan import Delete
from tests.builders import CLASS, NOT_DEFAULT, secret, tls_secret
from tests.core.control.rig import Rig
from tests.core.control.test_not_yet import (
    BASE,
    SHARED,
    SMALL,
    names,
    plain,
    plain_rig,
    refuses,
    secure,
)
from tests.core.control.test_tried_again import holders, named

VSVIP = AviRef("vsvip", f"my-cluster--{SHARED}")

# What could not be read.


def test_what_was_protected_goes_when_nothing_is_in_doubt_any_more() -> None:
    before = plain_rig(3)
    rig = Rig(*BASE, plain(0), controller=before.controller, unreadable=[plain(1), plain(2)], **SMALL)
    assert rig.served() == {"h0.com", "h1.com", "h2.com"}
    rig.delete(plain(1))
    rig.settle()
    assert rig.served() == {"h0.com", "h2.com"}
    rig.apply(plain(2))
    rig.settle()
    assert rig.served() == {"h0.com", "h2.com"}
    assert rig.reconciler.is_idle


def test_a_host_whose_certificate_cannot_be_read_at_a_start_stays() -> None:
    before = Rig(*BASE, tls_secret("cert"), secure(0), plain(1), **SMALL)
    garbage = secret("cert", "garbage", "garbage")
    rig = Rig(*BASE, garbage, secure(0), plain(1), controller=before.controller, **SMALL)
    assert rig.served() == {"h0.com", "h1.com"}


def test_a_name_that_a_kept_vsvip_holds_stays_out_of_the_others() -> None:
    """Nobody knows that the name is claimed: who claims it cannot be read."""
    before = plain_rig(2)
    rig = Rig(*BASE, plain(1), named("h0.com"), controller=before.controller, unreadable=[plain(0)], **SMALL)
    assert holders(rig, "h0.com") == [VSVIP.name]
    assert rig.served() == {"h0.com", "h1.com"}
    rig.delete(plain(0))
    rig.settle()
    assert holders(rig, "h0.com") == ["my-cluster--default-lb"]


def test_so_does_a_name_of_a_host_whose_deletion_waits() -> None:
    rig = plain_rig(2)
    rig.apply(NOT_DEFAULT, named("h0.com"))
    rig.settle()
    assert rig.reconciler.held.served == {"h0.com", "h1.com"}
    assert holders(rig, "h0.com") == [VSVIP.name]
    rig.reconciler.confirm(rig.reconciler.held.id)
    rig.settle()
    assert holders(rig, "h0.com") == ["my-cluster--default-lb"]


# What is too much at once.


def test_what_was_meant_once_does_not_speak_for_what_goes_later() -> None:
    rig = plain_rig(4)
    rig.apply(*(plain(number, backend="other") for number in range(4)))
    rig.settle()
    rig.apply(NOT_DEFAULT)
    rig.settle()
    assert len(rig.reconciler.held.served) == 4
    assert len(rig.served()) == 4


def test_what_goes_later_is_judged_with_what_waits() -> None:
    """Else a list that shrinks bit by bit would take all that is served."""
    rig = Rig(*BASE, *map(plain, range(8)))
    held: set[str] = set()
    for left in (5, 4, 3, 2, 1):
        rig.relist(*map(plain, range(left)))
        rig.settle()
        held |= {f"h{number}.com" for number in range(left, 8)}
        assert rig.reconciler.held.served == held
    assert len(rig.served()) == 8


def test_a_change_beside_what_waits_is_no_complete_comparison() -> None:
    """Of what waits all has to be looked at, and what is around it."""
    rig = Rig(*BASE, tls_secret("cert"), *map(secure, range(60)), ako__guard__maxDeletePercent=1, **SMALL)
    rig.relist(*map(secure, range(2, 60)))
    rig.settle()
    assert rig.reconciler.held.served == {"h0.com", "h1.com"}
    compared = rig.compared
    rig.apply(secure(60))
    rig.settle()
    assert rig.compared - compared < 60
    assert rig.reconciler.held.served == {"h0.com", "h1.com"}
    assert len(rig.served()) == 61


def test_what_users_delete_while_it_waits_goes_at_once() -> None:
    """Nobody wants it any more as it is, so that nothing of what is wanted changes."""
    rig = plain_rig(4)
    rig.apply(NOT_DEFAULT)
    rig.settle()
    rig.apply(plain(1, backend="other"))
    rig.settle()
    assert len(rig.served()) == 4, "an edit says nothing about what waits"
    rig.delete(plain(2))
    rig.settle()
    assert rig.served() == rig.reconciler.held.served == {"h0.com", "h1.com", "h3.com"}
    assert holders(rig, "h2.com") == []


def test_what_need_not_wait_any_longer_goes_with_all_that_names_it() -> None:
    """One comes back, and the other is not too much: its tree has not changed since it was held."""
    rig = Rig(*BASE, *map(plain, range(4)))
    rig.relist(plain(2), plain(3))
    rig.settle()
    assert rig.reconciler.held.served == {"h0.com", "h1.com"}
    rig.apply(plain(0))
    rig.settle()
    assert not rig.reconciler.held
    assert rig.served() == {"h0.com", "h2.com", "h3.com"}
    assert holders(rig, "h1.com") == []
    assert rig.reconciler.is_idle


def test_what_comes_back_waits_no_longer() -> None:
    rig = plain_rig(4)
    rig.apply(NOT_DEFAULT)
    rig.settle()
    rig.forget_writes()
    rig.apply(CLASS)
    rig.settle()
    assert not rig.reconciler.held
    assert rig.sent == []


# What moves.


@pytest.mark.parametrize("answers", range(18))
def test_trees_between_which_an_object_moves_are_planned_as_one(answers: int) -> None:
    """Whose turn has not come in the search for a culprit has a pool, and no name that tells where it is."""
    rig = Rig(*BASE, plain(0), L7Settings__shardVSSize=1)
    rig.faults.append(refuses(lambda op: "h1.com" in names(op), lambda: AviRejected("no", status=400)))
    rig.apply(*map(plain, range(1, 7)))
    rig.turn()
    for _ in range(answers):
        rig.answer()
    rig.forget_writes()
    rig.use(L7Settings__shardVSSize=8)
    rig.wait(100)
    assert rig.served() == {f"h{number}.com" for number in (0, 2, 3, 4, 5, 6)}
    pools = [op.ref.name for op in rig.sent if op.ref.type == "pool" and isinstance(op, Delete)]
    assert not [name for name in pools if "h1.com" not in name]
