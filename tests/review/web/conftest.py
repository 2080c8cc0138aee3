"""Browsers without a screen or a script before the pages for a small wiki with drafts that wait."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from wikiagent.review.desk import Desk
from wikiagent.review.web.app import review_app, wiki_app
from wikiagent.review.web.guard import Door

HERE = "http://127.0.0.1:8787"
DOOR = Door("127.0.0.1", 8787, "the-token-of-the-tests")


class Browser(TestClient):
    """It follows redirects, keeps cookies, says where a form comes from, and sends the fields that a form has."""

    def press(self, page: str, action: str, /, **typed: str) -> Any:
        """Send the form with an action on a page, with what is typed into it."""
        return self.post(action, data={**self.fields(page, action), **typed})

    def fields(self, page: str, action: str) -> dict[str, str]:
        """The hidden fields of the form with an action on a page."""
        forms = [part.partition("</form>")[0] for part in self.get(page).text.split("<form")[1:]]
        form = next(form for form in forms if f'method="post" action="{action}"' in form)
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
        return {name: unescape(value) for name, value in found}


def browser_of(desk: Desk, door: Door = DOOR) -> Browser:
    """A browser that was let in."""
    browser = Browser(review_app(desk, door), base_url=HERE, headers={"Origin": HERE})
    assert browser.get(f"/?token={door.token}").status_code == 200
    return browser


@pytest.fixture
def browser(desk: Desk) -> Browser:
    return browser_of(desk)


@pytest.fixture
def reader(desk: Desk) -> Browser:
    """A browser before the wiki that can only be read."""
    return Browser(wiki_app(desk, Door("127.0.0.1", 8787)), base_url=HERE)


def pending(desk: Desk) -> list[int]:
    """The drafts that wait, in the order of the queue."""
    return [item.id for item in desk.queue() if item.state == "pending"]
