"""Every setting of the front door, read once: from the environment, then from ``hypercare.toml``."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from contracts.agreements import MOST_PROJECTS, Project
from contracts.errors import Stop
from hypercare.engines.server_settings import ELASTICSEARCH_HEAP_MB, KAFKA_HEAP_MB
from hypercare.engines.settings import ElasticsearchVersion, EngineSettings, Way
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.sampling import MOST_ONE_IN, ONE_IN, SLOW_MS, Sampling, Successful

FILE = "hypercare.toml"
LOOPBACK = "127.0.0.1"
INTAKE_PORT = 8088


def _state_home() -> Path:
    return _below("XDG_STATE_HOME", ".local/state")


def _cache_home() -> Path:
    return _below("XDG_CACHE_HOME", ".cache")


def _below(variable: str, otherwise: str) -> Path:
    """The folder that the XDG base directory specification names, or its default below the user's home."""
    if given := os.environ.get(variable):
        return Path(given) / "hypercare"
    try:
        return Path.home() / otherwise / "hypercare"
    except RuntimeError:
        raise Stop("This user has no home folder.", fix="set HYPERCARE_HOME and HYPERCARE_CACHE", exit_code=2) from None


class Settings(BaseSettings):
    """Each field is ``HYPERCARE_<NAME>`` in the environment and ``name`` in ``hypercare.toml``."""

    model_config = SettingsConfigDict(env_prefix="HYPERCARE_", toml_file=FILE, frozen=True, extra="forbid")

    home: Path = Field(default_factory=_state_home, description="state of this instance: data, logs, keys")
    cache: Path = Field(default_factory=_cache_home, description="downloads, shared by all instances")
    engines: Way = Field("auto", description="who runs Kafka and Elasticsearch: auto, yours, docker, local or embedded")
    kafka: str = Field("", description="bootstrap list of a Kafka of yours")
    elasticsearch: str = Field("", description="URL of an Elasticsearch of yours")
    elasticsearch_api_key: SecretStr = Field(SecretStr(""), description="API key, base64 of id:key")
    elasticsearch_user: str = Field("", description="user, where no API key is used")
    elasticsearch_password: SecretStr = Field(SecretStr(""), description="that user's password")
    elasticsearch_ca: str = Field("", description="file with the certificate that signed its own, for https")
    elasticsearch_version: ElasticsearchVersion = Field(
        "auto", description="major version of a local one: auto (by the Java found), 8 or 9"
    )
    elasticsearch_heap_mb: Annotated[int, Field(ge=256)] = Field(
        ELASTICSEARCH_HEAP_MB, description="heap of a local one"
    )
    kafka_heap_mb: Annotated[int, Field(ge=256)] = Field(KAFKA_HEAP_MB, description="heap of a local one")
    topic_prefix: Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]{0,60}$")] = Field(
        "", description="put before every topic and group, to keep runs apart on one broker"
    )
    pseudonym_key: SecretStr = Field(
        SecretStr(""), description="key of the pseudonyms; made and kept in the home if left out"
    )
    instance: Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]{0,60}$")] = Field(
        "", description="name of this instance among others of the same stages; static group membership"
    )
    run_records: Annotated[int, Field(ge=1, le=5_000)] = Field(500, description="records a run at most")
    runs_in_flight: Annotated[int, Field(ge=1, le=64)] = Field(
        8, description="runs waiting for delivery; a stage with state takes as many records as so many full ones hold"
    )
    session_timeout_s: Annotated[float, Field(ge=1, le=300)] = Field(
        15.0, description="after this a dead worker's partitions go to others"
    )
    dead_letters_per_minute: Annotated[int, Field(ge=1)] = Field(
        1_000, description="more than this, and more than went well, stop a stage"
    )
    stalled_after_s: Annotated[float, Field(ge=10)] = Field(
        120.0, description="lag without progress for so long ends a worker"
    )
    health_port: Annotated[int, Field(ge=0, le=65_535)] = Field(
        0, description="port of the health pages on loopback; 0 lets the system choose"
    )
    intake: bool = Field(
        default=True,
        description="on or off: whether `hypercare up` takes events over HTTP, [docs/intake.md](docs/intake.md)",
    )
    intake_host: str = Field(LOOPBACK, description="where the intake listens; beyond loopback it needs TLS")
    intake_port: Annotated[int, Field(ge=0, le=65_535)] = Field(
        INTAKE_PORT, description="its port; 0 lets the system choose"
    )
    intake_tls_cert: str = Field("", description="its certificate chain, a PEM file")
    intake_tls_key: str = Field("", description="its private key, a PEM file")
    intake_cors: str = Field("", description="origins of web pages that may send to it, separated by blanks")
    log_level: str = Field("info", description="debug, info, warning or error")
    successful_calls: Successful = Field(
        "all", description="which become documents: all, sample or none; those that fail or are slow always do"
    )
    successful_calls_one_in: Annotated[int, Field(ge=2, le=MOST_ONE_IN)] = Field(
        ONE_IN, description="of a sample: one in so many, which stands for as many"
    )
    successful_calls_slow_ms: Annotated[float, Field(ge=0)] = Field(
        SLOW_MS, description="milliseconds from which a successful call is kept for being slow"
    )
    projects: Annotated[tuple[Project, ...], Field(max_length=MOST_PROJECTS)] = Field(
        (), description="what was agreed about projects, [docs/findings.md](docs/findings.md#limits-of-your-own)"
    )

    @field_validator("projects")
    @classmethod
    def _once(cls, projects: tuple[Project, ...]) -> tuple[Project, ...]:
        if twice := [name for name, count in Counter(project.name for project in projects).items() if count > 1]:
            raise ValueError(f"agreed twice: {', '.join(twice)}")
        return projects

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    def for_engines(self) -> EngineSettings:
        """What the engines need of it."""
        return EngineSettings(
            home=self.home,
            cache=self.cache,
            kafka=self.kafka,
            elasticsearch=self.elasticsearch,
            choice=self.engines,
            elasticsearch_version=self.elasticsearch_version,
            elasticsearch_heap_mb=self.elasticsearch_heap_mb,
            kafka_heap_mb=self.kafka_heap_mb,
        )

    def access(self, address: str) -> Access:
        """How to reach the Elasticsearch at ``address``."""
        return Access(
            address=address,
            api_key=self.elasticsearch_api_key.get_secret_value(),
            user=self.elasticsearch_user,
            password=self.elasticsearch_password.get_secret_value(),
            ca=self.elasticsearch_ca,
        )

    def sampling(self) -> Sampling:
        """Which successful calls become documents."""
        return Sampling(self.successful_calls, self.successful_calls_one_in, self.successful_calls_slow_ms)

    def pseudonym_secret(self) -> bytes:
        """The key of the pseudonyms: the one given, or one made at first need and kept, readable by us alone."""
        given = self.pseudonym_key.get_secret_value()
        if given:
            return given.encode()
        file = self.home / "pseudonym.key"
        try:
            if not file.exists():
                _make_key(file)
            key = file.read_bytes().strip()
        except OSError as error:
            raise Stop(
                f"The key of the pseudonyms cannot be kept in {file}: {error.strerror}",
                fix="make room on the disk, or set HYPERCARE_HOME to a folder that may be written to",
            ) from error
        if not key:
            raise Stop(
                f"The key of the pseudonyms in {file} is empty: a key that anybody knows hides nobody.",
                fix=f"put the key there that was used before; if there was none, remove {file}",
            )
        return key


def _make_key(file: Path) -> None:
    """Make a key that is there whole or not at all; of several that are made at once, the first counts."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)  # readable by us alone
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as made:
            made.write(secrets.token_hex(32).encode())
            made.flush()
            os.fsync(made.fileno())
        with suppress(FileExistsError):
            file.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)


def with_docker_password(settings: Settings, env_file: Path = Path(".env")) -> Settings:
    """Add what `hypercare init` wrote for Docker's Elasticsearch, when no other way to prove who we are is given.

    An Elasticsearch without security ignores it; one of yours, named by its URL, is never sent it.
    """
    given = settings.elasticsearch or settings.elasticsearch_user or settings.elasticsearch_api_key.get_secret_value()
    if given or settings.engines not in {"auto", "docker"} or not env_file.is_file():
        return settings
    said = dict(line.split("=", 1) for line in env_file.read_text().splitlines() if "=" in line)
    password = said.get("ELASTIC_PASSWORD", "").strip()
    if not password:
        return settings
    changes = {"elasticsearch_user": "elastic", "elasticsearch_password": SecretStr(password)}
    return settings.model_copy(update=changes)


def environment_of(settings: Settings) -> dict[str, str]:
    """All settings as environment variables, for a child process in another folder."""
    said: dict[str, str] = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        said[f"HYPERCARE_{name.upper()}"] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    said["HYPERCARE_PROJECTS"] = json.dumps([project.model_dump() for project in settings.projects])
    return said


def read_settings() -> Settings:
    """Read all settings; raise `Stop` that lists every mistake at once."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [
            f"{'.'.join(map(str, p['loc'])) or 'settings'}: {p['msg']}"
            for p in error.errors(include_url=False, include_input=False)
        ]
        raise Stop(
            "Some settings cannot be used:\n  " + "\n  ".join(wrong),
            fix=f"mend them in the environment (HYPERCARE_…) or in {FILE}",
            exit_code=2,
        ) from None
    except ValueError as error:
        raise Stop(f"{FILE} cannot be read: {error}", fix="mend it; it is TOML", exit_code=2) from None
