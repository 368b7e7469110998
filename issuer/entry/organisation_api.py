"""`/v1/organisation/…`: how the caller's organisation shows itself and speaks to graduates; its logo for everybody."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from issuer.domain.message import Kind
from issuer.domain.organisation import Organisation
from issuer.domain.profile import Profile
from issuer.domain.wording import Wording, kinds, places_of
from issuer.entry.acting import Acting, acting
from issuer.entry.admission import LOGOS, logo_address
from issuer.entry.api import Reader
from issuer.entry.message_preview import Preview, PreviewMessages
from issuer.use_cases.choose_logo import ChooseLogo
from issuer.use_cases.describe_organisation import DescribeOrganisation
from issuer.use_cases.look_up_profile import LookUpProfile
from issuer.use_cases.word_message import WordMessage, check
from shared.ports.api_keys import ADMIN
from shared.web.languages import LANGUAGES
from shared.web.public_files import public_file

Administrator = Annotated[Acting, Depends(acting(ADMIN))]
LOGO_PATH: Final = "/v1/organisation/logo"
FOR_EVER: Final = "public, max-age=31536000, immutable"
Language = Literal["en", "fr", "pt", "sw", "ar"]
Worded = Literal["claim_link", "reminder", "code"]
"""The kinds of message that organisations may put into words of their own."""
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class ProfileJson(BaseModel):
    """How an organisation shows itself to learners; what is left out is empty. The main name is not changed here."""

    model_config = ConfigDict(extra="forbid")

    names: dict[Language, Line] = Field(
        default_factory=dict, description="By language, for learners; elsewhere the main name is shown."
    )
    descriptions: dict[Language, Line] = Field(default_factory=dict, description="A sentence or two.")
    website: Line = Field(default="", description="https://…")
    email: Line = Field(default="", description="Of the office.")
    phone: Line = ""
    colour: Line = Field(
        default="", description="#rrggbb; white text on it must have a contrast of 4.5:1 (WCAG AA)."
    )
    second_person: bool = Field(
        default=False, description="Whether what one member prepares, another has to approve."
    )

    def to_domain(self) -> Profile:
        """Without the logo."""
        return Profile(
            names={language: text for language, text in self.names.items() if text},
            descriptions={language: text for language, text in self.descriptions.items() if text},
            website=self.website,
            email=self.email,
            phone=self.phone,
            colour=self.colour.lower(),
        )


class ProfileShape(ProfileJson):
    """The same, with the main name and where the logo is served; null if there is none."""

    name: str
    logo: str | None

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        """Show it."""
        profile = organisation.profile
        return cls.model_validate(
            {
                "name": organisation.name,
                "names": profile.names,
                "descriptions": profile.descriptions,
                "website": profile.website,
                "email": profile.email,
                "phone": profile.phone,
                "colour": profile.colour,
                "second_person": organisation.second_person,
                "logo": logo_address(profile.logo),
            }
        )


class WordingJson(BaseModel):
    """Own words for a message: what is empty is said in ours. Placeholders are written {name}."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(default="", max_length=2000)
    text: str = Field(default="", max_length=20_000, description="Paragraphs, with empty lines between them.")
    short: str = Field(default="", max_length=2000, description="For SMS.")

    def to_domain(self) -> Wording:
        """Tidy."""
        text = "\n".join(line.rstrip() for line in self.text.strip().splitlines())
        return Wording(self.subject.strip(), text, self.short.strip())


class WordingShape(WordingJson):
    """An organisation's own words for a kind of message in a language, and what placeholders it may have."""

    kind: Kind
    language: str
    placeholders: list[str]


class PreviewShape(BaseModel):
    """A message with an invented graduate; what the short form costs is counted as 3GPP TS 23.038 says."""

    subject: str
    text: str
    html: str
    short: str
    encoding: str
    units: int
    segments: int

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """Show it."""
        letter, sms = preview.letter, preview.sms
        return cls(
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            short=letter.short,
            encoding=sms.encoding,
            units=sms.units,
            segments=sms.segments,
        )


@dataclass(frozen=True)
class Showing:
    """What an administrator can do about how her organisation shows itself."""

    look_up: LookUpProfile
    describe: DescribeOrganisation
    choose_logo: ChooseLogo
    word: WordMessage
    preview: PreviewMessages


def organisation_router(showing: Showing) -> APIRouter:
    """Reading is for whoever reads awards; changing for administrators; logos are for everybody."""
    router = APIRouter(tags=["organisation"])

    @router.get("/v1/organisation/profile")
    async def profile(by: Reader) -> ProfileShape:
        """How the organisation shows itself."""
        return ProfileShape.of((await showing.look_up.organisation(by.organisation))[0])

    @router.put("/v1/organisation/profile")
    async def describe(body: ProfileJson, by: Administrator) -> ProfileShape:
        """Replace it, but for the logo."""
        return ProfileShape.of(
            await showing.describe(by.organisation, body.to_domain(), second_person=body.second_person)
        )

    @router.put(
        LOGO_PATH,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    f"image/{kind}": {"schema": {"type": "string", "format": "binary"}}
                    for kind in ("png", "jpeg", "webp")
                },
            }
        },
    )
    async def choose_logo(request: Request, by: Administrator) -> ProfileShape:
        """A PNG, JPEG or WebP picture of at most 256 KB as body; it is written anew, and made to fit 480 x 240 pixels."""
        return ProfileShape.of(await showing.choose_logo(by.organisation, await request.body()))

    @router.delete(LOGO_PATH)
    async def drop_logo(by: Administrator) -> ProfileShape:
        """Have none."""
        return ProfileShape.of(await showing.choose_logo(by.organisation, None))

    @router.get(f"{LOGOS}{{digest}}", response_class=Response, responses={200: {"content": {"image/*": {}}}})
    async def logo(request: Request, digest: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]) -> Response:
        """A logo, by the SHA-256 digest of its content."""
        found = await showing.look_up.logo(digest)
        return public_file(
            request, found.content, media_type=found.media_type, caching=FOR_EVER, etag=found.digest
        )

    _message_routes(router, showing)
    return router


def _message_routes(router: APIRouter, showing: Showing) -> None:
    @router.get("/v1/organisation/messages")
    async def messages(by: Reader) -> list[WordingShape]:
        """Every kind of message in every language, in the organisation's own words where it has some."""
        own = await showing.look_up.wordings(by.organisation)
        return [_shape(kind, tag, own.get((kind, tag))) for kind in kinds() for tag in LANGUAGES]

    @router.put("/v1/organisation/messages")
    async def word(
        body: WordingJson,
        by: Administrator,
        kind: Annotated[Worded, Query()],
        language: Annotated[Language, Query()],
    ) -> WordingShape:
        """Say it in own words from now on; all empty: in ours."""
        await showing.word(by.organisation, Kind(kind), language, body.to_domain())
        return _shape(Kind(kind), language, body.to_domain())

    @router.post("/v1/organisation/messages/preview")
    async def preview(
        body: WordingJson,
        by: Administrator,
        kind: Annotated[Worded, Query()],
        language: Annotated[Language, Query()],
    ) -> PreviewShape:
        """How it would go out in these words; nothing is kept."""
        check(Kind(kind), body.to_domain())
        organisation, logo = await showing.look_up.organisation(by.organisation)
        return PreviewShape.of(showing.preview(organisation, logo, Kind(kind), language, body.to_domain()))


def _shape(kind: Kind, language: str, wording: Wording | None) -> WordingShape:
    own = wording or Wording()
    return WordingShape(
        kind=kind,
        language=language,
        subject=own.subject,
        text=own.text,
        short=own.short,
        placeholders=list(places_of(kind)),
    )
