"""The request's page: ways to choose among, the name that is compared, the purpose by language; and its preview."""

from dataclasses import replace
from html import unescape

import pytest

from shared.web.languages import LANGUAGES
from tests.support.anoncreds_world import DATA_ANALYSIS, FIRST_AID
from tests.unit.verifier.test_api import NOW, Api, judged
from tests.unit.verifier.test_api import api as api  # noqa: PLC0414 - the fixture
from tests.unit.verifier.test_requirement import BODY
from tests.unit.verifier.test_templates import REF, TEMPLATE, errors
from verifier.domain.question import Question
from verifier.domain.request import Created, Exchange, ask
from verifier.entry.words import WORDS

WAYS = {
    "purpose": {"en": "Application: analyst", "fr": "Candidature"},
    "any_of": [
        {"all_of": [{"level": {"framework": "eqf", "at_least": 6}}]},
        {"all_of": [{"skill": DATA_ANALYSIS}, {"skill": FIRST_AID}]},
    ],
    "reveal": [],
    "keep_days": 30,
}
NAMED = BODY | {"name_match": "required"}
APPLICANT = {"given_name": "Amina", "family_name": "Otieno"}


async def test_a_learner_chooses_a_way_until_a_wallet_opens_the_request(api: Api) -> None:
    await api.client.post("/v1/requests", json=WAYS)
    page = await api.client.get("/r/request-1")
    assert page.text.count("Answer this way instead") == 1
    assert (
        page.text.index("Level 6")
        < page.text.index("This is what your wallet")
        < page.text.index("Answer this")
    )
    chosen = await api.client.post("/r/request-1/way", data={"way": "1"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/r/request-1?")
    assert api.requests.stored["request-1"].stated.way == 1
    changed = await api.client.get("/r/request-1", headers={"If-None-Match": page.headers["etag"]})
    assert changed.text.index("Answer this") < changed.text.index("This is what your wallet")
    assert (await api.client.get("/v1/requests/request-1")).json()["way"] == 1
    missing = await api.client.post("/r/request-1/way", data={"way": "2"})
    assert (missing.status_code, "no way 2" in missing.text) == (404, True)
    created = api.requests.stored["request-1"]
    assert isinstance(created, Created)
    api.requests.stored["request-1"] = ask(
        created, Question((), ()), Exchange("e", "c", "t"), request_digest="z", now=NOW
    )
    late = await api.client.post("/r/request-1/way", data={"way": "0"})
    assert (late.status_code, "before a wallet opens it" in late.text) == (409, True)
    opened = (await api.client.get("/r/request-1")).text
    assert ("Level 6" in opened, "Answer this way" in opened) == (False, False)


async def test_the_page_tells_her_that_her_name_is_compared_and_why(api: Api) -> None:
    await api.client.post("/v1/requests", json=NAMED | {"applicant": APPLICANT})
    page = (await api.client.get("/r/request-1")).text
    assert "compares them with the name on your application" in page
    assert "Family name" in page
    assert "Otieno" not in page
    await api.client.post("/v1/requests", json=BODY)
    assert "compares them" not in (await api.client.get("/r/request-2")).text


async def test_the_purpose_is_read_in_the_readers_language(api: Api) -> None:
    await api.client.post("/v1/requests", json=WAYS)
    for language, purpose in (
        ("fr", "Candidature"),
        ("en", "Application: analyst"),
        ("sw", "Application: analyst"),
    ):
        assert (
            f"<bdi>{purpose}</bdi>" in (await api.client.get("/r/request-1", params={"lang": language})).text
        )


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_preview_says_what_the_page_will_say(api: Api, language: str) -> None:
    await api.client.post("/v1/requests", json=NAMED | WAYS | {"need": BODY["need"], "applicant": APPLICANT})
    page = await api.client.get("/r/request-1", params={"lang": language})
    asked = NAMED | WAYS | {"need": BODY["need"]}
    preview = await api.client.post("/v1/requests/preview", params={"lang": language}, json=asked)
    assert preview.status_code == 200, preview.text
    found = preview.json()
    assert (found["language"], found["direction"]) == (language, "rtl" if language == "ar" else "ltr")
    assert [len(way) for way in found["ways"]] == [1, 2]
    text = unescape(page.text)
    for said in (*found["shown"], found["kept"], found["name"], WORDS[language]["choose"], found["purpose"]):
        assert said in text
        assert any(said in line for line in found["lines"])
    for need in (*found["needs"], *(each for way in found["ways"] for each in way)):
        for condition in need["one_of"][0]:
            assert condition.partition(" data.europa.eu")[0] in text
    assert list(api.requests.stored) == ["request-1"]


async def test_a_requirement_that_cannot_be_asked_has_no_preview(api: Api) -> None:
    refused = await api.client.post("/v1/requests/preview", json=BODY | {"keep_days": 0})
    assert "is 0" in errors(refused)["keep_days"]


async def test_a_template_is_previewed_before_it_is_published(api: Api) -> None:
    await api.client.post("/v1/templates", json=TEMPLATE)
    found = (await api.client.get(f"/v1/templates/{REF}/preview", params={"lang": "fr"})).json()
    assert found["purpose"] == "Candidature\u00a0: analyste"
    assert found["needs"][0]["one_of"][0][1] == "Niveau 4 ou plus (EQF)"
    assert found["kept"].startswith("1 jour")
    missing = await api.client.get("/v1/templates/nobody@1/preview")
    assert missing.status_code == 404


@pytest.mark.parametrize(
    ("codes", "remedy"),
    [
        (("late",), "again"),
        (("status-replaced",), "again"),
        (("hidden", "not-proven"), "show"),
        (("expired",), "more"),
        (("late", "not-listed"), "more"),
        ((), "more"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_is_not_accepted_reads_what_would_help_and_nothing_of_her_credential(
    api: Api, language: str, codes: tuple[str, ...], remedy: str
) -> None:
    await api.client.post("/v1/requests", json=BODY)
    created = api.requests.stored["request-1"]
    assert isinstance(created, Created)
    found = judged(created)
    (step,) = found.verdict.steps
    failed = replace(found.verdict, steps=(replace(step, codes=codes),))
    api.requests.stored["request-1"] = replace(found, verdict=failed)
    page = unescape((await api.client.get(f"/r/request-1?lang={language}")).text)
    told = {each: max(WORDS[language][each].split("{organisation}"), key=len) for each in REJECTED}
    assert [key for key, text in told.items() if text in page] == [f"judged_rejected_{remedy}"]
    assert "expired" not in page.lower()


REJECTED = {f"judged_rejected_{each}" for each in ("more", "again", "show")}
