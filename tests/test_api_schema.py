"""The API against its own document, by schemathesis: whatever is sent, no answer is a 5xx and none is undocumented.

Some dozens of requests a route; `python -m tests.evals.api_schema` sends as many as one likes.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Config
from schemathesis.checks import positive_data_acceptance

from bot.bot import Bot
from tests.api_house import behind_the_door

EXAMPLES = 12
KEY = {"Authorization": "Bearer wbk_all"}
PLACES = ("/tests/", "/bot/", "site-packages", "Traceback", "sqlite", ".py", ".txt")
# A question of punctuation alone has the form of a question and is none.
LEFT_OUT = [positive_data_acceptance]
# What breaks the document by its length may be too long to be read at all.
REFUSED = ["400", "401", "403", "404", "405", "413", "415", "422"]
CONFIG = {"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}}


@pytest.fixture(scope="module")
def document(bot: Bot):
    """The document as the API hands it out."""
    return schemathesis.openapi.from_asgi(
        "/api/openapi.json", behind_the_door(bot), config=Config.from_dict(CONFIG), headers=KEY
    )


schema = schemathesis.pytest.from_fixture("document")


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_documented(case):
    reply = case.call_and_validate(headers=KEY, excluded_checks=LEFT_OUT)
    assert reply.status_code < 500
    if reply.status_code >= 400:
        assert not any(place in reply.text for place in PLACES)
