"""What DNS records mean, case by case."""

import pytest

from dispatch.acts.finding import Finding
from dispatch.acts.records import dmarc_names, judge_alignment, judge_dkim, judge_dmarc, judge_spf
from dispatch.dns import Texts

NAME, RECORD = "one._domainkey.sea.example", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
PUBLIC = RECORD.partition("p=")[2]
FINE, NOTE, WRONG = (True, False), (True, True), (False, False)


def weight(finding: Finding) -> tuple[bool, bool]:
    """How grave it is."""
    return finding.ok, finding.note


@pytest.mark.parametrize(
    ("found", "grave", "said"),
    [
        (["v=spf1 mx -all"], FINE, "sea.example: v=spf1 mx -all"),
        (["site-verification=1", "V=SPF1 ~all"], FINE, "~all"),
        (["v=spf1"], FINE, "v=spf1"),
        ([], NOTE, "no SPF record"),
        (["v=spf10 mx", "spf2.0/pra mx"], NOTE, "no SPF record"),
        (["v=spf1 mx -all", "v=spf1 a -all"], WRONG, "2 SPF records"),
    ],
)
def test_a_domain_has_one_spf_record(found: list[str], grave: tuple[bool, bool], said: str) -> None:
    """One is right, none is a note, more are an error to every receiver (RFC 7208, section 4.5)."""
    finding = judge_spf("sea.example", Texts(tuple(found)))
    assert weight(finding) == grave
    assert said in finding.said


@pytest.mark.parametrize(
    ("found", "grave", "said"),
    [
        ([RECORD], FINE, "matches"),
        ([f"k=ed25519;p={PUBLIC}"], FINE, "matches"),
        ([f" v = DKIM1 ;\n k=ed25519; h=sha1:sha256; s=email; p={PUBLIC[:9]} {PUBLIC[9:]} ;"], FINE, "matches"),
        ([RECORD, "something else"], FINE, "matches"),
        ([f"{RECORD}; t=y:s"], NOTE, "t=y"),
        ([], WRONG, f"is missing; it should say: {RECORD}"),
        (["v=DKIM1; k=ed25519; p="], WRONG, "revoked"),
        (["v=DKIM1; k=ed25519"], WRONG, "no p="),
        ([f"v=DKIM2; k=ed25519; p={PUBLIC}"], WRONG, "version"),
        ([f"v=DKIM1; p={PUBLIC}"], WRONG, "another algorithm"),
        (["v=DKIM1; k=ed25519; p=AAAA"], WRONG, "another key"),
        ([f"k=ed25519; h=sha1; p={PUBLIC}"], WRONG, "sha256"),
        ([f"k=ed25519; s=tlsrpt; p={PUBLIC}"], WRONG, "not for mail"),
        ([RECORD, RECORD.replace("1", "2")], WRONG, "2 TXT records"),
    ],
)
def test_a_key_record_matches_the_key(found: list[str], grave: tuple[bool, bool], said: str) -> None:
    """Only a record under which our signatures verify is well; of any other, what it should say is told."""
    finding = judge_dkim(NAME, RECORD, Texts(tuple(found)))
    assert weight(finding) == grave
    assert said in finding.said
    assert NAME in finding.said


@pytest.mark.parametrize(
    ("below", "above", "grave", "said"),
    [
        ("v=DMARC1; p=reject", "", FINE, "_dmarc.news.sea.example: reject"),
        ("v=DMARC1; p=None; rua=mailto:a@sea.example", "", FINE, "none, receivers only report"),
        ("", "v=DMARC1; p=quarantine", FINE, "_dmarc.sea.example: quarantine"),
        ("", "v=DMARC1; p=reject; sp=none", FINE, "_dmarc.sea.example: none"),
        ("v=DMARC1; p=quarantine; sp=none", "v=DMARC1; p=reject", FINE, "_dmarc.news.sea.example: quarantine"),
        ("", "", NOTE, "no DMARC record"),
        ("some text", "", NOTE, "no DMARC record"),
        ("v=DMARC1", "", NOTE, "no policy"),
        ("v=DMARC1; p=refuse", "", NOTE, "no policy"),
        ("", "v=DMARC1; p=reject; adkim=s", NOTE, "strict"),
    ],
)
def test_the_nearest_dmarc_record_counts(below: str, above: str, grave: tuple[bool, bool], said: str) -> None:
    """The domain's own, else that of a domain above with its sp=; what it asks is told."""
    answers = {"_dmarc.news.sea.example": below, "_dmarc.sea.example": above}
    texts = {name: Texts((text,) if text else ()) for name, text in answers.items()}
    finding = judge_dmarc("news.sea.example", texts, "sea.example")
    assert weight(finding) == grave
    assert said in finding.said


@pytest.mark.parametrize("signed_for", ["", "news.sea.example"])
def test_strict_alignment_is_no_matter_for_the_domain_itself(signed_for: str) -> None:
    """adkim=s asks for the very domain of the From, and says nothing to whoever does not sign."""
    answers = {"_dmarc.news.sea.example": Texts(("v=DMARC1; p=reject; adkim=s",))}
    assert weight(judge_dmarc("news.sea.example", answers, signed_for)) == FINE


def test_two_dmarc_records_are_none() -> None:
    """Receivers then act as if there were no policy (RFC 7489, section 6.6.3)."""
    finding = judge_dmarc("sea.example", {"_dmarc.sea.example": Texts(("v=DMARC1; p=none", "v=DMARC1; p=reject"))}, "")
    assert weight(finding) == NOTE
    assert "2 records" in finding.said


def test_dmarc_is_looked_for_up_to_the_last_two_labels() -> None:
    """Nearest first, and never at a top-level domain."""
    assert dmarc_names("a.b.example") == ["_dmarc.a.b.example", "_dmarc.b.example"]
    assert dmarc_names("localhost") == ["_dmarc.localhost"]


@pytest.mark.parametrize(
    ("domain", "grave"),
    [
        ("sea.example", FINE),
        ("news.sea.example", FINE),
        ("undersea.example", NOTE),
        ("example", NOTE),
        ("land.example", NOTE),
    ],
)
def test_a_signature_counts_for_its_domain_and_those_below(domain: str, grave: tuple[bool, bool]) -> None:
    """Mail from elsewhere is signed, but DMARC does not count it."""
    assert weight(judge_alignment(domain, "sea.example")) == grave


def test_what_could_not_be_looked_up_is_a_note() -> None:
    """Without an answer nothing is known, and nothing fails."""
    silent = Texts(failed="no answer within 5 seconds")
    findings = [
        judge_spf("sea.example", silent),
        judge_dkim(NAME, RECORD, silent),
        judge_dmarc("sea.example", {"_dmarc.sea.example": silent}, ""),
    ]
    assert {weight(finding) for finding in findings} == {NOTE}
    assert all("could not be looked up: no answer" in finding.said for finding in findings)
