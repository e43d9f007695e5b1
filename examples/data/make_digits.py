#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes digits.txt from the optical digits of the UCI repository.

    python3 make_digits.py optdigits.tes            the repository's own file, 65 numbers per line
    python3 make_digits.py digits.csv.gz            scikit-learn's copy of it, sklearn/datasets/data/digits.csv.gz

A line of digits.txt is an image: its class, a blank, and its 64 pixels row by row, 0 to 16 as 0-9a-g.
"""

import gzip
import pathlib
import sys

PIXELS = "0123456789abcdefg"


def main():
    source = pathlib.Path(sys.argv[1])
    text = gzip.decompress(source.read_bytes()).decode() if source.suffix == ".gz" else source.read_text()
    lines = []
    for row in text.split():
        numbers = [int(float(field)) for field in row.split(",")]
        if len(numbers) != 65:
            sys.exit(f"{source} has a line of {len(numbers)} numbers: 64 pixels and a class belong there")
        lines.append(f"{numbers[64]} {''.join(PIXELS[pixel] for pixel in numbers[:64])}\n")
    (pathlib.Path(__file__).parent / "digits.txt").write_text("".join(lines))


main()
