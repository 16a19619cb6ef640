# Sourced by tools/demo, tools/test and tools/bench: the Debian packages that the build, the tests and the samples need.

hindsight_packages=(
  g++ make cmake ninja-build pkg-config git debootstrap llvm-19-dev libclang-19-dev clang-19 capnproto libcapnp-dev liblmdb-dev
  libzstd-dev libxxhash-dev libgtest-dev libgmock-dev libbenchmark-dev libcli11-dev libfmt-dev libtomlplusplus-dev
  nlohmann-json3-dev libtorch-dev libeigen3-dev bubblewrap mold ccache
  # libtorch only recommends an optimised BLAS, and is an order of magnitude slower without one.
  libopenblas0-pthread
)

# Installs those that are missing. Asks nothing; needs root, or sudo that asks nothing, only if something is missing.
install_missing_packages() {
  local package missing=()
  for package in "${hindsight_packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      echo "$0: packages are missing and this is not root: apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo -n)
  fi
  echo "== installing ${missing[*]}" >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq update </dev/null >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${missing[@]}" \
    </dev/null >&2
}

# Configures and builds the release preset in build/release. Its talk goes to stderr.
# Arguments: targets; none: all.
build_release() {
  echo "== building build/release" >&2
  cmake --preset release >&2
  cmake --build --preset release -- -j"$(nproc)" "$@" >&2
}
