"""A source tree in, its imports and every breach of the project's import rules out (docs/architecture.md has the rules in words)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("fhir_mappings", "cds_service")
MAX_LINES = 300

WEB = ("flask", "werkzeug", "jinja2")
SOCKETS = ("socket", "ssl", "http.client", "urllib.request", "urllib3", "requests", "httpx", "aiohttp", "ftplib", "smtplib")

# From the bottom up: a module imports from its own line or from a line above it in this list, never from one below.
LAYERS = (
    ("fhir_mappings",),
    ("cds_service.errors", "cds_service.bodies", "cds_service.sheets", "cds_service.files", "cds_service.looks"),
    ("cds_service.config", "cds_service.outcomes", "cds_service.observe"),
    ("cds_service.criteria",),
    ("cds_service.trials", "cds_service.fhir", "cds_service.security", "cds_service.store"),
    ("cds_service.audit",),
    ("cds_service.alerts",),
    ("cds_service.engine",),
    ("cds_service.warm_up",),
    ("cds_service.hooks", "cds_service.cohort"),
    ("cds_service.source_attributes", "cds_service.registration", "cds_service.openapi"),
    ("cds_service.api", "cds_service.web", "cds_service.health"),
    ("cds_service.app",),
    ("cds_service.server", "cds_service.demo"),
    ("cds_service.doctor",),
    ("cds_service.commands",),
    ("cds_service.cli", "cds_service.wsgi", "cds_service.one_send"),
)


# The typed inputs, and the engines that a definition puts its limits to.
_TO_CRITERIA = ("inputs", "terminology", "dates", "units", "exposure", "dose_series", "dose_stability", "half_lives")


@dataclass(frozen=True, slots=True)
class Rule:
    """Modules in `of` must not import `names`, save what `allowed` lists; modules in `free` are not bound."""

    names: tuple[str, ...]
    why: str
    of: tuple[str, ...] = PACKAGES
    free: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()

    def breach(self, module: str, imported: str) -> bool:
        """Whether this import is one that the rule forbids."""
        bound = within(module, self.of) and not within(module, self.free)
        return bound and within(imported, self.names) and not within(imported, self.allowed)


RULES = (
    Rule(("cds_service",), "fhir_mappings imports nothing of cds_service", of=("fhir_mappings",)),
    Rule(
        ("fhir_mappings",),
        "criteria knows the typed inputs, not how a chart becomes them",
        of=("cds_service.criteria",),
        allowed=tuple(f"fhir_mappings.{name}" for name in _TO_CRITERIA),
    ),
    Rule(
        ("cds_service",),
        "criteria stands on nothing of the service but its errors",
        of=("cds_service.criteria",),
        allowed=("cds_service.criteria", "cds_service.errors"),
    ),
    Rule(
        WEB,
        "only the application, its routes and its server know Flask",
        free=tuple(f"cds_service.{name}" for name in ("app", "api", "health", "hooks", "web", "server")),
    ),
    Rule(
        SOCKETS,
        "only security.outbound opens sockets, and doctor's look at a site's own servers",
        free=("cds_service.security.outbound", "cds_service.security.transport", "cds_service.fhir.reach"),
    ),
    Rule(("pyspark", "py4j"), "only cohort.spark knows Spark, which need not be installed", free=("cds_service.cohort.spark",)),
    Rule(("cds_service.cohort",), "hooks and cohort never meet", of=("cds_service.hooks",)),
    Rule(("cds_service.hooks",), "hooks and cohort never meet", of=("cds_service.cohort",)),
)


def within(name: str, packages: Iterable[str]) -> bool:
    """Whether a dotted name is one of the packages or stands in one of them."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def modules(root: Path) -> dict[str, Path]:
    """Dotted name -> file, of every module of the project's packages."""
    found = {}
    for path in sorted(path for package in PACKAGES for path in (root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(root: Path) -> dict[str, set[str]]:
    """Module -> the names it imports, as modules where the project has them; imports for type checkers only are left out."""
    paths = modules(root)
    return {name: set(_imported(name, path, paths)) for name, path in paths.items()}


def _imported(module: str, path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in _runtime_nodes(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            yield from (full if (full := f"{base}.{alias.name}") in known or base not in known else base for alias in node.names)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    """The dotted name that a `from` import is taken from, relative ones resolved."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])


def _runtime_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but what stands under `if TYPE_CHECKING:`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for branch in node.orelse:
                yield branch
                yield from _runtime_nodes(branch)
            continue
        yield node
        yield from _runtime_nodes(node)


def circles(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """Groups of nodes that reach one another (Tarjan's strongly connected components of more than one node), each sorted."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in sorted(edges[node] & edges.keys() - {node}):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            cut = stack.index(node)
            group = sorted(stack[cut:])
            del stack[cut:]
            if len(group) > 1:
                found.append(group)

    for node in sorted(edges):
        if node not in index:
            visit(node)
    return found


def folders(edges: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The same edges between the first-level parts: `cds_service.hooks`, `cds_service.app`, `fhir_mappings`."""
    merged: dict[str, set[str]] = {}
    for module, targets in edges.items():
        merged.setdefault(_folder(module), set()).update(_folder(target) for target in targets if within(target, PACKAGES))
    return merged


def _folder(module: str) -> str:
    return ".".join(module.split(".")[:2]) if within(module, ["cds_service"]) else module.split(".")[0]


def layer(module: str) -> int | None:
    """Where a module stands in the house, from the bottom; None for the root package and for what no layer names."""
    return next((level for level, names in enumerate(LAYERS) if within(module, names)), None)


def faults(root: Path) -> list[str]:
    """Every breach of every rule, in words, sorted."""
    edges = imports(root)
    found = [f"{name}: {count} lines, over {MAX_LINES}" for name, path in modules(root).items() if (count := _lines(path)) > MAX_LINES]
    found += [f"{name}: stands in no layer; give it one in LAYERS" for name in edges if layer(name) is None and name != "cds_service"]
    for module, targets in edges.items():
        for target in targets:
            found += [f"{module} imports {target}: {rule.why}" for rule in RULES if rule.breach(module, target)]
            level, below = layer(module), layer(target)
            if level is not None and below is not None and below > level:
                found.append(f"{module} imports {target}: an upward import")
    found += [f"a circle of modules: {' '.join(group)}" for group in circles(edges)]
    found += [f"folders that import each other: {' '.join(group)}" for group in circles(folders(edges))]
    return sorted(found)


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
