"""Settings from the environment, or one sentence that says what is wrong with them."""

import sys

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsError


def from_environment[S: BaseSettings](settings: type[S]) -> S:
    """The settings; ends the process with what to correct, naming variables but never their values."""
    try:
        return settings()
    except ValidationError as error:
        prefix = settings.model_config.get("env_prefix", "")
        wrong = [
            f"{prefix}{'_'.join(map(str, fault['loc'])).upper() or '…'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
    except SettingsError as error:
        wrong = [f"{error}: expected JSON"]
    sys.exit("These settings cannot be used. " + " · ".join(wrong))
