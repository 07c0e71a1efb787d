"""django-oauth-toolkit as a Django project of one file: what `startproject` makes, with its documentation's production settings.

Django's deployment checklist: DEBUG off, hosts named, persistent connections. Its notes on SQLite: WAL, immediate
transactions, a time to wait for the lock. The toolkit's defaults stay: opaque tokens stored with a digest, refresh tokens
rotated at each use.
"""

import os
from pathlib import Path

SECRET_KEY = "a key of the benchmark, which keeps nobody's secrets"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "django_app"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages", "oauth2_provider",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(os.environ["PEER_FOLDER"]) / "django.sqlite",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE", "timeout": 20,
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
        },
    }
}
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "WARNING"}}
OAUTH2_PROVIDER = {
    "SCOPES": {"api.read": "Reading the notes", "introspection": "Looking at tokens"},
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 86_400,
    "ROTATE_REFRESH_TOKEN": True,
}

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_app")


def alive(_):
    from django.http import HttpResponse

    return HttpResponse("ok")


def __getattr__(name):
    # Both need the settings above, and Django asks for them only when it serves.
    if name == "urlpatterns":
        from django.urls import include, path

        return [path("alive", alive), path("o/", include("oauth2_provider.urls", namespace="oauth2_provider"))]
    if name == "application":
        from django.core.wsgi import get_wsgi_application

        return get_wsgi_application()
    raise AttributeError(name)


def seed(chains: int):
    """The tables, a client, and grants with their refresh tokens, which are printed."""
    import datetime

    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.utils import timezone
    from oauth2_provider.generators import generate_client_id
    from oauth2_provider.models import AccessToken, Application, RefreshToken

    call_command("migrate", verbosity=0)
    user = get_user_model().objects.create_user("person")
    applications = {}
    for name, grant in (("machine", Application.GRANT_CLIENT_CREDENTIALS), ("web", Application.GRANT_AUTHORIZATION_CODE)):
        applications[name] = Application.objects.create(
            client_id=f"bench-{name}", client_secret=os.environ["PEER_SECRET"], client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=grant, redirect_uris="https://example.com/callback",
            hash_client_secret=os.environ["PEER_HASH"] == "yes")
    expires = timezone.now() + datetime.timedelta(hours=1)
    for _ in range(chains):
        access = AccessToken.objects.create(
            user=user, application=applications["web"], token=generate_client_id(), expires=expires, scope="api.read")
        refresh = RefreshToken.objects.create(
            user=user, application=applications["web"], token=generate_client_id(), access_token=access)
        print(refresh.token)
