"""What looks like a secret value: masked wherever source text leaves the snapshot."""

from __future__ import annotations

import re

MASK = "[masked]"

#: Keys whose issuers give them a form of their own (their documentation says which), and keys in PEM and JWT form.
#: What is looked at before a form is certain is bounded: else long words would take the square of their length.
_KEY = re.compile(
    r"""\b(?: AKIA[0-9A-Z]{16} | ASIA[0-9A-Z]{16}              # Amazon Web Services
        | gh[pousr]_[A-Za-z0-9]{36,} | github_pat_\w{22,}      # GitHub
        | glpat-[\w-]{20,}                                     # GitLab
        | hf_[A-Za-z0-9]{30,}                                  # Hugging Face
        | sk-(?:proj-|ant-|svcacct-)?(?=[\w-]{0,100}\d)[\w-]{20,}         # OpenAI, Anthropic
        | AIza[\w-]{35}                                        # Google
        | xox[abeoprs]-[\w-]{10,}                              # Slack
        | pypi-[\w-]{50,}                                      # package index
        | npm_[A-Za-z0-9]{36}
        | lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}             # LangSmith
        | eyJ[\w-]{10,1000}+\.eyJ[\w-]{10,}\.[\w-]{10,}       # JSON Web Token
    )(?![\w-])""",
    re.X,
)
#: How each of them begins: most texts have none of these, and need no closer look.
_BEGINNINGS = (
    *("AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "hf_", "sk-", "AIza", "xox"),
    *("pypi-", "npm_", "lsv2_", "eyJ"),
)
#: A private key up to its end mark, or as far as its lines go.
_PEM = re.compile(
    r"""(-----BEGIN\ [A-Z ]*PRIVATE\ KEY-----)
    (?: (?:(?!-----(?:BEGIN|END)\ ).){1,20000}?(?=-----END\ [A-Z ]*PRIVATE\ KEY-----)
        | (?:(?:\\[nr]|[\s"'+#,()])*[A-Za-z0-9+/=]{40,})+ )""",
    re.X | re.S,
)
_IN_URL = re.compile(r"(://)[^\s/:@\"'<>{}]+:[^\s/:@\"'<>{}]{3,}(?=@)")
#: A literal that is given to a name which says that it is secret.
_NAMED = re.compile(
    r"""((?:password|passwd|secret|api_?key|access_?key|auth_?token|private_?key|_token)["']?\s*[:=]\s*["'])"""
    r"""(?=[^"'\s]*\d)[\w+/.=~-]{16,}(?=["'])""",
    re.I,
)

#: The literal alone: most texts have none that is long enough.
_LONG_LITERAL = re.compile(r"""[:=]\s*["'](?=[^"'\s]*\d)[\w+/.=~-]{16,}["']""")


def masked(text: str) -> str:
    """The text with everything that looks like a secret value replaced by `MASK`; lines stay lines."""
    if any(beginning in text for beginning in _BEGINNINGS):
        text = _KEY.sub(MASK, text)
    if "-----BEGIN" in text:
        text = _PEM.sub(lambda found: found[1] + re.sub(r"[^\n]+", MASK, found[0][len(found[1]) :]), text)
    text = _IN_URL.sub(rf"\1{MASK}", text)
    if _LONG_LITERAL.search(text):
        text = _NAMED.sub(lambda found: found[1] + MASK, text)
    return text


def secrets_in(text: str) -> bool:
    """Whether a text holds something that looks like a secret value."""
    return masked(text) != text
