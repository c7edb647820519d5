"""What the vendor's documents leave open: a function for each choice; `docs/simulator.md` gives the reasons."""

from __future__ import annotations

from collections.abc import Sequence

NO_POOL = 404
NO_SERVER = 503
SERVER_BROKE = 503
SCRIPT_FAILED = 500
UNSENDABLE_MESSAGE = 500
NOT_MODELLED = 501


def longest_label(labels: Sequence[str], wanted: str) -> str | None:
    """Choose a priority label for what a script looks up: the longest that it begins with, letter for letter.

    A label is not compared by elements of a path: `a.com/foo` is chosen for `a.com/foobar`.
    """
    return max((label for label in labels if label and wanted.startswith(label)), key=len, default=None)


def highest_priority(labels: Sequence[str]) -> list[str]:
    """Give the labels of a pool group in the order they are tried where nobody named one: numbers, highest first.

    Labels that are no numbers come after them, and no label last.
    """
    return sorted(
        set(labels), key=lambda label: (not label.isdigit(), -int(label) if label.isdigit() else 0, not label)
    )


def falls_back(*, named: bool) -> bool:
    """Say whether pools of another label are tried when those of the first have no server that is up.

    Not where a script named the label: the next shorter one belongs to somebody else's path.
    """
    return not named


def domain_fits(domain: str, name: str) -> int:
    """Say how well a child's domain name fits a server name: 0 not at all, more the longer; itself fits best.

    `*.a.com` takes all names below a.com, of any number of labels, and not a.com.
    """
    domain, name = domain.lower(), name.lower().rstrip(".")
    if domain == name:
        return 1 << 16
    return len(domain) if domain.startswith("*.") and name.endswith(domain[1:]) else 0


def serves_without_child(*, has_certificate: bool) -> bool:
    """Say whether the parent itself answers a client hello that fits no child: only if it has a certificate.

    Without one the handshake ends with the alert unrecognized_name.
    """
    return has_certificate


def host_tokens(host: str, first: int, last: int) -> str | None:
    """Give tokens of the Host header (`avi.http.get_host_tokens`), from 1; None if there are none.

    The port, where the client wrote one, belongs to the last token.
    """
    return _tokens(host.split("."), ".", first, last) if host else None


def path_tokens(path: str, first: int, last: int) -> str | None:
    """Give tokens of the path (`avi.http.get_path_tokens`), from 1, as they were sent; None if there are none.

    The first token begins after the first slash; a slash at the end is followed by an empty token, so that it stays.
    """
    tokens = path.removeprefix("/").split("/")
    return None if tokens == [""] else _tokens(tokens, "/", first, last)


def _tokens(tokens: list[str], between: str, first: int, last: int) -> str | None:
    chosen = tokens[max(first, 1) - 1 : last if last > 0 else None]
    return between.join(chosen) if chosen else None


def secure_word(*, is_tls: bool) -> str | None:
    """Give what `avi.http.secure` tells of a connection: `on` over TLS, else nil."""
    return "on" if is_tls else None


def answer_stands() -> bool:
    """Say whether what a script answered stands where the same script answers again: the last answer counts."""
    return False


def ends_rules(*, is_redirect: bool, is_switch: bool) -> bool:
    """Say whether no rule after this one is asked: after a redirect or a switch, not after a mere change of headers."""
    return is_redirect or is_switch


def script_may_choose(*, was_switched: bool) -> bool:
    """Say whether DataScripts are run for a request: not where a policy set chose the pool; that choice stands."""
    return not was_switched


def lets_in_by_default() -> bool:
    """Say whether a client is let in whom no rule of a network security policy matches."""
    return True


def server_name(*, wanted: str, host: str) -> str:
    """Give the name that a server over TLS is asked for (`sni_enabled`): that of the pool, else the Host header."""
    return wanted or host


def trusts_names(*, host_check: bool) -> bool:
    """Say whether a server's certificate has to have its name: with `host_check_enabled` alone, the chain always."""
    return host_check


def joined(parts: Sequence[str], *, in_host: bool) -> str:
    """Put the tokens of a rewritten host or path together: with the sign that separates them there.

    A text that begins or ends with the sign does not get a second one.
    """
    sign = "." if in_host else "/"
    text = ""
    for part in parts:
        needs = bool(text and part) and not text.endswith(sign) and not part.startswith(sign)
        text += (sign if needs else "") + part
    return text if in_host else "/" + text.removeprefix("/")


def compared_host(header: str) -> str:
    """Give what of a Host header the rules see: without the port; the brackets of an IPv6 address stay."""
    if header.startswith("["):
        return header.partition("]")[0] + "]"
    return header.partition(":")[0]


def host_of_silent_client(vip: str) -> str:
    """Give the Host header that a server gets where the client (of HTTP/1.0) sent none: the address it asked."""
    return f"[{vip}]" if ":" in vip else vip


def forwarded_for(known: Sequence[str], client: str, update: str) -> list[str]:
    """Give the values of X-Forwarded-For for a server, by `xff_update`: the client alone by default."""
    if update == "APPEND_TO_THE_XFF_HEADER":
        return [", ".join([*known, client])]
    if update == "ADD_NEW_XFF_HEADER":
        return [*known, client]
    return [client]


def ends_security(*, is_allowed: bool) -> bool:
    """Say whether no security rule after this one is asked: as with all others, the first that matches decides."""
    return is_allowed


def edits_with_redirect() -> bool:
    """Say whether a rule that redirects changes headers too: there is no request any more that would have them."""
    return False


def replaces_absent() -> bool:
    """Say whether replacing a header that is not there adds it."""
    return True
