"""Authlib's server (PyPI) under gunicorn, on SQLite. `authlib_app.py` is the application, and says how it is set up."""

from peers.peer import CHAINS, CLIENT, SECRET, PythonPeer, Work, basic


class Authlib(PythonPeer):
    name = "Authlib"
    how = "Python, Flask, gunicorn, SQLite (WAL, synchronous NORMAL); opaque tokens, the client's secret kept as it is"
    distribution, application = "Authlib", "authlib_app:make()"
    ready_path = "/alive"

    def environment(self) -> dict:
        return {"PEER_CLIENT": CLIENT, "PEER_SECRET": SECRET}

    def prepare(self):
        self.chains = self.python("-c", f"import authlib_app; authlib_app.seed({CHAINS})").split()

    def works(self) -> list:
        form = "grant_type=client_credentials&scope=api.read"
        token = self.tokens("/oauth/token", form, basic())["access_token"]
        return [
            Work("client credentials", "/oauth/token", basic(), form, '"access_token": "'),
            Work("introspection", "/oauth/introspect", basic(), f"token={token}", '"active": true'),
            Work("rotating refresh", "/oauth/token", basic(), chains=self.chains),
        ]
