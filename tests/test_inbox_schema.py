"""Handing in against the API's own document, by schemathesis: no answer is a 5xx, none is undocumented, and whatever is
sent, the inbox holds whole files under names of their own.
"""

from concurrent.futures import Future

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import negative_data_rejection, positive_data_acceptance

from bot.api.app import build_api
from bot.api.inbox import inbox_routes
from bot.inbox import COMING, Inbox
from ingest.receipts import RECEIPTS
from tests.callers import Door
from tests.test_inbox import LONGEST, VISITORS, bearer

EXAMPLES = 12
KEY = bearer("editor")
# Names of files, and what a paper may be called, have no form that a schema could tell.
LEFT_OUT = [positive_data_acceptance, negative_data_rejection]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("handed") / "inbox"


@pytest.fixture(scope="module")
def document(folder):
    api = build_api(Future(), more=[inbox_routes(Inbox(folder, LONGEST))])
    return schemathesis.openapi.from_asgi("/api/openapi.json", Door(api, VISITORS), headers=KEY)


schema = schemathesis.pytest.from_fixture("document").include(path_regex="^/api/inbox")


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_documented_and_nothing_lies_where_it_should_not(case, folder):
    reply = case.call_and_validate(headers=KEY, excluded_checks=LEFT_OUT)
    assert reply.status_code < 500
    assert str(folder) not in reply.text
    assert not any((folder / COMING).iterdir())
    for inside in folder.iterdir():
        assert inside.name in (COMING, RECEIPTS) or inside.name.isalpha()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
