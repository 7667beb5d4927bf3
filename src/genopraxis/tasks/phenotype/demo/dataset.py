"""``demo``: five invented patients as phenopackets, copies of those in ``examples/``."""

from __future__ import annotations

from pathlib import Path

from genopraxis.contracts.cards import DataFile, Datasheet
from genopraxis.contracts.plugin import Dataset

# name, sha256, bytes
_FILES = (
    ("demo-family.json", "a6f56eaae3a8fdc1ca460d3ac4c6880996154ba0689578224446364aad5fe108", 6826),
    ("demo-hard.json", "9ed4b84d0e6a7602515ae5b225b84f98ff485f7e16d6328a33b52972711a0fdd", 2919),
    ("demo-marfan.json", "7f71fc466c4af854f18e7e1eb8c3d372a29b14025373e74752ac2619fd27e613", 3470),
    ("demo-noonan.yaml", "80ce05abf0b381cfe0b236ed4c8f76a6bbc1a299f87fe9e239d1f6a5e399b395", 2158),
    ("demo-repairs.json", "8bbecb339897e49ff4091c3c52def8f4dd5df8c28e95e76adecc29430420cfb9", 3321),
)

DATASET = Dataset(
    datasheet=Datasheet(
        name="demo",
        version="1",
        task="phenotype",
        description="Five invented patients with real diseases, typical signs, a hard case and an untidy one. Too "
        "few to prove anything.",
        licence="Apache-2.0",
        source="written for Genopraxis",
        use_codes=("DUO:0000004",),
        composition={"sex": {"female": 3, "male": 2}},
        known_leakage=(
            "None through a publication: the patients are invented and no annotation cites them.",
            "Their signs were chosen because they are typical, so every tool looks better here than on patients.",
        ),
        grouping_keys=("case_id",),
        may_train_shipped_weights=False,
        files=tuple(DataFile(path=name, sha256=sha256, size=size) for name, sha256, size in _FILES),
    ),
    locate=lambda: {name: str(Path(__file__).with_name(name)) for name, _, _ in _FILES},
)
