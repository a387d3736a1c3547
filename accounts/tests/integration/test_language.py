"""The language of a request, of a user and of mails: who is answered in which, how it is set."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from accounts.language.language_choice import store_user_language
from accounts.language.user_language_model import UserLanguage
from accounts.tests.integration.conftest import PASSWORD, log_in, make_user
from tests.mailbox import Mailbox, text_of

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]

TITLES = {
    "en": "What the figures mean",
    "de": "Was die Zahlen bedeuten",
    "fr": "Ce que signifient les chiffres",
    "it": "Che cosa significano i dati",
    "es": "Qué significan las cifras",
}


def language_of(response: Any) -> str:
    """Return the language of the help page."""
    html = response.content.decode()
    found = [code for code, title in TITLES.items() if f"<h1>{title}</h1>" in html]
    assert len(found) == 1, html[:500]
    assert f'<html lang="{found[0]}"' in html
    assert response.headers["Content-Language"] == found[0]
    return found[0]


def help_page(client: Client | None = None, accept_language: str = "") -> Any:
    headers = {"Accept-Language": accept_language} if accept_language else {}
    return (client or Client()).get("/help/", headers=headers)


def choose(client: Client, language: str, **fields: str) -> Any:
    return client.post("/language/", {"language": language, **fields})


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"), ("de", "de"), ("de-AT,de;q=0.9,en;q=0.8", "de"), ("fr-CH, en;q=0.5", "fr"),
        ("it", "it"), ("es-MX", "es"), ("ja,es;q=0.5", "es"), ("ja", "en"), ("*", "en"),
        ("en-US,en;q=0.9,de;q=0.8", "en"), ("not a language,,;q=x", "en"),
    ],
)  # fmt: skip
def test_the_browser_s_first_language_that_there_is(accepted: str, language: str) -> None:
    assert language_of(help_page(accept_language=accepted)) == language


def test_the_choice_in_this_browser_comes_first_and_returns_to_the_page_before() -> None:
    client = Client()
    response = choose(client, "fr", next="/help/?x=1")
    assert (response.status_code, response.headers["Location"]) == (302, "/help/?x=1")
    assert language_of(help_page(client, "de")) == "fr"
    cookie = client.cookies["language"]
    assert (cookie["samesite"], bool(cookie["httponly"])) == ("Lax", True)
    assert not UserLanguage.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/", "//evil.example/help", "/\\evil.example", "javascript:alert(1)",
        "http:///evil.example", "", "\t//evil.example",
    ],
)  # fmt: skip
def test_it_returns_to_this_site_only(address: str) -> None:
    assert choose(Client(), "de", next=address).headers["Location"] == "/"
    shown = Client().get("/language/", {"next": address}).content.decode()
    assert 'name="next" value="/"' in shown


@pytest.mark.parametrize("language", ["", "xx", "de-AT", "pt", "../de", "DE"])
def test_a_language_that_is_not_offered_is_refused(language: str) -> None:
    client = Client()
    response = choose(client, language)
    assert response.status_code == 400
    assert "is not offered" in response.content.decode()
    assert "language" not in client.cookies


def test_a_cookie_of_an_unknown_language_is_no_language() -> None:
    client = Client()
    client.cookies["language"] = "xx"
    assert language_of(help_page(client, "it")) == "it"


def test_the_page_names_each_language_in_itself() -> None:
    html = Client().get("/language/", headers={"Accept-Language": "de"}).content.decode()
    for name in ("English", "Deutsch", "Français", "Italiano", "Español"):
        assert f"<bdi>{name}</bdi>" in html
    assert 'value="de" lang="de" aria-current="true"' in html


def test_a_user_s_choice_is_stored_and_is_the_language_of_other_browsers_from_the_login() -> None:
    mia = make_user("mia", sees="1")
    choose(log_in(mia), "it")
    choose(log_in(mia), "es")
    assert UserLanguage.objects.get().language == "es"
    other = Client(headers={"Accept-Language": "de"})
    assert language_of(help_page(other)) == "de"
    other.post("/login/", {"username": "mia", "password": PASSWORD})
    assert language_of(help_page(other)) == "es"


def test_a_login_without_a_choice_leaves_the_browser_s_language() -> None:
    make_user("mia", sees="1")
    client = Client()
    choose(client, "fr")
    client.post("/login/", {"username": "mia", "password": PASSWORD})
    assert language_of(help_page(client)) == "fr"


def test_the_own_login_s_page_leads_to_the_choice() -> None:
    html = log_in(make_user("mia")).get("/account/", headers={"Accept-Language": "de"})
    assert 'href="/language?next=/account"' in html.content.decode()
    assert "<bdi>Deutsch</bdi>" in html.content.decode()


def test_the_admin_and_swagger_are_english() -> None:
    ada = get_user_model().objects.create_superuser("ada")
    client = log_in(ada)
    choose(client, "de")
    for path in ("/admin/", "/admin/accounts/apikey/add/", "/swagger/", "/redoc/"):
        html = client.get(path).content.decode()
        assert 'lang="de' not in html, path
    assert "Log out" in client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("accepted", "day", "unknown"),
    [
        ("", "A valid integer is required.", "unknown parameter; known are: hotel_id"),
        ("de", "Eine gültige Ganzzahl ist erforderlich.", "unbekannter Parameter; bekannt sind: "),
        ("es", "Introduzca un número entero válido.", "parámetro desconocido; se conocen: "),
    ],
)
def test_errors_of_rest_are_in_the_sender_s_language(accepted: str, day: str, unknown: str) -> None:
    client = log_in(make_user("mia", sees="1"))
    headers = {"Accept-Language": accepted} if accepted else {}
    answer = client.get("/dashboard/?hotel_id=1&day=soon&x=1", headers=headers)
    assert answer.status_code == 400
    errors = answer.json()
    assert errors.keys() == {"day", "x"}, "names of fields are the same in every language"
    assert errors["day"] == [day]
    assert errors["x"][0].startswith(unknown)


def test_an_unknown_path_is_said_in_the_sender_s_language() -> None:
    for accepted, told in (("de", "unter /nothing ist nichts"), ("", "there is nothing at /noth")):
        headers = {"Accept-Language": accepted} if accepted else {}
        assert Client().get("/nothing", headers=headers).json()["detail"].startswith(told)


@pytest.mark.usefixtures("mailbox")  # with its Valkey, which counts
def test_what_is_refused_before_any_view_is_said_in_the_sender_s_language(settings: Any) -> None:
    settings.RATE_PER_ADDRESS = 1
    answers = [Client().get("/dashboard/", headers={"Accept-Language": "de"}) for _ in range(3)]
    assert answers[-1].status_code == 429
    assert answers[-1].json()["detail"].startswith("zu viele Anfragen: versuchen Sie es in ")


def test_a_shared_cache_is_told_what_a_page_depends_on() -> None:
    vary = help_page().headers["Vary"]
    assert {"Accept-Language", "Cookie"} <= set(vary.split(", "))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Noch einmal versuchen"), ("fr", "autre chose a r"), ("it", "Riprova"),
        ("es", "Reintentar"), ("en", "gettext"),
    ],
)  # fmt: skip
def test_the_scripts_texts_of_each_language_are_for_everybody(language: str, text: str) -> None:
    response = Client().get(f"/language/{language}/texts.js", headers={"Accept-Language": "fr"})
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert "public" in response.headers["Cache-Control"]
    assert text in response.content.decode()
    assert ("autre chose a r" in response.content.decode()) == (language == "fr")


@pytest.mark.parametrize("language", ["xx", "DE", "de-AT", "..", "de%0a"])
def test_there_are_no_texts_of_other_languages(language: str) -> None:
    assert Client().get(f"/language/{language}/texts.js").status_code == 404


def test_a_page_loads_the_texts_of_its_language() -> None:
    assert b"/language/fr/texts.js?" in help_page(accept_language="fr").content
    assert b"texts.js" not in help_page().content


# --- Mails -------------------------------------------------------------------------------------


def ask_for_a_password(**headers: str) -> None:
    Client(headers=headers).post("/password/forgotten/", {"address": "mia@hotel.test"})


def test_the_password_s_mail_is_in_the_user_s_language(mailbox: Mailbox) -> None:
    mia = make_user("mia")
    get_user_model().objects.update(email="mia@hotel.test")
    ask_for_a_password()
    ask_for_a_password(**{"Accept-Language": "it"})
    store_user_language(mia, "de")
    ask_for_a_password(**{"Accept-Language": "it"})
    assert [mail["Subject"] for mail in mailbox.mails] == [
        "Set a new password for RoomPriceGenie",
        "Impostare una nuova password per RoomPriceGenie",
        "Neues Passwort für RoomPriceGenie setzen",
    ]
    newest = mailbox.mails[-1]
    for kind in ("plain", "html"):
        assert "Jemand möchte für das Konto" in text_of(newest, kind)
        assert mailbox.last_link() in text_of(newest, kind)


def invite(by: Any, address: str, **headers: str) -> None:
    data = {"hotel_id": 1, "address": address, "role": "see", "hotels": [1]}
    response = log_in(by).post("/people/invite/", data, headers=headers)
    assert response.status_code == 302


def test_an_invitation_is_in_the_language_of_whoever_invites_or_of_a_known_user(
    mailbox: Mailbox,
) -> None:
    mia = make_user("mia", manages="1")
    invite(mia, "first@hotel.test")
    invite(mia, "second@hotel.test", **{"Accept-Language": "fr"})
    store_user_language(mia, "de")
    invite(mia, "third@hotel.test", **{"Accept-Language": "fr"})
    store_user_language(get_user_model().objects.create_user("lea@hotel.test"), "es")
    invite(mia, "lea@hotel.test", **{"Accept-Language": "fr"})
    assert [mail["Subject"] for mail in mailbox.mails] == [
        "mia invites you to RoomPriceGenie",
        "mia vous invite sur RoomPriceGenie",
        "mia lädt Sie zu RoomPriceGenie ein",
        "mia le invita a RoomPriceGenie",
    ]
    assert "Aceptar la invitación" in text_of(mailbox.mails[-1], "html")


def test_why_an_invitation_was_not_mailed_is_said_in_the_reader_s_language(
    mailbox: Mailbox,
) -> None:
    mia = make_user("mia", manages="1")
    for _ in range(6):
        invite(mia, "lea@hotel.test")
    for accepted, told in (("en", "five mails within an hour"), ("de", "fünf Mails erhalten")):
        page = log_in(mia).get("/people/?hotel_id=1", headers={"Accept-Language": accepted})
        assert told in page.content.decode()
