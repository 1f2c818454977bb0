"""The main journeys in a browser, with and without scripts, on a phone and on a desk; access; and no other host is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import ARGUMENTS, find
from tests.service import serving

pytestmark = pytest.mark.slow

PHONE = {"width": 375, "height": 740}
DESK = {"width": 1280, "height": 900}
# One of every kind of page.
KINDS = {
    "home": "/",
    "questions": "/questions",
    "what is meant": "/find?what=may+our+ICB+delegate+this+to+the+council%3F",
    "nothing found": "/find?what=zzzz",
    "a question": "/ask/may-delegate",
    "an answer": "/ask/who-is-accountable-for?function=dentist&area=Newham",
    "a silent answer": "/ask/who-is-accountable-for?function=dentist&area=Newham&as_at=2012-06-01",
    "a mistake": "/ask/who-is-accountable-for?function=dentist&area=Essex",
    "a comparison": "/ask/compare-scenarios?topic=board+membership",
    "comparing": "/compare",
    "a board": "/doc/body/QMF",
    "a board that ended": "/doc/body/QNQ",
    "a kind of body": "/def/NHSTrust",
    "a provision": "/doc/provision/nhsa2006-s14Z43",
    "a duty": "/doc/duty/triple-aim",
    "a function": "/doc/function/primary-dental-services",
    "a statement": "/doc/statement/S034",
    "a scenario": "/doc/scenario/option-2",
    "a rule": "/doc/rule/C14",
    "a paper": "/doc/source/letter",
    "two compared": "/compare?topic=integration&first=act-2022&second=bill-2026",
    "a body that a bill would end": "/doc/body/X24",
    "glossary": "/glossary",
    "ontology": "/def/",
    "boards": "/map",
    "a map": "/map?body=QMF",
    "a time line": "/timeline?body=QNQ",
    "check": "/validate",
    "query": "/query",
    "a result": "/query?query=SELECT+*+%7B%3Fs+a+ics%3ALane%7D",
    "a faulty query": "/query?query=SELECT+*+%7B",
    "data": "/data",
    "no such page": "/nothing",
    "something wrong": "/wrong?of=%2Fdoc%2Fbody%2FQMF",
}
# Pages that say what was wrong; all others are found.
STATUS = {
    KINDS["nothing found"]: 404,
    KINDS["a mistake"]: 400,
    KINDS["a faulty query"]: 400,
    KINDS["no such page"]: 404,
}
FAULTY = """@prefix ics: <https://w3id.org/icsgraph/def/> .
@prefix duty: <https://w3id.org/icsgraph/id/duty/> .
@prefix : <https://example.org/> .
:council a ics:ResponsibleLocalAuthority ; ics:isBoundBy duty:triple-aim .
"""


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = find()
    assert path, "there is no browser: run python -m tests.browser"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def asked(browser: Browser, service: str) -> Iterator[Callable[..., tuple[Page, set[str]]]]:
    """Opens a page; gives it with the hosts that it has asked, which a test may look at later."""
    contexts: list[BrowserContext] = []

    def opened(path: str, script: bool = True, size: dict[str, int] | None = None) -> tuple[Page, set[str]]:
        context = browser.new_context(java_script_enabled=script, viewport=size or DESK, base_url=service)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        hosts: set[str] = set()
        page.on(
            "request", lambda request: hosts.add(urlsplit(request.url).netloc) if "data:" not in request.url else None
        )
        page.goto(path)
        return page, hosts

    yield opened
    for context in contexts:
        context.close()


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, with the place of each."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]})
    return [f"{v['id']}: {n['target']}" for v in found.response["violations"] for n in v["nodes"]]


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS.keys())
def test_each_kind_of_page_can_be_used_by_all_and_asks_nobody_else(
    asked: Callable[..., tuple[Page, set[str]]], service: str, path: str
) -> None:
    page, hosts = asked(path)
    page.wait_for_load_state("networkidle")
    status = page.request.get(path, headers={"Accept": "text/html"}).status
    assert status == STATUS.get(path, 200)
    assert violations(page) == []
    assert hosts == {urlsplit(service).netloc}
    assert page.title()
    assert page.locator("h1").count() == 1


# Answers of every form that their pages have: by relation, by row, by statement, for the whole country, of papers, of none.
ANSWERS = {
    "an answer": KINDS["an answer"],
    "for England": "/ask/who-is-accountable-for?function=hospital+services",
    "a list of duties": "/ask/which-duties-bind?body=QMF",
    "may it": "/ask/may-delegate?from=QMF&to=Newham&function=continuing+healthcare",
    "models": KINDS["a comparison"],
    "nothing": KINDS["a silent answer"],
    "a place": "/ask/which-bodies-cover?area=Newham",
}


@pytest.mark.parametrize("path", ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_on_a_narrow_phone_is_whole(asked: Callable[..., tuple[Page, set[str]]], path: str) -> None:
    """Nothing is wider than 320 pixels, also when all that is folded is open; rows are cards; the day is one line."""
    page, _ = asked(path, size={"width": 320, "height": 640})
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    wide = "[...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > 321 && e.offsetWidth && !e.closest('svg, pre, thead')).map((e) => e.className || e.tagName)"
    assert page.evaluate(wide) == []
    assert page.locator(".app-day form").bounding_box()["height"] < 60  # type: ignore[index]
    if page.locator(".app-chain").count():
        assert page.locator(".app-chain").is_visible()
        assert not page.locator(".app-picture svg").is_visible()
    if page.locator("td[data-head]").count():
        cell = "getComputedStyle(document.querySelector('td[data-head]')).display"
        assert page.evaluate(cell) == "block"


def test_what_is_too_wide_is_seen(asked: Callable[..., tuple[Page, set[str]]]) -> None:
    page, _ = asked(KINDS["an answer"], size={"width": 320, "height": 640})
    page.evaluate("document.querySelector('.app-card').style.width = '500px'")
    assert page.evaluate("document.documentElement.scrollWidth") > 320


@pytest.mark.parametrize("path", [*ANSWERS.values(), "/", KINDS["a board"], KINDS["a mistake"], KINDS["check"]])
def test_a_dark_screen_has_the_same_contrast(browser: Browser, service: str, path: str) -> None:
    context = browser.new_context(base_url=service, viewport=DESK, color_scheme="dark")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(path)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    found = violations(page)
    behind = page.evaluate("getComputedStyle(document.body).backgroundColor")
    context.close()
    assert found == []
    assert behind == "rgb(18, 25, 29)"


def test_a_printed_answer_has_its_address_and_day_on_every_page(browser: Browser, service: str) -> None:
    """What heads the print is said again on each page, in codes that can be typed; an answer about a place has five pages at most."""
    context = browser.new_context(base_url=service, viewport=DESK)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/ask/who-is-accountable-for?function=primary+dental+services&area=Newham&as_at=2023-06-01")
    made = pypdfium2.PdfDocument(page.pdf(format="A4"))
    texts = [made[n].get_textpage().get_text_range() for n in range(len(made))]
    context.close()
    address = "/ask/who-is-accountable-for?function=primary-dental-services&area=E09000025&as_at=2023-06-01"
    assert 1 < len(texts) <= 5
    assert all(
        address in text.replace("\r\n", "") and "as at 1 June 2023" in text.replace("\r\n", " ") for text in texts
    )
    assert not any(re.search(r"%[0-9A-F]{2}", text) for text in texts)
    assert "(Link:" not in "".join(texts)


@pytest.mark.parametrize(
    "path", [KINDS["an answer"], KINDS["a board"], KINDS["a map"], "/"], ids=["answer", "board", "map", "home"]
)
def test_a_phone_needs_no_scrolling_sideways(asked: Callable[..., tuple[Page, set[str]]], path: str) -> None:
    page, _ = asked(path, size=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(page) == []


def test_axe_is_seen_to_find(asked: Callable[..., tuple[Page, set[str]]]) -> None:
    page, _ = asked("/")
    page.evaluate("document.querySelector('label').remove()")
    assert violations(page) != []


def test_another_host_is_seen_to_be_noticed(asked: Callable[..., tuple[Page, set[str]]], service: str) -> None:
    page, hosts = asked("/")
    # The policy of the page would stop it before it is asked; a page without one would not.
    page.route(
        "**/*", lambda route: route.fulfill(body="<img src='http://127.0.0.1:9/x.png'>", content_type="text/html")
    )
    page.goto("/without")
    assert hosts - {urlsplit(service).netloc} == {"127.0.0.1:9"}


JOURNEYS: dict[str, tuple[str, list[str], str, str]] = {
    "dentistry in Newham": (
        "who do I hold to account for NHS dentistry in Newham?",
        [],
        "NHS North East London Integrated Care Board exercises primary dental services in Newham",
        "NHS Act 2006 s.65Z5(6)",
    ),
    "what happened to Frimley": (
        "what happened to Frimley ICB?",
        [],
        "NHS Frimley Integrated Care Board was followed by NHS Thames Valley (56 %) and NHS Surrey and Sussex",
        "ICB order of 2026",
    ),
    "who approves the constitution": (
        "who approves our constitution?",
        [],
        "NHS England approves constitution of an integrated care board",
        "NHS Act 2006",
    ),
    "duties of a trust and not of a council": (
        "which duties bind our trust but not the council?",
        ["Which duties are on record for an NHS foundation trust and not for a responsible local authority?"],
        "on record for an NHS foundation trust and not for a responsible local authority",
        "NHS Act 2006 s.63B",
    ),
}


@pytest.mark.parametrize("script", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS.keys())
def test_from_the_home_page_to_a_sourced_answer_in_three_steps(
    asked: Callable[..., tuple[Page, set[str]]],
    journey: tuple[str, list[str], str, str],
    size: dict[str, int],
    script: bool,
) -> None:
    typed, links, says, law = journey
    assert 1 + len(links) <= 3
    page, _ = asked("/", script, size)
    page.get_by_label("What", exact=True).fill(typed)
    page.get_by_role("button", name="Ask", exact=True).click()
    for link in links:
        page.get_by_role("link", name=re.compile("^" + re.escape(link))).first.click()
    assert says in page.locator(".app-answer__says").inner_text()
    assert law in page.locator("main").inner_text()


@pytest.mark.parametrize("script", [True, False], ids=["scripts", "no scripts"])
def test_may_our_board_delegate_this_to_the_council(asked: Callable[..., tuple[Page, set[str]]], script: bool) -> None:
    page, _ = asked("/", script)
    page.get_by_label("What", exact=True).fill("may our ICB delegate this to the council?")
    page.get_by_role("button", name="Ask", exact=True).click()
    # No function is named, so what may pass at all is offered first.
    page.get_by_role("link", name=re.compile("^What may be passed from an integrated care board")).click()
    assert "may pass functions to" in page.locator(".app-answer__says").inner_text()
    assert "NHS Act 2006 s.65Z5" in page.locator("main").inner_text()


def test_suggestions_come_while_typing_and_can_be_chosen_by_keyboard(
    asked: Callable[..., tuple[Page, set[str]]],
) -> None:
    page, _ = asked("/")
    page.get_by_label("What", exact=True).press_sequentially("denti")
    page.get_by_role("option", name=re.compile("Primary dental services")).wait_for()
    # No list lies over a button.
    page.get_by_role("button", name="Ask", exact=True).click(trial=True)
    page.get_by_label("What", exact=True).press("ArrowDown")
    page.keyboard.press("Space")
    page.get_by_label("Where", exact=True).fill("Newham")
    page.get_by_role("button", name="Ask", exact=True).click()
    assert "primary dental services in Newham" in page.locator("h1").inner_text()


@pytest.mark.parametrize("down", [0, 1], ids=["as typed", "the first suggestion"])
def test_enter_always_asks(asked: Callable[..., tuple[Page, set[str]]], down: int) -> None:
    page, _ = asked("/")
    page.get_by_label("What", exact=True).press_sequentially("dentist")
    page.get_by_role("option", name=re.compile("Primary dental services")).wait_for()
    for _press in range(down):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ask/who-is-accountable-for?**")
    assert "primary dental services" in page.locator("h1").inner_text()


def test_the_day_is_kept_while_moving_around(asked: Callable[..., tuple[Page, set[str]]]) -> None:
    page, _ = asked("/doc/body/QMF?as_at=2022-10-01")
    page.get_by_role("link", name="NHS England", exact=True).first.click()
    assert "as_at=2022-10-01" in page.url
    page.get_by_role("link", name="System map", exact=True).first.click()
    assert "as_at=2022-10-01" in page.url
    assert page.get_by_label("As at").input_value() == "2022-10-01"


def test_a_picture_is_reached_by_keyboard_and_leads_on(asked: Callable[..., tuple[Page, set[str]]]) -> None:
    page, _ = asked(KINDS["an answer"])
    box = page.locator("svg a").first
    box.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/doc/**")


@pytest.mark.parametrize("script", [True, False], ids=["scripts", "no scripts"])
def test_a_pasted_description_is_checked_and_its_report_can_be_taken(
    asked: Callable[..., tuple[Page, set[str]]], script: bool
) -> None:
    page, hosts = asked("/validate", script)
    page.get_by_text("Paste a description of a whole system in RDF").click()
    page.get_by_label("Or paste it here").fill(FAULTY)
    page.get_by_role("button", name="Check", exact=True).click()
    found = page.locator(".app-finding")
    assert found.count() == 1
    assert "triple aim" in found.inner_text()
    if script:
        assert violations(page) == []
        with page.expect_download() as taken:
            page.get_by_role("link", name="JSON", exact=True).click()
        assert b'"conforms": false' in taken.value.path().read_bytes()
    assert len(hosts) == 1


def test_the_editor_writes_into_the_form_and_marks_the_line(asked: Callable[..., tuple[Page, set[str]]]) -> None:
    page, _ = asked("/query")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("ASK { ?board a ics:Lane }")
    page.get_by_role("button", name="Run", exact=True).click()
    assert page.locator("td").first.inner_text() == "yes"


def test_the_query_page_works_without_scripts(asked: Callable[..., tuple[Page, set[str]]]) -> None:
    page, _ = asked("/query", script=False)
    page.get_by_label("Query").fill("SELECT ?lane { ?lane a ics:Lane }")
    page.get_by_role("button", name="Run", exact=True).click()
    assert page.locator("tbody tr").count() == 7
