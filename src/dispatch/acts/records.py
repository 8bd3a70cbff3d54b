"""What the DNS records of SPF, DKIM and DMARC mean for mail that is to be sent. Pure: no name is looked up here."""

from collections.abc import Callable, Mapping

from dispatch.acts.finding import Finding, note
from dispatch.dns import Texts

Tags = Mapping[str, str]

# What can be wrong with a DKIM key record: (whether it is, given the record and the one that should be there; words).
# RFC 6376, section 3.6.1; an absent tag has its default.
DKIM_FLAWS: tuple[tuple[Callable[[Tags, Tags], bool], str], ...] = (
    (lambda there, wanted: there.get("v", "DKIM1") != "DKIM1", "is of another version than DKIM1"),
    (lambda there, wanted: "p" not in there, "holds no p="),
    (lambda there, wanted: not there["p"], "is revoked (its p= is empty)"),
    (lambda there, wanted: there.get("k", "rsa") != wanted["k"], "is for another algorithm"),
    (lambda there, wanted: there["p"] != wanted["p"], "holds another key than the file"),
    (lambda there, wanted: "sha256" not in there.get("h", "sha256").split(":"), "does not allow sha256 (its h=)"),
    (lambda there, wanted: not {"*", "email"} & set(there.get("s", "*").split(":")), "is not for mail (its s=)"),
)
POLICIES = {
    "none": "receivers only report what fails",
    "quarantine": "what fails goes to the spam folder",
    "reject": "what fails is refused",
}


def tags(record: str) -> dict[str, str]:
    """A list of `tag=value` (RFC 6376, section 3.2), without any white space in it."""
    pairs = [pair.partition("=") for pair in "".join(record.split()).split(";") if "=" in pair]
    return {name: value for name, _, value in pairs}


def judge_spf(domain: str, texts: Texts) -> Finding:
    """Whether a domain has its one SPF record (RFC 7208, sections 3.2 and 4.5)."""
    if texts.failed:
        return _unknown("SPF", domain, texts)
    records = [text for text in texts.found if text.lower().split(" ")[0] == "v=spf1"]
    if not records:
        said = f"{domain} has no SPF record; your mail server's documentation says which to publish"
        return note("SPF", said)
    if len(records) > 1:
        return Finding(False, "SPF", f"{domain} has {len(records)} SPF records, so none counts: join them into one")
    return Finding(True, "SPF", f"{domain}: {records[0]}")


def judge_dkim(name: str, record: str, texts: Texts) -> Finding:
    """Whether the key record at `name` is `record`, which belongs to our private key."""
    if texts.failed:
        return _unknown("DKIM", name, texts)
    records = [text for text in texts.found if {"p", "v"} & tags(text).keys()]
    if len(records) > 1:
        return Finding(False, "DKIM", f"{name} has {len(records)} TXT records: only one key may stand there")
    there, wanted = tags(records[0]) if records else {}, tags(record)
    flaw = next((words for is_wrong, words in DKIM_FLAWS if is_wrong(there, wanted)), "") if records else "is missing"
    if flaw:
        return Finding(False, "DKIM", f"the TXT record {name} {flaw}; it should say: {record}")
    if "y" in there.get("t", "").split(":"):
        return note("DKIM", f"{name} matches the key, but says t=y (a test): receivers may pass over the signature")
    return Finding(True, "DKIM", f"{name} matches the key")


def dmarc_names(domain: str) -> list[str]:
    """Where a DMARC record for mail from `domain` may stand, nearest first: there, or at a domain above."""
    labels = domain.split(".")
    return [f"_dmarc.{'.'.join(labels[at:])}" for at in range(max(len(labels) - 1, 1))]


def judge_dmarc(domain: str, answers: Mapping[str, Texts], signed_for: str) -> Finding:
    """The DMARC policy for mail from `domain` (RFC 7489, section 6.3); `signed_for` is our d=, "" without one."""
    for name in dmarc_names(domain):
        if answers[name].failed:
            return _unknown("DMARC", name, answers[name])
        records = [text for text in answers[name].found if tags(text).get("v") == "DMARC1"]
        if len(records) > 1:
            return note("DMARC", f"{name} has {len(records)} records, so none counts: keep one")
        if records:
            return _judge_policy(name, domain, tags(records[0]), signed_for)
    return note("DMARC", f"{domain} has no DMARC record; large receivers want one. To begin with: v=DMARC1; p=none")


def _judge_policy(name: str, domain: str, record: Tags, signed_for: str) -> Finding:
    above = name != f"_dmarc.{domain}"
    policy = record.get("sp" if above and "sp" in record else "p", "").lower()
    if policy not in POLICIES:
        return note("DMARC", f"{name} has no policy that receivers know: p= is none, quarantine or reject")
    if record.get("adkim", "r").lower() == "s" and signed_for not in ("", domain):
        said = f"{name} is strict (adkim=s): a signature for {signed_for} does not count for mail from {domain}"
        return note("DMARC", said)
    return Finding(True, "DMARC", f"{name}: {policy}, {POLICIES[policy]}")


def judge_alignment(domain: str, signed_for: str) -> Finding:
    """Whether DMARC counts our signature for mail from `domain` (RFC 7489, section 3.1.1)."""
    if f".{domain}".endswith(f".{signed_for}"):
        return Finding(True, "DKIM", f"mail from {domain} is signed for {signed_for}")
    said = f"mail from {domain} is signed for {signed_for}: DMARC does not count that, for {domain} is not below it"
    return note("DKIM", said)


def _unknown(what: str, name: str, texts: Texts) -> Finding:
    return note(what, f"{name} could not be looked up: {texts.failed.rstrip('.')}")
