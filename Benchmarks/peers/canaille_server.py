"""Canaille (PyPI) under gunicorn, on SQLite: a whole server on Authlib's parts. `canaille_seed.py` says how it is set up.

Everything is as its documentation has it by default: it writes each token it issues into its log, and sets SQLite up itself.
Rotation cannot be measured: two access tokens of one person in one second are alike, and it answers the second with 500.
"""

from peers.peer import CLIENT, SECRET, PythonPeer, Work, basic


class Canaille(PythonPeer):
    name = "Canaille"
    how = ("Python, Flask on Authlib, gunicorn, SQLite as it comes; opaque tokens for machines. A person's rotation is not measured: "
           "it answers the second within a second with 500, since both access tokens are alike")
    distribution, application = "Canaille", "canaille:create_app()"
    ready_path = "/.well-known/openid-configuration"

    def environment(self) -> dict:
        return {"CANAILLE_CONFIG": str(self.folder / "canaille.toml"), "PEER_CLIENT": CLIENT, "PEER_SECRET": SECRET}

    def prepare(self):
        self.python("-c", f"import canaille_seed; canaille_seed.configure('{self.host}')")
        self.python("-m", "canaille.commands", "install")
        self.python("-c", "import canaille_seed; canaille_seed.seed()")

    def works(self) -> list:
        form = "grant_type=client_credentials&scope=openid"
        token = self.tokens("/oauth/token", form, basic())["access_token"]
        return [
            Work("client credentials", "/oauth/token", basic(), form, '"access_token": "'),
            Work("introspection", "/oauth/introspect", basic(), f"token={token}", '"active": true'),
        ]
