"""Addresses and TLS of devices that are reached, or listened for, over HTTP."""

import ipaddress
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from drivers.errors import DeviceRefused


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def split_listen(listen: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT` or `[IPV6]:PORT`.  Raises ValueError with what was expected."""
    try:
        parts = urlsplit(f"//{listen}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port is None or parts_beyond(listen):
        raise ValueError(f'"{listen}" is no address to listen at; expected HOST:PORT')
    return host, port


def parts_beyond(listen: str) -> bool:
    """Whether something else than host and port stands there."""
    return any(character in listen for character in "/?#@ ")


def refused_tls(device: str, files: tuple[Path | None, ...], error: Exception) -> DeviceRefused:
    named = ", ".join(str(file) for file in files if file)
    return DeviceRefused(
        device, f"can't use the TLS files {named}: {error}", hint="PEM, readable by the service?"
    )


def server_context(device: str, certificate: Path, key: Path) -> ssl.SSLContext:
    """What a listener proves itself with.  Raises DeviceRefused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise refused_tls(device, (certificate, key), error) from error
    return context


def client_context(
    device: str, ca: Path | None, certificate: Path | None, key: Path | None
) -> ssl.SSLContext:
    """What a far end is checked against, and our own certificate where it wants one.  Raises
    DeviceRefused."""
    try:
        context = ssl.create_default_context(cafile=ca)
        if certificate and key:
            context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise refused_tls(device, (ca, certificate, key), error) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
