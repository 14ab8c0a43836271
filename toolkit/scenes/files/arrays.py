"""Files of arrays that cannot run anything, .npz and .safetensors, and the zips of torch.

What is in them comes as the records of `toolkit.scenes.files.tensors`. Their numbers are views of the file's bytes;
those of a compressed zip are unpacked when they are asked for.

References
----------
numpy's `numpy.lib.format` for arrays in zips, and the README of safetensors for that format.
"""

import io
import json
import math
import re
import struct
import zipfile
import zlib

import numpy as np

from toolkit.errors import DataError
from toolkit.scenes.files.tensors import Array, Storage, Tensor, new_array, short, size_of, sizes_of, type_of

# what arrays of a compressed .npz may take, beside three times the size of the file: the largest movies have 44 MB
UNPACKED = 64 << 20
ENTRIES = 1000
NPY_HEADER = re.compile(
    rb"\{\s*'descr':\s*'([^']{1,20})',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d\sL,]*)\),?\s*\}\s*"
)
# bytes of a header or a zip's directory: those of a movie have some hundreds, and what they make in memory takes many
# times their size
HEADER = 1 << 18
SAFETENSORS = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1"},
    **{"U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1", "BF16": "bfloat16"},
}
# those that neither numpy nor a Movie has: kept, but not read
OTHER_TYPES = {"F4", "F6_E2M3", "F6_E3M2", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "C64"}
SAFETENSORS_NAMES = {code: name for name, code in SAFETENSORS.items()}


class _Zip(io.BytesIO):
    """The bytes of a zip, no more of which are read at once than its directory may have, until `begun`."""

    begun = False

    def read(self, size=-1):
        """Read so many bytes."""
        if size > HEADER and not self.begun:
            raise DataError("it is a zip of too many files")
        return super().read(size)


class Archive:
    """A zip, of which nothing has been unpacked.

    Attributes
    ----------
    entries : dict of str to ZipInfo
    """

    def __init__(self, data):
        self.data, file = memoryview(data), _Zip(data)
        self.zip = zipfile.ZipFile(file)
        file.begun = True
        self.entries = {entry.filename: entry for entry in self.zip.infolist()}
        if len(self.entries) > ENTRIES or len(self.entries) < len(self.zip.infolist()):
            raise DataError("it is a zip of too many files, or of two of one name")
        for entry in self.entries.values():
            # so many bytes are set aside before they are read
            if entry.compress_size > len(data):
                raise DataError("it is a zip that says it is larger than it is")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1:
                raise DataError("it is a zip compressed or encrypted as numpy and torch never do")

    def stored(self):
        """Return whether nothing in it is compressed."""
        return all(entry.compress_type == zipfile.ZIP_STORED for entry in self.entries.values())

    def begin(self, name, count):
        """Return the first `count` bytes of a file in it."""
        with self.zip.open(name) as file:
            return file.read(count)

    def contents(self, name):
        """Return the bytes of a file in it: a view where they are not compressed."""
        entry = self.entries[name]
        if entry.compress_type != zipfile.ZIP_STORED:
            return memoryview(self.zip.read(name))
        name_size, extra_size = struct.unpack_from("<26x2H", self.data, entry.header_offset)
        start = entry.header_offset + 30 + name_size + extra_size
        part = self.data[start : start + entry.file_size]
        if len(part) < entry.file_size or zlib.crc32(part) != entry.CRC:
            raise DataError(f"it is broken: the sum of {name[:80]!r} in it is wrong")
        return part


def torch_parts(data):
    """Return the pickle in a zip of `torch.save`, and the bytes of its storages by their keys."""
    archive = Archive(data)
    folders = [name.removesuffix("data.pkl") for name in archive.entries if re.fullmatch(r"[^/]+/data\.pkl", name)]
    if len(folders) != 1:
        raise DataError("it is a zip, but not one that torch.save wrote")
    if not archive.stored():
        raise DataError("it is a compressed zip, as torch.save never writes one")
    (folder,) = folders
    parts = {name.removeprefix(folder): archive.contents(name) for name in archive.entries}
    if parts.get("byteorder", b"little") != b"little":
        raise DataError("torch saved it on a big-endian machine; save it again on another")
    return parts["data.pkl"], {name[5:]: part for name, part in parts.items() if name.startswith("data/")}


def read_npz(data):
    """Return the arrays of numpy's zip."""
    archive = Archive(data)
    values = {}
    for name in archive.entries:
        if not name.endswith(".npy"):
            raise DataError(f"it is a zip of other files than arrays: {name[:80]!r}")
        values[name.removesuffix(".npy")] = _npy(archive, name)
    # of one at a time what is unpacked is there beside what is made of it
    unpacked = max((value.nbytes() for value in values.values()), default=0)
    made = sum(value.nbytes() * (2 if value.is_float() and value.type.code == "f2" else 1) for value in values.values())
    if unpacked + made > UNPACKED + 3 * len(data) and not archive.stored():
        raise DataError("it unpacks to far more than its size")
    return values


def _npy(archive, name):
    """Return the array in a file of a zip."""
    begin = archive.begin(name, HEADER)
    if begin[:6] != b"\x93NUMPY" or begin[6:8] not in (b"\1\0", b"\2\0"):
        raise DataError(f"it has an array of numpy's format {tuple(begin[6:8])}; 1.0 and 2.0 are known")
    start = 10 if begin[6] == 1 else 12
    end = start + int.from_bytes(begin[8:start], "little")
    header = NPY_HEADER.fullmatch(begin[start:end])
    if header is None or end > len(begin):
        raise DataError(f"the array {name.removesuffix('.npy')[:80]!r} is broken, or of records")
    shape = tuple(int(part.strip().removesuffix(b"L")) for part in header[3].split(b",") if part.strip())
    order = "F" if header[2] == b"True" else "C"
    size = archive.entries[name].file_size - end
    return new_array(
        Array(), type_of(header[1].decode("ascii")), shape, order, None, size, lambda: archive.contents(name)[end:]
    )


def write_npz(path, arrays, *, kept=None, packed=zipfile.ZIP_STORED):
    """Write arrays in numpy's zip, behind the files `kept` of another."""
    # numpy.savez takes no array of the name "file", or of another of its own arguments
    with zipfile.ZipFile(path, "w", packed) as archive:
        for name, part in (kept or {}).items():
            archive.writestr(name, part)
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)


def safetensors_parts(data):
    """Return the metadata of a safetensors file, and by name the type, the shape and the bytes of each tensor."""
    size = int.from_bytes(data[:8], "little")
    if size > min(HEADER, len(data) - 8):
        raise DataError(f"it is broken: it says that its header has {size} bytes")
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {}) if isinstance(header, dict) else None
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise DataError("it is broken: its header is no dict, or its metadata are no texts")
    body, end, parts = memoryview(data)[8 + size :], 0, {}
    for name, part in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        start, stop = part["data_offsets"]
        # one after the other, and nothing between them
        if start != end or not size_of(start) <= size_of(stop) <= len(body):
            raise DataError(f"it is broken: the bytes of {name[:80]!r} are not where they should be")
        parts[name] = part["dtype"], sizes_of(tuple(part["shape"])), body[start:stop]
        end = stop
    if end != len(body):
        raise DataError("it is broken: it has more bytes than its tensors")
    return metadata, parts


def read_safetensors(metadata, parts):
    """Return the metadata and the tensors, less those of `OTHER_TYPES`."""
    values = dict(metadata)
    for name, (kind, shape, part) in parts.items():
        code = SAFETENSORS.get(kind)
        if code == "bfloat16":
            strides = tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))
            if 2 * math.prod(shape) != len(part):
                raise DataError(f"it is broken: a tensor of shape {shape} has {len(part)} bytes")
            values[name] = Tensor(Storage(code, len(part) // 2, lambda part=part: part), 0, shape, strides)
        elif code is not None:
            values[name] = new_array(Array(), type_of(code), shape, "C", None, len(part), lambda part=part: part)
        elif kind not in OTHER_TYPES:
            raise DataError(f"it is broken: it has a tensor of type {short(kind)}")
    return values


def safetensors_part(array):
    """Return the type, the shape and the bytes of a tensor."""
    array = np.asarray(array)
    flat = np.ascontiguousarray(array).reshape(-1)
    flat = flat.astype(flat.dtype.newbyteorder("<"), copy=False)
    return SAFETENSORS_NAMES[flat.dtype.str], array.shape, memoryview(flat.view(np.uint8))


def write_safetensors(path, metadata, parts):
    """Write a safetensors file: a length, a header of JSON, and the bytes."""

    def width(item):
        code = SAFETENSORS.get(item[1][0], "|u1")
        return 2 if code == "bfloat16" else np.dtype(code).itemsize

    # wide numbers first, so that each stands where its kind may
    parts = dict(sorted(parts.items(), key=width, reverse=True))
    header, start = {"__metadata__": metadata} if metadata else {}, 0
    for name, (kind, shape, part) in parts.items():
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [start, start + len(part)]}
        start += len(part)
    told = json.dumps(header).encode()
    told += b" " * (-len(told) % 8)
    with open(path, "wb") as file:
        file.write(len(told).to_bytes(8, "little") + told)
        for _, _, part in parts.values():
            file.write(part)
