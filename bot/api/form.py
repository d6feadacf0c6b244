"""A form with a file in it (multipart/form-data), read as it comes.

In: the bytes of a request's body. Out: the file's name and bytes, handed on at once; its fields at the end. It keeps
no more of a file than came last.
"""

from __future__ import annotations

from collections.abc import Callable

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from bot.inbox import BadHandIn

FORM = "multipart/form-data"
FILE = "file"  # the field that the file stands in
MOST_FIELDS = 10
LONGEST_FIELD = 2_000  # bytes

_MALFORMED = "the form is malformed: send it as multipart/form-data, as `curl -F file=@page.txt` does."


class Form:
    """One form. `begin` hears the file's name, `write` its bytes; what they raise comes out of `feed`."""

    def __init__(self, content_type: str, begin: Callable[[str], None], write: Callable[[bytes], None]) -> None:
        """Raises BadHandIn."""
        self._begin, self._write = begin, write
        self._fields: dict[str, bytearray] = {}
        self._header, self._value, self._disposition = b"", b"", b""
        self._field: bytearray | None = None  # the field at hand; None in the file
        self._ended = False
        _, options = parse_options_header(content_type)
        if not options.get(b"boundary"):
            raise BadHandIn(_MALFORMED)
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                {
                    "on_part_begin": self._part_begins,
                    "on_header_field": self._header_name,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_ends,
                    "on_headers_finished": self._headers_end,
                    "on_part_data": self._data,
                    "on_end": self._ends,
                },
            )
        except FormParserError as e:
            raise BadHandIn(_MALFORMED) from e

    def feed(self, data: bytes) -> None:
        """The next bytes of the body. Raises BadHandIn."""
        try:
            self._parser.write(data)
        except FormParserError as e:
            raise BadHandIn(_MALFORMED) from e

    def fields(self) -> dict[str, str]:
        """Its fields but for the file, once the body has ended. Raises BadHandIn for one that broke off."""
        if not self._ended:
            raise BadHandIn("the form broke off before its end: send it again.")
        try:
            return {name: value.decode() for name, value in self._fields.items()}
        except UnicodeDecodeError as e:
            raise BadHandIn("a field of the form is not UTF-8.") from e

    def _part_begins(self) -> None:
        self._header, self._value, self._disposition = b"", b"", b""
        self._field = bytearray()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ends(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header, self._value = b"", b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._disposition.decode("latin-1"))
        name = options.get(b"name", b"").decode(errors="replace")
        if name == FILE:
            self._field = None
            self._begin(options.get(b"filename", b"").decode(errors="replace"))
            return
        if name in self._fields or len(self._fields) >= MOST_FIELDS:
            raise BadHandIn(f"the form has the field {name[:40]!r} twice, or too many fields.")
        self._field = self._fields[name] = bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._field is None:
            self._write(data[start:end])
            return
        self._field += data[start:end]
        if len(self._field) > LONGEST_FIELD:
            raise BadHandIn(f"a field of the form is longer than {LONGEST_FIELD:,} bytes.")

    def _ends(self) -> None:
        self._ended = True
