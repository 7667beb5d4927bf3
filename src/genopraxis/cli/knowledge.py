"""``genopraxis knowledge``: which reference knowledge is here, and how to bring more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genopraxis.cli import knowledge_build
from genopraxis.cli.knowledge_pull import SourceCommands, list_sources
from genopraxis.cli.libraries_table import libraries_table
from genopraxis.cli.stores_table import stores_table
from genopraxis.contracts.errors import KnowledgeError
from genopraxis.knowledge.places import OFFICIAL, cache_folder, data_folder
from genopraxis.knowledge.releases import (
    EMBEDDED,
    add_release,
    build_hpo,
    load_release,
    own_releases,
)
from genopraxis.knowledge.sources import HpoSources
from genopraxis.render.terminal import note, progress, show, table, warn

app = typer.Typer(help="Reference knowledge: show, fetch or build releases.", no_args_is_help=True)
pull_app = typer.Typer(
    cls=SourceCommands, help="Fetch a release from its official source.", no_args_is_help=True
)
pull_app.command("list")(list_sources)
build_app = typer.Typer(help="Build a release from files brought by hand.", no_args_is_help=True)
app.add_typer(pull_app, name="pull")
app.add_typer(build_app, name="build")
knowledge_build.register(build_app)


@app.command("status")
def status(
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read stores and transcript sets whole and compare checksums.")
    ] = False,
) -> None:
    """Show releases for --knowledge, with sources and licence, the case libraries, stores and transcript sets."""
    rows = []
    for name in (EMBEDDED, *own_releases()):
        try:
            loaded = load_release(name)
        except KnowledgeError as error:
            warn(str(error))
            continue
        for message in loaded.notes:
            warn(message)
        rows += [[name, r.name, r.version, r.sha256[:12], r.source] for r in loaded.knowledge.releases]
        for message in loaded.knowledge.notes:
            note(f"{name}: {message}")
    show(table("Knowledge releases", ["--knowledge", "what", "release", "sha256", "source"], rows))
    try:
        show(libraries_table())
    except KnowledgeError as error:
        warn(str(error))
    stores, damaged = stores_table(verify=verify)
    if stores is not None:
        show(stores)
    for message in damaged:
        warn(message)
    if verify and stores is not None and not damaged:
        note("stores and transcript sets: every file has the checksum that its card states")
    note(f"embedded release compiled in {cache_folder()}; own releases in {data_folder()}")
    note("HPO: free use; cite HPO and the release, content unaltered (https://hpo.jax.org/license)")


@pull_app.command("hpo")
def pull_hpo(
    *,
    release: Annotated[
        str | None, typer.Option(help="Release date, e.g. 2025-05-06; the latest by default.")
    ] = None,
    mirror: Annotated[str, typer.Option(help="Address of the release listing.")] = OFFICIAL,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Allow http; whoever is on the way can change what comes.")
    ] = False,
    allow_unverified: Annotated[
        bool, typer.Option("--allow-unverified", help="Take files for which the publisher states no sha256.")
    ] = False,
) -> None:
    """Download an HPO release, check it, and make it available as --knowledge DATE.

    An interrupted download goes on where it stopped when the same command is given again.
    """
    from genopraxis.knowledge import pull  # it loads an HTTP client, which no other verb needs

    version, assets = pull.list_release(release, base=mirror, insecure=insecure)
    folder = data_folder() / "downloads" / f"hpo-{version}"
    with progress(sum(a.size or 0 for a in assets), f"HPO {version}") as advance:
        paths = {
            a.name: pull.fetch(
                a, folder, advance=advance, allow_unverified=allow_unverified, insecure=insecure
            )
            for a in assets
        }
    for asset in assets:
        if asset.sha256 is None:
            warn(f"{asset.name}: the publisher states no sha256 for this release; only its size was checked")
    sources = HpoSources(
        ontology=paths["hp.obo"],
        annotations=paths["phenotype.hpoa"],
        genes=paths["genes_to_disease.txt"],
        source=pull.source_text(mirror, version, assets),
    )
    _build(sources, name=version)


@build_app.command("hpo")
def build_hpo_release(
    *,
    ontology: Annotated[Path, typer.Option(help="hp.obo or hp.json, may be gzipped.")],
    annotations: Annotated[Path, typer.Option(help="phenotype.hpoa, may be gzipped.")],
    genes: Annotated[
        Path, typer.Option(help="genes_to_disease.txt or genes_to_phenotype.txt, may be gzipped.")
    ],
    name: Annotated[str | None, typer.Option(help="Name of the release; its date by default.")] = None,
) -> None:
    """Build a release from the three HPO files, and make it available as --knowledge NAME."""
    sources = HpoSources(
        ontology=ontology, annotations=annotations, genes=genes, source="files brought by hand"
    )
    _build(sources, name=name)


def _build(sources: HpoSources, *, name: str | None) -> None:
    built = build_hpo(**vars(sources))
    name = name or built.version
    add_release(built, name=name, sources=sources)
    for message in built.notes:
        note(message)
    diseases = len(built.diseases.ids)
    note(
        f"release {name!r}: {len(built.ontology.ids):,} terms, {diseases:,} diseases, "
        f"{len(built.annotations.rows):,} annotation rows; use it with --knowledge {name}"
    )
