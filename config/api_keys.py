"""Names of the environment variables that hold provider keys. Never a key.

A variable may hold several keys, separated by commas; they take turns.
"""

import os
from collections.abc import Mapping

KEY_VARIABLES: dict[str, str] = {
    "gemini": "GEMINI_API_KEY",
    "doubao": "DOUBAO_API_KEY",
    "openai": "OPENAI_API_KEY",
}


def keys_for(provider: str, environ: Mapping[str, str] = os.environ) -> list[str]:
    """The keys of `provider` as configured, in order; empty where it needs none or none is set."""
    return keys_in(KEY_VARIABLES.get(provider, ""), environ)


def keys_in(variable: str, environ: Mapping[str, str] = os.environ) -> list[str]:
    """The keys in a variable, in order, each once: of a server that the administrator's file adds, which names it."""
    return list(dict.fromkeys(key for part in environ.get(variable, "").split(",") if (key := part.strip())))


def all_keys(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Every configured key, for masking them in logs."""
    return [key for provider in KEY_VARIABLES for key in keys_for(provider, environ)]
