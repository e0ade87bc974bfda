import json
from pathlib import Path

import pytest

from tests.cli.project import FAILING, Project

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def lines(project: Project) -> dict[str, float]:
    """Returns the part of each file's lines that ran, as the JSON report has it."""
    report = json.loads((project.root / "coverage/coverage.json").read_text())
    return {name: f["summary"]["percent_covered"] for name, f in report["files"].items()}


@pytest.mark.parametrize("name", ["cov", "c"])
def test_the_reports_count_also_what_is_never_loaded(project: Project, name: str) -> None:
    """The tests themselves are not measured (core:BIN-13)."""
    done = project.eggd(name)
    assert (done.returncode, done.stderr) == (0, "")
    assert {"app/service/price.py", "app/service/unused.py"} == set(lines(project))
    assert lines(project)["app/service/unused.py"] == 0
    assert 50 < lines(project)["app/service/price.py"] < 100
    made = {file.name for file in (project.root / "coverage").iterdir()}
    assert made == {"coverage.json", "coverage.xml", "data", "html", "lcov.info"}
    assert "TOTAL" in done.stdout


def test_failing_tests_have_a_report_too(project: Project) -> None:
    # core:BIN-14
    project.write(**FAILING)
    done = project.eggd("cov")
    assert (done.returncode, "2 failed" in done.stdout) == (1, True)
    assert lines(project)["app/service/price.py"] > 0


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [(["-x", "app/service/un*"], {}), ([], {"COV_EXCLUDES": "nothing,app/service/un*"})],
)
def test_files_can_be_left_out(
    project: Project, arguments: list[str], environ: dict[str, str]
) -> None:
    # core:BIN-13
    project.eggd("cov", *arguments, **environ)
    assert list(lines(project)) == ["app/service/price.py"]


def test_the_last_reports_are_wiped(project: Project) -> None:
    # core:BIN-13
    project.eggd("cov")
    project.eggd("cov", "--report", "lcov", "--bail", "-k", "one")
    made = sorted(file.name for file in (project.root / "coverage").iterdir())
    assert made == ["data", "lcov.info"]


def test_a_folder_of_another_program_is_kept(project: Project) -> None:
    project.write(**{"coverage/plan.md": "the insurance\n"})
    done = project.eggd("cov")
    assert done.stderr == (
        f"error: {project.root}/coverage was not created by eggd cov (move it elsewhere)\n"
    )
    assert (project.root / "coverage/plan.md").exists()


def test_coverage_below_the_projects_limit_is_a_failure(project: Project) -> None:
    table = '[project]\nname = "a"\n[tool.coverage.report]\nfail_under = 99\n'
    (project.root / "pyproject.toml").write_text(table)
    assert project.eggd("cov").returncode == 2


def test_a_dry_run_touches_nothing(project: Project) -> None:
    # core:BIN-2
    assert project.eggd("cov", "-d").stdout.startswith("dry run: $ ")
    assert not (project.root / "coverage").exists()


def test_a_project_without_tests_succeeds(project: Project) -> None:
    # core:BIN-9
    (project.root / "tests/test_price.py").unlink()
    assert project.eggd("cov").stdout.startswith("no test files found: ")
