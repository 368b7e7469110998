"""`ujuzi receipt verify`: whether a receipt is its verifier's word, what it says, and what that proves."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from shared.contracts.errors import UjuziError
from shared.contracts.verdict_words import OUTCOMES, RESULTS, STEPS, reasons_said, said
from shared.ports.clock import Clock
from shared.vc.dateint import rfc3339
from shared.vc.receipt import ReceiptInvalid, open_receipt, signer_of
from shared.vc.webvh import DidHistory, verify_log

NOT_GENUINE, NOT_CHECKED = 1, 2
LONGEST_RECEIPT: Final = 1024 * 1024
MOST_VERSIONS: Final = 10_000

type FetchHistory = Callable[[str], Awaitable[DidHistory]]
"""The verified history of a DID, from its host. Raises UjuziError."""


class Language(StrEnum):
    """What it is told in."""

    ENGLISH = "en"
    FRENCH = "fr"
    ARABIC = "ar"


_SAYS: Final[Mapping[str, tuple[str, str, str]]] = {
    "genuine": ("The receipt is genuine. {did} signed it.", "Le reçu est authentique. {did} l'a signé.", "الإيصال أصيل، وقّعه {did}."),
    "stated": ("It says of itself: written {at}, about request {request}.", "Il dit de lui-même\u00a0: écrit le {at}, sur la demande {request}.", "يقول عن نفسه: كُتب في {at} بشأن الطلب {request}."),
    "list": ("Trust list {name}, number {sequence}", "Liste de confiance {name}, numéro {sequence}", "قائمة الثقة {name}، الرقم {sequence}"),
    "status": ("Status list of {at} ({digest})", "Liste d'état du {at} ({digest})", "قائمة الحالة في {at} ({digest})"),
    "log": ("The issuer's DID log at version {version}", "Journal DID de l'émetteur à la version {version}", "سجل DID لجهة الإصدار عند الإصدار {version}"),
    "proves": (
        "This proves that the verifier said so. It does not prove when: the date is its own word. It names nobody and says nothing of what was shown.",
        "Cela prouve que le vérificateur l'a dit. Cela ne prouve pas quand\u00a0: la date est sa propre parole. Le reçu ne nomme personne et ne dit rien de ce qui a été montré.",
        "هذا يثبت أن جهة التحقق قالت ذلك. ولا يثبت متى: فالتاريخ قولها هي. ولا يسمّي أحدًا ولا يذكر شيئًا مما عُرض.",
    ),
}  # fmt: skip


def receipt_commands(fetch: FetchHistory, *, clock: Clock) -> typer.Typer:
    """The commands around receipts."""
    cli = typer.Typer(help="Receipts of verdicts.", no_args_is_help=True)

    @cli.callback()
    def receipt() -> None:
        """Receipts of verdicts."""

    @cli.command()
    def verify(
        file: Annotated[Path, typer.Argument(help="The receipt, as the verifier gave it out.")],
        did_log: Annotated[
            Path | None,
            typer.Option(help="The verifier's DID log (did.jsonl), where its host is not to be asked."),
        ] = None,
        language: Annotated[Language, typer.Option(help="Language of the answer.")] = Language.ENGLISH,
    ) -> None:
        """Check a receipt by the key its verifier had then. Exit code 0: genuine, 1: not, 2: could not be checked."""
        code, text = asyncio.run(_checked(file, did_log, language, fetch=fetch, now=clock()))
        typer.echo(text, err=code != 0)
        raise typer.Exit(code)

    return cli


async def _checked(
    file: Path, did_log: Path | None, language: Language, *, fetch: FetchHistory, now: datetime
) -> tuple[int, str]:
    try:
        compact = _text(file).strip()
    except (OSError, ValueError) as error:
        return NOT_CHECKED, f"{file} cannot be read as a receipt: {error}"
    try:
        did, _ = signer_of(compact)
    except ReceiptInvalid as error:
        return NOT_GENUINE, str(error)
    try:
        history = await fetch(did) if did_log is None else _logged(did, _text(did_log), now)
    except (UjuziError, OSError, ValueError) as error:
        return NOT_CHECKED, (
            f"The receipt could not be checked: the DID log of {did} cannot be relied on or had: {error}"
            " Give it with --did-log FILE, or try again."
        )
    try:
        return 0, "\n".join(_told(open_receipt(compact, history, now=now), language))
    except ReceiptInvalid as error:
        return NOT_GENUINE, str(error)


def _text(file: Path) -> str:
    if file.stat().st_size > LONGEST_RECEIPT:
        raise ValueError(f"it is longer than {LONGEST_RECEIPT} bytes")
    return file.read_text(encoding="utf-8")


def _logged(did: str, log: str, now: datetime) -> DidHistory:
    return verify_log(did, log, max_entries=MOST_VERSIONS, now=now)


def _told(receipt: Mapping[str, Any], language: Language) -> list[str]:
    """What it says, by its own codes; a part that an earlier version did not write is left out."""
    told = [
        said(_SAYS, "genuine", language).format(did=receipt["iss"]),
        said(_SAYS, "stated", language).format(
            at=_at(receipt["iat"]), request=_plain(receipt.get("request_id"))
        ),
        said(RESULTS, _plain(receipt.get("result")), language),
    ]
    for step in _rows(receipt, "steps"):
        codes = step.get("codes")
        why = reasons_said(tuple(_plain(each) for each in codes), language) if isinstance(codes, list) else ""
        number = step.get("number")
        name = said(STEPS, number, language) if isinstance(number, int) else ""
        told.append(
            f"  {_plain(number)}. {name}: {said(OUTCOMES, _plain(step.get('outcome')), language)}. {why}".rstrip()
        )
    told += [
        "  "
        + said(_SAYS, "list", language).format(
            name=_plain(each.get("name")), sequence=_plain(each.get("sequence"))
        )
        for each in _rows(receipt, "trust_lists")
    ]
    told += [
        "  "
        + said(_SAYS, "status", language).format(
            at=_at(each.get("published")), digest=_plain(each.get("digest"))
        )
        for each in _rows(receipt, "status_lists")
    ]
    logs = receipt.get("did_logs")
    told += [
        "  " + said(_SAYS, "log", language).format(version=_plain(each))
        for each in (logs if isinstance(logs, list) else [])
    ]
    return [*told, said(_SAYS, "proves", language)]


def _rows(receipt: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = receipt.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _plain(value: object) -> str:
    """A signer may write anything into a receipt: nothing of it moves the cursor of a terminal."""
    return "".join(letter for letter in str(value)[:200] if letter.isprintable())


def _at(value: object) -> str:
    try:
        return rfc3339(datetime.fromtimestamp(float(value if isinstance(value, int) else "nan"), UTC))
    except (ValueError, OverflowError, OSError):
        return _plain(value)
