"""One virtual host → its own Avi objects and what it adds to its parent.

The last `ako_translate` in line, so that a plugin may translate a virtual host otherwise.
"""

from ako.core.translate.host import translate_host

__all__ = ["translate_host"]
