#!/bin/sh
# Make the checkout's own .venv, from nothing but a Python 3 with pip.
#
#   sh setup.sh        what is needed to run Ujuzi
#   sh setup.sh dev    the same, and what is needed to test it
#
# Every package is pinned with its hash in requirements/. Nothing is done when nothing there has changed.
set -eu
cd "$(dirname "$0")"

fail() {
    printf 'setup: %s\n' "$1" >&2
    exit 2
}

want=${1:-run}
case $want in run | dev) ;; *) fail "expected 'run' or 'dev', found '$want'." ;; esac

uv=.venv/.uv/bin/uv
stamp=.venv/.ujuzi-setup
# A developer's environment also runs Ujuzi: never strip it down to the smaller set.
case $(cat "$stamp" 2>/dev/null || true) in dev*) want=dev ;; esac
state="$want $(cat requirements/*.txt pyproject.toml .python-version setup.sh | cksum) $(pwd)"
if [ -x .venv/bin/ujuzi ] && [ "$(cat "$stamp" 2>/dev/null || true)" = "$state" ]; then
    exit 0
fi

python=
for candidate in python3 python3.13 python3.14 python; do
    if "$candidate" -m pip --version >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || fail "found no Python 3 with pip; install both first (Debian: apt-get install python3 python3-pip)."

printf 'setup: installing into .venv (the first time takes a few minutes)\n' >&2
if [ ! -x "$uv" ] || [ "$("$uv" --version | cut -d ' ' -f 2)" != "$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements/uv.txt)" ]; then
    PIP_ROOT_USER_ACTION=ignore "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --upgrade \
        --target .venv/.uv -r requirements/uv.txt
fi
"$uv" venv --quiet --allow-existing --python "$(cat .python-version)" .venv ||
    fail "needs Python $(cat .python-version), which was neither found here nor to be had; install it (Debian 13: apt-get install python3.13)."
rm -f "$stamp"
export VIRTUAL_ENV="$PWD/.venv"
"$uv" pip sync --quiet --require-hashes --compile-bytecode "requirements/$want.txt"
"$uv" pip install --quiet --no-deps --build-constraints requirements/build.txt --editable .
if [ "$want" = dev ]; then
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
        --dest .venv/.deploy -r requirements/deploy.txt
fi
printf '%s\n' "$state" >"$stamp"
