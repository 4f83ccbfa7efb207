#!/usr/bin/env bash
# Makes .venv-train, in which the reader's networks are trained, from training/requirements.txt, and installs the
# typefaces that only lessons are drawn in.  Does nothing when nothing changed, and goes on where it was cut off.
# Exit status 3: something is missing, and what.
set -euo pipefail
cd "$(dirname "$0")/.."

# Persian and Chinese plates (110 MB in all); those of `tools/setup.sh` are needed too.
FONTS=(fonts-hosny-amiri fonts-sil-lateef fonts-sil-harmattan fonts-sil-scheherazade fonts-noto-ui-core fonts-noto-cjk)
LOCK=.setup-train-lock LOG=.setup-train.log STAMP=.venv-train/.borderlane-setup

say() { echo "train-setup: $*"; }

# The first line says what is wrong, the others what to do.
fail() {
    echo "train-setup: $1" >&2
    shift
    if (($#)); then printf '    %s\n' "$@" >&2; fi
    exit 3
}

last_lines() { tail -n 12 "$LOG" | sed 's/^/    | /' >&2; }

if [[ -z ${SETUP_LOCKED:-} ]]; then
    flock --nonblock --close "$LOCK" true || say "another set-up is at work here: waiting for it"
    SETUP_LOCKED=1 exec flock --close "$LOCK" "$0"
fi

if ! dpkg-query -W "${FONTS[@]}" &>/dev/null; then
    by_hand="apt-get update && apt-get install --no-install-recommends ${FONTS[*]}"
    as_root=()
    if [[ $(id -u) != 0 ]]; then
        as_root=(sudo -n)
        { command -v sudo && sudo -n true; } &>/dev/null ||
            fail "typefaces of the lessons are missing, and installing them needs root:" "$by_hand"
    fi
    say "installing typefaces of the lessons: ${FONTS[*]}"
    apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120)
    { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${FONTS[@]}"; } &>"$LOG" || {
        last_lines
        fail "the typefaces were not installed; apt's last words stand above, all of them in $LOG" \
            "Mend what it says (no network? a mirror or proxy in /etc/apt?), or install them as root:" "$by_hand"
    }
fi

python=python3.11
command -v $python >/dev/null || python=python3
command -v $python >/dev/null || fail "Python is missing" "Install the Debian package python3"
version=$($python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
wanted="$(sha256sum <training/requirements.txt | cut -d' ' -f1) $version $PWD"
[[ -f $STAMP && $(<"$STAMP") == "$wanted" && -x .venv-train/bin/python ]] && exit 0

if [[ -e .venv-train ]] && ! .venv-train/bin/python -c "import sys, pip; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null; then
    say ".venv-train is not of Python $version, or was left half made: making it anew"
    rm -rf .venv-train
fi
free_mb=$(df -Pm . | awk 'NR == 2 { print $4 }')
((free_mb > 3000)) || fail "$free_mb MB are free here; the training environment needs 3000 while it is made" \
    "Make room, or train on another machine: the trained weights are in the checkout"
say "making .venv-train from training/requirements.txt (1.2 GB, some minutes)"
if [[ ! -e .venv-train ]]; then
    $python -m venv .venv-train &>"$LOG" || {
        last_lines
        rm -rf .venv-train
        fail "$(command -v $python) can't make a virtual environment; its last words stand above" \
            "Debian has that in python$version-venv; another Python needs its ensurepip"
    }
fi
rm -f "$STAMP"
# What was downloaded before a cut stays in pip's cache: the next call goes on from there.
.venv-train/bin/python -m pip install --disable-pip-version-check --no-input -r training/requirements.txt &>"$LOG" || {
    last_lines
    fail "the packages were not installed; pip's last words stand above, all of them in $LOG" \
        "Mend what it says (no network? a proxy in https_proxy, a mirror in PIP_INDEX_URL?) and call make again"
}
.venv-train/bin/python -c "import torch, cv2, onnx, PIL" &>>"$LOG" || {
    last_lines
    fail "a package of training/requirements.txt does not import; its last words stand above"
}
echo "$wanted" >"$STAMP"
say "done: training/README.md says how to train"
