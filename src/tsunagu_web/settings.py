"""Django's settings, all from the typed environment."""

from __future__ import annotations

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from tsunagu_web.environment import OIDC_PROVIDER, read_environment

ENVIRONMENT = read_environment(os.environ)
HERE = Path(__file__).parent

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = False
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
DATABASES = {"default": ENVIRONMENT.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth.account",
    "allauth.mfa",
    "tsunagu_web.accounts",
    "tsunagu_web.access",
    "tsunagu_web.audit",
    "tsunagu_web.steps",
    "tsunagu_web.search",
    "tsunagu_web.people",
    "tsunagu_web.addresses",
    "tsunagu_web.cases",
    "tsunagu_web.reminders",
    "tsunagu_web.notes",
    "tsunagu_web.assessment",
    "tsunagu_web.link_review",
    "tsunagu_web.boards",
    "tsunagu_web.offers",
    "tsunagu_web.plans",
    "tsunagu_web.outreach",
    "tsunagu_web.duties",
    "tsunagu_web.tasks",
    "tsunagu_web.referrals",
    "tsunagu_web.transfers",
    "tsunagu_web.guidance_centre",
    "tsunagu_web.protection",
    "tsunagu_web.conferences",
    "tsunagu_web.reports",
    "tsunagu_web.criteria",
    "tsunagu_web.worklist",
    "tsunagu_web.rounds",
    "tsunagu_web.api",
    "tsunagu_web.intake",
    "tsunagu_web.serving",
]
MIDDLEWARE = [
    "tsunagu_web.serving.middleware.SafeHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tsunagu_web.serving.middleware.LanguageOfChoice",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "tsunagu_web.accounts.middleware.BothFactorsOrNobody",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tsunagu_web.serving.middleware.ErrorsInPlainWords",
    "tsunagu_web.duties.middleware.KnowsTheViewer",
    "tsunagu_web.audit.middleware.NoLookWithoutRecord",
    "tsunagu_web.audit.exports.NoExportWithoutHeads",
    "tsunagu_web.audit.log_by_default.LogByDefault",
]
ROOT_URLCONF = "tsunagu_web.urls"
WSGI_APPLICATION = "tsunagu_web.wsgi.application"
FORM_RENDERER = "tsunagu_web.serving.form_controls.PlainControls"
_FILES = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "loaders": [("tsunagu_web.serving.templates.Loader", _FILES)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "tsunagu_web.cases.context.desk",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.Staff"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Of django-allauth the desk uses how second factors are made, kept and checked; pages and steps are its own.
ACCOUNT_ADAPTER = "tsunagu_web.accounts.adapter.NoSignUp"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False  # accounts.lockout counts, in the database
# Shared by all processes of a desk: a code of an authenticator app that one of them took is taken for all.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "desk_cache"}}
MFA_ADAPTER = "tsunagu_web.accounts.adapter.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # half a minute of a telephone's clock either way
MFA_RECOVERY_CODES_SHOW_ONCE = True
if ENVIRONMENT.oidc:
    INSTALLED_APPS += ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
    SOCIALACCOUNT_ADAPTER = "tsunagu_web.accounts.oidc.ByOffice"
    SOCIALACCOUNT_LOGIN_ON_GET = True
    _OFFICE = {
        "provider_id": OIDC_PROVIDER,
        "name": OIDC_PROVIDER,
        "client_id": ENVIRONMENT.oidc.client,
        "secret": ENVIRONMENT.oidc.secret,
        # The subject in the token is all the desk asks for: no name, no mail address.
        "settings": {"server_url": ENVIRONMENT.oidc.issuer, "fetch_userinfo": False, "oauth_pkce_enabled": True},
    }
    SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [_OFFICE], "SCOPE": ["openid"]}}
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# The longest a session may last; idle ones end earlier, on the server, with an entry in the log (accounts.sessions).
SESSION_COOKIE_AGE = ENVIRONMENT.session_hours * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = False
SESSION_ENGINE = "tsunagu_web.accounts.session_store"
SESSION_COOKIE_NAME = "tsunagu_session"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = ENVIRONMENT.is_https
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "tsunagu_web.serving.errors.expired_form"
LANGUAGE_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.is_https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.is_https else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
# A form of an assessment asks up to 120 questions, each with its words and where it is known from.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
# An upload stays in memory until it is encrypted: a temporary file would hold it in the clear. A larger one is dropped.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = ENVIRONMENT.attachment_bytes + 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 1

# Mail leaves for staff alone (reminders.mail), and nothing at all where no server is named.
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if ENVIRONMENT.mail else 'dummy'}.EmailBackend"
EMAIL_TIMEOUT = 20
if ENVIRONMENT.mail:
    EMAIL_HOST, EMAIL_PORT = ENVIRONMENT.mail.host, ENVIRONMENT.mail.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = ENVIRONMENT.mail.user, ENVIRONMENT.mail.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = ENVIRONMENT.mail.security == "starttls", ENVIRONMENT.mail.security == "tls"

USE_TZ = True
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
LANGUAGE_CODE = ENVIRONMENT.language
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
LOCALE_PATHS = [HERE / "locale"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}, "none": {"class": "logging.NullHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # The report Django makes of a failed request would carry form values; the one in serving.errors carries none.
    # What libraries say while they set a copy may quote its text.
    "loggers": {
        name: {"handlers": ["none"], "propagate": False} for name in ("django.request", "weasyprint", "fontTools")
    },
}
