"""What every Genopraxis document shares: a schema name, strict fields, one way in and out of JSON."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from genopraxis.contracts.errors import ContractError


class Part(BaseModel):
    """A piece of a document: frozen, and strict about field names."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Document(Part):
    """A document with a schema identifier of its own, written as the key ``schema``."""

    schema_id: ClassVar[str]

    def to_json(self) -> str:
        """Return the document as indented JSON, its schema identifier first."""
        body = {"schema": self.schema_id} | self.model_dump(mode="json", by_alias=True)
        return json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_mapping(cls, raw: object, *, where: str) -> Self:
        """Validate a parsed JSON or YAML mapping.

        Raises
        ------
        ContractError
            When the schema identifier or a field is not what this document needs.
        """
        if not isinstance(raw, dict):
            raise ContractError(f"not a {cls.schema_id} document (a mapping is wanted)", where=where)
        body: dict[str, Any] = dict(raw)
        found = body.pop("schema", cls.schema_id)
        if found != cls.schema_id:
            raise ContractError(f"schema is {found!r}, wanted {cls.schema_id!r}", where=where)
        try:
            return cls.model_validate(body)
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(map(str, item['loc'])) or 'document'}: {item['msg']}" for item in error.errors()
            )
            raise ContractError(f"not a valid {cls.schema_id} document: {problems}", where=where) from error
