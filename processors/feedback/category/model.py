"""The shipped model: one weight for each feature and output, in a byte each."""

from __future__ import annotations

import io
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from processors.feedback.category.features import SIZE, Features
from processors.feedback.category.labels import CATEGORIES

FILE = Path(__file__).parent / "model.npz"
FORMAT = 1
"""Rises when features or outputs mean something else; a file of another format is refused."""
OUTPUTS = len(CATEGORIES) + 1
"""One for each category, and one that says whether security is touched."""
STEPS = 127


class ModelUnreadable(ValueError):  # noqa: N818 - what it says
    """The file holds no model of this format."""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by feature and output, the constant of each output, and how far outputs are to be trusted.

    ``temperature`` divides the outputs of categories, ``security_temperature`` that of security: texts of people
    differ more than the ones it was fitted on. ``security_threshold`` is the probability from which a text is said
    to touch security. ``known`` tells which features have weights at all. ``version`` names corpus and format.
    """

    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    constant: NDArray[np.float32]
    temperature: float
    security_temperature: float
    security_threshold: float
    version: str

    def outputs(self, features: Features) -> NDArray[np.float32]:
        """What each output says of a text, before any temperature."""
        if not len(features.indexes):
            return self.constant
        weights = self.weights[features.indexes].astype(np.float32)
        return (features.values @ weights) * self.scale + self.constant

    def of(self, indexes: NDArray[np.int64]) -> NDArray[np.float32]:
        """The weights of some features."""
        return self.weights[indexes].astype(np.float32) * self.scale


def read_model(file: Path = FILE) -> Model:
    """Read a model; raise `ModelUnreadable` where there is none of this format."""
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as stored:
            about = json.loads(stored["about"].tobytes())
            kept = np.cumsum(stored["steps"], dtype=np.int64)
            weights = np.zeros((SIZE, OUTPUTS), np.int8)
            if about["format"] != FORMAT:
                raise ModelUnreadable(f"{file} has format {about['format']}, this program reads {FORMAT}")
            weights[kept] = stored["weights"]
            scale, constant = stored["scale"], stored["constant"]
    except (OSError, EOFError, ValueError, KeyError, IndexError, BadZipFile, zlib.error) as error:
        raise ModelUnreadable(f"{file}: {error}; rebuild it with `make model`") from error
    return Model(
        weights,
        scale,
        constant,
        about["temperature"],
        about["security_temperature"],
        about["security_threshold"],
        about["version"],
    )


def write_model(model: Model, file: Path = FILE) -> int:
    """Write a model without the features that weigh nothing; return the size in bytes."""
    kept = np.flatnonzero(model.weights.any(axis=1))
    about = {
        "format": FORMAT,
        "version": model.version,
        "temperature": model.temperature,
        "security_temperature": model.security_temperature,
        "security_threshold": model.security_threshold,
    }
    stored = io.BytesIO()
    np.savez_compressed(
        stored,
        about=np.frombuffer(json.dumps(about).encode(), np.uint8),
        steps=np.diff(kept, prepend=0).astype(np.uint32),
        weights=model.weights[kept],
        scale=model.scale,
        constant=model.constant,
    )
    file.write_bytes(stored.getvalue())
    return len(stored.getvalue())


def in_bytes(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights as whole numbers of at most 127, and what each output's numbers are to be multiplied by."""
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-9) / STEPS
    return np.rint(weights / scale).astype(np.int8), scale.astype(np.float32)
