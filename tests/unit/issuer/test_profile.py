"""How an organisation shows itself: what is refused, and how contrast is measured."""

import pytest

from issuer.domain.organisation import Organisation
from issuer.domain.profile import Profile, contrast, darkened, faults_of


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert round(contrast(one, other), 2) == ratio == round(contrast(other, one), 2)


def test_a_colour_on_which_white_text_is_hard_to_read_is_refused_with_one_that_will_do() -> None:
    (fault,) = faults_of(Profile(colour="#777777"))
    assert fault.where == "colour"
    assert "expected a contrast of 4.5:1 (WCAG AA), found 4.4:1" in fault.what
    nearest = fault.what.rstrip(".").rpartition(" ")[2]
    assert nearest == darkened("#777777") == "#767676"
    assert faults_of(Profile(colour=nearest)) == ()


@pytest.mark.parametrize(
    ("profile", "where", "said"),
    [
        (Profile(colour="red"), "colour", "# and six digits"),
        (Profile(colour="#0b5d3b}body{display:none"), "colour", "# and six digits"),
        (Profile(website="javascript:alert(1)"), "website", "https address"),
        (Profile(website="http://umoja.example"), "website", "https address"),
        (Profile(website="https://umoja.example@evil.example"), "website", "https address"),
        (Profile(website="https://[umoja"), "website", "https address"),
        (Profile(email="office at umoja"), "email", "one e-mail address"),
        (Profile(email="a@umoja.example, b@umoja.example"), "email", "one e-mail address"),
        (Profile(phone="call us"), "phone", "telephone number"),
        (Profile(names={"fr": "Umoja \u202egpj.exe"}), "names.fr", "cannot be seen"),
        (Profile(names={"ar": "x" * 201}), "names.ar", "at most 200 characters, found 201"),
        (Profile(descriptions={"en": "two\nlines"}), "descriptions.en", "cannot be seen"),
    ],
)
def test_what_cannot_be_shown_is_refused_at_its_field(profile: Profile, where: str, said: str) -> None:
    (fault,) = faults_of(profile)
    assert fault.where == where
    assert said in fault.what


def test_learners_are_shown_the_name_of_their_language_and_else_the_main_one() -> None:
    organisation = Organisation(
        "umoja", "Umoja Trust", "KE", "did:x", profile=Profile(names={"fr": "Fondation Umoja"})
    )
    names = [organisation.name_in(tag) for tag in ("fr", "fr-CD", "sw", "en")]
    assert names == ["Fondation Umoja", "Fondation Umoja", "Umoja Trust", "Umoja Trust"]
