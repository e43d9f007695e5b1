# SPDX-License-Identifier: BSD-3-Clause
"""Writes the .npy files beside it with NumPy: python3 make.py. Element number k, counted in C order, is (k - 5) / 4 + 1e-3 k^2."""
import pathlib

import numpy as np
from numpy.lib import format as npy

here = pathlib.Path(__file__).parent


def array(shape, dtype, order="C"):
    k = np.arange(int(np.prod(shape)), dtype=np.float64)
    return np.asarray(((k - 5) / 4 + 1e-3 * k**2).reshape(shape), dtype=dtype, order=order)


def write(name, values, version=None):
    with open(here / name, "wb") as file:
        npy.write_array(file, values, version=version)


write("vector_f4.npy", array((7,), "<f4"))
write("matrix_f8.npy", array((3, 4), "<f8"))
write("matrix_f8_fortran.npy", array((3, 4), "<f8", "F"))
write("matrix_f4_big_endian.npy", array((3, 4), ">f4"))
write("cube_f8_fortran_big_endian.npy", array((2, 3, 5), ">f8", "F"), (2, 0))
write("cube_f4_version_3.npy", array((2, 3, 5), "<f4"), (3, 0))
write("number_f8.npy", array((), "<f8"))
write("empty_f4.npy", array((3, 0, 2), "<f4"))
write("integers.npy", np.arange(4, dtype="<i4"))
write("structured.npy", np.zeros(2, dtype=[("x", "<f4"), ("y", "<f4")]))
