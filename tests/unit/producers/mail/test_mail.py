from __future__ import annotations

import imaplib
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Rejected, Stop, Unwanted
from contracts.feedback import Feedback
from contracts.limits import MAX_TEXT_CHARS
from hypercare.commands.mail import password_of
from producers.adapters.adapter import Place
from producers.mail.imap import Account, ImapMailbox, Places, new_mails
from producers.mail.mailboxes import RawMail, mails_in
from producers.mail.message import feedback_of_mail
from producers.mail.take import take_mails
from producers.outlet import MemoryOutlet

NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
KEY = b"key"
PLACE = Place("x.eml", 1, project="shop")


def mail(body: bytes = b"It hangs\n", **headers: str) -> bytes:
    said = {
        "From": "Ana <Ana@Example.com>", "Subject": "Pay button", "Date": "Mon, 15 Jun 2026 11:00:00 +0200",
        "Message-ID": "<m1@example.com>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}  # fmt: skip
    return b"".join(f"{name}: {value}\n".encode() for name, value in said.items() if value) + b"\n" + body


def read(raw: bytes) -> Feedback:
    return feedback_of_mail(raw, PLACE, KEY, now=NOW)


def test_a_mail_is_feedback() -> None:
    event = read(mail())
    assert (event.text, event.title, event.channel, event.project) == ("It hangs", "Pay button", "email", "shop")
    assert event.occurred_at == datetime(2026, 6, 15, 9, tzinfo=UTC)
    assert event.source.id == "m1@example.com"
    assert event.reporter.pseudonym
    assert event.reporter.pseudonym.startswith("p_")
    assert (
        event.reporter.pseudonym == read(mail(From="ana@example.com", Message_ID="<m2@example.com>")).reporter.pseudonym
    )


def test_the_same_mail_is_the_same_event_wherever_it_lies() -> None:
    assert read(mail()).id == read(b"X-Folder: archive\n" + mail()).id
    assert read(mail()).id != read(mail(Message_ID="<m2@example.com>")).id
    assert read(mail(Message_ID="")).id == read(mail(Message_ID="")).id


def test_answers_are_in_the_thread_of_what_they_answer() -> None:
    first = read(mail())
    answer = read(
        mail(
            Message_ID="<m3@x>", In_Reply_To="<m2@x>", References="<m1@example.com>\n <m2@x>", Subject="Re: Pay button"
        )
    )
    assert answer.thread == "m2@x"
    assert answer.attributes["mail_thread"] == first.attributes["mail_thread"]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, "automatic_mail"),
        ({"X_Autoreply": "yes"}, "automatic_mail"),
        ({"Precedence": "auto_reply"}, "automatic_mail"),
        ({"Content_Type": "multipart/report; boundary=x"}, "returned_mail"),
        ({"From": "MAILER-DAEMON@mx.example.com"}, "returned_mail"),
        ({"Return_Path": "<>"}, "returned_mail"),
    ],
)
def test_what_a_machine_answered_is_refused_with_its_reason(headers: dict[str, str], reason: str) -> None:
    with pytest.raises(Unwanted) as refused:
        read(mail(b"x", **headers))
    assert refused.value.reason == reason


def test_a_loop_is_refused_and_what_a_form_generates_is_not() -> None:
    with pytest.raises(Unwanted, match="mail_loop"):
        read(b"Received: by mx\n" * 60 + mail())
    assert read(mail(Auto_Submitted="auto-generated")).attributes["auto-submitted"] == "auto-generated"
    assert read(mail(Auto_Submitted="no")).text


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("iso-8859-1", "Zahlung hängt \u2013 5 €".encode("cp1252"), "Zahlung hängt \u2013 5 €"),
        ("us-ascii", "Zahlung hängt".encode(), "Zahlung hängt"),
        ("gb2312", "支付按钮没有反应".encode("gb18030"), "支付按钮没有反应"),
        ("ks_c_5601-1987", "결제 버튼".encode("cp949"), "결제 버튼"),
        ("koi8-r", "кнопка".encode("koi8-r"), "кнопка"),
        ("x-no-such", "hängt".encode(), "hängt"),
        ("utf-8", "hängt".encode("cp1252"), "hängt"),
        ("idna", b"hangs", "hangs"),
        ("hex", b"6869", "6869"),
        ("utf-16", "hängt".encode("utf-16"), "hängt"),
    ],
)
def test_odd_charsets_are_read(charset: str, data: bytes, text: str) -> None:
    assert read(mail(data, Content_Type=f"text/plain; charset={charset}")).text == text


def test_headers_in_any_charset_are_read() -> None:
    assert read(mail(Subject="=?iso-8859-1?Q?Zahlung_h=E4ngt?= =?utf-8?B?4oCT?=")).title == "Zahlung hängt\u2013"
    assert read(mail(Subject="=?nonsense?Q?x?=")).title
    assert read(b"Subject: h\xe4ngt\n\nx\n").title == "hängt"
    assert read("Subject: hängt 😀\n\nx\n".encode()).title == "hängt 😀"
    assert read(b"Subject: h\xe4ngt =?utf-8?Q?x?=\n\nx\n").title


MULTI = b"""--b
Content-Type: multipart/alternative; boundary=c

--c
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

It h=C3=A4ngs
--c
Content-Type: text/html

<p>It hangs</p>
--c--
--b
Content-Type: image/png; name="a;b.png"
Content-Disposition: attachment; filename="a;b.png"
Content-Transfer-Encoding: base64

aGVsbG8=
--b
Content-Type: message/rfc822

Subject: inner

inner text
--b--
"""


def test_text_is_taken_and_attachments_are_named() -> None:
    event = read(mail(MULTI, Content_Type="multipart/mixed; boundary=b"))
    assert event.text == "It hängs"
    picture, inner = event.attachments
    assert picture.startswith("a,b.png; image/png; 5 bytes; sha256=2cf24dba")
    assert "message/rfc822" in inner
    assert "inner text" not in event.text


def test_html_without_plain_text_is_left_to_the_stage_without_scripts() -> None:
    html = (
        b"<html><head><style>" + b"x" * MAX_TEXT_CHARS + b"</style></head><script>evil()</script><p>It hangs</p></html>"
    )
    event = read(mail(html, Content_Type="text/html"))
    assert event.text == "<html><p>It hangs</p></html>"
    assert event.attributes["content-type"] == "text/html"


def test_a_time_that_cannot_be_is_replaced() -> None:
    received = "from a by b; Mon, 15 Jun 2026 08:00:00 +0000"
    assert read(mail(Date="yesterday", Received=received)).occurred_at.hour == 8
    assert read(mail(Date="Mon, 15 Jun 2099 08:00:00 +0000")).occurred_at == NOW
    assert read(mail(Date="Mon, 99 Jun 2026 99:00:00 +0000")).occurred_at == NOW
    for edge in ("Fri, 31 Dec 9999 23:59:59 -2359", "Fri, 31 Dec 9999 23:59:59 +2359", "Mon, 01 Jan 100 0:0:0 +2359"):
        assert read(mail(Date=edge)).occurred_at == NOW


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"hello", b"\x00\xff" * 500, b"{}", b"<html>"])
def test_what_is_no_mail_says_so(raw: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        read(raw)
    assert refused.value.reason in {"not_mail", "empty_text"}


def _deep() -> bytes:
    inner = "text\n"
    for number in range(120):
        inner = f'Content-Type: multipart/mixed; boundary="b{number}"\n\n--b{number}\n{inner}\n--b{number}--\n'
    return b"From: a@example.com\nSubject: deep\n" + inner.encode()


@pytest.mark.parametrize(
    "make",
    [
        _deep,
        lambda: mail(b"x" * 1_000_000),
        lambda: mail(b"<" * 1_000_000, Content_Type="text/html"),
        lambda: mail(b"<!--" * 250_000, Content_Type="text/html"),
        lambda: mail(Subject="=?utf-8?Q?" + "=C3" * 200_000),
        lambda: mail(References="<" * 500_000),
        lambda: mail(From='"' * 100_000),
        lambda: mail(b"--b\n\n" * 100_000, Content_Type="multipart/mixed; boundary=b"),
        lambda: mail("\u202e\u200b🙂\U0001d538".encode() * 1000),
    ],
)
def test_hostile_mails_take_a_moment_and_break_nothing(make: Callable[[], bytes]) -> None:
    raw = make()
    begun = time.process_time()
    with suppress(Rejected):
        assert len(read(raw).text) <= MAX_TEXT_CHARS
    assert time.process_time() - begun < 5


@given(data=st.binary(max_size=500), behind=st.integers(0, 1))
def test_any_bytes_are_feedback_or_refused(data: bytes, behind: int) -> None:
    try:
        read(mail(data) if behind else data)
    except Rejected as refused:
        assert refused.reason


def test_mails_lie_in_files_maildirs_and_mboxes(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(mail())
    for name in ("cur", "new", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
        (tmp_path / "box" / name / "1").write_bytes(mail(Message_ID=f"<{name}@x>"))
    mbox = b"From ana Mon\n" + mail(b"It hangs\n>From here on\n") + b"\nFrom bob Mon\n" + mail(Message_ID="<b@x>")
    (tmp_path / "all.mbox").write_bytes(mbox)
    assert [read(found.raw).source.id for found in mails_in(str(tmp_path / "one.eml"))] == ["m1@example.com"]
    assert [read(found.raw).source.id for found in mails_in(str(tmp_path / "box"))] == ["cur@x", "new@x"]
    first, second = mails_in(str(tmp_path / "all.mbox"))
    assert read(first.raw).text == "It hangs\nFrom here on"
    assert (second.number, read(second.raw).source.id) == (2, "b@x")
    with pytest.raises(Stop, match="not there"):
        list(mails_in(str(tmp_path / "none")))


def test_refused_mails_are_counted_and_kept() -> None:
    outlet = MemoryOutlet()
    mails = [RawMail("a", 1, mail()), RawMail("b", 7, mail(Auto_Submitted="auto-replied"))]
    report = take_mails(mails, outlet, PLACE, KEY, now=NOW)
    assert (report.read, report.published, dict(report.reasons)) == (2, 1, {"automatic_mail": 1})
    (letter,) = outlet.letters
    assert (letter.source, letter.line, letter.stage, letter.reason) == ("b", 7, "mail", "automatic_mail")


class PretendedMailbox:
    def __init__(self, mails: dict[int, bytes]) -> None:
        self.mails = mails

    def validity(self) -> int:
        return 7

    def after(self, uid: int) -> list[int]:
        return sorted(number for number in self.mails if number > uid)

    def mail(self, uid: int) -> RawMail | None:
        return RawMail(f"INBOX/{uid}", uid, self.mails[uid]) if uid != 2 else None


def test_a_mailbox_is_read_on_where_it_was_left(tmp_path: Path) -> None:
    box, places = PretendedMailbox({1: mail(), 2: mail(), 3: mail()}), Places(tmp_path)
    account = Account("mail.example.com", "ana", "hunter2")
    assert [found.number for found in new_mails(box, box.after(places.get(account, 7)))] == [1, 3]
    places.save(account, 7, 3)
    assert box.after(places.get(account, 7)) == []
    assert places.get(account, 8) == 0
    assert "hunter2" not in repr(account)
    assert "hunter2" not in "".join(file.read_text() for file in tmp_path.iterdir())


def test_a_password_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("hunter2\n")
    assert password_of(str(tmp_path / "p")) == "hunter2"
    with pytest.raises(Stop, match="cannot read the password"):
        password_of(str(tmp_path / "none"))


class SmallServer(threading.Thread):
    """As much of an IMAP server as is asked for; it notes what it was asked."""

    def __init__(self, mails: dict[int, bytes]) -> None:
        super().__init__(daemon=True)
        self.mails, self.asked = mails, list[str]()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def run(self) -> None:
        connection, _ = self.socket.accept()
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"* OK IMAP4rev1 ready\r\n")
            stream.flush()
            while line := stream.readline():
                if not line.strip():
                    continue
                tag, _, said = line.decode().strip().partition(" ")
                self.asked.append(said)
                stream.write(self.answer(said) + f"{tag} {'NO' if 'wrong' in said else 'OK'} done\r\n".encode())
                stream.flush()
                if said.startswith("LOGOUT"):
                    break
        self.socket.close()

    def answer(self, said: str) -> bytes:
        if said.startswith("CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1\r\n"
        if said.startswith("EXAMINE"):
            return b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n"
        if found := re.match(r"UID SEARCH UID (\d+):", said):
            last = max(self.mails)
            uids = [uid for uid in self.mails if uid >= int(found[1]) or uid == last]
            return f"* SEARCH {' '.join(map(str, uids))}\r\n".encode()
        if found := re.match(r"UID FETCH (\d+) \(RFC822.SIZE", said):
            return f"* 1 FETCH (UID {found[1]} RFC822.SIZE {len(self.mails[int(found[1])])})\r\n".encode()
        if found := re.match(r"UID FETCH (\d+) \(BODY.PEEK", said):
            raw = self.mails[int(found[1])]
            return f"* 1 FETCH (UID {found[1]} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"
        return b""


def plainly(account: Account) -> imaplib.IMAP4:
    return imaplib.IMAP4(account.host, account.port, timeout=10)


def test_a_server_is_asked_without_changing_anything() -> None:
    server = SmallServer({4: mail(), 9: mail(Message_ID="<m9@x>")})
    server.start()
    account = Account("127.0.0.1", "ana", "hunter2", server.port)
    with ImapMailbox(account, plainly) as box:
        assert box.validity() == 7
        assert box.after(0) == [4, 9]
        assert box.after(9) == []
        found = [read(found.raw).source.id for found in new_mails(box, [4, 9])]
    server.join(10)
    assert found == ["m1@example.com", "m9@x"]
    assert any(said.startswith("EXAMINE") for said in server.asked)
    assert not any(word in said for said in server.asked for word in ("STORE", "SELECT", "EXPUNGE"))


def test_a_refused_user_is_told_without_the_password() -> None:
    server = SmallServer({})
    server.start()
    with pytest.raises(Stop) as refused, ImapMailbox(Account("127.0.0.1", "ana", "wrong", server.port), plainly):
        pass
    assert "ana" in refused.value.problem
    assert "wrong" not in refused.value.problem
