"""How the providers' keys are doing, for admins."""

from typing import Any

from flask import Blueprint

from batchgen.api.context import current_user
from batchgen.api.contract import operation
from batchgen.api.identity import admins
from batchgen.schemas.keys import ProviderStateOut
from batchgen.services.keys import KeyService


def blueprint(keys: KeyService) -> Blueprint:
    bp = Blueprint("keys", __name__, url_prefix="/api/providers")

    @bp.get("/health")
    @admins
    @operation("Keys that rest and models that stand still (admins)", {200: ProviderStateOut}, many=True)
    def list_states() -> Any:
        return [ProviderStateOut.of(state) for state in keys.states(current_user())]

    return bp
