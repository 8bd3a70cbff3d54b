"""What another program would have filled in is never shown, and nothing else goes with it."""

import re

import pytest

from dispatch.model.post import MediaType


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("{{< youtube dQw4w9WgXcQ >}}", 'href="https://www.youtube.com/watch?v=dQw4w9WgXcQ"><img alt="" src='),
        ('{{<youtube id="dQw4w9WgXcQ" title="A talk">}}', "<br>▶ A talk</a></p>"),
        ('{{ youtube(id="dQw4w9WgXcQ") }}', 'href="https://www.youtube.com/watch?v=dQw4w9WgXcQ"'),
        ("{% youtube dQw4w9WgXcQ %}", 'href="https://www.youtube.com/watch?v=dQw4w9WgXcQ"'),
        ("[embed]https://youtu.be/dQw4w9WgXcQ[/embed]", 'href="https://www.youtube.com/watch?v=dQw4w9WgXcQ"'),
        ("{{< vimeo 12345 >}}", '<a href="https://vimeo.com/12345">▶ Video</a>'),
        ('{{< tweet user="ada" id="123456" >}}', '<a href="https://x.com/ada/status/123456">Post on X</a>'),
        ("{{< gist ada abcdef12 >}}", '<a href="https://gist.github.com/ada/abcdef12">Gist on GitHub</a>'),
        ("{{< instagram BWNjjyYFxVx >}}", '<a href="https://www.instagram.com/p/BWNjjyYFxVx/">Post on Instagram</a>'),
        (
            '{{< figure src="https://a.example/p.png" alt="A pier" caption="At dusk" >}}',
            '<figure><img alt="A pier" src="https://a.example/p.png"><figcaption>At dusk</figcaption></figure>',
        ),
        ('[audio mp3="https://a.example/a.mp3"]', '<a href="https://a.example/a.mp3">▶ Audio</a>'),
        ('[caption id="x" width="9"]<b>p</b> The pier[/caption]', "<p><b>p</b> The pier</p>"),
        ("{{% note %}}\nMind *it*.\n{{% /note %}}", "<p><strong>Note:</strong>\nMind <em>it</em>.\n</p>"),
        ('{% hint style="warning" %}Mind it.{% endhint %}', "<p><strong>Warning:</strong>Mind it.</p>"),
        (":::tip\nMind it.\n:::", "<p><strong>Tip:</strong>\nMind it.\n</p>"),
        ("{% raw %}a {{ name }}{% endraw %}", "<p>a {{ name }}</p>"),
        ("{% highlight ruby %}\n# {{ x }}\n{% endhighlight %}", '<code class="language-ruby"># {{ x }}\n</code>'),
        ("{{< highlight go >}}\n*a* := 1\n{{< /highlight >}}", '<code class="language-go">*a* := 1\n</code>'),
        ("Write {{</* youtube x */>}}.", "<p>Write {{&lt; youtube x &gt;}}.</p>"),
    ],
)
def test_what_is_known_becomes_what_it_means(make, written, shown):
    """A thumbnail, a link, a figure, a callout, code; and nobody need be told."""
    post = make(written)
    assert shown in post.html
    assert post.problems == ()


@pytest.mark.parametrize(
    "written",
    [
        '{{< gallery dir="img" >}}',
        "{{<my-code\nx=1>}}",
        "{{% partial a/b.html %}}",
        '{% include x.html a="b" %}',
        "{%- assign x = 1 -%}",
        '[gallery ids="1,2"]',
        '[contact-form-7 id="12" title="Ask"]',
        "{{< youtube >}}",
        "{% raw %}",
    ],
)
def test_all_others_are_taken_out_and_reported_with_their_line(make, written):
    """What stands around them stays, and so does what stands between two of them."""
    post = make(f"One.\n\nBefore {written} *after*.")
    assert post.html == "<p>One.</p>\n<p>Before  <em>after</em>.</p>"
    assert [(problem.line, problem.fatal) for problem in post.problems] == [(3, False)]
    assert " ".join(written.split())[:40] in post.problems[0].message.replace("\\", "")


def test_a_thousand_of_them_are_reported_by_the_first_hundred(make):
    """Each is looked for in the whole text, so that more would cost too much; none is shown."""
    post = make(" ".join(f"{{{{< x{number} >}}}}" for number in range(1000)) + " words")
    assert post.html.strip() == "<p>" + " " * 1000 + "words</p>"
    assert len(post.problems) == 101
    assert post.problems[-1].message == "There are 900 more of such remarks."


def test_a_pair_keeps_what_it_holds(make):
    """One word to the author, about the first of the two; an empty paragraph goes."""
    post = make("{{< columns >}}\n\nOne *word*.\n\n{{< /columns >}}")
    assert post.html == "<p>One <em>word</em>.</p>"
    assert len(post.problems) == 1


@pytest.mark.parametrize(
    "prose",
    [
        "use {{ name }} in Jinja",
        "{{ page.title }}",
        "{{ foo(x) }}",
        "my talk [video] and [code]",
        "a {% that never ends",
        "{{< nor this",
        "[1] and [gallery",
        "three ::: dots",
    ],
)
def test_prose_about_templates_stays(make, prose):
    """So does what only looks like a shortcode."""
    post = make(prose)
    assert re.sub("<[^>]*>", "", post.html).replace("&lt;", "<") == prose
    assert post.problems == ()


@pytest.mark.parametrize("code", ["`{}`", "```\n{}\n```", "    {}", "<kbd>{}</kbd>"])
def test_code_keeps_its_shortcodes(make, code):
    """They are what is talked about."""
    written = "{{% note %}} {% raw %} [gallery ids='1']"
    post = make(code.format(written))
    assert written in post.html
    assert post.problems == ()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ('{{< ref "other.md" >}}', "https://news.example.org/posts/other/"),
        ('{{< relref "other#part" >}}', "https://news.example.org/posts/other/#part"),
        ("{% post_url 2020-01-05-other %}", "https://news.example.org/posts/other/"),
        ("@/other.md", "https://news.example.org/posts/other/"),
        ("{{ site.baseurl }}/about/", "https://news.example.org/about/"),
        ('{{ "/about/" | relative_url }}', "https://news.example.org/about/"),
    ],
)
def test_addresses_are_what_a_template_would_make_of_them(make, tmp_path, address, expected):
    """Also where Markdown by itself would see no link, for there are blanks in them."""
    for name in ("other.md", "2020-01-05-other.md"):
        (tmp_path / name).write_text("x")
    post = make(f"[x]({address}) `[x]({address})`")
    assert post.html.count(f'<a href="{expected}">x</a>') == 1
    assert post.problems == ()


def test_a_feed_of_another_program_is_read_the_same_way(make):
    """Its HTML holds them as text."""
    post = make('<p>[caption id="x"]<img src="https://a.example/p.png"> Pier[/caption]</p>', "x", MediaType.HTML)
    assert post.html == '<p><img src="https://a.example/p.png" alt=""> Pier</p>'


@pytest.mark.parametrize(
    "unit", ["{{<", "{{< x ", "{% ", "[gallery ", "[embed]http://x ", "{% highlight x %}\n", ":::\n"]
)
def test_none_that_never_ends_makes_reading_slow(make, unit):
    """Twice as many cost about twice as much: nothing is read again and again."""
    assert make(unit * (40_000 // len(unit)) + "deep")
