"""Files of arrays that cannot run anything, .npz and .safetensors, and the zips of torch.

Their arrays come as views of the file's bytes; what is compressed is unpacked, and the library of safetensors copies.

References
----------
numpy's `numpy.lib.format` for arrays in zips.
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
from toolkit.scenes.files.tensors import BFloat16, array_of, dtype_of, sizes_of

# what arrays of a compressed .npz may take, beside three times the size of the file: the largest movies have 44 MB
UNPACKED_BYTES = 64 << 20
ENTRIES = 1000
# numpy's own reader has Python parse the header, which a deep one may crash
NPY_HEADER = re.compile(
    rb"\{\s*'descr':\s*'([^']{1,20})',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d\sL,]*)\),?\s*\}\s*"
)
# bytes of a header or a zip's directory: those of a movie have some hundreds, and what they make in memory takes many
# times their size
HEADER = 1 << 18
# others, of 8 bits and less and complex ones, no movie has: they are kept, but not read
SAFETENSORS = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "|b1"},
    **{"I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1"},
}


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
    stored : bool
        Whether nothing in it is compressed.
    """

    def __init__(self, data):
        self.data, file = memoryview(data), _Zip(data)
        self.zip = zipfile.ZipFile(file)
        file.begun = True
        self.entries = {entry.filename: entry for entry in self.zip.infolist()}
        if len(self.entries) > ENTRIES or len(self.entries) < len(self.zip.infolist()):
            raise DataError("it is a zip of too many files, or of two of one name")
        for entry in self.entries.values():
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1:
                raise DataError("it is a zip compressed or encrypted as numpy and torch never do")
            if entry.compress_size > len(data):
                raise DataError("it is a zip that says it is larger than it is")
        self.stored = all(entry.compress_type == zipfile.ZIP_STORED for entry in self.entries.values())

    def begin(self, name, count):
        """Return the first `count` bytes of a file in it."""
        with self.zip.open(name) as file:
            return file.read(count)

    def contents(self, name):
        """Return the bytes of a file in it: a view where they are not compressed."""
        entry = self.entries[name]
        if entry.compress_type != zipfile.ZIP_STORED:
            # no more than it says: what it unpacks to may be more
            return memoryview(self.begin(name, entry.file_size))
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
    if not archive.stored:
        raise DataError("it is a compressed zip, as torch.save never writes one")
    (folder,) = folders
    parts = {name.removeprefix(folder): archive.contents(name) for name in archive.entries}
    if parts.get("byteorder", b"little") != b"little":
        raise DataError("torch saved it on a big-endian machine; save it again on another")
    return parts["data.pkl"], {name[5:]: part for name, part in parts.items() if name.startswith("data/")}


def read_npz(data):
    """Return the arrays of numpy's zip."""
    archive = Archive(data)
    headers = {name: _npy_header(archive, name) for name in archive.entries}
    unpacked = sum(entry.file_size for entry in archive.entries.values())
    # a movie has floats of 4 bytes
    converted = sum(
        math.prod(shape) * (4 if dtype.kind == "f" else dtype.itemsize) for _, dtype, shape, _ in headers.values()
    )
    if unpacked + converted > UNPACKED_BYTES + 3 * len(data) and not archive.stored:
        raise DataError("it unpacks to far more than its size")
    return {
        name.removesuffix(".npy"): array_of(archive.contents(name)[start:], *form)
        for name, (start, *form) in headers.items()
    }


def _npy_header(archive, name):
    """Return where an array in a zip begins, its dtype, its shape and its order."""
    if not name.endswith(".npy"):
        raise DataError(f"it is a zip of other files than arrays: {name[:80]!r}")
    begin = archive.begin(name, HEADER)
    if begin[:6] != b"\x93NUMPY" or begin[6:8] not in (b"\1\0", b"\2\0"):
        raise DataError(f"it has an array of numpy's format {tuple(begin[6:8])}; 1.0 and 2.0 are known")
    start = 10 if begin[6] == 1 else 12
    end = start + int.from_bytes(begin[8:start], "little")
    header = NPY_HEADER.fullmatch(begin[start:end])
    if header is None or end > len(begin):
        raise DataError(f"the array {name.removesuffix('.npy')[:80]!r} is broken, or of records")
    shape = sizes_of(tuple(int(part.strip().removesuffix(b"L")) for part in header[3].split(b",") if part.strip()))
    return end, dtype_of(header[1].decode("ascii")), shape, "F" if header[2] == b"True" else "C"


def write_npz(path, arrays, *, old=None):
    """Write arrays in numpy's zip, behind the others of an `old` one."""
    # numpy.savez takes no array of the name "file", or of another of its own arguments
    packed = zipfile.ZIP_STORED if old is None or old.stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w", packed) as archive:
        for name in old.entries if old is not None else ():
            if name.removesuffix(".npy") not in arrays:
                archive.writestr(name, old.contents(name))
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)


def read_safetensors(data):
    """Return the metadata of a safetensors file, and the tensors of the types in `SAFETENSORS`, together."""
    from safetensors import deserialize

    size = int.from_bytes(data[:8], "little")
    if size > HEADER:
        raise DataError(f"it is broken: it says that its header has {size} bytes")
    values = {}
    for name, part in deserialize(data):
        if part["dtype"] in SAFETENSORS:
            array = array_of(part["data"], SAFETENSORS[part["dtype"]], tuple(part["shape"]))
            values[name] = array.view(BFloat16) if part["dtype"] == "BF16" else array
    return safetensors_metadata(data) | values


def safetensors_metadata(data):
    """Return the metadata of a safetensors file that could be read."""
    return json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")]).get("__metadata__", {})
