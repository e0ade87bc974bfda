"""The resource /api/notes."""

from eggd import Controller, HttpError


class NotesController(Controller):
    """One method per action; what one returns is the body."""

    async def index(self) -> list[dict[str, object]]:
        """GET /api/notes."""
        return self.service.notes.all()

    async def create(self) -> dict[str, object]:
        """POST /api/notes."""
        note = self.service.notes.add(self._text())
        self.ctx.status = 201
        self.ctx.set("Location", f"/api/notes/{note['id']}")
        return note

    async def show(self) -> dict[str, object]:
        """GET /api/notes/:id."""
        return self.service.notes.find(self._number())

    async def update(self) -> dict[str, object]:
        """PUT and PATCH /api/notes/:id."""
        number = self._number()
        self.service.notes.find(number)
        return self.service.notes.change(number, self._text())

    async def destroy(self) -> None:
        """DELETE /api/notes/:id."""
        self.service.notes.remove(self._number())
        self.ctx.status = 204

    def _number(self) -> int:
        given = self.ctx.params["id"]
        if not (given.isascii() and given.isdecimal()):
            raise HttpError(404, f"no note {given}")
        return int(given)

    def _text(self) -> str:
        body = self.ctx.request.body
        text = body.get("text") if isinstance(body, dict) else None
        if not isinstance(text, str) or not text.strip():
            raise HttpError(422, 'a note is {"text": "..."}')
        return text
