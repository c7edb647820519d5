"""The table of reasons for `docs/mutations.md`: `python -m tests.traffic.mutations.page` prints it."""

from __future__ import annotations

from tests.traffic.mutations.reasons import REASONS


def reasons_table() -> str:
    """Give the reasons as a table in Markdown."""
    rows = [
        f"| {one.text} | {_listed(one.kinds)} | {_listed(one.paths)} | {'checked' if one.is_checked else 'always'} |"
        for one in REASONS
    ]
    return "\n".join(["| reason | objects | fields | true |", "|---|---|---|---|", *rows])


def _listed(patterns: str) -> str:
    return " ".join(f"`{one}`" for one in patterns.split()) if patterns != "*" else "any"


if __name__ == "__main__":
    print(reasons_table())
