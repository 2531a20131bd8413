"""What never reaches a provider, as a policy file."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from chassis.policy import VersionSchema
from notifications.domain.addresses import AddressRefusedError, normalised
from notifications.domain.roster import Channel
from notifications.domain.sandbox import Ending, Sandbox


class SimulatedSchema(Schema):
    """One simulated recipient, and what becomes of a message to them."""

    channel = fields.Enum(Channel, by_value=True, required=True)
    address = fields.String(required=True)
    ending = fields.Enum(Ending, by_value=True, required=True)

    @validates_schema
    def be_sent_to(self, values: dict[str, Any], **_: Any) -> None:
        """Refuse an address to which nothing would be sent, or which is not written as it is sent to."""
        try:
            written_well = normalised(values["channel"], values["address"]) == values["address"]
        except AddressRefusedError as error:
            raise ValidationError({"address": [str(error.reason)]}) from None
        if not written_well:
            raise ValidationError({"address": ["is not written as messages are sent to it"]})


class SandboxSchema(VersionSchema):
    """policy/sandbox.json."""

    everything = fields.Boolean(required=True)
    simulated = fields.List(fields.Nested(SimulatedSchema), required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Sandbox:
        """Build the sandbox."""
        endings = {(each["channel"], each["address"]): each["ending"] for each in values["simulated"]}
        return Sandbox(everything=values["everything"], endings=endings)
