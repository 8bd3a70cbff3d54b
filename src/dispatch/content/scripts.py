"""Superscripts, subscripts and fractions as characters of their own, where Unicode has them all."""

_PLAIN = "0123456789+-−=()abcdefghijklmnoprstuvwxyz"
_RAISED = str.maketrans(_PLAIN, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
_LOW = "0123456789+-−=()aehijklmnoprstuvx"
_LOWERED = str.maketrans(_LOW, "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")

_FRACTIONS = {("1", "2"): "½", ("1", "3"): "⅓", ("2", "3"): "⅔", ("1", "4"): "¼", ("3", "4"): "¾", ("1", "8"): "⅛"}


def fraction(above: str, below: str) -> str | None:
    """`1`, `2` → `½`; None where Unicode lacks it."""
    return _FRACTIONS.get((above, below))


def raised(text: str) -> str | None:
    """`2` → `²`; None where Unicode lacks one of the characters."""
    return text.translate(_RAISED) if set(text) <= set(_PLAIN) else None


def lowered(text: str) -> str | None:
    """`2` → `₂`; None where Unicode lacks one of the characters."""
    return text.translate(_LOWERED) if set(text) <= set(_LOW) else None
