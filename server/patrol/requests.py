"""What routes ask for that show or change rounds."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from server.patrol.house import PatrolHouse


async def house_of(request: Request) -> PatrolHouse:
    return cast("PatrolHouse", request.app.state.patrol)


House = Annotated[PatrolHouse, Depends(house_of)]
"""Keys, photos and addresses of this installation."""
