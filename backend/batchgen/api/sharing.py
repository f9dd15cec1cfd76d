"""Sharing a batch: with the team, and by links."""

from typing import Any

from flask import Blueprint, Response

from batchgen.api.context import current_user
from batchgen.api.contract import operation
from batchgen.schemas.sharing import LinkIn, NewLinkOut, SharingIn, SharingOut
from batchgen.services.sharing import SharingService


def blueprint(sharing: SharingService) -> Blueprint:
    bp = Blueprint("sharing", __name__, url_prefix="/api/batches")

    @bp.get("/<batch_id>/sharing")
    @operation("Who else may see a batch", {200: SharingOut})
    def get_sharing(batch_id: str) -> Any:
        return SharingOut.of(sharing.of(current_user(), batch_id))

    @bp.put("/<batch_id>/sharing")
    @operation("Share a batch with the team, or no more", {200: SharingOut}, body=SharingIn)
    def put_sharing(batch_id: str, body: SharingIn) -> Any:
        return SharingOut.of(sharing.set_team(current_user(), batch_id, body.team))

    @bp.post("/<batch_id>/links")
    @operation("Make a link that shows a batch's results to whoever has it", {201: NewLinkOut}, body=LinkIn)
    def create_link(batch_id: str, body: LinkIn) -> Any:
        link, url = sharing.add_link(
            current_user(), batch_id, body.expires_in_days, approved_only=body.only == "approved"
        )
        return NewLinkOut.made(link, url), 201

    @bp.delete("/<batch_id>/links/<link_id>")
    @operation("Revoke a link", {204: None})
    def delete_link(batch_id: str, link_id: str) -> Response:
        sharing.remove_link(current_user(), batch_id, link_id)
        return Response(status=204)

    return bp
