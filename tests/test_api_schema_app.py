"""The running app against its own document, guard, keys, inbox and all, by schemathesis: whatever is sent, no answer is
a 5xx, none is undocumented, and none tells of the machine.
"""

from __future__ import annotations

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Config
from schemathesis.checks import negative_data_rejection, positive_data_acceptance

from tests.serving import REPO, served

EXAMPLES = 6
PLACES = ("site-packages", "Traceback", "sqlite", "/usr/", str(REPO))
# What is no question or no file has no form that a schema could tell; test_api_schema holds what is refused.
LEFT_OUT = [positive_data_acceptance, negative_data_rejection]


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    """The document as the app hands it out, to a key that may do everything which is in it."""
    folder = tmp_path_factory.mktemp("schema")
    scopes = [word for scope in ("ask", "search", "inbox") for word in ("--scope", scope)]
    with served(folder / "data", WENBAO_INBOX=str(folder / "inbox"), WENBAO_KEY_RATE="100000") as app:
        key = json.loads(app.run("bot", "keys", "add", "tries", *scopes, "--json").stdout)["key"]
        headers = {"Authorization": f"Bearer {key}"}
        config = Config.from_dict({"headers": headers})
        yield schemathesis.openapi.from_url(f"{app.url}/api/openapi.json", headers=headers, config=config)


schema = schemathesis.pytest.from_fixture("document")


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_of_the_running_app_is_documented(case):
    reply = case.call_and_validate(excluded_checks=LEFT_OUT)
    assert reply.status_code < 500
    assert not any(place in reply.text for place in PLACES)
