"""Cards, embeds and furniture of publishing programs as what every mail can show."""

import pytest

from dispatch.model.post import MediaType

GHOST = (
    '<figure class="kg-card kg-bookmark-card"><a class="kg-bookmark-container" href="https://a.example/x">'
    '<div class="kg-bookmark-content"><div class="kg-bookmark-title">The title</div>'
    '<div class="kg-bookmark-description">What it says</div><div class="kg-bookmark-metadata">'
    '<img class="kg-bookmark-icon" src="https://a.example/i.png"></div></div>'
    '<div class="kg-bookmark-thumbnail"><img src="https://a.example/t.png"></div></a></figure>'
)
NOTION = (
    '<figure><a href="https://a.example/x" class="bookmark source"><div class="bookmark-info">'
    '<div class="bookmark-text"><div class="bookmark-title">The title</div>'
    '<div class="bookmark-description">What it says</div></div></div><img src="t.png"></a></figure>'
)
BOOKMARK = '<figure><p><a href="https://a.example/x">The title</a><br>What it says</p></figure>'


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        (GHOST, BOOKMARK),
        (NOTION, BOOKMARK),
        (
            '<blockquote class="wp-embedded-content"><a href="https://b.example/p/">Theirs</a></blockquote>'
            '<iframe class="wp-embedded-content" src="https://b.example/p/embed/"></iframe>',
            '<blockquote><a href="https://b.example/p/">Theirs</a></blockquote>',
        ),
        (
            '<div class="wp-block-embed__wrapper">\nhttps://vimeo.com/12345\n</div>',
            '<div><p><a href="https://vimeo.com/12345">▶ Video</a></p></div>',
        ),
        (
            '<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/a/?x=1"><svg></svg>'
            "</blockquote>",
            '<p><a href="https://www.instagram.com/p/a/">Post on Instagram</a></p>',
        ),
        (
            '<iframe src="https://mastodon.social/@ada/123/embed"></iframe>',
            '<p><a href="https://mastodon.social/@ada/123">Post by @ada at mastodon.social</a></p>',
        ),
        (
            '<iframe src="https://codepen.io/ada/embed/abc?theme=1"></iframe>',
            '<p><a href="https://codepen.io/ada/pen/abc">Pen on CodePen</a></p>',
        ),
        (
            '<iframe src="https://open.spotify.com/embed/track/1"></iframe>',
            '<p><a href="https://open.spotify.com/embed/track/1">Listen on Spotify</a></p>',
        ),
        (
            '<iframe src="https://notspotify.com/x"></iframe>',
            '<p><a href="https://notspotify.com/x">Embedded content at notspotify.com</a></p>',
        ),
        (
            '<script src="https://gist.github.com/ada/abc123.js"></script>',
            '<p><a href="https://gist.github.com/ada/abc123">Gist on GitHub</a></p>',
        ),
        (
            '<table class="lntable"><tr><td><pre>1\n2</pre></td>'
            '<td><pre><code class="language-go">a\nb</code></pre></td></tr></table>',
            '<pre><code class="language-go">a\nb</code></pre>',
        ),
        ('<h2>Head <a class="headerlink" href="#x">¶</a></h2>', "<h2>Head </h2>"),
        ('<p hidden="">no</p><p style="color:red; display : none">no</p><p>yes</p>', "<p>yes</p>"),
        ('<div class="kg-video-card"><div class="kg-video-player-container">0:00</div>x</div>', "<div>x</div>"),
    ],
)
def test_cards_become_plain(make, html, shown):
    """Links with a name, code without its line numbers, and no buttons."""
    assert make(html, media_type=MediaType.HTML).html == shown


@pytest.mark.parametrize(
    ("text", "label"),
    [("> [!NOTE]\n> Mind it.", "Note:"), ("> [!tip]- At night\n> Mind it.", "At night:")],
)
def test_callouts_keep_their_kind(make, text, label):
    """Those of GitHub and Obsidian are written as quotations."""
    assert make(text).html == f"<blockquote>\n<p><strong>{label}</strong> Mind it.</p>\n</blockquote>"


@pytest.mark.parametrize(
    "html",
    [
        '<div class="language-ruby highlighter-rouge"><div class="highlight"><pre class="highlight"><code>'
        '<span class="nb">puts</span> 1\n</code></pre></div></div>',
        '<figure class="highlight"><pre><code class="language-ruby" data-lang="ruby"><span class="nb">puts</span> 1\n'
        "</code></pre></figure>",
        '<pre class="brush: ruby">puts 1\n</pre>',
        '<div class="highlight highlight-source-ruby"><pre><span class="pl-en">puts</span> 1\n</pre></div>',
        '<pre class="lang-ruby"><code><span class="lineno">1</span>puts 1<br></code></pre>',
        '<pre class="shiki" data-language="ruby"><code><span class="line"><span>puts</span> 1</span>\n</code></pre>',
    ],
)
def test_code_of_every_program_is_code_in_a_language(make, html):
    """Without its colours and line numbers, so that mail can have ours."""
    assert '<pre><code class="language-ruby">puts 1\n</code></pre>' in make(html, media_type=MediaType.HTML).html


@pytest.mark.parametrize(
    "html", ["<pre>a <b>b</b></pre>", '<pre><code>a <a href="https://a.example/">b</a></code></pre>']
)
def test_code_without_a_language_or_with_links_keeps_its_markup(make, html):
    """There is nothing to colour, or something to lose."""
    assert make(html, media_type=MediaType.HTML).html == html


def test_a_link_to_a_bookmark_within_a_sentence_is_a_link(make):
    """The class alone makes no card."""
    html = '<p>A <a class="bookmark" href="https://a.example/">word</a>.</p>'
    assert make(html, media_type=MediaType.HTML).html == '<p>A <a href="https://a.example/">word</a>.</p>'
