"""`Container`: read liberally, answer exactly (behaviour.md B-8)."""

from typing import Any, ClassVar, Final, Self

from pydantic import BaseModel, ConfigDict, model_validator

_OWN_WAY: Final = {
    "bic": "BIC",
    "external_three_ds": "ExternalThreeDS",
    "has_cvc": "HasCVC",
    "iban": "IBAN",
    "mastercard_tlid": "MastercardTLID",
    "three_ds_server_trans_id": "ThreeDSServerTransId",
}


def wire_name(name: str) -> str:
    """`order_id` is `OrderId` on the wire."""
    return _OWN_WAY.get(name) or "".join(part[:1].upper() + part[1:] for part in name.rstrip("_").split("_"))


class Container(BaseModel):
    """A JSON object of the wire. Members nobody documented are ignored, numbers stand for texts, null for nothing."""

    model_config = ConfigDict(
        alias_generator=wire_name,
        populate_by_name=True,
        extra="ignore",
        coerce_numbers_to_str=True,
        frozen=True,
        hide_input_in_errors=True,  # it may be a card
    )

    EXACTLY_ONE_OF: ClassVar[tuple[str, ...]] = ()
    NOT_TOGETHER: ClassVar[tuple[tuple[str, str], ...]] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        given = {wire_name(name) for name in self.model_fields_set if getattr(self, name) is not None}
        if self.EXACTLY_ONE_OF and len(given.intersection(self.EXACTLY_ONE_OF)) != 1:
            raise ValueError(f"exactly one of {' and '.join(self.EXACTLY_ONE_OF)} is needed")
        for one, other in self.NOT_TOGETHER:
            if {one, other} <= given:
                raise ValueError(f"{one} and {other} exclude each other")
        return self

    def as_wire(self) -> dict[str, Any]:
        """As it is sent: what is nothing is left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
