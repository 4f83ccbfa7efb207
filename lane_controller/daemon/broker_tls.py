"""The secured line to the broker, and in words what is wrong with it.

Mutual TLS 1.2 or newer, our certificate in the lane's own name, or no connection: there is no weaker way to
fall back to.  Files are read at each attempt, so a certificate that was replaced is in use at the next one.
"""

import logging
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

from lane_controller.daemon.configuration.tables import BrokerTable

EXPIRED, NOT_YET_VALID, UNSUITABLE = 10, 9, 26
UNKNOWN_AUTHORITY = frozenset({2, 7, 18, 19, 20, 21, 24})
OTHER_NAME = frozenset({62, 64})
"""OpenSSL's X509_V_ERR_…, from x509_vfy.h."""


class TlsUnusable(OSError):
    """Our own files can't secure a connection.  The message names the configuration's key and the file."""


def tls_context(broker: BrokerTable, identity: str) -> ssl.SSLContext | None:
    """None for a loopback broker without.  `identity` is `site/lane`, in whose name the certificate must be:
    with another lane's the broker would take our messages and pass none on.  Raises TlsUnusable."""
    if broker.tls is None:
        return None
    ca, certificate, key = broker.tls
    for name, path in (("broker.ca", ca), ("broker.certificate", certificate), ("broker.key", key)):
        try:
            path.read_bytes()
        except OSError as error:
            raise TlsUnusable(f"{name} {path} can't be read: {error.strerror}") from error
    try:
        context = ssl.create_default_context(cafile=ca)
    except ssl.SSLError as error:
        raise TlsUnusable(f"broker.ca {ca} holds no certificate in PEM") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _check_name(certificate, identity)
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        raise TlsUnusable(f"broker.key {key} is not the key of broker.certificate {certificate}") from error
    return context


def _check_name(path: Path, identity: str) -> None:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError as error:
        raise TlsUnusable(f"broker.certificate {path} holds no certificate in PEM") from error
    names = [str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if names != [identity]:
        raise TlsUnusable(
            f"broker.certificate {path} is for {', '.join(names) or 'nobody'}, this lane is {identity}; "
            "give the lane its own certificate"
        )


class Overheard(logging.Handler):
    """Keeps the last TLS error that the MQTT library met after the handshake and only logs: with TLS 1.3 a
    broker refuses our certificate when we already count as connected, and the library then waits in vain."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.error: ssl.SSLError | None = None

    def emit(self, record: logging.LogRecord) -> None:
        for argument in record.args if isinstance(record.args, tuple) else ():
            if isinstance(argument, ssl.SSLError):
                self.error = argument

    def logger(self) -> logging.Logger:
        """For the library to log to; nothing of it gets into our own log."""
        logger = logging.Logger("mqtt", logging.WARNING)
        logger.addHandler(self)
        return logger


def in_words(error: BaseException | None, overheard: ssl.SSLError | None, broker: BrokerTable) -> str:
    """Why there is no connection, and what is to be looked at."""
    for one in (overheard, *_chain(error)):
        if words := _words(one, broker):
            return words
    return str(error)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _words(error: BaseException | None, broker: BrokerTable) -> str:
    where = f"{broker.host}:{broker.port}"
    match error:
        case TlsUnusable():
            return str(error)
        case ssl.SSLCertVerificationError():
            return _verification(error, broker)
        case ssl.SSLError() if "ALERT" in (error.reason or ""):
            return _alert(error.reason or "", broker)
        case ssl.SSLError() if error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
            return f"no TLS is spoken at {where}; is it the broker's port for TLS?"
        case ssl.SSLError():
            return f"TLS with {where} failed: {error.reason or error}"
        case ConnectionResetError() | BrokenPipeError() if broker.tls is not None:
            return (
                f"{where} ended the connection while TLS was being agreed; is it the broker's port for TLS?"
            )
        case TimeoutError() if "handshake" in str(error):
            return f"{where} says nothing to our TLS; is it the broker's port for TLS?"
        case ConnectionRefusedError():
            return f"nothing listens at {where}; is the broker running?"
        case socket.gaierror():
            return f"the name broker.host {broker.host} is not known: {error.strerror}"
        case _:
            return ""


def _verification(error: ssl.SSLCertVerificationError, broker: BrokerTable) -> str:
    whose = f"the certificate of the broker at {broker.host}:{broker.port}"
    code = error.verify_code
    if code == EXPIRED:
        return f"{whose} has expired, or this machine's clock is wrong"
    if code == NOT_YET_VALID:
        return f"{whose} is not valid yet, or this machine's clock is wrong"
    if code in UNKNOWN_AUTHORITY:
        return f"{whose} is not from the authority in broker.ca {broker.ca}"
    if code in OTHER_NAME:
        return f"{whose} is for another host: {error.verify_message}"
    if code == UNSUITABLE:
        return f"{whose} is not a server's certificate"
    return f"{whose} is refused: {error.verify_message}"


def _alert(reason: str, broker: BrokerTable) -> str:
    ours = f"the broker at {broker.host}:{broker.port} refuses our broker.certificate {broker.certificate}"
    if "EXPIRED" in reason:
        return f"{ours}: it has expired, or one of the clocks is wrong"
    if "UNKNOWN_CA" in reason:
        return f"{ours}: it is from an authority that the broker does not know"
    if "REVOKED" in reason:
        return f"{ours}: it was revoked"
    return f"{ours}: {reason}"
