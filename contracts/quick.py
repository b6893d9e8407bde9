"""Contracts as msgspec structs: the same fields, methods and JSON for a fraction of the time, where every call passes.

They are made from the pydantic models, so a contract is still written in one place. Their reader is stricter than the
models: what it refuses is given to the model, which understands more spellings and says what is wrong. What it takes
is what the model takes, field by field (`tests/unit/contracts/test_quick.py` holds one against the other), but for a
moment of more than six decimals, which it rounds where the model cuts: a microsecond.
"""

from __future__ import annotations

import math
import types
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, cast, get_args, get_origin

import msgspec
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from contracts.event import Event, Part
from contracts.limits import EARLIEST, INT64, LATEST, Attributes

P = TypeVar("P", bound=Part)
E = TypeVar("E", bound=Event)
Q = TypeVar("Q", bound="Part | Quick")

_LIMITS = ("min_length", "max_length", "gt", "ge", "lt", "le", "multiple_of", "pattern")
_encoded = msgspec.json.Encoder().encode


class Quick(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What every struct can do; ``gc=False``, because parts of an event never hold each other in a circle."""

    def encode(self) -> bytes:
        """The JSON that the model makes."""
        return _encoded(self)


@cache
def quick(model: type[P]) -> type[P]:
    """The struct of a model. It is told to be the model's type: attribute for attribute it is the same.

    Raise `TypeError` for a model with validators of its own, which a struct would not run.
    """
    checks = model.__pydantic_decorators__
    if checks.validators or checks.field_validators or checks.root_validators or checks.model_validators:
        raise TypeError(f"{model.__name__} has validators: it is read by the model alone")
    fields = [_field(name, said) for name, said in model.model_fields.items()]
    made = msgspec.defstruct(
        model.__name__, fields, bases=(Quick,), namespace=_namespace(model), frozen=True, kw_only=True, gc=False
    )
    return cast("type[P]", made)


def quickened(part: P) -> P:
    """The struct with the values of a model; a struct as it is."""
    if isinstance(part, Quick):
        return part
    return cast("P", msgspec.convert(part, quick(type(part)), from_attributes=True))


def changed(part: Q, **changes: Any) -> Q:
    """A copy of a struct or of a model with other values in some fields; they are trusted."""
    if isinstance(part, Part):
        return part.model_copy(update=changes)
    return cast("Q", msgspec.structs.replace(cast("msgspec.Struct", part), **changes))


def fields_of(part: Part | Quick) -> dict[str, Any]:
    """The fields of a struct and their values."""
    return msgspec.structs.asdict(cast("msgspec.Struct", part))


class QuickReader(Generic[E]):
    """Reads events of one kind from JSON; where it is not sure, it leaves them to the model."""

    def __init__(self, model: type[E]) -> None:
        """``model`` is the contract."""
        self.model = model
        self._struct = quick(model)
        self._decode = msgspec.json.Decoder(self._struct).decode

    def read(self, data: bytes) -> E | None:
        """The event as a struct, or None: the model has to look."""
        try:
            data.decode()  # names and values that are left out are not looked at otherwise
            event = self._decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return _within(event)

    def take(self, fields: Mapping[str, object]) -> E | None:
        """The event of values that somebody else has read, as a struct, or None: the model has to look."""
        try:
            event = _within(msgspec.convert(fields, self._struct, builtin_types=(datetime,)))
            _encoded(event)  # a text may hold half of a pair of surrogates, which is no UTF-8
        except (msgspec.ValidationError, UnicodeEncodeError, RecursionError):
            return None
        return event


def _within(event: E) -> E | None:
    return event if EARLIEST <= event.occurred_at <= LATEST and _are_numbers(event.attributes) else None


def _are_numbers(attributes: Attributes) -> bool:
    """Whether every number is one within 64 bits, for which msgspec knows no limit; NaN is within nothing."""
    for one in attributes.values():
        if type(one) is int:
            if not -INT64 <= one < INT64:
                return False
        elif type(one) is float and not math.isfinite(one):
            return False
    return True


def _namespace(model: type[BaseModel]) -> dict[str, Any]:
    """Properties and constants of the class that the model and those above it add."""
    found: dict[str, Any] = {}
    for owner in reversed(model.__mro__[: model.__mro__.index(BaseModel)]):
        found |= {name: said for name, said in vars(owner).items() if isinstance(said, property) or name == "ce_type"}
    return found


def _field(name: str, said: FieldInfo) -> tuple[Any, ...]:
    kind = _kind(said.annotation, said.metadata)
    if said.is_required():
        return name, kind
    if said.default is None and said.default_factory is None:
        return name, kind, None
    made = said.get_default(call_default_factory=True)
    if isinstance(made, dict):
        return name, kind, msgspec.field(default_factory=lambda: {})  # noqa: PIE807 - `dict` would leave out empty ones
    default = quickened(made) if isinstance(made, Part) else made
    return name, kind, msgspec.field(default_factory=lambda: default)  # only a plain default would be left out


def _kind(annotation: Any, metadata: Iterable[Any] = ()) -> Any:
    """The type with its limits, as msgspec wants it."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(inner[0], [*inner[1:], *metadata])
    limits = dict(_limits(metadata))
    if origin is Literal:
        return annotation
    if origin in {Union, types.UnionType}:
        return Union[tuple(one if one is type(None) else _limited(_kind(one), limits) for one in inner)]  # noqa: UP007
    if inner:  # of the collections, contracts have tuples of one kind and dicts
        kinds = [one if one is Ellipsis else _kind(one) for one in inner]
        return _limited(origin[*kinds], limits)
    if annotation is AwareDatetime:
        return Annotated[datetime, msgspec.Meta(tz=True)]  # its bounds: `QuickReader.read`
    part = isinstance(annotation, type) and issubclass(annotation, Part)
    return quick(annotation) if part else _limited(annotation, limits)


def _limits(metadata: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for said in metadata:
        if isinstance(said, FieldInfo):
            yield from _limits(said.metadata)
            continue
        if hasattr(said, "func"):
            raise TypeError(f"{said!r} is a validator, which a struct would not run")
        for name in _LIMITS:
            limit = getattr(said, name, None)
            if name == "pattern" and isinstance(limit, str):
                yield name, limit.removesuffix("$") + r"\Z" if limit.endswith("$") else limit  # Python's $ takes \n
            elif limit is not None:
                yield name, limit


def _limited(kind: Any, limits: dict[str, Any]) -> Any:
    return Annotated[kind, msgspec.Meta(**limits)] if limits else kind
