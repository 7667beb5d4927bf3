"""Names that scores and frequencies have in INFO and in consequence strings, and what we call them.

A name is compared in lower case, without the prefix ``dbNSFP_`` and without anything but letters and digits: so
``dbNSFP_GERP___RS``, ``GERP++_RS`` and ``gerp_rs`` are one. Ranks, classes, thresholds and values that were taken from
whatever overlaps the place are never taken.
"""

from __future__ import annotations

import re
from typing import Any

from genopraxis.variants.frequency_names import ScoreName, bare_frequency_name, frequency_name

__all__ = ["ScoreName", "known_name"]


# our name | description | names in files, compared as above, the best first; a + joins those that complete each other
_SCORES = """
cadd_phred|CADD, Phred scale|caddphred caddsnvphred+caddindelphred cadd caddphredscore caddscaled
cadd_raw|CADD, raw|caddraw caddrawscore caddsnvrawscore+caddindelrawscore
revel|REVEL|revelscore revel
alphamissense|AlphaMissense pathogenicity|alphamissensescore alphamissense ampathogenicity alphamissenseampathogenicity
bayesdel_addaf|BayesDel with allele frequency|bayesdeladdafscore bayesdeladdaf
bayesdel_noaf|BayesDel without allele frequency|bayesdelnoafscore bayesdelnoaf
vest4|VEST 4|vest4score vest4
vest3|VEST 3|vest3score vest3
mutpred2|MutPred2|mutpred2score mutpred2
mutpred|MutPred|mutpredscore mutpred
primateai|PrimateAI|primateaiscore primateai
mutationtaster|MutationTaster: probability of being disease-causing|mutationtasterscore
fathmm_mkl|FATHMM-MKL, coding|fathmmmklcodingscore
fathmm_xf|FATHMM-XF, coding|fathmmxfcodingscore
polyphen2_hdiv|PolyPhen-2 HumDiv|polyphen2hdivscore
polyphen2_hvar|PolyPhen-2 HumVar|polyphen2hvarscore
eve|EVE|evescore eve
clinpred|ClinPred|clinpredscore clinpred
metarnn|MetaRNN|metarnnscore metarnn
metasvm|MetaSVM|metasvmscore metasvm
metalr|MetaLR|metalrscore metalr
m_cap|M-CAP|mcapscore mcap
mpc|MPC|mpcscore mpc
mvp|MVP|mvpscore mvp
gmvp|gMVP|gmvpscore gmvp
varity_r|VARITY_R|varityrscore varityr
varity_er|VARITY_ER|varityerscore varityer
deogen2|DEOGEN2|deogen2score deogen2
list_s2|LIST-S2|lists2score lists2
dann|DANN|dannscore dann
eigen|Eigen, raw, coding|eigenrawcoding eigenraw
dbscsnv_ada|dbscSNV, ada boost|dbscsnvadascore adascore
dbscsnv_rf|dbscSNV, random forest|dbscsnvrfscore rfscore
maxentscan_diff|MaxEntScan: reference less alternate|maxentscandiff
spidex|SPIDEX, z score|spidexdpsizscore spidex
mmsplice|MMSplice, change of logit PSI|mmsplicedeltalogitpsi
"""
_LOW = """
sift|SIFT|siftscore sift
sift4g|SIFT 4G|sift4gscore sift4g
fathmm|FATHMM|fathmmscore fathmm
provean|PROVEAN|proveanscore provean
esm1b|ESM1b log-likelihood ratio|esm1bscore esm1b
"""
_OF_PLACE = """
gerp_rs|GERP++ rejected substitutions|gerprs gerp gerprsscore
gerp_nr|GERP++ neutral rate|gerpnr
siphy_29way|SiPhy, 29 mammals|siphy29waylogodds
phylop|phyloP, the alignment is not said|phylop
phastcons|phastCons, the alignment is not said|phastcons
"""
_SPLICEAI = """
spliceai_max|SpliceAI: highest of the four delta scores|spliceaimax spliceaidsmax spliceaipreddsmax
spliceai_ag|SpliceAI delta score, acceptor gain|spliceaipreddsag spliceaidsag
spliceai_al|SpliceAI delta score, acceptor loss|spliceaipreddsal spliceaidsal
spliceai_dg|SpliceAI delta score, donor gain|spliceaipreddsdg spliceaidsdg
spliceai_dl|SpliceAI delta score, donor loss|spliceaipreddsdl spliceaidsdl
"""
_TEXTS = """
alphamissense_class|AlphaMissense class|alphamissenseclass amclass
eve_class|EVE class|eveclass
clnsig|ClinVar's significance as the file has it|clnsig clinvarclnsig
clnrevstat|ClinVar's review status as the file has it|clnrevstat clinvarclnrevstat
"""
_ONLY_IN_CONSEQUENCES = {
    "polyphen": ScoreName(
        name="polyphen2_hvar", description="PolyPhen-2, HumVar as VEP's default", words=True
    ),
    "sift": ScoreName(name="sift", description="SIFT", low_is_worse=True, words=True),
    "clinsig": ScoreName(name="clin_sig", description="ClinVar's significance as VEP has it", kind="text"),
    "lof": ScoreName(
        name="loftee", description="LOFTEE: HC, LC or OS, the best of all transcripts", kind="text"
    ),
}

_CONSERVATION = re.compile(r"(phylop|phastcons)(\d+)way(vertebrate|mammalian|primates?|placental)?(?:score)?")
_NEVER = re.compile(r"ovl|rankscore|percentile|threshold")
_OVERLAP = re.compile(r"position overlap", re.IGNORECASE)
_TAKEN_FROM = re.compile(r"(?:\bField|\bin field|\bfrom field)\s+'?([\w.+-]+?)'?\s+from", re.IGNORECASE)
_DESCRIBED = tuple(
    (re.compile(pattern, re.IGNORECASE), key)
    for pattern, key in (
        (r"\bCADD\b.*\b(?:phred|scaled|relative)|\bphred.*\bCADD\b", "caddphred"),
        (r"\bCADD\b.*\braw", "caddraw"),
        (r"\bREVEL\b.*\bscore|\bscore\b.*\bREVEL\b", "revel"),
        (r"\bAlphaMissense\b.*\b(?:score|pathogenicity)", "alphamissense"),
        (r"\bPrimateAI\b.*\bscore", "primateai"),
    )
)  # fmt: skip
_NO_SCORE = re.compile(r"rank|predict|class|categor|percent|thresh|overlap|closest|version", re.IGNORECASE)


def known_name(key: str, *, description: str = "", in_consequences: bool = False) -> ScoreName | None:
    """Return what a field holds, by its name or by what its description says it was taken from.

    Parameters
    ----------
    key
        Name of an INFO field, or of a part of a consequence string.
    description
        As in the header.
    in_consequences
        It is a part of a consequence string, where ``AF`` is that of 1000 Genomes.
    """
    plain = _plain(key)
    if _NEVER.search(plain) or _OVERLAP.search(description):
        return None
    if in_consequences:
        if plain in _ONLY_IN_CONSEQUENCES:
            return _ONLY_IN_CONSEQUENCES[plain]
        if (found := bare_frequency_name(plain)) is not None:
            return found
    elif plain == "cadd" and re.search(r"\braw\b", description, re.IGNORECASE):
        return _BY_NAME["caddraw"]
    if (found := _by_name(plain)) is not None:
        return found
    if (taken := _TAKEN_FROM.search(description)) and not _NEVER.search(_plain(taken[1])):
        return _by_name(_plain(taken[1]))
    if description and not _NO_SCORE.search(f"{key} {description}"):
        for pattern, name in _DESCRIBED:
            if pattern.search(description):
                return _BY_NAME[name]
    return None


def _by_name(plain: str) -> ScoreName | None:
    if plain in _BY_NAME:
        return _BY_NAME[plain]
    if found := _CONSERVATION.fullmatch(plain):
        clade = f"_{found[3]}" if found[3] else ""
        title = {"phylop": "phyloP", "phastcons": "phastCons"}[found[1]]
        return ScoreName(
            name=f"{found[1]}_{found[2]}way{clade}",
            description=f"{title}, {found[2]} species {found[3] or ''}".strip(),
            shared=True,
        )
    return frequency_name(plain)


def _plain(key: str) -> str:
    bare = re.sub("[^a-z0-9]", "", key.lower()).removeprefix("dbnsfp")
    return re.sub(r"^cadd1\d(?=\D)", "cadd", bare)  # its release


def _read(block: str, **options: Any) -> dict[str, ScoreName]:
    found = {}
    for line in block.strip().splitlines():
        name, description, aliases = line.split("|")
        for priority, alias in enumerate(aliases.split()):
            for one in alias.split("+"):
                found[one] = ScoreName(
                    name=name,
                    description=description,
                    priority=priority,
                    family=alias if "+" in alias else "",
                    companion="mutationtasterpred" if name == "mutationtaster" else "",
                    **options,
                )
    return found


_BY_NAME = {
    **_read(_SCORES),
    **_read(_LOW, low_is_worse=True),
    **_read(_OF_PLACE, shared=True),
    **_read(_SPLICEAI, maximum=1.0),
    **_read(_TEXTS, kind="text"),
}
