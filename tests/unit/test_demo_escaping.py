"""Nothing that a chart or a card says becomes markup or script on the demo's pages."""

from __future__ import annotations

import re

import pytest

from tests.support.demo_pages import Patient, demo
from tests.support.evaluations import arm, criterion, evaluation, evidence
from tests.support.service import PATIENT, bundle, resource

HOSTILE = "<script>alert(1)</script>"


def test_what_a_chart_says_is_text_and_never_markup() -> None:
    """Names, records, reasons and references are escaped wherever they stand."""
    one = criterion("SLE-2", "met", reason=HOSTILE, evidence=(evidence(HOSTILE, None, f'"{HOSTILE}'),), question=HOSTILE)
    chart = bundle({**PATIENT, "gender": HOSTILE, "birthDate": HOSTILE}, resource("Condition", HOSTILE, code={"text": HOSTILE}))
    client = demo(evaluation(arm("sle", one, title=HOSTILE)), Patient("p1", HOSTILE, HOSTILE, chart))
    for path in ("/", "/patients/p1"):
        assert HOSTILE not in client.get(path).text


@pytest.mark.parametrize("path", ["/", "/patients/p1", "/patients/nobody", "/patients/p1/request.json", "/demo/static/demo.js"])
def test_every_answer_forbids_what_is_inline_or_from_elsewhere(path: str) -> None:
    """The policy is strict, and the pages hold to it."""
    answer = demo().get(path)
    policy, text = answer.headers["Content-Security-Policy"], answer.text if answer.mimetype == "text/html" else ""
    answer.close()  # a static file stays open until then
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|<script(?![^>]* src=)|\sstyle=|\son[a-z]+=|(?:src|rel=\"stylesheet\" href)=\"(?!/demo/)", text)


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**Arm:** SLE\n\n- one\n- two", "<p><strong>Arm:</strong> SLE</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        (HOSTILE, "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("![x](https://elsewhere.example/x.png)", '<p>!<a href="https://elsewhere.example/x.png">x</a></p>\n'),
        ("\\*plain\\*", "<p>*plain*</p>\n"),
    ],
)
def test_markdown_becomes_safe_html(markdown: str, html: str) -> None:
    """Emphasis and lists come through; HTML, scripts and images do not."""
    assert demo().post("/demo/markdown", data=markdown.encode(), content_type="text/plain").text == html
