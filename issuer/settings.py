"""The issuer's settings, from ISSUER_… variables."""

from collections.abc import Iterator
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, JsonValue, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from issuer.domain.organisation import SLUG
from issuer.domain.retention import CONTACTS_KEPT
from shared.web.settings import ConsoleSettings, ServiceSettings

_ADDRESS = r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$"


class DeliverySettings(ServiceSettings):
    """How graduates are written to: by a mail server, an SMS gateway, both or neither."""

    mail_host: str | None = Field(
        default=None, description="Mail server to send by; none: no e-mail is sent."
    )
    mail_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    mail_tls: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="tls from the start (port 465); none in development only."
    )
    mail_ca_file: str | None = Field(
        default=None, description="Certificates to trust, as PEM, for a mail server with a private authority."
    )
    mail_user: str | None = Field(default=None, description="User at the mail server.")
    mail_password: SecretStr | None = Field(default=None, description="Password at the mail server.")
    mail_from: str | None = Field(
        default=None,
        pattern=_ADDRESS,
        description="Sender's address; its domain must let the mail server send for it.",
    )
    mail_bounces: str | None = Field(
        default=None,
        pattern=_ADDRESS,
        description="Where bounces go: the message's id is put in as name+ID@domain; none: mail_from.",
    )
    sms_url: str | None = Field(
        default=None, description="SMS gateway, one POST a message; none: no SMS is sent."
    )
    sms_headers: dict[str, SecretStr] = Field(
        default_factory=dict, description='JSON object of headers, such as {"Authorization": "…"}; secret.'
    )
    sms_body: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="JSON object; {to}, {text}, {id}, {sender} in its strings are filled in.",
    )
    sms_format: Literal["json", "form"] = Field(default="json", description="How the body is sent.")
    sms_success: str | None = Field(
        default=None,
        pattern=r"^/[^=]*=.*$",
        description="What an answer must say beside status 2xx, as JSON-POINTER=VALUE.",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.mail_host is not None and self.mail_from is None:
            raise ValueError("expected mail_from with mail_host")
        if (self.mail_user is None) != (self.mail_password is None):
            raise ValueError("expected both of mail_user and mail_password, or none")
        if self.sms_url is not None and not ({"{to}", "{text}"} <= _places(self.sms_body)):
            raise ValueError("expected sms_body with {to} and {text} in it, with sms_url")
        if self.sms_format == "form" and not all(isinstance(value, str) for value in self.sms_body.values()):
            raise ValueError("expected strings in sms_body, as sms_format is form")
        return self

    def stand_ins(self) -> Iterator[str]:
        """Name each setting that is a convenience for development only."""
        yield from super().stand_ins()
        if self.mail_host is not None and self.mail_tls == "none":
            yield "mail_tls none (expected starttls or tls)"
        if self.sms_url is not None and urlsplit(self.sms_url).scheme != "https":
            yield "sms_url over http (expected https)"


class Settings(DeliverySettings, ConsoleSettings):
    """What an issuer is told; the organisation is made from it at the first start."""

    model_config = SettingsConfigDict(env_prefix="ISSUER_", hide_input_in_errors=True, extra="ignore")

    organisation_name: str = Field(
        min_length=1, max_length=200, description="Name of the first organisation, made at the first start."
    )
    organisation_slug: str = Field(
        pattern=SLUG, description="Its name in addresses and DIDs: lower-case letters, digits, hyphens."
    )
    organisation_country: str = Field(pattern=r"^[A-Z]{2}$", description="Its country, ISO 3166-1 alpha-2.")
    keep_awards_years: int = Field(
        default=10,
        ge=1,
        le=100,
        description="How long name, grade and date of an award are kept after its last move; ask your law.",
    )
    keep_contacts_days: int = Field(
        default=CONTACTS_KEPT.days,
        ge=1,
        le=366,
        description="How long e-mail address and telephone are kept after the claim, the end or the link's last day.",
    )


def _places(body: JsonValue) -> set[str]:
    """The places of sms_body that are there to be filled."""
    match body:
        case str():
            return {place for place in ("{to}", "{text}") if place in body}
        case dict():
            return set().union(*map(_places, body.values()))
        case list():
            return set().union(*map(_places, body))
        case _:
            return set()
