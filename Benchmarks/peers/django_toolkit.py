"""django-oauth-toolkit (PyPI) under gunicorn, on SQLite. `django_app.py` is the project, and says how it is set up."""

from peers.peer import CHAINS, SECRET, PythonPeer, Work, basic


class DjangoToolkit(PythonPeer):
    name = "django-oauth-toolkit"
    how = ("Python, Django, gunicorn, SQLite (WAL, synchronous NORMAL); opaque tokens. The clients' secrets are kept as they are "
           "(`hash_client_secret` off); introspection is allowed by a token")
    distribution, application = "django-oauth-toolkit", "django_app:application"
    ready_path = "/alive"
    hashed = "no"

    def environment(self) -> dict:
        return {"DJANGO_SETTINGS_MODULE": "django_app", "PEER_SECRET": SECRET, "PEER_HASH": self.hashed}

    def prepare(self):
        self.chains = self.python("-c", f"import django_app; django_app.seed({CHAINS})").split()

    def works(self) -> list:
        form = "grant_type=client_credentials&scope=api.read"
        machine = basic("bench-machine")
        token = self.tokens("/o/token/", "grant_type=client_credentials&scope=introspection", machine)["access_token"]
        if self.hashed == "yes":
            # One at a time, since a request takes about a second.
            return [Work("client credentials", "/o/token/", machine, form, '"access_token": "', connections=1)]
        return [
            Work("client credentials", "/o/token/", machine, form, '"access_token": "'),
            Work("introspection", "/o/introspect/", f"Bearer {token}", f"token={token}", '"active": true'),
            Work("rotating refresh", "/o/token/", basic("bench-web"), chains=self.chains),
        ]


class DjangoToolkitHashed(DjangoToolkit):
    """The same with its default: secrets hashed as passwords are."""

    name = "django-oauth-toolkit, as it comes"
    how = "the same with the clients' secrets hashed (PBKDF2), its default"
    hashed = "yes"
