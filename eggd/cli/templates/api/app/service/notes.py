"""The notes: in the memory of one worker, until there is a database."""

from itertools import count

from eggd import HttpError, Service

_notes: dict[int, str] = {}
_numbers = count(1)


class NotesService(Service):
    """Keeps notes; a service lives as long as the request that asks for it."""

    def all(self) -> list[dict[str, object]]:
        """Returns every note, oldest first."""
        return [{"id": number, "text": text} for number, text in _notes.items()]

    def find(self, number: int) -> dict[str, object]:
        """Returns a note; raises 404 for an unknown number."""
        if number not in _notes:
            raise HttpError(404, f"no note {number}")
        return {"id": number, "text": _notes[number]}

    def add(self, text: str) -> dict[str, object]:
        """Keeps a new note and returns it; 409 if the store is full."""
        if len(_notes) >= self.config.notes.most:
            raise HttpError(409, f"{self.config.notes.most} notes are enough")
        number = next(_numbers)
        return self.change(number, text)

    def change(self, number: int, text: str) -> dict[str, object]:
        """Sets the text of a note and returns it."""
        _notes[number] = text
        return self.find(number)

    def remove(self, number: int) -> None:
        """Removes a note; raises 404 for an unknown number."""
        self.find(number)
        del _notes[number]
