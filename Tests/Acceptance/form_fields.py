"""Fields and forms as a person is shown them, and as a browser sends them."""

from dataclasses import dataclass, field

UNLABELLED_TYPES = ("hidden", "submit", "button", "image", "reset")


def words(text: str) -> str:
    return " ".join(text.split())


@dataclass
class Field:
    tag: str
    name: str | None
    type: str
    value: str
    identifier: str | None
    ticked: bool
    attributes: dict
    text: str = ""
    label: str = ""

    @property
    def caption(self) -> str:
        """What a person or a screen reader is told this is."""
        spoken = self.attributes.get("aria-label")
        return words(self.label or spoken or self.text or self.value)


@dataclass
class Form:
    action: str
    method: str
    fields: list[Field] = field(default_factory=list)

    def buttons(self) -> list[Field]:
        return [f for f in self.fields if f.type in ("submit", "image")]

    def button(self, caption: str) -> Field | None:
        return next((b for b in self.buttons() if b.caption == caption), None)

    def ticks(self, name: str | None = None) -> list[Field]:
        boxes = [f for f in self.fields if f.type in ("checkbox", "radio")]
        return [b for b in boxes if name in (None, b.name)]

    def labelled(self, *captions: str) -> Field | None:
        for caption in captions:
            for found in self.fields:
                if found.type in UNLABELLED_TYPES:
                    continue
                if caption.lower() in found.caption.lower():
                    return found
        return None

    def sent(self, button: Field | None) -> list[tuple[str, str]]:
        """The pairs a browser would send (HTML, form submission)."""
        pairs = []
        for each in self.fields:
            if not each.name or "disabled" in each.attributes:
                continue
            if each.type in ("submit", "image", "button", "reset"):
                if each is button:
                    pairs.append((each.name, each.value))
            elif each.type not in ("checkbox", "radio") or each.ticked:
                pairs.append((each.name, each.value))
        return pairs
