"""The session of one request: read from cookie or store, checked, and saved with the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from time import time
from weakref import ref

from eggd import Context, EggError, HttpError
from eggd.plugins.session import codec
from eggd.plugins.session.codec import StoredSession
from eggd.plugins.session.contents import check_keys, checked_mapping
from eggd.plugins.session.external_id import new_id, read_id
from eggd.plugins.session.functions import plain_result
from eggd.plugins.session.lifetime import checked_age, is_half_over
from eggd.plugins.session.loading import handler_of, is_without_session
from eggd.plugins.session.section import SessionConfig
from eggd.plugins.session.session import MaxAge, Session
from eggd.plugins.session.stores import SessionStore, StoreDownError
from eggd.plugins.session.validity import is_valid, report

GRACE = 10.0
"""Seconds that a store keeps an entry longer than it is valid (process:SES-21)."""


class RequestSession:
    """Made when a request first needs its session; `ctx` refers to it, not it to `ctx`.

    With a store, `load` comes before the first use of `get`.
    """

    def __init__(self, ctx: Context, options: SessionConfig, store: SessionStore | None) -> None:
        self._ctx = ref(ctx)
        self._options = options
        self._store = store
        self._session: Session | None = None
        """None before it is read, and after the app has removed it."""
        self._is_read = False
        self._stored = StoredSession()
        self._id = ""
        """Its id in the store, "" for a session that is not there yet."""
        self._old_id = ""
        """The id that a regenerated session had."""
        self._is_forced = False
        self.is_new = True
        self.max_age: MaxAge = options.max_age
        self._is_read_signed = False
        """Whether the cookie was a signed one, though the config wants it encrypted."""
        self._has_warned = False
        if options.auto_commit and not ctx.exchange.started:
            ctx.before_send(self.commit)

    def get(self) -> Session | None:
        """Returns the session; None after it was removed. Raises EggError if it is not loaded."""
        if not self._is_read:
            ctx = self._context
            if is_without_session(ctx):
                raise EggError(
                    f"ctx.session is used by {handler_of(ctx)}, which is marked @without_session",
                    hint="remove the mark",
                )
            if self._store is not None and read_id(ctx, self._options)[0]:
                raise EggError("ctx.session is not loaded yet", hint="use it after await next()")
            self._open(self._from_cookie() if self._store is None else None, "")
        return self._session

    def set(self, values: object) -> None:
        """Replaces the data of the session; None removes it (process:SES-6)."""
        data = checked_mapping(values)
        self.get()
        self._session = None if data is None else Session(data, self)
        self.note_change()

    def set_max_age(self, max_age: object) -> None:
        """Sets the lifetime of this session and saves it with the answer."""
        self.max_age = checked_age(max_age)
        self._is_forced = True

    def force(self, *, new_id: bool = False) -> None:
        """Saves the session with the answer, changed or not; with a new id if that is wanted."""
        self._is_forced = True
        if new_id and self._id:
            self._old_id, self._id = self._id, ""

    async def load(self) -> None:
        """Reads the session, from the store if there is one. Raises HttpError 503 if it is down."""
        if self._store is None:
            self.get()
            return
        ctx = self._context
        key, self._is_read_signed = read_id(ctx, self._options)
        if not key:
            self._open(None, "")
            return
        try:
            entry = await self._store.get(key)
        except StoreDownError as exc:
            raise _unavailable(exc) from exc
        if entry is None:
            report(ctx, self._options, "session_missed", key)
        elif not isinstance(entry, Mapping):
            kind, store = type(entry).__name__, type(self._store).__qualname__
            raise EggError(f"{store}.get returned a {kind}", hint="return a dict, or None")
        self._open(None if entry is None else codec.split(entry, codec.dump(entry)), key)

    async def commit(self) -> Callable[[], Awaitable[None]]:
        """Saves the session if it has to be (process:SES-5). Raises HttpError 503 as `load`.

        Returns the function that saves what a streamed body changes.
        """
        if self._is_read:
            await self._commit()
        return self._commit_stream

    async def _commit(self) -> None:
        try:
            if self._session is None:
                await self._remove()
            elif self._is_due(self._session):
                await self._save(self._session)
            elif self._is_outdated():
                await self._reissue(self._session)
        except StoreDownError as exc:
            raise _unavailable(exc) from exc

    async def _commit_stream(self) -> None:
        """Saves a change that was made while the body was streamed, if the client has the id.

        Warns if the client would need a cookie for it, for which it is too late.
        """
        session, store = self._session, self._store
        if session is None or codec.same(self._stored, session):
            return
        if store is None or not self._id:
            self._warn_late()
            return
        check_keys(session)
        await store.set(self._id, codec.entry(session, self.max_age, time()), self._kept_for)

    def note_change(self) -> None:
        """Warns of a change that is lost, because the head of the answer was already sent.

        In a store it is saved at the end of a streamed body, or by `manually_commit`.
        """
        ctx = self._context
        if ctx.exchange.started and (self._store is None or not self._id):
            self._warn_late()

    def _warn_late(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            self._context.core_logger.warning(
                "[session] a change after the answer to %s had begun is lost: a cookie is too late"
                " (change it before the handler returns, or use a store)",
                self._context.path,
            )

    @property
    def _kept_for(self) -> float | None:
        """Seconds that a store keeps the session."""
        return None if self.max_age == "session" else self.max_age + GRACE

    @property
    def _context(self) -> Context:
        ctx = self._ctx()
        if ctx is None:
            raise EggError("ctx.session is used after its request has ended")
        return ctx

    def _from_cookie(self) -> StoredSession | None:
        options, cookies = self._options, self._context.cookies
        stored = codec.parse_cookie(cookies.get(options.key, **options.protection))
        if stored is None and options.read_signed:
            stored = codec.parse_cookie(cookies.get(options.key, signed=True))
            self._is_read_signed = stored is not None
        return stored

    def _open(self, stored: StoredSession | None, key: str) -> None:
        """Makes the session from a valid entry, a new one without such.

        A new session gets an id of its own: that of the client is never adopted (SES-25).
        """
        self._is_read = True
        if stored is not None and is_valid(self._context, self._options, stored, key, time()):
            self.is_new, self._stored, self._id = False, stored, key
            if stored.max_age is not None:
                self.max_age = stored.max_age
        self._session = Session(self._stored.data, self)

    def _is_due(self, session: Session) -> bool:
        if self._is_forced:
            return True
        if self.is_new:
            return bool(session)
        if not codec.same(self._stored, session) or self._options.rolling:
            return True
        return self._options.renew and is_half_over(self._stored.expires, self.max_age, time())

    def _is_outdated(self) -> bool:
        if self.is_new:
            return False
        return self._is_read_signed or self._context.cookies.is_outdated(self._options.key)

    async def _reissue(self, session: Session) -> None:
        """Sends the cookie by the newest key, in the format of the config.

        The store is left alone: this request has not changed the session, another one may have.
        """
        if self._store is None:
            await self._save(session)
        else:
            self._send_id(self._id)

    async def _save(self, session: Session) -> None:
        ctx, options = self._context, self._options
        if options.before_save is not None:
            plain_result("session.before_save", options.before_save(ctx, session))
        entry, text = self._entry(session)
        if self._store is None:
            if ctx.response.header_sent:
                text = "ctx.session cannot be saved in its cookie: the answer has begun"
                raise EggError(text, hint="save it before the handler returns, or use a store")
            self._set_cookie(codec.to_cookie(text))
        else:
            await self._keep(self._store, ctx, entry)
        self._stored = codec.split(entry, text)
        self.is_new = self._is_forced = False

    def _entry(self, session: Session) -> tuple[dict[str, object], str]:
        """Returns what is stored, and its JSON. Raises EggError naming the handler and the key."""
        try:
            check_keys(session)
            entry = codec.entry(session, self.max_age, time())
            return entry, codec.dump(entry)
        except EggError as exc:
            text = f"{exc.message}, in the session of {handler_of(self._context)}"
            raise EggError(text, hint=exc.hint) from None

    async def _keep(self, store: SessionStore, ctx: Context, entry: dict[str, object]) -> None:
        if self._old_id:
            await store.destroy(self._old_id)
            self._old_id = ""
        key = self._id or new_id(ctx, self._options)
        await store.set(key, entry, self._kept_for)
        self._id = key
        self._send_id(key)

    async def _remove(self) -> None:
        if self._store is None:
            self._set_cookie(None)
            return
        for key in filter(None, (self._id, self._old_id)):
            await self._store.destroy(key)
        self._id = self._old_id = ""
        self._send_id(None)

    def _send_id(self, key: str | None) -> None:
        if self._options.external_key is None:
            self._set_cookie(key)
        else:
            self._options.external_key["set"](self._context, key)

    def _set_cookie(self, value: str | None) -> None:
        options = self._options
        self._delete_signature()
        self._context.cookies.set(
            options.key,
            value,
            max_age=self.max_age,
            encrypt=options.encrypt,
            signed=options.signed and not options.encrypt,
            http_only=options.http_only,
            secure=options.is_prefixed or options.secure,
            ignore_secure_error=self._may_be_http,
            same_site=options.same_site,
            domain=options.domain,
            path=options.path,
            partitioned=options.partitioned,
            overwrite=options.overwrite,
        )

    def _delete_signature(self) -> None:
        """Deletes the signature of a session that is encrypted from now on."""
        if not self._is_read_signed:
            return
        self._is_read_signed = False
        options = self._options
        self._context.cookies.set(
            f"{options.key}.sig",
            None,
            signed=False,
            secure=options.is_prefixed or options.secure,
            ignore_secure_error=self._may_be_http,
            domain=options.domain,
            path=options.path,
            overwrite=True,
        )

    @property
    def _may_be_http(self) -> bool:
        """Whether a secure cookie is set over HTTP: the browser drops it, the request succeeds."""
        defaults = self._context.app.config.cookies
        return self._options.is_prefixed or bool(defaults.ignore_secure_error)


def _unavailable(exc: StoreDownError) -> HttpError:
    text = "the session store cannot be reached, try again soon"
    error = HttpError(503, text, expose=True, headers={"Retry-After": "1"})
    if exc.is_reported:
        error.is_reported = True
    return error
