"""What every Genopraxis document shares: a schema name, strict fields, one way in and out of JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    ValidationError,
    ValidationInfo,
    model_serializer,
    model_validator,
)

from genopraxis.contracts.errors import ContractError

Body = dict[str, Any]
_SCHEMA = "schema"
_NEWER = "a newer Genopraxis may have written it; is it the right file?"


class Part(BaseModel):
    """A piece of a document: frozen, and strict about field names."""

    # without "constants", pydantic writes null for what is infinite, as if it had not been measured
    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, ser_json_inf_nan="constants"
    )


class Document(Part):
    """A document with a schema identifier of its own, written as the key ``schema``, also inside another document.

    A change that old files do not follow gets a new identifier, and an entry in ``upgrades``: old identifier →
    function that turns the mapping of such a file into one of today's. Files once written stay readable.
    """

    schema_id: ClassVar[str]
    upgrades: ClassVar[Mapping[str, Callable[[Body], Body]]] = {}

    def to_json(self) -> str:
        """Return the document as indented JSON, its schema identifier first.

        Raises
        ------
        ContractError
            When a number is infinite or not a number: JSON has no such values.
        """
        body = self.model_dump(mode="json", by_alias=True)
        if strange := list(_not_finite(body, self.schema_id)):
            raise ContractError(
                f"a number is infinite or not a number: {', '.join(strange[:5])}",
                hint="write null for what was not measured",
            )
        return json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_mapping(cls, raw: object, *, where: str, schema_optional: bool = False) -> Self:
        """Validate a parsed JSON or YAML mapping.

        Parameters
        ----------
        where
            The file, for the message.
        schema_optional
            Take a mapping without schema identifier too, as people write it by hand.

        Raises
        ------
        ContractError
            When the schema identifier or a field is not what this document needs.
        """
        if not isinstance(raw, dict):
            raise ContractError(f"not a {cls.schema_id} document (a mapping is wanted)", where=where)
        found = raw.get(_SCHEMA)
        if _SCHEMA not in raw and not schema_optional:
            raise ContractError(
                f"it does not say its schema, wanted {cls.schema_id!r}",
                where=where,
                hint="is it the right file?",
            )
        if _SCHEMA in raw and not cls._reads(found):
            raise ContractError(f"schema is {found!r}, wanted {cls.schema_id!r}", where=where, hint=_NEWER)
        body = raw if _SCHEMA in raw else {_SCHEMA: cls.schema_id} | raw
        try:
            return cls.model_validate(body, context={"from_file": True})
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(map(str, item['loc'])) or 'document'}: {item['msg']}" for item in error.errors()
            )
            raise ContractError(f"not a valid {cls.schema_id} document: {problems}", where=where) from error

    @classmethod
    def _reads(cls, schema: object) -> bool:
        return schema == cls.schema_id or (isinstance(schema, str) and schema in cls.upgrades)

    @model_serializer(mode="wrap")
    def _write_schema(self, fields: SerializerFunctionWrapHandler) -> Body:
        body: Body = fields(self)
        return {_SCHEMA: self.schema_id} | body

    @model_validator(mode="before")
    @classmethod
    def _read_schema(cls, given: object, info: ValidationInfo) -> object:
        """Take the schema identifier off, and bring an older body up to date; in code none is given."""
        if not isinstance(given, dict):
            return given
        body = dict(given)
        if _SCHEMA not in body:
            if info.context and info.context.get("from_file"):
                raise ValueError(f"it does not say its schema, wanted {cls.schema_id!r}")
            return body
        found = body.pop(_SCHEMA)
        if not cls._reads(found):
            raise ValueError(f"schema is {found!r}, wanted {cls.schema_id!r}")
        return body if found == cls.schema_id else cls.upgrades[found](body)


def _not_finite(value: object, where: str) -> Iterator[str]:
    """Yield the place of each number that JSON cannot hold."""
    if isinstance(value, float):
        if not math.isfinite(value):
            yield where
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _not_finite(inner, f"{where}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _not_finite(inner, f"{where}.{number}")
