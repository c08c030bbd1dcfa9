"""Media types: which JSON is taken, and in which of the published formats an answer is given."""

from email.message import Message

OFFERED = ("text/plain", "application/json", "text/json")
TAKEN = ("application/json", "text/json", "application/*+json")


def is_json(content_type: str) -> bool:
    """Whether a body under this Content-Type is one of the published JSON formats."""
    main, _, sub = _parsed(content_type).get_content_type().partition("/")
    return f"{main}/{sub}" in TAKEN or (main == "application" and sub.endswith("+json"))


def best_of(accept: str) -> str:
    """The offered format that a client prefers; the first one offered when it does not care."""
    wishes = [(wish.get_content_type(), _quality(wish)) for wish in map(_parsed, accept.split(","))]
    return max(OFFERED, key=lambda offer: max(_liking(offer, name, quality) for name, quality in wishes))


def _liking(offer: str, wish: str, quality: float) -> tuple[float, bool]:
    fits = wish in (offer, f"{offer.partition('/')[0]}/*", "*/*")
    return (quality if fits else 0.0, wish == offer)


def _quality(wish: Message) -> float:
    try:
        return float(str(wish.get_param("q", "1")))
    except ValueError:
        return 0.0


def _parsed(value: str) -> Message:
    message = Message()
    message["Content-Type"] = value
    return message
