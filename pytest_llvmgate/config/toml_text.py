"""Values as TOML has them, for tables that are proposed to the user."""

from __future__ import annotations

import json


def quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, except that TOML wants DEL escaped, too (TOML 1.0, "String")."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
