"""Addresses of signing in, one's own account and the language."""

from django.urls import path

from tsunagu_web.accounts import own_views, views

app_name = "accounts"
urlpatterns = [
    path("login/", views.log_in, name="login"),
    path("login/second-factor/", views.second_factor, name="second-factor"),
    path("login/new-password/", views.new_password, name="new-password"),
    path("login/set-up/", views.set_up, name="set-up"),
    path("login/recovery-codes/", views.recovery_codes, name="recovery-codes"),
    path("logout/", views.log_out, name="logout"),
    path("language/", views.language, name="language"),
    path("account/", own_views.own, name="own"),
    path("account/confirm/", own_views.confirm, name="confirm"),
    path("account/password/", own_views.change_password, name="password"),
    path("account/add-factor/", own_views.add_factor, name="add-factor"),
    path("account/remove-factor/", own_views.remove_factor, name="remove-factor"),
    path("account/recovery-codes/", own_views.own_codes, name="own-codes"),
    path("account/revoke/", own_views.revoke, name="revoke"),
]
