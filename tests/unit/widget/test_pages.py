"""The widget and the pages around it: what is served, what the hotline's form takes, and the widget in Chromium."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response

from producers.widget.pages import HERE, INTEGRITY, SCRIPT
from tests.unit.intake.desk import TOKEN, Desk, key
from tests.unit.intake.test_server import serving

MOST_BYTES = 15_000
BROWSER_S = 60.0
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FORM = "application/x-www-form-urlencoded"


def filled(desk: Desk, **fields: str) -> Any:
    return desk.send("/hotline", urlencode(fields).encode(), token=None, kind=FORM)


def test_the_widget_is_small_and_is_what_its_hash_says() -> None:
    served = Desk().send("/widget/v1.js", b"", method="GET", token=None)
    assert len(served.content) < MOST_BYTES
    assert "sha384-" + base64.b64encode(hashlib.sha384(served.content).digest()).decode() == INTEGRITY
    assert served.headers["access-control-allow-origin"] == "*"
    page = Desk().send("/widget/example", b"", method="GET", token=None)
    assert page.text.count(INTEGRITY) == 2
    for name in ("script-src", "style-src"):
        assert f"{name} 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


def test_pages_have_no_inline_scripts_or_styles() -> None:
    for file in HERE.glob("*.html"):
        text = file.read_text()
        assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*src=)", text), file.name
    assert b"innerHTML" not in SCRIPT
    assert b"eval(" not in SCRIPT


def test_the_form_is_taken_and_every_field_has_a_label() -> None:
    desk = Desk(key(("feedback",)))
    page = desk.send("/hotline", b"", method="GET", token=None).text
    names = re.findall(r'<(?:input|textarea|select) id="(\w+)"', page)
    assert names == re.findall(r'<label for="(\w+)"', page)
    answer = filled(desk, key=TOKEN, id="h-1", text=" Pay spins ", reporter="c-17", rating="2", journey="checkout")
    assert answer.status_code == 200
    (event,) = desk.values()
    assert (event["channel"], event["text"], event["id"]) == ("hotline", "Pay spins", "h-1")
    assert event["rating"] == {"scale": "stars", "value": 2.0}
    assert event["reporter"]["pseudonym"].startswith("p_")
    assert "reference is h-1" in answer.text


def test_sent_twice_it_is_one() -> None:
    desk = Desk(key(("feedback",)))
    (name,) = re.findall(r'name="id" value="([^"]+)"', desk.send("/hotline", b"", method="GET", token=None).text)
    for _ in range(2):
        filled(desk, key=TOKEN, id=name, text="a")
        desk.now += timedelta(seconds=5)
    assert {event["id"] for event in desk.values()} == {name}


@pytest.mark.parametrize(
    ("fields", "away", "status", "said"),
    [
        ({"text": "a", "key": "wrong"}, "", 401, "key is not known"),
        ({"text": "a"}, "", 401, "key is not known"),
        ({"text": " ", "key": TOKEN}, "", 422, "nothing was written"),
        ({"text": "a", "id": "x" * 300, "key": TOKEN}, "", 422, "not taken"),
        ({"text": "a", "key": TOKEN}, "away", 503, "wait a little"),
    ],
)
def test_what_was_written_stays_when_it_is_not_taken(fields: dict[str, str], away: str, status: int, said: str) -> None:
    desk = Desk(key(("feedback",)))
    desk.outlet.away = away
    odd = '</textarea><script>alert("x")</script>"'
    answer = filled(desk, **{"title": odd, **fields})
    assert (answer.status_code, desk.outlet.messages) == (status, [])
    assert said in answer.text
    assert 'role="alert"' in answer.text
    assert html.escape(odd) in answer.text
    assert "<script>" not in answer.text
    assert TOKEN not in answer.text


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"%ff=%ff", b"&".join([b"a=1"] * 500), b"text=\x00", b"text=%F0%9F%A6%94"]
)
def test_any_form_is_answered_with_a_page(body: bytes) -> None:
    answer = Desk(key(("feedback",))).send("/hotline", body, token=None, kind=FORM)
    assert answer.status_code in {400, 401, 422}
    assert answer.headers["content-type"].startswith("text/html")


DRIVER = """
const say = (told) => fetch("/told", { method: "POST", body: JSON.stringify(told) });
const rest = () => new Promise((done) => setTimeout(done, 25));
const until = async (true_) => { for (let n = 0; n < 400 && !true_(); n++) await rest(); };
addEventListener("load", async () => {
  const api = window.hypercareFeedback, root = document.querySelector("hypercare-feedback").shadowRoot;
  const note = () => root.getElementById("note").textContent, text = root.getElementById("text");
  const write = async (words) => {
    api.open(); text.value = words; root.querySelector("input[value='2']").checked = true;
    root.querySelector("form").requestSubmit();
    await until(() => note() && note() !== api.texts.sending);
    return note();
  };
  const told = { focused: null, notes: [] };
  root.getElementById("open").click();
  told.focused = root.activeElement.id;
  told.modal = root.querySelector("dialog").matches(":modal");
  told.coloured = getComputedStyle(root.querySelector("button.deed")).backgroundColor;
  told.notes.push(await write("   "));
  told.notes.push(await write("Pay spins for ever"));
  api.key = "wrong";
  told.notes.push(await write("With a wrong key"));
  root.querySelector("dialog").close();
  await until(() => root.activeElement && root.activeElement.id === "open");
  told.after = root.activeElement.id;
  const real = window.fetch;
  api.key = KEY;
  window.fetch = (url, how) => String(url).includes("/v1/") ? Promise.reject(new TypeError("away")) : real(url, how);
  told.notes.push(await write("While away"));
  told.kept = JSON.parse(localStorage.getItem("hypercare.unsent")).length;
  window.fetch = real;
  dispatchEvent(new Event("online"));
  await until(() => !localStorage.getItem("hypercare.unsent"));
  told.rating = root.querySelector("input:checked").value;
  told.left = localStorage.getItem("hypercare.unsent");
  say(told);
});
"""


@dataclass
class Shop:
    """A page of an application, under a strict policy, with the widget of an ``intake`` and what plays its user."""

    intake: str = ""
    lang: str = "en"
    tracked: bool = True
    driver: str = DRIVER
    told: list[Any] = field(default_factory=list)

    def add_to(self, app: FastAPI) -> None:
        for path, made in {"/shop": self.page, "/driver.js": self.script, "/before.js": self.before}.items():
            app.add_api_route(path, made, methods=["GET"])
        app.add_api_route("/told", self.tell, methods=["POST"])

    async def page(self) -> Response:
        text = (
            f'<!doctype html><html lang="{self.lang}"><meta charset="utf-8"><title>Shop</title>'
            '<meta name="traceparent" content="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01">'
            f'<script src="/before.js"></script><script src="{self.intake}/widget/v1.js" integrity="{INTEGRITY}" '
            f'crossorigin="anonymous" defer data-key="{TOKEN}" data-session="s-1" data-release="shop-web@2.3.1">'
            '</script><script src="/driver.js" defer></script><p>Shop</p>'
        )
        policy = f"default-src 'none'; script-src 'self' {self.intake}; connect-src 'self' {self.intake}"
        return Response(text, headers={"Content-Security-Policy": policy.strip()}, media_type="text/html")

    async def script(self) -> Response:
        return Response(self.driver.replace("KEY", json.dumps(TOKEN)), media_type="text/javascript")

    async def before(self) -> Response:
        asked = "" if self.tracked else 'Object.defineProperty(navigator, "doNotTrack", { value: "1" });'
        return Response(asked, media_type="text/javascript")

    async def tell(self, request: Request) -> Response:
        self.told.append(await request.json())
        return Response()


def played(shop: Shop, port: int, folder: Path) -> dict[str, Any]:
    """What the page has told after Chromium opened it."""
    assert CHROMIUM is not None
    words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    browser = subprocess.Popen(
        [CHROMIUM, *words, f"--user-data-dir={folder}", f"http://127.0.0.1:{port}/shop"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + BROWSER_S
        while not shop.told and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        browser.terminate()
        browser.wait(20)
    (said,) = shop.told
    return dict(said)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_the_widget_of_another_origin_on_a_page_with_a_strict_policy(tmp_path: Path) -> None:
    shop, page = Shop(), Desk()
    shop.add_to(page.app)
    with serving(page) as port:
        desk = Desk(key(("feedback",)), cors=(f"http://127.0.0.1:{port}",))
        with serving(desk) as other:
            shop.intake = f"http://127.0.0.1:{other}"
            told = played(shop, port, tmp_path)
    assert page.outlet.messages == []
    assert told["focused"] == "text"
    assert told["modal"] is True
    assert told["coloured"] != "rgba(0, 0, 0, 0)", "the policy must not take its style away"
    assert [note.partition(":")[0] for note in told["notes"]] == [
        "Please write a few words.",
        "Thank you. Your reference",
        "This could not be taken",
        "We could not be reached. Your message is kept and sent later.",
    ]
    assert told["after"] == "open", "focus goes back to where it was"
    assert (told["kept"], told["left"], told["rating"]) == (1, None, "")
    sent, later = desk.values()
    assert (sent["text"], sent["rating"]["value"], sent["channel"]) == ("Pay spins for ever", 2.0, "in_app")
    assert sent["trace"]["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert sent["context"]["route"] == "/shop"
    assert sent["context"]["release"] == "shop-web@2.3.1"
    assert sent["session"].startswith("p_")
    assert later["text"] == "While away"


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_who_is_not_to_be_tracked_sends_words_only_and_reads_german(tmp_path: Path) -> None:
    shop, desk = Shop(lang="de-DE", tracked=False), Desk(key(("feedback",)))
    shop.add_to(desk.app)
    with serving(desk) as port:
        told = played(shop, port, tmp_path)
    assert told["notes"][0] == "Bitte schreiben Sie ein paar Worte."
    for event in desk.values():
        assert event["context"] == {"release": "shop-web@2.3.1"}
        assert "session" not in event
        assert event["trace"] == {}


NODE = shutil.which("node")
TAB = """
const kept = new Map(Object.entries(KEPT)), told = {};
globalThis.sessionStorage = {
  getItem: (name) => kept.get(name) ?? null,
  setItem: (name, value) => kept.set(name, value),
  removeItem: (name) => kept.delete(name),
};
const key = { value: "", autofocus: ASKED, form: { addEventListener: (_, then) => { told.submit = then; } } };
globalThis.document = { getElementById: () => key };
await import(SCRIPT);
const shown = key.value;
key.value = "typed";
if (SENT) told.submit();
console.log(JSON.stringify({ shown, kept: Object.fromEntries(kept) }));
"""


def tab(kept: dict[str, str], *, asked: bool, sent: bool) -> dict[str, Any]:
    """What the form shows and what the tab keeps, after it was opened and maybe sent."""
    assert NODE is not None
    said = {"KEPT": kept, "ASKED": asked, "SENT": sent, "SCRIPT": (HERE / "hotline.js").as_uri()}
    program = TAB
    for name, value in said.items():
        program = program.replace(name, json.dumps(value))
    ran = subprocess.run([NODE, "--input-type=module", "-e", program], capture_output=True, check=True, text=True)
    return dict(json.loads(ran.stdout))


@pytest.mark.skipif(NODE is None, reason="node runs the script of the form")
def test_the_key_stays_in_the_tab_until_it_is_refused() -> None:
    name = "hypercare.hotline.key"
    assert tab({}, asked=False, sent=True) == {"shown": "", "kept": {name: "typed"}}
    assert tab({name: "typed"}, asked=False, sent=False) == {"shown": "typed", "kept": {name: "typed"}}
    assert tab({name: "wrong"}, asked=True, sent=False) == {"shown": "", "kept": {}}


def test_the_key_is_kept_nowhere_but_in_the_tab() -> None:
    desk = Desk()
    page = desk.send("/hotline", b"", method="GET", token=None)
    assert '<script src="/widget/hotline.js" defer>' in page.text
    served = desk.send("/widget/hotline.js", b"", method="GET", token=None)
    assert served.headers["content-type"].startswith("text/javascript")
    assert not re.search("localStorage|cookie|location|history", served.text)
    refused = filled(desk, key="wrong", text="a")
    assert re.search(r'<input id="key"[^>]* autofocus', refused.text)
