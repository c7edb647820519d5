"""`python -m tests.contract.reference` writes the page."""

from tests.contract.reference.page import PAGE, text

PAGE.parent.mkdir(exist_ok=True)
PAGE.write_text(text(), encoding="utf-8")
