"""Reading only named parts of a phenopacket: what a view does not name is never looked at.

This is how the answer (diseases, interpretations) is kept from the patient: the view of a patient does not
name it. What the view names is checked against the official message definitions, with an error or a repair
for everything that does not fit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import cache
from itertools import islice
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.patient import Repair
from genopraxis.formats.identifiers import printable_text

# a view looks like the document: a list for what is repeated, a mapping for a message, None for a value
View: TypeAlias = "Mapping[str, View | list[View] | None]"

ONTOLOGY_CLASS: View = {"id": None, "label": None}
TIME_ELEMENT: View = {
    "age": {"iso8601duration": None},
    "ageRange": {"start": {"iso8601duration": None}, "end": {"iso8601duration": None}},
    "gestationalAge": {"weeks": None, "days": None},
    "ontologyClass": ONTOLOGY_CLASS,
    "timestamp": None,
    "interval": {"start": None, "end": None},
}
PATIENT_VIEW: View = {
    "id": None,
    "subject": {
        "dateOfBirth": None,
        "timeAtLastEncounter": TIME_ELEMENT,
        "sex": None,
        "karyotypicSex": None,
    },
    "phenotypicFeatures": [{"type": ONTOLOGY_CLASS, "excluded": None, "onset": TIME_ELEMENT}],
    "metaData": {"created": None},
}
TRUTH_VIEW: View = {
    "id": None,
    "interpretations": [
        {
            "progressStatus": None,
            "diagnosis": {
                "disease": ONTOLOGY_CLASS,
                "genomicInterpretations": [
                    {
                        "interpretationStatus": None,
                        "gene": {"symbol": None, "valueId": None},
                        "variantInterpretation": {
                            "acmgPathogenicityClassification": None,
                            "variationDescriptor": {"geneContext": {"symbol": None, "valueId": None}},
                        },
                    }
                ],
            },
        }
    ],
    "diseases": [{"term": ONTOLOGY_CLASS, "excluded": None}],
    "metaData": {"externalReferences": [{"id": None}]},
}

# many times what any patient has
LIST_LIMIT = 10_000
UNKNOWN_LISTED = 20
_SHOWN = 40

_HINT = "compare with the Phenopacket v2 schema, https://phenopacket-schema.readthedocs.io"


class Selection:
    """The parts of one raw message that a view names, as its protobuf JSON mapping.

    Parameters
    ----------
    raw
        The message as parsed from JSON or YAML.
    descriptor
        The message definition.
    view
        What to read.
    where
        The file, for messages.

    Raises
    ------
    InputError
        A value that the view names has a type that the message definition does not allow.
    """

    def __init__(self, raw: Mapping[str, Any], descriptor: Descriptor, view: View, *, where: str) -> None:
        self._where = where
        self._unknown: Counter[str] = Counter()
        self._changed: list[Repair] = []
        self.fields = self._message(raw, descriptor, view, path="")

    @property
    def repairs(self) -> list[Repair]:
        """What was changed or left out: one entry for each of the first unknown field names, one for the rest."""
        unknown = [
            Repair(
                code="unknown_field",
                message=f"Phenopacket v2 has no field {path}; ignored ({n} time{'s' if n > 1 else ''})",
                subject=path,
            )
            for path, n in islice(self._unknown.items(), UNKNOWN_LISTED)
        ]
        if (more := len(self._unknown) - UNKNOWN_LISTED) > 0:
            times = sum(islice(self._unknown.values(), UNKNOWN_LISTED, None))
            unknown.append(
                Repair(
                    code="unknown_field",
                    message=f"{more:,} more field names that Phenopacket v2 does not have; ignored ({times:,} times)",
                    subject="more unknown fields",
                )
            )
        return self._changed + unknown

    def _message(
        self, raw: object, descriptor: Descriptor | None, view: View, *, path: str
    ) -> dict[str, Any]:
        if descriptor is None or not isinstance(raw, Mapping):
            raise self._error(path, "an object")
        fields = _fields(descriptor)
        found: dict[str, Any] = {}
        for key, value in raw.items():
            field = fields.get(key)
            if field is None:
                # its name is free text and may say who the patient is: it is shortened
                self._unknown[f"{path}.{printable_text(key, limit=_SHOWN)}".lstrip(".")] += 1
                continue
            name = field.json_name
            if name not in view or value is None:
                continue
            inner = f"{path}.{name}".lstrip(".")
            if name in found:
                raise InputError(f"{inner} is given twice", where=self._where, hint="keep one of the two")
            part = view[name]
            if isinstance(part, list):
                if not isinstance(value, list):
                    raise self._error(inner, "a list")
                if len(value) > LIST_LIMIT:
                    raise InputError(
                        f"{inner} has {len(value):,} entries, {LIST_LIMIT:,} at most are read",
                        where=self._where,
                        hint="is this one patient? Several belong into several Phenopackets",
                    )
                found[name] = [self._message(item, field.message_type, part[0], path=inner) for item in value]
            elif part is not None:
                found[name] = self._message(value, field.message_type, part, path=inner)
            elif (leaf := self._leaf(value, field, path=inner)) is not None:
                found[name] = leaf
        return found

    def _leaf(self, value: object, field: FieldDescriptor, *, path: str) -> object:
        if field.enum_type is not None:
            return self._enum(value, field, path=path)
        if field.message_type is not None:
            return self._timestamp(value, path=path)
        if field.type == FieldDescriptor.TYPE_BOOL:
            return self._bool(value, path=path)
        if field.type == FieldDescriptor.TYPE_STRING:
            if isinstance(value, str):
                return value
            if isinstance(value, int) and not isinstance(value, bool):
                self._change("value_spelling", f"{path} is a number; read as text", str(value)[:_SHOWN])
                return str(value)
            raise self._error(path, "text")
        return self._integer(value, path=path)

    def _bool(self, value: object, *, path: str) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and (word := value.strip().lower()) in {"true", "false"}:
            self._change("value_spelling", f"{path} is text; read as {word}", word)
            return word == "true"
        # a guess here could turn an excluded sign into an observed one
        raise self._error(path, "true or false")

    def _integer(self, value: object, *, path: str) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            raise self._error(path, "a whole number")
        text = str(value).strip()
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise self._error(path, "a whole number, not negative")
        return int(text)

    def _enum(self, value: object, field: FieldDescriptor, *, path: str) -> str | None:
        kind = field.enum_type
        if kind is None or isinstance(value, bool) or not isinstance(value, (str, int)):
            raise self._error(path, "one of the schema's words")
        text = str(value).strip()
        if text in kind.values_by_name:
            return text
        if text.isascii() and text.isdigit() and len(text) <= 9:
            member = kind.values_by_number.get(int(text))
            if member is not None:
                return str(member.name)
        if text.upper() in kind.values_by_name:
            self._change("value_spelling", f"{path} is written {text!r}; read as {text.upper()}", text)
            return text.upper()
        self._change(
            "unknown_value",
            f"{path} has no value {text[:60]!r}; read as unknown",
            printable_text(text, limit=_SHOWN),
        )
        return None

    def _timestamp(self, value: object, *, path: str) -> str | None:
        if not isinstance(value, str):
            raise self._error(path, "a date and time as text")
        text = value.strip()
        try:
            if len(text) == len("2000-01-01"):
                text = f"{date.fromisoformat(text).isoformat()}T00:00:00Z"
                self._change("value_spelling", f"{path} is a date; read as its midnight (UTC)", path)
            if not text.isascii():  # the parser would take the digits of any script
                raise ValueError(text)
            Timestamp().FromJsonString(text)
        except ValueError:
            self._change("unknown_value", f"{path} is not a date and time; ignored", path)
            return None
        return text

    def _change(self, code: str, message: str, subject: str) -> None:
        self._changed.append(Repair(code=code, message=message, subject=subject))

    def _error(self, path: str, wanted: str) -> InputError:
        return InputError(f"{path or 'the message'} is not {wanted}", where=self._where, hint=_HINT)


@cache
def _fields(descriptor: Descriptor) -> dict[str, FieldDescriptor]:
    # protobuf JSON allows both spellings of a field name
    return {name: field for field in descriptor.fields for name in (field.name, field.json_name)}
