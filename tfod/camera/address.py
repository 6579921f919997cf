"""Addresses of cameras: taken apart, and shown without what nobody else should read."""

import re
from urllib.parse import quote, unquote

# "?token=x", and "/user=me&password=x" without a question mark, as some recorders have it
_SECRETS = re.compile(
    r"([\w%.-]*(?:pass|pwd|token|secret|key|auth|login|user)[\w%.-]*=)[^&#]+", re.IGNORECASE
)
# a login whose scheme was left out or misspelt: "me:password@host", but no drive of Windows
_LOGIN_ALONE = re.compile(r"(?![a-z]:[\\/])[^\\/@]+:.*@", re.IGNORECASE | re.DOTALL)
_PORT_OR_NONE = re.compile(r"[^:]*(:\d*)?|\[.*\](:\d*)?")
_MEANS_SOMETHING = re.compile(r"[#@:/?\[\] ]|%(?![0-9a-f]{2})", re.IGNORECASE)


def without_login(text: str) -> str:
    """Give an address without user, password, and values that look like one; others as they are."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "", text
        if _LOGIN_ALONE.match(text):
            rest = f"***@{text.rpartition('@')[2]}"
        return _SECRETS.sub(r"\1***", rest) if "?" in rest else rest
    if "@" in rest:  # up to the last one: a password may hold @ and / itself
        rest = f"***@{rest.rpartition('@')[2]}"
    return f"{scheme}{separator}" + _SECRETS.sub(r"\1***", rest)


def split_login(url: str) -> tuple[str, str, str]:
    """Take user and password out of an address: the address without them, user, password."""
    scheme, _, rest = url.partition("://")
    host = _host(rest)
    login, at, place = host.rpartition("@")
    user, _, password = login.partition(":")
    address = f"{scheme}://{place if at else host}{rest[len(host) :]}"
    return address, unquote(user), unquote(password)


def with_quoted_login(url: str) -> str:
    """Write user and password so that no character in them means anything else."""
    address, user, password = split_login(url)
    scheme, _, rest = address.partition("://")
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user or password else ""
    return f"{scheme}://{login}{rest}"


def is_cut_by_login(url: str) -> bool:
    """Whether a # / or ? in a password ends the address before the host."""
    rest = url.partition("://")[2]
    host = _host(rest)
    after = rest[len(host) :]
    is_host = _PORT_OR_NONE.fullmatch(host) and not after.startswith("#")
    return "@" in after and "@" not in host and not is_host


def may_need_quotes(url: str) -> bool:
    """Whether the login has a character that means something else in an address."""
    login = url.partition("://")[2].rpartition("@")[0]
    return bool(_MEANS_SOMETHING.search(login.partition(":")[2]))


def _host(rest: str) -> str:
    """What stands before the first / ? or #: login, host and port."""
    return re.split(r"[/?#]", rest, maxsplit=1)[0]
