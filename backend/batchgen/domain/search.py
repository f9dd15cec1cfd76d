"""Words in small letters, for a search that capitals do not matter to."""


def folded(name: str, prompt: str) -> str:
    """Both in small letters for a search, where Lua's own, ASCII's, would not do; else empty."""
    return in_small(f"{name}\n{prompt}")


def in_small(text: str) -> str:
    """Empty where Lua makes the same of it."""
    small = text.casefold()
    return "" if small == _ascii_lower(text) else small


def _ascii_lower(text: str) -> str:
    return text.encode().lower().decode()
