"""The digest by which a patient is known again, in another file or in a tool's training data."""

from __future__ import annotations

import hashlib

from genopraxis.contracts.patient import Patient

_DIGITS = 16


def patient_digest(patient: Patient, *, disease_id: str) -> str:
    """Return the digest of a patient with a diagnosis.

    It is made of the disease, the terms as the case states them, and the sex: not of the case's id or
    publication, so that the same patient under another name has the same digest. Terms are not resolved against a
    release, so that the digest is the same whatever release is loaded; a file that was moved to other term ids
    has other digests. Patients of whom little is stated may share one by chance.

    Parameters
    ----------
    patient
        As a reader of case files or phenopackets returns it.
    disease_id
        The diagnosis, e.g. ``OMIM:154700``; of a case with several, each has a digest.

    Returns
    -------
    str
        The first 16 hexadecimal digits of the SHA-256 of a text of one line: disease, observed terms, excluded terms,
        sex, divided by tabs; terms sorted, each once, divided by commas.
    """
    observed = ",".join(sorted({feature.term_id for feature in patient.observed}))
    excluded = ",".join(sorted({feature.term_id for feature in patient.excluded}))
    text = f"{disease_id}\t{observed}\t{excluded}\t{patient.sex}"
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
