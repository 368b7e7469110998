"""What pages show is taken as it stands, and code they show does what they say."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from verifier.entry.shapes import RequirementBody
from verifier.entry.template_shapes import NewTemplateBody

DOCS = Path(__file__).parents[3] / "docs"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)


def test_requirements_and_templates_are_taken() -> None:
    whole, ways, template = (json.loads(each) for each in blocks("verifier.md", "json"))
    asked = RequirementBody.model_validate(whole)
    RequirementBody.model_validate({**whole, **ways})
    content = NewTemplateBody.model_validate(template)
    assert (asked.keep_days, content.id) == (30, "junior-data-analyst")


@pytest.fixture
def is_genuine() -> Any:  # noqa: ANN401  what the page defines
    (shown,) = blocks("issuer.md", "python")
    defined: dict[str, Any] = {}
    exec(shown, defined)  # noqa: S102  our own page
    return defined["is_genuine"]


@pytest.mark.parametrize(
    ("age", "said", "genuine"), [(0, b"{}", True), (0, b"{ }", False), (301, b"{}", False)]
)
def test_what_tells_a_webhook_of_ours_takes_only_what_was_signed_just_now(
    is_genuine: Any,  # noqa: ANN401
    age: int,
    said: bytes,
    genuine: bool,
) -> None:
    secret = "whsec_" + "A" * 44
    at = datetime.fromtimestamp(datetime.now(UTC).timestamp() - age, UTC)
    headers = {
        "webhook-id": "one",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": f"v1,other {Webhook(secret).sign('one', at, '{}')}",
    }
    assert is_genuine(headers, said, secret) is genuine
