#!/usr/bin/env bash
# Makes what the project needs: Debian packages by name, then .venv from requirements.lock.
# Does nothing when nothing changed.  Called by every make target.
set -euo pipefail
cd "$(dirname "$0")/.."

# What each package is for stands in docs/installation.md; a test compares the two lists.
PACKAGES=(
    gcc libc6-dev python3-venv python3-dev      # pyscard has no Linux wheel
    libpcsclite-dev pcscd vsmartcard-vpcd       # chip readers, real and virtual
    mosquitto                                   # the broker
    tesseract-ocr                               # first readers of documents and plates
    fonts-ocr-b fonts-opendin fonts-dejavu-core fonts-liberation   # rendered documents and plates
    chromium                                    # the browser tests
    postgresql                                  # the store's second database
    socat
)

missing=()
for package in "${PACKAGES[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing+=("$package")
done
if ((${#missing[@]})); then
    if [[ $(id -u) == 0 ]]; then run=(env DEBIAN_FRONTEND=noninteractive apt-get)
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then run=(sudo -n env DEBIAN_FRONTEND=noninteractive apt-get)
    else
        echo "setup: these Debian packages are missing and installing them needs root:" >&2
        echo "    apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 3
    fi
    echo "setup: installing Debian packages: ${missing[*]}"
    "${run[@]}" update -qq
    "${run[@]}" install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

python=python3.11
command -v $python >/dev/null || python=python3
$python - <<'PY' || { echo "setup: Python 3.11 or newer is needed (found: $($python --version 2>&1))" >&2; exit 3; }
import sys
sys.exit(sys.version_info < (3, 11))
PY

stamp=.venv/.borderlane-setup
wanted=$(cat requirements.lock pyproject.toml tools/setup.sh | sha256sum | cut -d' ' -f1)
[[ -f $stamp && $(cat $stamp) == "$wanted" ]] && exit 0

echo "setup: making .venv from requirements.lock (about a minute)"
[[ -x .venv/bin/python ]] || $python -m venv .venv
export PYTHONDONTWRITEBYTECODE=
.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock 2>&1 | grep -v "^WARNING: Location" || true
.venv/bin/python -c "import pydantic, cv2, smartcard" || { echo "setup: the packages of requirements.lock did not install; run: .venv/bin/python -m pip install --require-hashes -r requirements.lock" >&2; exit 3; }
.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps -e . 2>&1 | grep -v "^WARNING: Location" || true
.venv/bin/python -c "import importlib.metadata as m; m.version('borderlane')"
echo "$wanted" > $stamp
