"""Built-in plugin validate: `ctx.validate` checks what a client sends.

app.py            makes `app.validator` from the config
app/extend        `app.validator` and `ctx.validate`
section.py        the section `validate` of the config
validator.py      `app.validator`: rules and classes by use, custom types, the translator
cache.py          compiled rules, by identity and by the place of the call
errors.py         wrong rules
messages.py       the messages, one table
run.py            the state of one validation: its errors, bounded
text.py           values as text in messages, and the paths of fields
compiler.py       rules to checks
options.py        the options that each type takes
fields.py         checks the fields of an object
checks.py         the built-in types
patterns.py       the regular expressions of the built-in types, all linear
conversion.py     text to numbers and booleans
models.py         the ways to check a class
typed/            checks annotations: dataclasses, TypedDicts, lists
foreign/          models of pydantic and msgspec
"""
