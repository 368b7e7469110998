"""The settings of every program as a table in Markdown, read from the classes that read the environment.

What the production profile refuses is found by trying: each setting is given values that are fit for development only.
"""

import re
from collections.abc import Iterator, Mapping
from inspect import getdoc
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

_GOOD: Final[Mapping[str, Any]] = {
    "profile": "production",
    "port": 8400,
    "base_url": "https://ujuzi.org",
    "database_url": "postgresql://ujuzi:password@database:5432/ujuzi",
    "secret_key": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "nats_url": "tls://nats:4222",
    "nats_user": "party",
    "nats_password": "0123456789abcdef0123456789abcdef",
    "agent_url": "http://agent:8021",
    "agent_key": "0123456789abcdef0123456789abcdef",
    "did_host": "ujuzi.org",
    "organisation_name": "Organisation",
    "organisation_slug": "organisation",
    "organisation_country": "KE",
    "authority_name": "Authority",
    "territory": "KE",
    "party": "verifier",
    "label": "Label",
    "endpoint": "https://ujuzi.org/didcomm",
    "admin_port": 8021,
    "admin_key": "0123456789abcdef0123456789abcdef",
    "wallet_key": "key",
    "storage_dir": "/data",
}
"""Settings a production installation could have, none of them a secret of anybody's."""
_TOGETHER: Final[Mapping[str, Mapping[str, Any]]] = {
    "mail_tls": {"mail_host": "mail.ujuzi.org", "mail_from": "awards@ujuzi.org"},
    "oidc_issuer": {"oidc_client_id": "ujuzi", "oidc_client_secret": "secret"},
    "sms_url": {"sms_body": {"to": "{to}", "text": "{text}"}},
    "tails_base_url": {"party": "issuer"},
}
"""What a setting is of no use without."""
_STAND_INS: Final[tuple[Any, ...]] = (
    "http://127.0.0.1:8400",
    "ujuzi.test",
    "short",
    "a" * 64,
    "A" * 43,
    "none",
    {"ujuzi.org": "http://127.0.0.1:8400"},
    ("http://127.0.0.1:8400",),
)
"""What development may do with and production may not."""
_REFUSES: Final = "the production profile refuses: "
_BETWEEN: Final = re.compile(r"; (?![^(]*\))")
"""Between two refusals, not within the parentheses of one."""
_PROSE_TYPES: Final[Mapping[type, str]] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    SecretStr: "secret",
}


_HEAD: Final = """# Configuration

Made from the programs' own settings by `make configuration`: do not edit. Every setting is a variable of the environment. A program that is told
something it cannot use says which variable and ends. [Installing](deploy.md) says which ones an installation needs.

"""


def settings_table(programs: Mapping[str, type[BaseSettings]]) -> str:
    """One section for each program: every variable with its type, its default, its meaning, what production refuses.

    `programs` names each settings class as a heading. Raises ValueError for a setting without a meaning.
    """
    return _HEAD + "\n".join(_section(title, settings) for title, settings in programs.items())


def _section(title: str, settings: type[BaseSettings]) -> str:
    rows = [
        "| " + " | ".join(_row(settings, name, field)) + " |" for name, field in settings.model_fields.items()
    ]
    return "\n".join(
        [
            f"## {title}",
            (getdoc(settings) or "").splitlines()[0],
            "",
            "| variable | type | if not set | meaning | production refuses |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _row(settings: type[BaseSettings], name: str, field: FieldInfo) -> tuple[str, ...]:
    variable = f"{settings.model_config.get('env_prefix', '')}{name}".upper()
    if not field.description:
        raise ValueError(f"expected a description of {variable}, found none: say in its Field what it means")
    meaning = " ".join(field.description.split())
    return (
        f"`{variable}`",
        _type(field.annotation),
        _default(field),
        _cell(meaning),
        _cell("; ".join(_refused(settings, name))),
    )


def _type(annotation: Any) -> str:  # noqa: ANN401 - a type, in one of its many spellings
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{each}`" for each in arguments)
    if origin is dict:
        return "secret JSON object" if SecretStr in arguments else "JSON object"
    if origin is tuple:
        return "JSON list"
    if arguments:  # a union with None, or Annotated
        return _type(arguments[0])
    return _PROSE_TYPES.get(annotation, "path")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**must be set**"
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is None or default in ({}, ()):
        return "none"
    if isinstance(default, bool):
        return str(default).lower()
    return (
        f"`{default}`"
        if isinstance(default, str)
        else f"{default:g}"
        if isinstance(default, float)
        else f"{default}"
    )


def _refused(settings: type[BaseSettings], name: str) -> Iterator[str]:
    said = set()
    for stand_in in _STAND_INS:
        good = {key: value for key, value in _GOOD.items() if key in settings.model_fields}
        try:
            settings.model_validate({**good, **_TOGETHER.get(name, {}), name: stand_in})
        except ValidationError as error:
            for fault in error.errors(include_input=False, include_url=False):
                for refusal in _BETWEEN.split(fault["msg"].partition(_REFUSES)[2]):
                    if refusal.startswith(f"{name} ") and refusal not in said:
                        said.add(refusal)
                        yield refusal.removeprefix(f"{name} ")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
