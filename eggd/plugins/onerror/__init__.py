"""Built-in plugin onerror: answers to errors, and a page about them for developers.

app.py              checks the config, and makes `app.error_answers`
app/extend          `ctx.onerror`, `app.log_error`, `app.error_answers`; in env local the log lines
                    of each request are kept for its error page
section.py          the section `onerror` of the config
statuses.py         the status of an exception that is not an HttpError
kinds.py            the kind of answer that a client prefers
error_page.py       the redirect to `error_page_url`
fields.py           header fields that win over those of the app
links.py            links that open a file in an editor
recording.py        the log lines of a request
plain.py            answers without details: of prod, and of last resort
answers.py          `ErrorAnswers`: chooses the answer to an error
report/             what a developer is shown of an error, as page, text and JSON; env local alone
"""
