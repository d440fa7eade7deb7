"""What an access point is reached by, and the secrets that are read for it."""

import os
import ssl

from edge.config.schema import Bus
from edge.config.secrets import bus_env, read_secret
from edge.core.errors import PermanentError
from edge.core.sayings import say


def password_of(bus: Bus) -> str:
    """The password of a bus. Raises PermanentError where there is none or it cannot be read."""
    name = bus_env(bus.id, "password")
    secret = read_secret(bus.password_file, name, os.environ)
    if secret is None:
        raise PermanentError(say("no_password", bus=bus.id, variable=name))
    return secret


def community_of(bus: Bus) -> str:
    """The community of a bus. Raises PermanentError where there is none or it cannot be read."""
    name = bus_env(bus.id, "community")
    secret = read_secret(bus.community_file, name, os.environ)
    if secret is None:
        raise PermanentError(say("no_community", bus=bus.id, variable=name))
    return secret


def tls_of(bus: Bus) -> ssl.SSLContext | bool:
    """How the certificate of a bus is judged; False without TLS. Raises PermanentError for a bad file.

    With certificate_file that very certificate is the only one believed, before anything is sent; the name
    in it does not matter, since access points sign for names that they do not have.
    """
    if not bus.https:
        return False
    file = bus.certificate_file or bus.ca_file
    try:
        if bus.certificate_file is None:
            return ssl.create_default_context(cafile=file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cafile=file)
    except OSError as error:
        raise PermanentError(say("certificate_unread", file=file, bus=bus.id, why=error)) from error
    return context
