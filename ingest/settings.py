"""The one settings class of the whole product: environment variables and `.env`, prefix `WENBAO_`.

It lives in the lowest room so that one `.env` serves both commands and the app. Rooms get plain values, never this
object; only entry points build it. README's table and `.env.example` are generated from it.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.errors import BadSetting

PREFIX = "WENBAO_"


class Settings(BaseSettings):
    """Everything that can be set; each field says what it is and in what unit."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", extra="ignore")

    data: Path = Field(Path("data"), description="Folder of the archive: generations, CURRENT, lock, state.")
    keep: int = Field(3, ge=1, le=1000, description="Generations kept for rollback, the live one included (count).")
    encoder: str = Field(
        "builtin",
        description="`builtin`, or a sentence-transformers model: a folder, or a name that is already on this machine.",
    )
    path_pattern: str = Field(
        "",
        description="What the ends of paths say of pages, as `{paper}/{date:%Y-%m-%d}/{page}.txt`; `*` is anything "
        "within a name; empty for none.",
    )
    reranker: str = Field(
        "",
        description="Model that reads the best hits again beside the question and puts them in order: a "
        "sentence-transformers cross-encoder, by folder or name like the encoder; empty for none.",
    )
    reranker_seconds: float = Field(
        1.0,
        gt=0,
        le=60,
        description="Time that the reranker may take for a question (seconds); a slow one reads fewer hits.",
    )
    llm: str = Field(
        "",
        description="Language model that writes the answers: `openai:NAME`, `deepseek:NAME`, `ollama:NAME` or "
        "`huggingface:FOLDER`; empty for none, and then nothing leaves this machine.",
    )
    llm_base_url: str = Field(
        "", description="Address of the model's server where it is not the provider's own; anything OpenAI-compatible."
    )
    llm_api_key: SecretStr = Field(
        SecretStr(""), description="Key for the model; empty for the provider's own variable, such as OPENAI_API_KEY."
    )
    llm_first_seconds: float = Field(
        20.0, gt=0, le=3600, description="Longest wait for the model's first sign of life (seconds)."
    )
    llm_stall_seconds: float = Field(
        10.0, gt=0, le=3600, description="Longest silence of the model once it has begun (seconds)."
    )
    llm_seconds: float = Field(
        60.0,
        gt=0,
        le=3600,
        description="Time of the model for a whole answer (seconds); then the answer is made without it.",
    )
    unsupported: Literal["mark", "cut"] = Field(
        "mark",
        description="What happens to a model's sentence that the newspaper does not bear out: `mark` or `cut`.",
    )
    state_url: SecretStr = Field(
        SecretStr(""),
        description="PostgreSQL for what people ask, where several copies of the app share it: "
        "`postgresql://USER:PASSWORD@HOST/NAME`; empty for a file in the archive's folder.",
    )
    state_days: int = Field(
        365, ge=0, le=36500, description="Time that a conversation is kept after its last question (days); 0 for good."
    )
    admin_token: SecretStr = Field(
        SecretStr(""),
        description="Opens `/admin`, a page for whoever runs the bot (16 characters or more); empty for no such page.",
    )
    name: str = Field("", description="Name of the bot on its page; empty for 问报 WenBao.")
    logo: str = Field("", description="Picture beside the name: an SVG or PNG file, 200 KB at most; empty for none.")
    colour: str = Field(
        "", description="Colour of links and buttons, such as `#0b5a8a`; refused where it is hard to read on the page."
    )
    greeting: str = Field("", description="Line that an empty conversation begins with; empty for our own.")
    examples: str = Field(
        "", description="Questions offered in an empty conversation, with | between them; empty for the archive's own."
    )
    host: str = Field(
        "127.0.0.1",
        description="Address that the app listens on; any but the machine's own needs somebody to sign people in, or "
        "`python app.py --open`.",
    )
    port: int = Field(7860, ge=1, le=65535, description="TCP port that the app listens on.")
    hosts: str = Field(
        "",
        description="Names under which the app may be asked for, such as `news.example.org`, with commas between them; "
        "the machine's own names always may. Empty for those alone.",
    )
    proxies: str = Field(
        "",
        description="Addresses or networks of proxies whose X-Forwarded headers count, such as `127.0.0.1`, with "
        "commas between them; empty for none.",
    )
    prefix: str = Field(
        "", description="Path under which a proxy serves the app, such as `/news`, whether it strips it or not."
    )
    origins: str = Field(
        "",
        description="Portals that may frame the page, talk to it and call the API from a browser, such as "
        "`https://portal.example.org`, with commas between them; empty for none.",
    )
    access: str = Field(
        "",
        description="YAML file that says which groups may read which paper; empty where everybody may read everything.",
    )
    portal_issuer: str = Field(
        "", description="Issuer (`iss`) of the tokens with which a portal passes on its users; empty for no portal."
    )
    portal_audience: str = Field("wenbao", description="Audience (`aud`) that a portal's tokens must name.")
    portal_secret: SecretStr = Field(
        SecretStr(""), description="Secret of a portal that signs with HS256 (32 characters or more); empty for none."
    )
    portal_jwks: str = Field(
        "",
        description="Public keys of a portal that signs with RS256: a JWKS file or its https address; empty for none.",
    )
    portal_groups: str = Field("groups", description="Claim of a token that lists its user's groups.")
    token_skew: int = Field(
        30, ge=0, le=300, description="How far the clocks of portal and app may be apart (seconds)."
    )
    session_minutes: int = Field(
        480, ge=1, le=10080, description="How long a sign-in lasts at most (minutes); then it is asked for again."
    )
    oidc_issuer: str = Field(
        "", description="OpenID Connect provider at which people sign in who come directly; empty for none."
    )
    oidc_client: str = Field("", description="Our client id at that provider.")
    oidc_secret: SecretStr = Field(SecretStr(""), description="Our client secret at that provider.")
    oidc_groups: str = Field(
        "groups", description="Claim of the provider's id token, or else its userinfo, that lists a user's groups."
    )
    user_rate: int = Field(
        30, ge=1, le=100000, description="Questions and searches that one user may send (per minute); 429 beyond."
    )
    key_rate: int = Field(
        600, ge=1, le=1000000, description="Questions and searches that one API key may send (per minute); 429 beyond."
    )
    queue: int = Field(
        100, ge=1, le=100000, description="Questions that may be under way or wait at once (count); 503 beyond."
    )
    inbox: str = Field(
        "",
        description="Folder for files handed in over the API, which `ingest watch` takes up; empty for none.",
    )
    inbox_bytes: int = Field(
        20_000_000, ge=1000, le=1_000_000_000, description="Longest file that may be handed in over the API (bytes)."
    )

    @field_validator("*", mode="before")
    @classmethod
    def _not_empty(cls, value: object, info: ValidationInfo) -> object:
        """An unset variable in a script must not make the current folder the archive."""
        may_be_empty = str(cls.model_fields[str(info.field_name)].default) == ""
        if isinstance(value, str) and not value.strip() and not may_be_empty:
            raise ValueError("it is empty; give it a value, or leave it out")
        return value


def load_settings() -> Settings:
    """Read environment and `.env`. Raises BadSetting for an unknown `WENBAO_` key or an unusable value."""
    try:
        return _load()
    except (OSError, UnicodeDecodeError) as e:
        raise BadSetting(f"the file .env cannot be read ({e}): save it as UTF-8 text that you may read.") from e


def _load() -> Settings:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for key in [*os.environ, *_dotenv_keys(Path(".env"))]:
        if key.upper().startswith(PREFIX) and key.upper() not in known:
            near = difflib.get_close_matches(key.upper(), known, n=1, cutoff=0)
            raise BadSetting(f"unknown setting {key}: did you mean {near[0]}? Known: {', '.join(sorted(known))}.")
    try:
        return Settings()
    except ValidationError as e:
        first = e.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise BadSetting(f"{name}={first['input']!r} cannot be used: {first['msg']}.") from e


def _dotenv_keys(path: Path) -> list[str]:
    if not path.is_file():
        return []
    lines = path.read_text("utf-8", errors="replace").splitlines()
    return [line.split("=", 1)[0].removeprefix("export ").strip() for line in lines if "=" in line and line[:1] != "#"]
