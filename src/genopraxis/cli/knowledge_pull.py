"""``genopraxis knowledge pull``: the files that `annotate` joins, from their official sources."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from genopraxis.contracts.errors import InputError, KnowledgeError
from genopraxis.render.terminal import note, progress, show, table, warn

if TYPE_CHECKING:
    from genopraxis.knowledge.catalogue import Edition, Source
    from genopraxis.knowledge.catalogue_find import Found


class SourceCommands(TyperGroup):
    """A group with one command more for each source of the catalogue, made when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands in the order of the help."""
        from genopraxis.knowledge.catalogue_sources import SOURCES

        return [*super().list_commands(ctx), *(source.name for source in SOURCES)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return one command; ``None`` when there is neither a command nor a source of this name."""
        from genopraxis.knowledge.catalogue_sources import SOURCES

        if cmd_name not in self.commands:
            for source in SOURCES:
                if source.name == cmd_name:
                    app = typer.Typer(add_completion=False)
                    app.command(cmd_name, help=_help(source))(pull_source)
                    self.add_command(typer.main.get_command(app), cmd_name)
        return super().get_command(ctx, cmd_name)


def list_sources() -> None:
    """Show what can be pulled: for which assemblies, which release by default, under which licence."""
    from genopraxis.knowledge.catalogue import CATALOGUE_VERSION
    from genopraxis.knowledge.catalogue_sources import SOURCES

    rows = [
        [
            "hpo",
            "Human Phenotype Ontology and its annotations",
            "any",
            "latest",
            "free use, cite (attribution)",
        ]
    ]
    for source in SOURCES:
        assemblies = " ".join(edition.assembly or "any" for edition in source.editions)
        releases = " ".join(dict.fromkeys(edition.default for edition in source.editions))
        rows.append([source.name, source.what, assemblies, releases, source.licence_kind])
    columns = ["name", "what", "assembly", "release", "licence"]
    show(table(f"Sources, catalogue {CATALOGUE_VERSION}", columns, rows))
    note("genopraxis knowledge pull NAME --help shows the licence of a source and where it is told")


def pull_source(
    ctx: typer.Context,
    *,
    assembly: Annotated[
        str | None, typer.Option(help="GRCh38 or GRCh37; GRCh38 by default, where it matters.")
    ] = None,
    release: Annotated[
        str | None, typer.Option(help="As `pull list` shows it; the newest known by default.")
    ] = None,
    chromosome: Annotated[
        list[str] | None, typer.Option(help="21, X …, or all; for sources with one file a chromosome.")
    ] = None,
    mirror: Annotated[
        str | None, typer.Option(help="Address that replaces the publisher's root; paths below it stay.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the files; one of its own by default.")] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Allow http; whoever is on the way can change what comes.")
    ] = False,
    allow_unverified: Annotated[
        bool, typer.Option("--allow-unverified", help="Take files for which nobody states a checksum.")
    ] = False,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Say that the licence allows what you do.")
    ] = False,
) -> None:
    """Download the files of one source."""
    from genopraxis.knowledge import pull
    from genopraxis.knowledge.catalogue import check_release, choose_chromosomes, find_edition, find_source
    from genopraxis.knowledge.catalogue_find import find_files
    from genopraxis.knowledge.catalogue_pull import bring, release_label
    from genopraxis.knowledge.catalogue_sources import SOURCES

    source = find_source(ctx.info_name or "", SOURCES)
    edition = find_edition(source, assembly)
    asked = check_release(source, edition, release)
    chromosomes = choose_chromosomes(source, edition, chromosome or [])
    _agree(source, accepted=accept_licence)
    connect = pull.connection(insecure=insecure)
    found = find_files(
        source, edition, asked, chromosomes, connect=connect, read=pull.read_text, mirror=mirror
    )
    _check(found, allow_unverified=allow_unverified)
    label = release_label(found, asked)
    folder = out or default_folder(source, edition, label)
    if mirror is not None:
        note("the checksum comes from the mirror too: it tells of accidents, not of a mirror that means harm")
    if edition.assembly and assembly is None:
        note(f"assembly {edition.assembly}; --assembly takes another")
    paths = []
    sizes = [file.asset.size for file in found]
    total = None if None in sizes else sum(size for size in sizes if size is not None)
    with progress(total, f"{source.name} {label}") as advance:
        for file in found:
            record = bring(
                file,
                source,
                edition,
                label,
                folder,
                connect=connect,
                mirror=mirror,
                advance=advance,
                folder_hint="give another folder with --out, or set GENOPRAXIS_DATA to a writable one",
            )
            paths.append(folder / record.file)
            checked = f"{record.published.algorithm} as published" if record.published else "unverified"
            note(f"{folder / record.file}: {record.size:,} bytes, {checked}, sha256 {record.sha256[:12]}…")
    for line in next_steps(source, edition, label, paths):
        typer.echo(line)


def default_folder(source: Source, edition: Edition, release: str) -> Path:
    """Return where the files of a release are kept."""
    from genopraxis.knowledge.catalogue import folder_name
    from genopraxis.knowledge.places import downloads_folder

    return downloads_folder() / folder_name(source, edition, release)


def next_steps(source: Source, edition: Edition, release: str, paths: Sequence[Path]) -> list[str]:
    """Return the commands that use what was pulled; the last line is the one that builds."""
    from genopraxis.knowledge.catalogue import find_source
    from genopraxis.knowledge.catalogue_sources import SOURCES

    steps: list[str] = []
    files = [_usable(source, path, steps) for path in paths]
    other = None if source.companion is None else find_source(source.companion, SOURCES)
    companions: list[Path] = []
    if other is not None:
        path, words = _companion(other, edition, release)
        if not path.is_file():
            steps.append(f"first: genopraxis knowledge pull {words}")
        companions = [_usable(other, path, steps)]
    build = source.build
    if build is None and other is not None:  # a genome: its genes are what is built
        build, files, companions = other.build, companions, files
    if build is None:
        return [*steps, f"no build is needed: {_quoted(files)}"]
    words = build.format(
        from_files=" ".join(f"--from {_quoted([path])}" for path in files),
        companion=_quoted(companions),
        assembly=edition.assembly or "",
        release=release,
        licence=shlex.quote(source.licence),
    )
    return [*steps, f"next: genopraxis {words}"]


def _usable(source: Source, path: Path, steps: list[str]) -> Path:
    """Return the file as a build can read it; a step is added where it has to be unpacked first."""
    if source.unpack is None:
        return path
    unpacked = path.with_name(source.unpacked.format(stem=path.stem))
    if not unpacked.is_file():
        steps.append(f"first: {source.unpack.format(file=_quoted([path]), folder=_quoted([path.parent]))}")
    return unpacked


def _companion(other: Source, edition: Edition, release: str) -> tuple[Path, str]:
    """Return where the file of another source is or will be, and the words that pull it."""
    from genopraxis.knowledge.catalogue import LATEST, check_release, find_edition, folder_name, wanted_file
    from genopraxis.knowledge.places import downloads_folder

    theirs = find_edition(other, edition.assembly)
    try:
        wanted = check_release(other, theirs, release)
    except InputError:  # its releases are not those of the first
        wanted = theirs.default
    name = wanted_file(theirs, wanted, None, mirror=None).name
    words = f"{other.name} --assembly {theirs.assembly}"
    if wanted != LATEST:
        return default_folder(other, theirs, wanted) / name, f"{words} --release {wanted}"
    begin = folder_name(other, theirs, "")
    here = sorted(path for path in downloads_folder().glob(f"{begin}-*/{name}") if path.is_file())
    return here[-1] if here else downloads_folder() / f"{begin}-DATE" / name, words


def _quoted(paths: Sequence[Path]) -> str:
    return " ".join(shlex.quote(str(path)) for path in paths)


def _agree(source: Source, *, accepted: bool) -> None:
    """Say the licence; stop where it has to be accepted and was not."""
    from genopraxis.knowledge.catalogue import MUST_BE_ACCEPTED

    note(f"licence of {source.name}: {source.licence} ({source.licence_url}); cite doi:{source.doi}")
    if source.licence_kind in MUST_BE_ACCEPTED and not accepted:
        raise InputError(
            f"the licence of {source.name} does not allow every use: {source.licence}",
            hint=f"read {source.licence_url}; --accept-licence says that it allows yours",
        )


def _check(found: tuple[Found, ...], *, allow_unverified: bool) -> None:
    """Warn of what is not certain; stop where nothing can be compared and that was not allowed."""
    from genopraxis.knowledge.download_assets import shown

    for file in found:
        if not file.candidate.confirmed:
            warn(f"the address of {file.asset.name} could not be confirmed in public documentation")
        if file.unchecked is None:
            continue
        if not allow_unverified:
            raise KnowledgeError(
                f"{file.asset.name} cannot be checked: {file.unchecked}",
                where=shown(file.asset.url),
                hint="--allow-unverified takes it as it is, over https",
            )
        warn(f"{file.asset.name} is not verified: {file.unchecked}")


def _help(source: Source) -> str:
    releases = []
    for edition in source.editions:
        others = f", others look like {edition.example}" if edition.places else ""
        releases.append(f"{edition.assembly or 'Any assembly'}: release {edition.default} by default{others}")
    licence = f"Licence ({source.licence_kind}): {source.licence}. {source.licence_url}"
    return f"{source.what}.\n\n{'; '.join(releases)}.\n\n{licence}"
