"""What goes wrong between here and a web server, in sentences: whether to try again, what to do."""

import errno
import http.client
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request

from tfod.errors import UserError
from tfod.steps.fetch.part import megabytes

AGAIN = (408, 425, 429, 500, 502, 503, 504)  # codes of HTTP that may be gone in a moment
NO_WAY = (errno.ECONNREFUSED, errno.ENETUNREACH, errno.EHOSTUNREACH)


class CutShort(Exception):
    """The connection ended early; the message says how. Another try may get the rest."""


class Unreachable(UserError):
    """The network or the server did not give the file; there is a way by hand."""


def final_trouble(url: str, error: Exception, enough: bool, began: bool) -> Unreachable | None:
    """Decide whether to give up.

    Args:
        url: what was asked for.
        error: how the last try ended.
        enough: whether this was the last one.
        began: whether a part came already: then the server is there, and a lost network may
            come back.

    Returns:
        What to raise; None to try again.
    """
    host = urllib.parse.urlsplit(url).hostname
    reason = getattr(error, "reason", error)
    if isinstance(error, urllib.error.HTTPError):
        again = error.code in AGAIN and not enough
        return None if again else Unreachable(f"{url}: {_said_no(error)}")
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Unreachable(
            f"{url}: the certificate of {host} cannot be checked ({reason.verify_message}). "
            "Something in between opens secure connections (a proxy of a company or school: ask "
            "for its certificate and set SSL_CERT_FILE to it), or this computer's clock is wrong."
        )
    if isinstance(error, http.client.InvalidURL):
        return Unreachable(f"{url}: is no address ({error}). Check it.")
    if isinstance(reason, socket.gaierror) and not began:
        return Unreachable(f"{url}: the name {host} is not known: no network, or a wrong address.")
    if isinstance(reason, OSError) and not began:
        if reason.errno in NO_WAY:
            return Unreachable(f"{url}: nobody answers at {_over(url)} ({reason.strerror}).")
        if "Tunnel connection failed" in str(reason):
            return Unreachable(f"{url}: the proxy says no ({reason}). Check HTTPS_PROXY.")
    if enough:
        return Unreachable(f"{url}: {clause(error)}, again and again. Try later.")
    return None


def too_large(url: str, total: int | None, most_bytes: int) -> str:
    """Say that a file is too large to be the one that was asked for."""
    return (
        f"{url}: has {megabytes(total or 0)} or more (expected at most {megabytes(most_bytes)}), "
        "so it is not this checkpoint. Check the address."
    )


def clause(error: Exception) -> str:
    """Say in a clause how a try ended."""
    reason = getattr(error, "reason", error)
    if isinstance(error, urllib.error.HTTPError):
        return f"the server says {error.code} ({error.reason})"
    if isinstance(reason, TimeoutError):
        return "the server was silent for too long"
    if isinstance(reason, http.client.IncompleteRead):
        return "the connection ended early"
    return str(reason) or type(reason).__name__


def _over(url: str) -> str:
    """Name the computer that is asked: the one of the address, or the proxy that is set."""
    parts = urllib.parse.urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or urllib.request.proxy_bypass(parts.netloc):
        return parts.netloc
    return f"the proxy {urllib.parse.urlsplit(proxy).hostname} that is set for {parts.scheme}"


def _said_no(error: urllib.error.HTTPError) -> str:
    said = clause(error)
    if error.code in (404, 410):
        return f"{said}: it has no such file. Check the address (--url, TFOD_ZOO_URL)."
    if error.code in (401, 403, 407):
        return f"{said}: it does not let you in. Check the address and your network's proxy."
    if error.code in AGAIN:
        return f"{said}: it has a problem of its own. Try again later."
    return f"{said}. Check the address (--url, TFOD_ZOO_URL)."
