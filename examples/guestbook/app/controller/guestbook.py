from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from eggd import Controller
from eggd.plugins.validate.errors import InvalidParamError

FIELDS = ("name", "text")
PICTURES = {
    "type": "enum",
    "values": ["image/jpeg", "image/png", "image/webp"],
    "message": "should be a picture (JPEG, PNG or WebP)",
}


@dataclass
class EntryForm:
    """The fields of the form; `picture` is the media type by the first bytes of the file."""

    name: Annotated[str, {"type": "string", "max": 40, "trim": True}]
    text: Annotated[str, {"type": "string", "max": 1000, "trim": True}]
    picture: Annotated[str, PICTURES] = ""


class GuestbookController(Controller):
    async def index(self) -> None:
        await self._show({}, {})

    async def sign(self) -> None:
        """Keeps an entry, or shows the form again with an error at each wrong field."""
        files = await self.ctx.save_request_files()
        body = self.ctx.request.body
        # Browsers send a line break as two characters; a visitor sees one.
        fields = {name: body[name].replace("\r\n", "\n") for name in FIELDS if name in body}
        try:
            picture = {"picture": files[0].detected_mime} if files else {}
            form = self.ctx.validate(EntryForm, {**fields, **picture})
        except InvalidParamError as exc:
            await self._show(fields, exc.messages)
            self.ctx.status = exc.status
            return
        path: Path | None = files[0].path if files else None
        id = await self.service.entries.add(form.name, form.text, form.picture, path)
        await self.ctx.cleanup_request_files()
        self.ctx.redirect(f"/#entry-{id}")
        self.ctx.status = 303

    async def picture(self) -> bytes:
        """Sends a picture with the type that was checked, never one that a visitor named."""
        picture = await self.service.entries.picture(int(self.ctx.params["id"]))
        if picture is None:
            self.ctx.throw(404)
        self.ctx.type, content = picture
        self.ctx.set("Cache-Control", "public, max-age=31536000, immutable")
        return content

    async def _show(self, fields: Mapping[str, object], problems: Mapping[str, str]) -> None:
        page = {
            "entries": await self.service.entries.latest(),
            "count": await self.service.entries.count(),
            "form": fields,
            "problems": problems,
        }
        await self.ctx.render("home", page)
