"""What people fill in at a console, read with every mistake named at its field."""

from dataclasses import dataclass, field
from datetime import date

from starlette.datastructures import FormData


@dataclass(frozen=True)
class Filled:
    """A form as it was sent.

    `wrong` names the text of the console's words that says what is amiss, by field; `faults` says it in the words of
    the API, where only the API knows: English, unless the page has `translated` them to the reader's language.
    """

    form: FormData
    wrong: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    translated: bool = False

    def text(self, name: str) -> str:
        """One line, tidy."""
        value = self.form.get(name, "")
        return " ".join(value.split()) if isinstance(value, str) else ""

    def whole(self, name: str) -> str:
        """A text as it was written."""
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""

    def lines(self, name: str) -> tuple[str, ...]:
        """Each line that says something, once."""
        value = self.form.get(name, "")
        lines = value.splitlines() if isinstance(value, str) else []
        return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))

    def several(self, name: str) -> tuple[str, ...]:
        """What was chosen."""
        return tuple(value for value in self.form.getlist(name) if isinstance(value, str))

    def miss(self, name: str, key: str) -> None:
        """Note a mistake; the first at a field counts."""
        self.wrong.setdefault(name, key)

    def fault(self, name: str, what: str) -> None:
        """Note what the API says of a field."""
        self.faults[name] = f"{self.faults[name]}; {what}" if name in self.faults else what

    def day(self, name: str, *, wanted: bool = False) -> date | None:
        """A day, or None where none is given."""
        given = self.text(name)
        if not given:
            if wanted:
                self.miss(name, "wrong_day")
            return None
        try:
            return date.fromisoformat(given)
        except ValueError:
            self.miss(name, "wrong_day")
            return None

    def number(self, name: str, *, lowest: int, highest: int, wanted: bool = False) -> int | None:
        """A whole number within bounds, or None where none is given."""
        given = self.text(name)
        if not given and not wanted:
            return None
        if given.isascii() and given.isdigit() and len(given) <= len(str(highest)):
            found = int(given)
            if lowest <= found <= highest:
                return found
        self.miss(name, "wrong_number")
        return None

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.wrong and not self.faults
