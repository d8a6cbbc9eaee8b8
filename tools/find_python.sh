#!/bin/sh
# Prints the first Python that can build the environment. Make has no Python of its own to ask, hence a shell script.
# 3.11 to 3.13 first: every locked package ships a wheel for them; a newer one is used only when it is all there is.
can_run() {
    "$1" -c "import sys, venv; sys.exit(not ($2))" >/dev/null 2>&1
}
for wanted in "(3, 11) <= sys.version_info < (3, 14)" "sys.version_info >= (3, 14)"; do
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14 python; do
        if can_run "$name" "$wanted"; then
            command -v "$name"
            exit 0
        fi
    done
done
echo "Keku needs Python 3.11 or newer with its venv module; none was found on PATH." >&2
echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv), or name it: make setup PYTHON=/path/to/python3" >&2
exit 1
