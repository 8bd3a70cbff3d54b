"""What would fail, and how to mend it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from email.utils import parseaddr
from itertools import product
from urllib.parse import urlsplit

from dispatch.acts.act import Desk
from dispatch.acts.choices import judge_choices
from dispatch.acts.finding import Finding, note
from dispatch.acts.hubs import judge_hubs
from dispatch.acts.keys import ED25519_ALONE
from dispatch.acts.preflight import preflight
from dispatch.acts.preview import NO_POST, Preview, Reader, preview_list
from dispatch.acts.records import dmarc_names, judge_alignment, judge_dkim, judge_dmarc, judge_spf
from dispatch.acts.service_preview import broken_service_mails, preview_service_mail
from dispatch.acts.specimen import broken_mails, specimen
from dispatch.dns import Nameserver, texts
from dispatch.errors import DispatchError, TemplateError
from dispatch.message.dkim import Signer
from dispatch.message.plain import ascii_host
from dispatch.model.dkim import Algorithm
from dispatch.model.service_mail import ServiceMailKind
from dispatch.model.subscriber import Cadence
from dispatch.providers.signing import read_signers
from dispatch.render.preflight.remark import MADE, NO_ADDRESS, Remark, Severity
from dispatch.store import posts, subscribers

__all__ = ["Finding", "check"]

Things = set[tuple[str, ...]]  # what preflight has said already, of whichever mail
PLACEHOLDERS = (".example.org", ".example.com", ".example.net", ".example")


async def check(desk: Desk, nameserver: Nameserver | None = None) -> AsyncIterator[Finding]:
    """Look at everything that a send depends on. That the publication opened proves settings, store and keys.

    Where the provider really mails, the DNS is asked: by `nameserver`, else as this machine asks it.
    """
    context = desk.context
    yield Finding(True, "settings", str(context.config.path))
    yield Finding(True, "store", f"{context.store.place} is up to date")
    yield await _provider(desk)
    yield _web(desk)
    yield _address(desk)
    yield _placeholders(desk)
    for finding in judge_hubs(context.config):
        yield finding
    for finding in await judge_choices(desk):
        yield finding
    for finding in _signing(desk):
        yield finding
    for finding in await _records(desk, nameserver):
        yield finding
    told: Things = set()
    for slug in context.lists:
        broken = [Finding(False, f"list {slug}", said) for said in await broken_service_mails(desk, slug)]
        for finding in dict.fromkeys([*await _template(desk, slug, told), *broken]):
            yield finding
        yield await _people(desk, slug)
    for finding in _words(desk):
        yield finding
    for finding in await _service_mails(desk, told):
        yield finding


async def _provider(desk: Desk) -> Finding:
    try:
        return Finding(True, "provider", await desk.context.provider.check())
    except DispatchError as error:
        return Finding(False, "provider", str(error))


def _web(desk: Desk) -> Finding:
    config, mails = desk.context.config, desk.context.provider.capabilities.mails
    if not config.web_is_insecure:
        return Finding(True, "web", f"links that act begin with {config.web_url}")
    said = f"[web] url is {config.web_url}: one-click unsubscribing needs https and a host that subscribers reach"
    return Finding(not mails or config.web.allow_insecure_web, "web", said, note=True)


def _address(desk: Desk) -> Finding:
    if desk.context.publication.address:
        return Finding(True, "address", "the footer has a postal address")
    said = "[publication] address is empty: many countries ask for a postal address in every newsletter"
    return Finding(not desk.context.provider.capabilities.mails, "address", said, note=True)


def _placeholders(desk: Desk) -> Finding:
    """The addresses that `init` writes belong to nobody (RFC 2606, section 3)."""
    context = desk.context
    senders = [parseaddr(one.sender)[1] for one in context.lists.values()]
    hosts = [address.rpartition("@")[2] for address in senders]
    hosts += [urlsplit(url).hostname or "" for url in (context.publication.url, context.publication.web_url)]
    left = sorted({host for host in hosts if f".{host}".endswith(PLACEHOLDERS)})
    if not left:
        return Finding(
            True, "sender", f"mail comes from {', '.join(sorted(set(senders))) or 'nobody: there is no list'}"
        )
    said = f"{', '.join(left)} belongs to nobody: write your own [publication] email and url, and each list's from"
    return Finding(True, "sender", said, note=True)


def _domains(desk: Desk) -> list[str]:
    """The domains that mail comes from."""
    addresses = [parseaddr(one.sender)[1] for one in desk.context.lists.values()]
    return sorted({ascii_host(address.rpartition("@")[2]).lower() for address in addresses})


def _signing(desk: Desk) -> list[Finding]:
    """Who signs for whom, as far as the settings tell."""
    dkim, mails = desk.context.config.dkim, desk.context.provider.capabilities.mails
    if dkim is None:
        said = "Dispatch signs no messages: let the mail server do it, or make a key: dispatch keys dkim"
        return [note("DKIM", said)] if mails else []
    found = [judge_alignment(domain, dkim.domain) for domain in _domains(desk)]
    if all(key.algorithm is Algorithm.ED25519 for key in dkim.keys):
        found.append(note("DKIM", ED25519_ALONE))
    return found


async def _records(desk: Desk, nameserver: Nameserver | None) -> list[Finding]:
    """What the DNS says of the domains that mail comes from; nothing where nobody is mailed."""
    if not desk.context.provider.capabilities.mails:
        return []
    domains, signers = _domains(desk), read_signers(desk.context.config)
    signed_for = signers[0].domain if signers else ""
    answers = await texts(_names(domains, signers), nameserver)
    return [
        *(judge_spf(domain, answers[domain]) for domain in domains),
        *(judge_dkim(one.record_name, one.record, answers[one.record_name]) for one in signers),
        *(judge_dmarc(domain, answers, signed_for) for domain in domains),
    ]


def _names(domains: list[str], signers: tuple[Signer, ...]) -> list[str]:
    """All names to ask for, each once."""
    names = [*domains, *(one.record_name for one in signers)]
    return list(dict.fromkeys(names + [name for domain in domains for name in dmarc_names(domain)]))


async def _template(desk: Desk, slug: str, told: Things) -> list[Finding]:
    """Whether a list's mails can be rendered, and what preflight says of them: its newest posts, or a specimen."""
    what = f"list {slug}"
    try:
        if broken := await broken_mails(desk, slug):
            return [Finding(False, what, said) for said in broken]
        has_posts = await _has_posts(desk, slug)
        shown = (await preview_list(desk, slug, "", Reader()))[0] if has_posts else await specimen(desk, slug)
    except DispatchError as error:
        return [Finding(False, what, str(error))]
    found = [Finding(True, what, f"renders: {len(shown.html.encode()):,} bytes of HTML")]
    found += [] if has_posts else [note(what, NO_POST.format(list=slug))]
    return found + await _seen(desk, what, shown, told, f"issue preview --list {slug}")


async def _has_posts(desk: Desk, slug: str) -> bool:
    one = desk.context.lists[slug]
    async with desk.context.store.read() as tx:
        return bool(await posts.newest(tx, 1, one.sources, one.tags))


async def _service_mails(desk: Desk, told: Things) -> list[Finding]:
    """What preflight says of the mails about subscriptions; they differ from list to list in words alone."""
    found: list[Finding] = []
    for slug, kind in product(list(desk.context.lists)[:1], ServiceMailKind):
        with suppress(DispatchError):  # which its list's finding names
            shown = await preview_service_mail(desk, slug, kind)
            command = f"list preview {slug} --service {kind.value}"
            found += await _seen(desk, f"{kind.value} mail", shown, told, command)
    return found


async def _seen(desk: Desk, what: str, shown: Preview, told: Things, command: str) -> list[Finding]:
    """What preflight says of a mail and has not said of another; `command` writes the mail's files."""
    fresh = [one for one in await preflight(desk, shown) if one.thing not in told and not _is_known(one)]
    told.update(one.thing for one in fresh)
    return [_finding(what, one, command) for one in fresh]


def _finding(what: str, one: Remark, command: str) -> Finding:
    fine = one.severity is not Severity.FAULT
    said = f"{one} `dispatch {command} --out DIR` writes that file." if one.where.startswith(MADE) else str(one)
    return Finding(fine, f"{what}, {one.check}", said, note=fine, warning=one.severity is Severity.WARNING)


def _is_known(one: Remark) -> bool:
    """Whether a finding on the settings says it already."""
    return one.said == NO_ADDRESS


def _words(desk: Desk) -> Iterator[Finding]:
    """Catalogues that cannot be read, or leave sentences to English."""
    theme = desk.context.theme
    for tag in theme.languages():
        what = f"words/{tag}.po"
        try:
            missing = theme.missing(tag)
        except TemplateError as error:
            yield Finding(False, what, str(error))
            continue
        if missing and tag.partition("-")[0].lower() != "en":
            yield note(what, f"{len(missing)} sentences are not translated and come in English, such as {missing[0]!r}")


async def _people(desk: Desk, slug: str) -> Finding:
    one = desk.context.lists[slug]
    async with desk.context.store.read() as tx:
        counts = {cadence: await subscribers.active(tx, one.id, cadence) for cadence in Cadence}
    stranded = [
        f"{count} get it {cadence.value}" for cadence, count in counts.items() if cadence not in one.cadences and count
    ]
    if stranded:
        said = f"{', '.join(stranded)}, which [lists.{slug}] cadences does not offer any more: they get nothing"
        return Finding(False, f"list {slug}", said)
    active = sum(counts.values())
    return Finding(True, f"list {slug}", f"active subscribers: {active}", note=active == 0)
