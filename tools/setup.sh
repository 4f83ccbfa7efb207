#!/usr/bin/env bash
# Makes what the project needs: Debian packages by name, .venv from requirements.lock, the simulators' pictures.
# Does nothing when nothing changed.  Called by every make target.  Exit status 3: something is missing, and what.
set -euo pipefail
cd "$(dirname "$0")/.."

LOCK=.setup-lock APT_LOG=.setup-apt.log PIP_LOG=.setup-pip.log
VENV_STAMP=.venv/.borderlane-setup DRIVES_STAMP=var/drives/.setup

# What each package is for stands in docs/installation.md; a test compares the two lists.
PACKAGES=(
    gcc libc6-dev python3-venv python3-dev      # pyscard has no Linux wheel
    libpcsclite-dev pcscd vsmartcard-vpcd       # chip readers, real and virtual
    mosquitto                                   # the broker
    tesseract-ocr                               # print for people; the engine passporteye
    tesseract-ocr-kaz tesseract-ocr-kir tesseract-ocr-uzb tesseract-ocr-uzb-cyrl   # print for people (29 MB in all)
    tesseract-ocr-tgk tesseract-ocr-rus
    fonts-ocr-b fonts-opendin fonts-dejavu-core fonts-dejavu-extra fonts-liberation   # rendered documents and plates
    fonts-bebas-neue fonts-roboto-unhinted fonts-play fonts-open-sans fonts-clear-sans fonts-b612 fonts-cabin   # plates
    fonts-wqy-zenhei fonts-wqy-microhei fonts-freefarsi fonts-farsiweb   # Chinese and Persian plates (22 MB in all)
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0   # text of records on paper (PDF)
    chromium-headless-shell                     # the browser tests
    postgresql                                  # the store's second database
    softhsm2                                    # a token in software for the terminal's key
    socat
    iproute2                                    # networks of their own for tests
)

say() { echo "setup: $*"; }

# The first line says what is wrong, the others what to do.
fail() {
    echo "setup: $1" >&2
    shift
    if (($#)); then printf '    %s\n' "$@" >&2; fi
    exit 3
}

last_lines() { tail -n 12 "$1" | sed 's/^/    | /' >&2; }

install_packages() {
    command -v dpkg-query >/dev/null || fail "this is no Debian: dpkg-query is missing" \
        "Debian 12 is what this set-up knows; elsewhere install what these packages hold, by hand:" "${PACKAGES[*]}"
    local installed package missing=() as_root=()
    installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${PACKAGES[@]}" 2>/dev/null || true)
    for package in "${PACKAGES[@]}"; do
        grep -qx "$package installed" <<<"$installed" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    local by_hand="apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    if [[ $(id -u) != 0 ]]; then
        as_root=(sudo -n)
        { command -v sudo && sudo -n true; } &>/dev/null ||
            fail "Debian packages are missing, and installing them needs root:" "$by_hand"
    fi
    say "installing Debian packages: ${missing[*]}"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120)
    { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } &>"$APT_LOG" || {
        last_lines "$APT_LOG"
        fail "the Debian packages were not installed; apt's last words stand above, all of them in $APT_LOG" \
            "Mend what it says (no network? a mirror or proxy in /etc/apt?), or install them as root:" "$by_hand"
    }
}

choose_python() {
    python=python3.11
    command -v $python >/dev/null || python=python3
    command -v $python >/dev/null || fail "Python is missing" "Install the Debian package python3"
    $python -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "Python 3.11 or newer is needed, found $($python --version 2>&1) at $(command -v $python)"
    version=$($python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
}

make_venv() {
    local wanted made="" problem=""
    wanted="$(cat requirements.lock pyproject.toml tools/setup.sh | sha256sum | cut -d' ' -f1) $version $PWD"
    [[ -f $VENV_STAMP ]] && made=$(<"$VENV_STAMP")
    [[ $made == "$wanted" && -x .venv/bin/python ]] && return 0
    # A stamp that is older has only a hash: such a .venv is brought up to date like any other.
    if [[ $made == *" "* && ${made#* } != "$version $PWD" ]]; then
        problem="was made for Python ${made#* }"
    elif [[ -e .venv || -L .venv ]]; then
        .venv/bin/python -c "import sys, pip; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null ||
            problem="is not of Python $version, or was left half made"
    fi
    if [[ $problem ]]; then
        say ".venv $problem: making it anew"
        rm -rf .venv
    fi
    say "making .venv from requirements.lock (about a minute)"
    if [[ ! -e .venv ]]; then
        $python -m venv .venv &>"$PIP_LOG" || {
            last_lines "$PIP_LOG"
            rm -rf .venv
            fail "$(command -v $python) can't make a virtual environment; its last words stand above" \
                "Debian has that in python$version-venv; another Python needs its ensurepip"
        }
    fi
    local pip=(.venv/bin/python -m pip install --disable-pip-version-check --no-input)
    export PYTHONDONTWRITEBYTECODE="" PIP_ROOT_USER_ACTION=ignore
    rm -f "$VENV_STAMP"
    { "${pip[@]}" --require-hashes -r requirements.lock && "${pip[@]}" --no-deps -e .; } &>"$PIP_LOG" || {
        last_lines "$PIP_LOG"
        fail "the Python packages were not installed; pip's last words stand above, all of them in $PIP_LOG" \
            "Mend what it says (no network? a proxy in https_proxy, a mirror in PIP_INDEX_URL?) and call make again"
    }
    .venv/bin/python -c "import pydantic, cv2, smartcard" || fail "a package of requirements.lock does not import"
    echo "$wanted" >"$VENV_STAMP"
}

render_drives() {
    local wanted
    wanted=$({
        cat requirements.lock tools/render_drives.py
        find simulators scenarios -name '*.py' -o -name '*.toml' | LC_ALL=C sort | xargs -d '\n' cat
    } | sha256sum)
    [[ -f $DRIVES_STAMP && $(<"$DRIVES_STAMP") == "$wanted" ]] && return 0
    .venv/bin/python tools/render_drives.py || exit
    echo "$wanted" >"$DRIVES_STAMP"
}

# One at a time: make demo in one window and make test in another would spoil each other's .venv.
if [[ -z ${SETUP_LOCKED:-} ]]; then
    flock --nonblock --close "$LOCK" true || say "another set-up is at work here: waiting for it"
    SETUP_LOCKED=1 exec flock --close "$LOCK" "$0"
fi
install_packages
choose_python
make_venv
render_drives
