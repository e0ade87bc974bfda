"""Built-in plugin validate: `ctx.validate` checks what a client sends.

app.py            makes `app.validator` from the config
app/extend        `app.validator` and `ctx.validate`
section.py        the section `validate` of the config
validator.py      `app.validator`: rules and classes by use, custom types, the translator
cache.py          compiled rules, by identity and by the place of the call
errors.py         wrong rules, wrong data
messages.py       the messages, one table
run.py            the state of one validation: its errors, bounded
text.py           values as text in messages, and the paths of fields
compiler.py       rules to checks
options.py        the options that each type takes
fields.py         checks the fields of an object
rule.py           one compiled rule
function.py       one function for the rules of an object that is checked often
conditions.py     the values that a rule accepts as they are, as Python source
checks.py         the built-in types
patterns.py       the regular expressions of the built-in types, all linear
timed.py          matches patterns of the app for a limited time
conversion.py     text to numbers and booleans
models.py         the ways to check a class
typed/            checks annotations: dataclasses, TypedDicts, lists
foreign/          models of pydantic and msgspec
"""
