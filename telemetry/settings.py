"""Settings every process shares, read once from the environment in its ``main`` and then passed on."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "PLANTROOM_"


class ProcessSettings(BaseSettings):
    """Base of each process's settings: data folder, broker, store. Variables are PLANTROOM_ + the field's name."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    data: Path = Path("data/plantroom")
    store_url: str = ""
    """Where readings are kept; empty: a SQLite file in the data folder."""
    mqtt_url: str = Field(default="mqtt://127.0.0.1:1883", pattern=r"^mqtts?://[^/@]+$")
    mqtt_username: str | None = None
    mqtt_password: SecretStr | None = None
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")

    @model_validator(mode="after")
    def _fill_defaults(self) -> Self:
        if not self.store_url:
            object.__setattr__(self, "store_url", f"sqlite:///{self.data / 'readings.db'}")
        return self


S = TypeVar("S", bound=ProcessSettings)


def load(kind: type[S]) -> S:
    """Read the settings of a process; on a wrong one say which, in one line each, and exit with 2."""
    try:
        return kind(**_secrets_from_files(os.environ))
    except ValidationError as error:
        for problem in error.errors():
            name = PREFIX + "_".join(str(part) for part in problem["loc"]).upper()
            refuse(f"{name}: {problem['msg']} (given: {problem.get('input')!r})")
    except OSError as error:
        refuse(f"{error.filename}: cannot read this secret file: {error.strerror}")
    raise SystemExit(2)


def refuse(*lines: str) -> NoReturn:
    """Say why the process does not start, and end it with exit code 2."""
    for line in lines:
        print(f"plantroom: {line}", file=sys.stderr)
    raise SystemExit(2)


def _secrets_from_files(environment: Mapping[str, str]) -> dict[str, str]:
    """PLANTROOM_X_FILE=path gives X, so that no secret has to stand in the environment itself."""
    return {
        name.removeprefix(PREFIX).removesuffix("_FILE").lower(): Path(path).read_text().strip()
        for name, path in environment.items()
        if name.startswith(PREFIX) and name.endswith("_FILE")
    }
