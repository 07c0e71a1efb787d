"""Canaille's configuration file and its client."""

import datetime
import os
import secrets
from pathlib import Path


def configure(host: str):
    """As its documentation wants it for production: a secret key, a server name, an RSA key, a database."""
    from joserfc.jwk import RSAKey

    key = RSAKey.generate_key(2048, private=True).as_dict(private=True)
    members = ", ".join(f'{name} = "{value}"' for name, value in key.items())
    Path(os.environ["CANAILLE_CONFIG"]).write_text(
        f'SECRET_KEY = "{secrets.token_hex()}"\nSERVER_NAME = "{host}"\nPREFERRED_URL_SCHEME = "http"\n[CANAILLE]\n'
        f'[CANAILLE_SQL]\nDATABASE_URI = "sqlite:///{os.environ["PEER_FOLDER"]}/canaille.sqlite"\n'
        f"[CANAILLE_OIDC]\nACTIVE_JWKS = [{{ {members} }}]\n")


def seed():
    """A client that may introspect its own tokens."""
    from canaille import create_app
    from canaille.app import models
    from canaille.backends import Backend

    with create_app().app_context(), Backend.instance.session():
        client = models.Client(
            client_id=os.environ["PEER_CLIENT"], client_secret=os.environ["PEER_SECRET"], client_name="bench",
            grant_types=["client_credentials"], scope=["openid"], response_types=[], redirect_uris=[],
            token_endpoint_auth_method="client_secret_basic",
            client_id_issued_at=datetime.datetime.now(datetime.timezone.utc))
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)
