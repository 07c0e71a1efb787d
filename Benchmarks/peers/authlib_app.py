"""Authlib's authorization server as its documentation builds it: Flask, SQLAlchemy, its mixins and its ready-made parts.

Tokens are opaque and stored, as by default; the client's secret is compared as it is stored. SQLite has WAL, as SQLAlchemy's
notes on concurrency say, and synchronous NORMAL. Refresh tokens are rotated (`INCLUDE_NEW_REFRESH_TOKEN`) and the old ones
revoked, which the documentation leaves to `revoke_old_credential`.
"""

import os
import secrets
import time
from pathlib import Path

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.sqla_oauth2 import (
    OAuth2ClientMixin, OAuth2TokenMixin, create_query_client_func, create_save_token_func)
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event

database = SQLAlchemy()


class User(database.Model):
    id = database.Column(database.Integer, primary_key=True)

    def get_user_id(self):
        return self.id


class Client(database.Model, OAuth2ClientMixin):
    id = database.Column(database.Integer, primary_key=True)
    user_id = database.Column(database.Integer, database.ForeignKey("user.id"))
    user = database.relationship("User")


class Token(database.Model, OAuth2TokenMixin):
    id = database.Column(database.Integer, primary_key=True)
    user_id = database.Column(database.Integer, database.ForeignKey("user.id"))
    user = database.relationship("User")


class RefreshTokenGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        token = Token.query.filter_by(refresh_token=refresh_token).first()
        return token if token and not token.refresh_token_revoked_at else None

    def authenticate_user(self, refresh_token):
        return refresh_token.user

    def revoke_old_credential(self, refresh_token):
        refresh_token.access_token_revoked_at = refresh_token.refresh_token_revoked_at = int(time.time())
        database.session.add(refresh_token)
        database.session.commit()


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = ["client_secret_basic"]

    def query_token(self, token_string, token_type_hint):
        return Token.query.filter_by(access_token=token_string).first()

    def check_permission(self, token, client, request):
        return token.client_id == client.client_id

    def introspect_token(self, token):
        return {
            "active": not token.is_expired() and not token.is_revoked(), "client_id": token.client_id,
            "token_type": token.token_type, "scope": token.get_scope(), "iat": token.issued_at,
            "exp": token.issued_at + token.expires_in,
        }


def make() -> Flask:
    application = Flask(__name__)
    application.config |= {
        "SECRET_KEY": secrets.token_hex(),
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{Path(os.environ['PEER_FOLDER']) / 'authlib.sqlite'}",
        "OAUTH2_REFRESH_TOKEN_GENERATOR": True,
    }
    database.init_app(application)
    with application.app_context():
        @event.listens_for(database.engine, "connect")
        def configure(connection, _):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA busy_timeout = 20000")
    server = AuthorizationServer(
        application, query_client=create_query_client_func(database.session, Client),
        save_token=create_save_token_func(database.session, Token))
    server.register_grant(grants.ClientCredentialsGrant)
    server.register_grant(RefreshTokenGrant)
    server.register_endpoint(Introspection)

    @application.get("/alive")
    def alive():
        return "ok"

    @application.post("/oauth/token")
    def token():
        return server.create_token_response()

    @application.post("/oauth/introspect")
    def introspect():
        return server.create_endpoint_response(Introspection.ENDPOINT_NAME)

    return application


def seed(chains: int):
    """The tables, a client, and tokens of a person with their refresh tokens, which are printed."""
    with make().app_context():
        database.create_all()
        person = User(id=1)
        client = Client(
            client_id=os.environ["PEER_CLIENT"], client_secret=os.environ["PEER_SECRET"], client_id_issued_at=int(time.time()),
            user_id=1)
        client.set_client_metadata({
            "client_name": "bench", "scope": "api.read", "grant_types": ["client_credentials", "refresh_token"],
            "token_endpoint_auth_method": "client_secret_basic"})
        database.session.add_all([person, client])
        for _ in range(chains):
            token = Token(
                client_id=client.client_id, user_id=1, token_type="Bearer", access_token=secrets.token_urlsafe(32),
                refresh_token=secrets.token_urlsafe(32), scope="api.read", issued_at=int(time.time()), expires_in=3600)
            database.session.add(token)
            print(token.refresh_token)
        database.session.commit()
