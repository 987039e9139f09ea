#!/usr/bin/env bash
# Turns UnicodeData.txt into unicode.tsv, beside this script. README.md says what the result is for.
# Usage: data/make-unicode.sh [UnicodeData.txt]    (default: where the Debian package unicode-data puts it)
set -euo pipefail
export LC_ALL=C

source=${1:-/usr/share/unicode/UnicodeData.txt}
target=$(dirname "${BASH_SOURCE[0]}")/unicode.tsv

{
    # The license asks for a notice in every modified file. '#' sorts before every digit.
    printf '#\tModified from UnicodeData.txt of Unicode 15.0.0: first field padded and split off by a tab. See LICENSE-unicode.txt.\n'
    awk -F ';' '{ printf "%s%s\t%s\n", substr("000000", length($1) + 1), $1, substr($0, length($1) + 2) }' "$source"
} >"$target"

sort -c -t $'\t' -k 1,1 -u "$target" # unique keys, in ascending byte order
