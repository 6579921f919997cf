"""What goes wrong between here and a web server: whether to try again, and how to name it."""

import errno
import http.client
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request

from tfod.errors import Problem

AGAIN = (408, 425, 429, 500, 502, 503, 504)  # codes of HTTP that may be gone in a moment
NOBODY_THERE = (errno.ECONNREFUSED, errno.ENETUNREACH, errno.EHOSTUNREACH)


class CutShort(Exception):
    """The connection ended early; the message says how. Another try may get the rest."""


def final_problem(url: str, error: Exception, is_last: bool, has_begun: bool) -> Problem | None:
    """Say what is wrong when a try ended like this; None when another one may help.

    When a part came already (`has_begun`) the server is there, and a lost network may come back.
    """
    reason = getattr(error, "reason", error)
    if isinstance(error, urllib.error.HTTPError):
        return None if error.code in AGAIN and not is_last else _refusal(url, error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        what = f"the server's certificate cannot be verified ({reason.verify_message})"
        trusted = "a trusted one (if a proxy has its own, name it in SSL_CERT_FILE)"
        return Problem("certificate-untrusted", url, what, expected=trusted)
    if isinstance(error, http.client.InvalidURL):
        return Problem("not-an-address", url, f"not an address ({error})")
    return _no_connection(url, reason, has_begun) or (
        Problem("download-incomplete", url, f"{clause(error)}, every time") if is_last else None
    )


def _no_connection(url: str, reason: object, has_begun: bool) -> Problem | None:
    if has_begun or not isinstance(reason, OSError):
        return None
    if isinstance(reason, socket.gaierror):
        host = urllib.parse.urlsplit(url).hostname
        return Problem("host-unknown", url, f"no network, or no host {host}")
    if reason.errno in NOBODY_THERE:
        what = f"no answer from {_asked(url)} ({reason.strerror})"
        return Problem("server-unreachable", url, what)
    if "Tunnel connection failed" in str(reason):
        what = f"the proxy in HTTPS_PROXY refuses the connection ({reason})"
        return Problem("proxy-refused", url, what)
    return None


def _asked(url: str) -> str:
    """Name the computer that is asked: the one of the address, or the proxy that is set."""
    parts = urllib.parse.urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or urllib.request.proxy_bypass(parts.netloc):
        return parts.netloc
    return f"the proxy {urllib.parse.urlsplit(proxy).hostname} that is set for {parts.scheme}"


def _refusal(url: str, error: urllib.error.HTTPError) -> Problem:
    answer = clause(error)
    if error.code in (404, 410):
        return Problem("download-not-found", url, f"{answer}: the file is not there")
    if error.code in (401, 403, 407):
        return Problem("download-forbidden", url, f"{answer}: access is denied")
    if error.code in AGAIN:
        return Problem("server-failing", url, f"{answer}: the server has a problem")
    return Problem("download-refused", url, answer)


def clause(error: Exception) -> str:
    """Say in a clause how a try ended."""
    reason = getattr(error, "reason", error)
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answered {error.code} ({error.reason})"
    if isinstance(reason, TimeoutError):
        return "the server stopped answering"
    if isinstance(reason, http.client.IncompleteRead):
        return "the connection ended early"
    return str(reason) or type(reason).__name__
