"""Messages a second, CPU and memory: every way in turn, round by round."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median

from child import Spent
from ways import Place, by_dispatch, by_naive, by_smtp_source, primitive

SOURCE, UNSIGNED = "smtp-source", "dispatch"
RSA = "dispatch, RSA-2048"
SIGNED = {"dispatch, Ed25519": "ed25519", RSA: "rsa"}
NAIVE = {"smtplib, EmailMessage": "smtplib", "aiosmtplib, EmailMessage": "aiosmtplib"}
HEADINGS = ("", "messages/s", "of smtp-source", "CPU µs each", "peak MB", "start s", "in all s", "sink's CPU µs")
MILLION, FEW = 1_000_000, 10_000

Way = Callable[[], Spent]
Rounds = Mapping[str, Sequence[Spent]]


def report_speed(place: Place, count: int, rounds: int, naive: int) -> None:
    """Print the table of all ways, and what RSA could reach."""
    ways: dict[str, Way] = {SOURCE: partial(by_smtp_source, place, count), UNSIGNED: partial(by_dispatch, place, count)}
    ways |= {name: partial(by_dispatch, place, count, algorithm) for name, algorithm in SIGNED.items()}
    if naive:
        ways |= {name: partial(by_naive, place, naive, library) for name, library in NAIVE.items()}
    alone: list[float] = []
    spent = take_turns(ways, rounds, lambda: alone.append(primitive("rsa")))
    print(f"\n{count:,} messages of {place.size:,} bytes, 50 connections, medians of {rounds} rounds")
    print_table(spent)
    share = median(one.rate / most for one, most in zip(spent[RSA], alone, strict=True))
    print(f"{RSA}: {share:.2f} of the {median(alone):,.0f} signatures/s that two threads make that do nothing else")
    for name in NAIVE.keys() & spent.keys():
        print(f"{UNSIGNED}: {ratio(spent[UNSIGNED], spent[name], rate_of):.1f} x {name}")


def report_million(place: Place) -> None:
    """Print the table for a million subscribers, and how memory grows from ten thousand."""
    few = by_dispatch(place, FEW)
    spent = take_turns(
        {SOURCE: partial(by_smtp_source, place, MILLION), UNSIGNED: partial(by_dispatch, place, MILLION)}, 1
    )
    source, ours = spent[SOURCE][0], spent[UNSIGNED][0]
    print(f"\n{MILLION:,} messages of {place.size:,} bytes, 50 connections, one round")
    print_table(spent)
    print(f"whole send: {ours.whole / source.whole:.2f} x the time of smtp-source")
    print(f"memory: {ours.peak:.1f} MB, {ours.peak / few.peak:.2f} x the {few.peak:.1f} MB of {FEW:,} subscribers")


def take_turns(ways: Mapping[str, Way], rounds: int, after_each: Callable[[], object] = lambda: None) -> Rounds:
    """Let every way have its turn in each round; `after_each` is measured along with them."""
    spent: dict[str, list[Spent]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, way in ways.items():
            spent[name].append(way())
            print(f"  round {number + 1}: {name:<26}{spent[name][-1].rate:>10,.0f}/s", flush=True)
        after_each()
    return spent


def print_table(spent: Rounds) -> None:
    """A row for each way."""
    print("{:<26}{:>11}{:>16}{:>13}{:>9}{:>9}{:>10}{:>15}".format(*HEADINGS))
    for name, rounds in spent.items():
        figures = (
            median(one.rate for one in rounds),
            ratio(rounds, spent[SOURCE], rate_of),
            median(one.cpu_each for one in rounds),
            median(one.peak for one in rounds),
            median(one.first for one in rounds),
            median(one.whole for one in rounds),
            median(one.sink_cpu / one.count * 1e6 for one in rounds),
        )
        print("{:<26}{:>11,.0f}{:>16.2f}{:>13.1f}{:>9.1f}{:>9.2f}{:>10.2f}{:>15.1f}".format(name, *figures))


def ratio(ours: Sequence[Spent], theirs: Sequence[Spent], figure: Callable[[Spent], float]) -> float:
    """The median over the rounds of one figure, divided by that of the other in the same round."""
    return median(figure(mine) / figure(other) for mine, other in zip(ours, theirs, strict=True))


def rate_of(one: Spent) -> float:
    """Messages a second, while sending."""
    return one.rate
