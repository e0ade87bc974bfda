"""The language of the house, as far as a program can check it (CONTRIBUTING.md, "How to write").

`python -m tests.house.language` prints the offences per folder; `python -m tests.house.language
FOLDER` prints each one with its place.
"""

from __future__ import annotations

import ast
import functools
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house.imports import ROOT

PYTHON = ("eggd", "tests", "benchmarks", "examples", "packaging")
OWN = ("language.py", "test_language.py")
"""Files that must quote the phrases."""
Function = ast.FunctionDef | ast.AsyncFunctionDef

PLACEHOLDERS = re.compile(r"to be described|\bTODO\b|\bFIXME\b|\bXXX\b", re.IGNORECASE)

PHRASES = [
    r"\bnobody\b|\bwhoever\b|\bwhom\b",
    r"(?<!all or )(?<![\w'\"=`{.-])none(?![\w'\"=`})-])",
    r"\b(?:is|are|was|were|be|been|being) (?:said|told)\b|\bunless (?:said|told)\b",
    r"\bno affair|\baffairs? of\b|(?<!same )\bword for\b",
    r"(?<!\()\b(?:go|goes|went|gone|going) away\b",
    r"(?<!there )(?<!There )\b(?:is|are) no (?!longer\b|more\b|less\b)(?:\w+)",
    r"\blooked at\b|\blooks at\b|\bmeant\b|(?<!soon )\bas it is\b|\bso many\b",
    r"\bbelongs? into\b|\bis dear\b|\bbury\b|\bburied\b",
    r"\bwho is (?:there|above|who)\b|\bwho wants? (?:that|it|this)\b|\bwhat (?:is|was) none\b",
]
"""What CONTRIBUTING.md forbids, as far as a match is rarely a false alarm."""
PHRASE = re.compile("|".join(f"(?:{phrase})" for phrase in PHRASES))

VERBS = """
accept add answer append apply ask assert await be begin bind build call check choose clear close
collect compare compile compose connect contain convert copy count create decide declare decode
define delete describe detach drain drop encode end ensure enter escape expand explain fail fetch
fill find finish flush follow forget format free generate get give go guard hand handle hold ignore
install join keep kill leave let list load log look make mark match merge move name open parse pass
pause pick prepare print probe publish put raise read receive record refuse register reject release
reload remember remove rename render repeat replace report require reset resolve respond restart
resume return roll run save say schedule send serve set show shut skip sleep sort spawn split start
stop store strip take tell test translate try turn unlink update use validate verify wait warn watch
wrap write yield
""".split()
_VERB = "|".join(VERBS)
_DETERMINER = r"the|a|an|every|each|all|its|this|that|what|one|it|them|if|until|no|`"
_OBJECT = rf"(?:(?:in|out|up|on|off|away) )?(?:{_DETERMINER})"
BARE = re.compile(
    rf"(?:Return|Yield|Send|Raise|Assert|Tell|Get|Make|Give|Put|Take|Ensure)\b"
    rf"|(?i:{_VERB}) {_OBJECT}(?:\b|(?<=`))"
    rf"|[A-Z][a-z]+s\b[^.`]*?(?:[;,] (?:and |or |then )?| and | or )"
    rf"(?!call it\b)(?:{_VERB}) {_OBJECT}(?:\b|(?<=`))"
)
"""A bare infinitive at the start, or as the second verb: "Stops it and start the next"."""

VAGUE = re.compile(r"#* ?(?:What|Who|Whose|How|Where|It|They|Them|That|Those)\b")
"""The first word of a docstring or comment that does not name its subject."""

PARTICIPLES = {"found", "got", "made", "ours", "said", "shown", "told", "wanted"}
"""Words that name neither a thing nor an action; a leading underscore is ignored."""
NAMED = ("eggd", "benchmarks")
"""The folders whose names are checked."""

START = "603883f84c34c5255b1d2b1ecee5ca02389796ef"
"""The commit after which every subject follows the rule."""
SUBJECT = re.compile(r"(?=.{1,72}\Z)[a-z0-9/_., -]+: [a-z].*[^.]\Z")


@dataclass(frozen=True)
class Text:
    """A piece of prose: `kind` is docstring, function (its docstring), comment, string or page."""

    file: str
    line: int
    kind: str
    text: str


@dataclass(frozen=True)
class Offence:
    """One breach of `rule` in a file, relative to the root."""

    rule: str
    file: str
    line: int
    text: str

    @property
    def folder(self) -> str:
        """The file's folder, three levels deep at most."""
        return "/".join(Path(self.file).parent.parts[:3]) or "."

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}: {self.text}"


def python_texts(file: str, source: str) -> Iterator[Text]:
    """Yields docstrings, other string literals and comments of a Python file."""
    nodes = list(ast.walk(ast.parse(source)))
    functions = {id(node.body[0]) for node in nodes if isinstance(node, Function)}
    literals = [node for node in nodes if isinstance(node, ast.Expr) and _literal(node.value)]
    for literal in literals:
        kind = "function" if id(literal) in functions else "docstring"
        yield Text(file, literal.lineno, kind, _literal(literal.value))
    docstrings = {id(literal.value) for literal in literals}
    for node in nodes:
        if id(node) not in docstrings and " " in (text := _literal(node)):
            yield Text(file, getattr(node, "lineno", 1), "string", text)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Text(file, token.start[0], "comment", token.string)


def comment_texts(file: str, source: str) -> Iterator[Text]:
    """Yields the comments of a unit file."""
    for number, line in enumerate(source.splitlines(), 1):
        if line.startswith(("#", ";")):
            yield Text(file, number, "comment", line)


def page_texts(file: str, source: str, *, quoted: bool = False) -> Iterator[Text]:
    """Yields the lines of a page, without its code spans unless `quoted`: they quote programs."""
    for number, line in enumerate(source.splitlines(), 1):
        yield Text(file, number, "page", line if quoted else re.sub(r"`[^`]*`", "``", line))


def texts(root: Path = ROOT, *, quoted: bool = False) -> Iterator[Text]:
    """Yields all the prose of the tree."""
    yield from _of_modules(root)
    for path in [*root.glob("*.md"), *sorted((root / "docs").rglob("*.md"))]:
        yield from page_texts(str(path.relative_to(root)), path.read_text(), quoted=quoted)
    for path in sorted((root / "units").iterdir()):
        yield from comment_texts(str(path.relative_to(root)), path.read_text())


@functools.cache
def _of_modules(root: Path) -> list[Text]:
    """Returns the prose of every Python file of the tree."""
    return [
        text
        for top in PYTHON
        for path in sorted((root / top).rglob("*"))
        if path.name not in OWN and _is_python(path)
        for text in python_texts(str(path.relative_to(root)), path.read_text())
    ]


def _is_python(path: Path) -> bool:
    """Tells whether a file is a module, or a script whose first line names Python."""
    if path.suffix or not path.is_file():
        return path.suffix == ".py"
    with path.open("rb") as file:
        line = file.readline()
        return line.startswith(b"#!") and b"python" in line


def placeholders(found: Iterable[Text]) -> Iterator[Offence]:
    """Yields docstrings and comments that promise a text instead of being one."""
    for one in found:
        if one.kind != "string" and (match := PLACEHOLDERS.search(one.text)):
            yield Offence("placeholder", one.file, one.line, match[0])


def phrases(found: Iterable[Text]) -> Iterator[Offence]:
    """Yields the phrases that a reader stumbles over."""
    for one in found:
        for match in PHRASE.finditer(one.text):
            line = one.line + one.text.count("\n", 0, match.start())
            yield Offence("phrase", one.file, line, match[0])


def starts(found: Iterable[Text]) -> Iterator[Offence]:
    """Yields docstrings whose first word is lower case, or a bare infinitive in a function's."""
    for one in found:
        if one.kind not in ("docstring", "function"):
            continue
        text = one.text.lstrip()
        if not re.match(r"[A-Z0-9`]", text):
            yield Offence("start", one.file, one.line, text[:40].splitlines()[0])
        elif one.kind == "function" and BARE.match(text):
            yield Offence("start", one.file, one.line, text[:40].splitlines()[0])


def subjectless(found: Iterable[Text]) -> Iterator[Offence]:
    """Yields docstrings and comments whose first word is a pronoun or a question word."""
    end = ("", 0)
    for one in found:
        if one.kind == "comment":
            # A line that continues a comment may begin with any word.
            continues, end = end == (one.file, one.line - 1), (one.file, one.line)
            if continues:
                continue
        if one.kind in ("docstring", "function", "comment") and VAGUE.match(one.text.lstrip()):
            yield Offence("subject", one.file, one.line, one.text.lstrip()[:40].splitlines()[0])


def names(file: str, source: str) -> Iterator[Offence]:
    """Yields definitions and assignments of names that are a bare participle."""
    for node in ast.walk(ast.parse(source)):
        name = ""
        if isinstance(node, Function):
            name = node.name
        elif isinstance(node, ast.arg):
            name = node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            name = node.id if isinstance(node, ast.Name) else node.attr
        if name.strip("_").lower() in PARTICIPLES:
            yield Offence("name", file, getattr(node, "lineno", 1), name)


def tree_names(root: Path = ROOT) -> Iterator[Offence]:
    """Yields the offences of `names` in the folders NAMED."""
    for top in NAMED:
        for path in sorted((root / top).rglob("*")):
            if _is_python(path):
                yield from names(str(path.relative_to(root)), path.read_text())


def maps(root: Path = ROOT) -> Iterator[Offence]:
    """Yields what is missing in the map of a folder with more than three modules, or not there.

    A module is named `module.py`, or by its stem in backticks; `eggd/__init__.py` names bare stems.
    """
    for file in sorted((root / "eggd").rglob("__init__.py")):
        modules = {path.stem for path in file.parent.glob("*.py")} - {"__init__"}
        text = ast.get_docstring(ast.parse(file.read_text())) or ""
        where = str(file.relative_to(root))
        if len(modules) <= 3 or "templates" in file.parts:
            continue
        named = set(re.findall(r"(?<![\w/])(\w+)\.py\b", text))
        absent = sorted(named - modules)
        named |= set(re.findall(r"`(\w+)`", text))
        named |= set(re.findall(r"\w+", text)) if where == "eggd/__init__.py" else set()
        yield from (Offence("map", where, 1, f"{name}.py is missing") for name in modules - named)
        yield from (Offence("map", where, 1, f"{name}.py does not exist") for name in absent)


def subjects(lines: Iterable[str]) -> Iterator[str]:
    """Yields the commit subjects that are not `area: imperative summary`."""
    return (line for line in lines if not SUBJECT.match(line))


def offences(root: Path = ROOT) -> list[Offence]:
    """Returns every offence of the tree but those of the commits."""
    found = list(texts(root))
    return [
        *placeholders(found),
        *phrases(found),
        *starts(found),
        *subjectless(found),
        *tree_names(root),
        *maps(root),
    ]


PENDING = Path(__file__).with_name("pending.txt")


def pending() -> set[tuple[str, str]]:
    """Returns the pairs of rule and folder that are not clean yet: lines `phrase eggd/http`."""
    lines = PENDING.read_text().splitlines() if PENDING.exists() else []
    return {(rule, folder) for rule, folder in map(str.split, filter(str.strip, lines))}


def table(found: Iterable[Offence]) -> Iterator[str]:
    """Yields a readable table: a line for each folder, a column for each rule."""
    rules = ("placeholder", "phrase", "start", "subject", "name", "map")
    counts: dict[str, dict[str, int]] = {}
    for one in found:
        row = counts.setdefault(one.folder, dict.fromkeys(rules, 0))
        row[one.rule] += 1
    yield f"{'folder':40}" + "".join(f"{rule:>12}" for rule in rules)
    for folder, row in sorted(counts.items()):
        yield f"{folder:40}" + "".join(f"{row[rule] or '':>12}" for rule in rules)


def _literal(node: ast.AST) -> str:
    """Returns the value of a string literal, of other nodes an empty string."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def main(folders: list[str]) -> None:
    """Prints the table, or each offence below the named folders."""
    found = offences()
    lines = table(found) if not folders else map(str, _below(folders, found))
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _below(folders: list[str], found: list[Offence]) -> list[Offence]:
    return [one for one in found if one.file.startswith(tuple(folders))]


if __name__ == "__main__":
    main(sys.argv[1:])
