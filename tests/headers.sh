#!/bin/sh
# Every header compiles alone: it includes what it needs.
cd "$1" || exit 1
status=0
for header in $(cd include && find . -name '*.h' | sed 's|^\./||'); do
    echo "#include \"$header\"" |
        ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -Iinclude -Wall -Wextra -Werror -fsyntax-only -xc - || {
        echo "$header does not compile alone"
        status=1
    }
done
exit $status
