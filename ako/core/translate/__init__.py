"""Virtual host → Avi objects: insecure hosts and SNI children, for every source alike.

The last `ako_translate` in line, so that a plugin may translate a virtual host otherwise.
"""

from ako.core.translate.host import translate_host

__all__ = ["translate_host"]
