"""Plain text as people paste it: one long line a paragraph."""

# ruff: noqa: E501

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.content.plain import read_plain
from dispatch.model.post import MediaType

PASTED = """Tides of Change: How Harbour Towns Are Reinventing Themselves

Harbour Town Blog Post

Old Quays in Spring: A Second Look at the Waterfront

The way towns live with the sea is changing fast. Ports that once lived by fish now live by data, by tourists and by wind, and each of these asks something new of the people who stayed.

Harbour Change

Leaving Old Charts Behind

Many observers hold that the towns merely react to a crisis. However, that view passes over what the towns themselves decided, long before the last trawler was sold and the last crane fell silent.

Beyond the Pier: New Work in Old Sheds

Building Workshops That Outlast a Season

In March the council opened three sheds to anybody with a plan. One notable tenant builds small boats from flax, and sells them to lakes that are far away from any sea that he has ever sailed upon.

Quiet Engines

Electric ferries, once a curiosity, are now the rule. They need no harbour of their own, only a quay with a plug, and a timetable that people can keep in their heads without a telephone at hand.

Is It Only About Money After All?

It would be simple to say so. Yet the towns measure their success in children at school, not in sales, and by that measure the last years have been the best since the railway came to the coast.

Things You Can Do Next:

  • Visit a harbour in winter, when the people have time to talk.
  • Ask the council how the sheds are let, and to whom they are not.
  • Buy fish from those who still land it.
Harbour Towns

How Wind Will Change the Coast

Moving From Oil to Air

The turbines stand far out, and their keepers live ashore. A town with two hundred keepers needs bread, doctors and a cinema, and it is the cinema that people speak of most when asked about it.

Things You Can Do Next:

  • Read the plans; they are public.
  • Write to the operator, who has to answer.
  • Count the lights at night, and tell your children what they are.

Rethinking the Coast

A Last Look Back

The coast has always moved. What is new is that its people move with it, and choose where they go, which was never so in the long centuries when storms and lords decided that for them.

Things You Can Do Next:

  • Walk the old quay from end to end.
  • Keep a map of what was there.
  • Share what you find with those who come after you.
Hopeful Harbours

Setting Out Again

So the story is not over. Where would you begin, if a shed by the water were yours for a year? The answers that we have heard so far would fill more pages than this one could ever hold..

Showing 0 Comment
"""


@pytest.fixture(scope="module")
def html():
    """The body of the pasted text."""
    return read_plain(PASTED).html


def test_the_first_line_is_the_title(html):
    """And it is not said again in the body."""
    assert read_plain(PASTED).title == "Tides of Change: How Harbour Towns Are Reinventing Themselves"
    assert "Tides of Change" not in html


def test_three_lists_of_three_come_out_as_lists(html):
    """Indented bullets are items; what hangs on a list without an empty line is none."""
    lists = re.findall(r"<ul>(.*?)</ul>", html)
    assert [items.count("<li>") for items in lists] == [3, 3, 3]
    assert "<li>Buy fish from those who still land it.</li></ul>" in html


def test_short_lines_are_headings_and_those_above_headings_are_sections(html):
    """A line above another heading opens a section; the ones below it are its parts."""
    assert re.findall(r"<h2>(.*?)</h2>", html) == [
        "Old Quays in Spring: A Second Look at the Waterfront",
        "Leaving Old Charts Behind",
        "Beyond the Pier: New Work in Old Sheds",
        "How Wind Will Change the Coast",
        "Rethinking the Coast",
        "Setting Out Again",
    ]
    assert re.findall(r"<h3>(.*?)</h3>", html) == [
        "Building Workshops That Outlast a Season",
        "Quiet Engines",
        "Is It Only About Money After All?",
        "Things You Can Do Next:",
        "Moving From Oil to Air",
        "Things You Can Do Next:",
        "A Last Look Back",
        "Things You Can Do Next:",
    ]


def test_captions_are_no_headings(html):
    """They stay, small, and are reported with their line."""
    captions = ["Harbour Town Blog Post", "Harbour Change", "Harbour Towns", "Hopeful Harbours"]
    assert re.findall(r"<em>(.*?)</em>", html) == captions
    lines = PASTED.split("\n")
    noted = [lines[line - 1] for message, line in read_plain(PASTED).notes if "caption" in message]
    assert noted == captions


def test_leftovers_of_a_page_are_dropped_from_the_end_and_reported(html):
    """Never from the middle."""
    assert "Showing 0 Comment" not in html
    assert any("'Showing 0 Comment' was left out" in message for message, _ in read_plain(PASTED).notes)
    assert "3 comments" in read_plain("T\n\n3 comments\n\nThe rest of the text stands here.").html


def test_the_clean_post_keeps_all_that(make):
    """Through cleaning, with the caption left out of the summary."""
    post = make(PASTED, "tides.txt", MediaType.PLAIN)
    assert post.html.count("<li>") == 9
    assert post.summary.startswith("The way towns live with the sea")
    assert all(not problem.fatal for problem in post.problems)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("T\n\n1. one\n2. two", "<ol><li>one</li><li>two</li></ol>"),
        ("T\n\n3) three\n4) four", '<ol start="3"><li>three</li><li>four</li></ol>'),
        ("T\n\n- a\n\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("T\n\n- a\n    - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("T\n\n* a\n  runs on\n* b", "<ul><li>a runs on</li><li>b</li></ul>"),
        ("T\n\n> said\n> she", "<blockquote><p>said she</p></blockquote>"),
        ("T\n\nRoses are red\nViolets are blue", "<p>Roses are red<br>Violets are blue</p>"),
        ("T\n\nPart\n====\n\nText here.", "<h2>Part</h2>\n<p>Text here.</p>"),
        ("T\n\n1. Introduction\n\nText here.", "<h2>1. Introduction</h2>\n<p>Text here.</p>"),
        ("T\n\nYou will need:\n\n- salt", "<p>You will need:</p>\n<ul><li>salt</li></ul>"),
        ("T\n\nText here.\n\n***\n\nJane Doe", "<p>Text here.</p>\n<hr>\n<p>Jane Doe</p>"),
        ("T\n\n1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
    ],
)
def test_small_forms(text, expected):
    """What each form of plain text becomes."""
    assert read_plain(text).html == expected


def test_wrapped_lines_make_one_paragraph():
    """Lines broken at the same width belong together."""
    line = "word " * 14
    assert read_plain(f"T\n\n{line}\n{line}\n\nEnd here.").html.count("<p>") == 2


def test_lines_without_empty_ones_between_are_paragraphs_when_long():
    """Text from a browser has one long line a paragraph."""
    long = "A sentence that goes on. " * 10
    assert read_plain(f"T\n{long}\nA Heading Here\n{long}").html.count("<h2>") == 1


@given(st.text(alphabet="ab .\n-•1>\t#=A:", max_size=300))
def test_no_word_is_lost(text):
    """All letters of a text come out, in title or body, whatever its shape."""
    plain = read_plain(text)
    shown = plain.title + re.sub(r"<[^>]*>", "", plain.html)
    assert sorted(re.findall("[abA]", text)) == sorted(re.findall("[abA]", shown))
