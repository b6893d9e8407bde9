from __future__ import annotations

import pytest

from processors.feedback.cleaning.html_text import html_to_text, is_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>The pay&nbsp;button</p><p>hangs</p>", "The pay\u00a0button\n\nhangs"),
        ("<div>one<br>two<br/>three</div>", "one\ntwo\nthree"),
        ("<html><head><title>x</title><style>p{}</style></head><body>hangs</body></html>", "hangs"),
        ("<div>before<script>alert(1)</script>after<!-- hidden --></div>", "beforeafter"),
        ("<ul><li>cart</li><li>pay</li></ul>", "- cart\n- pay"),
        ("<p>answer</p><blockquote>old<blockquote>older</blockquote></blockquote>", "answer\n\n> old\n\n> > older"),
        ('<p title="a > b">shown</p>', "shown"),
        ("<p>1 < 2 &amp; 3 &lt; 4 &#8364;</p>", "1 < 2 & 3 < 4 €"),
        ("<table><tr><td>Order</td><td>4711</td></tr></table>", "Order 4711"),
        ("<p>open <b>tag", "open tag"),
        ("<p>never ends <!-- x", "never ends <!-- x"),
        ("<div>kept<script>no end", "keptno end"),
        (f"<p>&#{'9' * 6000};</p>", f"&#{'9' * 6000};"),
    ],
)
def test_what_a_reader_sees(html: str, text: str) -> None:
    assert is_html(html)
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    "text",
    [
        "The search shows <script>alert(1)</script> of what I type",
        "<script>alert(document.cookie)</script> runs in the comment field",
        "<property><name>fs.defaultFS</name></property> is ignored",
        "a < b and b > c",
        "<3 the new page",
        "List<String> is not accepted",
    ],
)
def test_a_report_that_shows_markup_is_no_mail(text: str) -> None:
    assert not is_html(text)


def test_the_sender_may_say_that_it_is_html() -> None:
    assert is_html("Hello <b>world</b>", "text/html; charset=utf-8")


def test_depth_is_bounded() -> None:
    assert max(map(len, html_to_text("<blockquote>" * 5_000 + "x").splitlines())) < 60
