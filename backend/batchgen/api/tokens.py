"""My personal tokens."""

from typing import Any

from flask import Blueprint, Response

from batchgen.api.context import identity
from batchgen.api.contract import operation
from batchgen.api.identity import in_person
from batchgen.schemas.accounts import TokenIn, TokenMadeOut, TokenOut, TokensOut
from batchgen.services.tokens import TokenService


def blueprint(tokens: TokenService) -> Blueprint:
    bp = Blueprint("tokens", __name__, url_prefix="/api/tokens")

    @bp.get("")
    @operation("My tokens", {200: TokensOut})
    def list_tokens() -> Any:
        return TokensOut(items=[TokenOut.of(one) for one in tokens.of(identity())])

    @bp.post("")
    @in_person
    @operation("Make a token; it is shown once", {201: TokenMadeOut}, body=TokenIn)
    def create_token(body: TokenIn) -> Any:
        token, secret = tokens.make(identity(), body.name, body.scopes, body.expires_in_days)
        return TokenMadeOut.made(token, secret), 201

    @bp.delete("/<token_id>")
    @in_person
    @operation("End a token", {204: None})
    def delete_token(token_id: str) -> Response:
        tokens.end(identity(), token_id)
        return Response(status=204)

    return bp
