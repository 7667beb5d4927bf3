"""Files that are refused: always one InputError that says what is wrong."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packets_for_tests import META, feature, packet, write
from phenopackets.schema.v1 import phenopackets_pb2 as schema_v1

from genopraxis.contracts.errors import InputError
from genopraxis.formats.phenopacket import read_packets, read_truths

PLAIN = json.dumps(packet(feature("HP:0001250")), indent=1)

# few bytes, in which each list holds nine references to the one before
LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))

# a text that is not of the type which its tag states: each failed in a way of its own
TAGGED = [
    "timestamp foo", "timestamp 2020-01-01", "bool foo", 'int ""', "int x", 'float ""', "float .nan", "binary é",
    "set {a}", "omap [a: b]", "pairs [a: b]", "null x", "str x", "map {}", "seq []",
]  # fmt: skip
MERGES = "a0: &a0 {k: v}\n" + "".join(
    f'a{n}: &a{n}\n  !!merge "<<": [*a{n - 1}, *a{n - 1}]\n' for n in range(1, 25)
)


def refused(path: Path, message: str) -> None:
    for read in (read_packets, read_truths):
        with pytest.raises(InputError, match=message) as caught:
            read(path)
        assert caught.value.where
        assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PLAIN[:150], r"ends too early \(line \d+, column \d+\)"),
        (PLAIN[:-2], "ends too early"),
        ('{"id": "abc', "ends too early"),
        ('{"id": x}', r"not valid JSON: Expecting value \(line 1, column 8\)"),
        ('{"id": "a"}\n{"id": "b"}', "more text follows"),
        ('{"id": "a", "id": "b"}', r"a key occurs twice in one object \(column 13\)"),
        ('{"subject": {"Anna": 1,\n "\\u0041nna": 2}}', r"twice in one object \(line 2, column 2\)"),
        ('[{"a": [{"a": "\\",a"}], "b": "a", "a": 1}]', r"twice in one object \(column 35\)"),
        ("[" + "{}," * 500_000 + "{}]", "more than 500,000 values"),
        ('{"id": "' + "x" * 1001 + '", "subject": {}}', "longer than 1,000 characters"),
        ('{"id": NaN}', "NaN is not a JSON value"),
        ('{"id": -Infinity}', "Infinity is not a JSON value"),
        ('{"id": ' + "9" * 5000 + "}", "too long"),
        ('{"id": "\\ud800"}', "half a character"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 500 + "1" + "}" * 500, "nested too deeply"),
        ("[]", "the document is a list"),
        ("3", "the document is a single value"),
        ("{}", "neither a subject nor"),
        ('{"id": "x", "name": "y"}', "neither a subject nor"),
        ('{"resourceType": "Patient"}', "a Patient resource of FHIR"),
        ('{"id": {}, "subject": {}}', "id of the Phenopacket is not text"),
    ],
)
def test_bad_json(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "packet.json"
    path.write_text(text)
    refused(path, message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id: [1", r"not valid YAML: .* \(line \d, column \d\)"),
        ("id: a\nid: b\nsubject: {}", r"a key occurs twice in one mapping \(line 2, column 1\)"),
        ("id: !!python/object/apply:os.getcwd []", r"a tag \(!\) \(line 1, column 5\) is not allowed"),
        *((f"id: a\nx: !!{tag}", r"a tag \(!\) \(line 2, column 4\) is not allowed") for tag in TAGGED),
        ("id: ! a", "a tag"),
        ("id: !own {}", "a tag"),
        ("x: &a {b: c}\ny:\n  <<: *a", r"a merge key \(<<\) \(line 3, column 3\) is not allowed"),
        (MERGES, "a tag"),
        (MERGES.replace("!!merge ", "").replace('"', ""), "a merge key"),
        ("? [a]\n: b", "not valid YAML"),
        ("true: x", "a key is not text"),
        ("a: 1\n---\nb: 2", "not valid YAML"),
        ("a: \x07", "does not allow"),
        ('a: "\\ud800"', "not valid YAML"),
        ("id: " + "[" * 900 + "]" * 900, "nested too deeply"),
        ("a: &a [*a]", "names nothing above it"),
        ("a: *patient", "names nothing above it"),
        (LAUGHS, "more than 200,000 values"),
        ("a:\n" + "- {}\n" * 200_000, "more than 200,000 values"),
        ("a: " + "x" * 8 * 1024**2, "more than 8 MiB of YAML"),
        ("[" * 100_000, "not valid YAML|nested too deeply"),
        ("just words", "the document is a single value"),
    ],
)  # fmt: skip
def test_bad_yaml(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "packet.yaml"
    path.write_text(text)
    refused(path, message)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (packet(subject=[]), "subject is not an object"),
        (packet(phenotypicFeatures={}), "phenotypicFeatures is not a list"),
        (packet("HP:0001250"), "phenotypicFeatures is not an object"),  # type: ignore[arg-type]
        (packet(feature("HP:0001250", excluded="perhaps")), "excluded is not true or false"),
        (packet(feature("HP:0001250", excluded=1)), "excluded is not true or false"),
        (packet({"type": {"id": ["HP:0001250"]}}), "type.id is not text"),
        (packet(subject={"sex": []}), "subject.sex is not one of"),
        (packet(subject={"dateOfBirth": 3}), "dateOfBirth is not a date"),
        (
            packet(feature("HP:0001250", onset={"gestationalAge": {"weeks": -2}})),
            "weeks is not a whole number",
        ),
        (
            packet(feature("HP:0001250", onset={"gestationalAge": {"weeks": 9.5}})),
            "weeks is not a whole number",
        ),
        (packet(phenotypic_features=[]), "phenotypicFeatures is given twice"),
        (
            packet(subject={"timeAtLastEncounter": {"age": {}, "timestamp": "2020-01-01T00:00:00Z"}}),
            "not a valid Phenopacket v2",
        ),
        ({"members": []}, "no members"),
        ({"members": {}}, "no members"),
        ({"members": [3]}, "an object is expected"),
        ({"members": [packet(), packet(case_id="x"), packet()]}, "members 1 and 3 have the same id"),
        ({"proband": None}, "no proband"),
        ({"proband": []}, "an object is expected"),
    ],
)
def test_values_that_do_not_fit(tmp_path: Path, document: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_packets(write(tmp_path, document))


@pytest.mark.parametrize(
    "document",
    [
        packet(metaData={"phenopacketSchemaVersion": "1.0.0-RC3"}),
        packet(feature("HP:0001250", negated=True)),
        packet(feature("HP:0001250", classOfOnset={"id": "HP:0003577"})),
        packet(subject={"ageAtCollection": {"age": "P3Y"}}),
        packet(metaData={}, genes=[]),
        packet(metaData={}, htsFiles=[]),
        {"proband": packet(feature("HP:0001250", negated=True))},
        {"members": [packet(subject={"age_at_collection": {}})]},
    ],
)
def test_version_1(tmp_path: Path, document: dict[str, Any]) -> None:
    path = write(tmp_path, document)
    refused(path, "version 1; version 2 is needed")
    with pytest.raises(InputError, match=r"phenopacket-tools-cli\.jar convert --convert-variants"):
        read_packets(path)


def test_version_1_binary(tmp_path: Path) -> None:
    message = schema_v1.Phenopacket(id="x")
    message.subject.id = "s"
    message.meta_data.phenopacket_schema_version = "1.0.0"
    family = schema_v1.Family(id="x", proband=message)
    family.meta_data.phenopacket_schema_version = "1.0.0"
    for number, item in enumerate((message, family)):
        path = tmp_path / f"{number}.pb"
        path.write_bytes(item.SerializeToString())
        refused(path, "version 1; version 2 is needed")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\x03", "no protobuf message"),
        (b"\x08\x01", "neither a subject nor"),
        (b"words, not a packet", "neither JSON, YAML nor protobuf"),
        ("{}".encode("utf-16"), "no protobuf message|not UTF-8|neither"),
    ],
)
def test_bad_bytes(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "packet.bin"
    path.write_bytes(data)
    refused(path, message)


def test_json_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "packet.json"
    path.write_bytes(PLAIN.encode("utf-16"))
    refused(path, r"not UTF-8 \(byte offset 0\)")


def peak_of(path: Path) -> tuple[int, str]:
    """Return the memory that reading a file takes at most (MB), in a process of its own, and what came out."""
    code = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from genopraxis.contracts.errors import InputError\n"
        "from genopraxis.formats.phenopacket import read_packets\n"
        "try:\n    read_packets(sys.argv[1]); said = 'read'\n"
        "except InputError as error:\n    said = error.what\n"
        "kb = re.search(r'VmHWM:\\s*([0-9]+)', Path('/proc/self/status').read_text())[1]\n"
        "print(int(kb) // 1024, said)"
    )
    run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    peak, _, said = run.stdout.strip().partition(" ")
    return int(peak), said


MIB = 1024**2


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells the peak of a process without its parent"
)
@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("values.json.gz", b'{"subject": {}, "x": [' + b"{}," * (80 * MIB), "more than 32 MiB"),
        ("values.json", b'{"subject": {}, "x": [' + b"{}," * (10 * MIB) + b"1]}", "more than 500,000 values"),
        ("keys.json", b'{"subject": {}, ' + b'"k":1,' * (5 * MIB) + b'"k":1}', "more than 500,000 values"),
        ("text.json", b'{"subject": {"id": "\xf0\x9f\x98\x80' + b",:[" * (10 * MIB) + b'"}}', "read"),
        ("quotes.json", b'{"subject": {"id": "' + b'\\",' * (10 * MIB) + b'"}}', "read"),
        ("nodes.yaml", b"subject: {}\nx: [" + b"[]," * 190_000 + b"[]]", "read"),
        ("features.pb", b"\x0a\x01a" + b"\x1a\x00" * (4 * MIB - 9), "more than 200,000 values"),
        ("measured.pb", b"\x0a\x01a\x12\x00" + b"\x22\x00" * 199_000, "read"),
        ("large.pb", b"\x0a\x01a\x12\x00" + b"\x22\x00" * (5 * MIB), "more than 8 MiB of protobuf"),
    ],
)
def test_memory_is_bounded(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(data, 6) if name.endswith(".gz") else data)
    peak, said = peak_of(path)
    assert message in said
    assert peak < 500


@pytest.mark.parametrize("text", [LAUGHS, MERGES])
def test_a_small_file_is_refused_at_once(tmp_path: Path, text: str) -> None:
    path = tmp_path / "packet.yaml"
    path.write_text(text)
    begin = time.perf_counter()
    with pytest.raises(InputError):
        read_packets(path)
    assert time.perf_counter() - begin < 1


def test_structure_inside_strings_does_not_count(tmp_path: Path) -> None:
    text = PLAIN.replace('"case-1"', '"case-1", "note": "' + '[{,:\\\\\\",' * 150_000 + '"')
    path = tmp_path / "packet.json"
    path.write_text(text)
    assert json.loads(text)["note"].count(",") == 300_000
    assert read_packets(path)[0].patient.case_id == "case-1"


def test_a_message_may_not_say_who_the_patient_is(tmp_path: Path) -> None:
    for name, text in (
        ("p.json", '{"Anna Muster": 1, "Anna Muster": 2}'),
        ("p.yaml", "Anna Muster: 1\nAnna Muster: 2\n"),
        ("q.yaml", "? [Anna Muster]\n: 1\n"),
    ):
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(InputError) as caught:
            read_packets(path)
        assert "Anna" not in str(caught.value)


def test_more_features_than_any_patient_has(tmp_path: Path) -> None:
    path = write(tmp_path, packet(*[feature("HP:0001250")] * 10_001))
    with pytest.raises(InputError, match="phenotypicFeatures has 10,001 entries, 10,000 at most"):
        read_packets(path)


def test_truncated_binary(tmp_path: Path) -> None:
    whole = write(tmp_path, packet(feature("HP:0001250")), "p.pb").read_bytes()
    path = tmp_path / "cut.pb"
    path.write_bytes(whole[:-5])
    refused(path, "truncated")


@settings(max_examples=150, deadline=None)
@given(
    data=st.one_of(
        st.binary(min_size=1, max_size=60),
        st.text(min_size=1, max_size=60).map(lambda t: t.encode("utf-8", "replace")),
    )
)
@pytest.mark.parametrize("name", ["x.json", "x.yaml", "x.pb"])
def test_no_bytes_give_a_stack_trace(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(data)
    for read in (read_packets, read_truths):
        with suppress(InputError):
            assert read(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["HP:0001250", "P3Y"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "type", "onset", "age", "excluded", "sex", "timestamp", "interval", "iso8601duration"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(subject=json_values, features=json_values, proband=st.booleans())
def test_no_json_gives_a_stack_trace(
    tmp_path_factory: pytest.TempPathFactory, subject: Any, features: Any, proband: bool
) -> None:
    document: Any = {"id": "c", "subject": subject, "phenotypicFeatures": features, "metaData": META}
    path = write(tmp_path_factory.getbasetemp(), {"proband": document} if proband else document)
    with suppress(InputError):
        assert read_packets(path)
