"""`python -m tests.rights`: writes the list of rights in `docs/rights.md` anew."""

from __future__ import annotations

from tests.rights.document import DOCUMENT, table
from tests.rights.shipped import printed, rules_of

_BEGIN, _END = "<!-- the list: `python -m tests.rights` writes it -->\n", "<!-- the end of the list -->\n"

before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(_BEGIN)
_, _, after = rest.partition(_END)
DOCUMENT.write_text(f"{before}{_BEGIN}\n{table(rules_of(printed()))}\n{_END}{after}", encoding="utf-8")
