# shellcheck shell=bash disable=SC2154,SC2164
# Sourced by tools/bench: what it costs to keep states, and what they take on disk, against what else keeps files: states of four trainings
# (tests/bench/sequences.cc), ten of each.

hindsight_packages=(gzip zstd borgbackup restic)
install_missing_packages
talk "building the trainings whose states are kept"
flags=$(PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name hindsight.pc | head -1)") pkg-config --cflags --libs hindsight)
# shellcheck disable=SC2086
g++ -std=c++17 -O2 -isystem /usr/include/torch/csrc/api/include tests/bench/sequences.cc -o "$work/sequences" $flags -ltorch -ltorch_cpu -lc10

size_of() { du -sb "$1" | awk '{print $1}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {print a / b}'; }
field() { awk -v name="$2" '$1 == name {print $2}' "$1"; }
# values NAME: one a line.
values() { hindsight show r1 --values "$1" --json | sed -nE 's/^\{"type":"record".*"value":([-+0-9.eE]+).*/\1/p'; }

checkpoints=10
for kind in adam momentum frozen sparse; do
  case $kind in adam) reach=1.25 ;; momentum) reach=1.35 ;; frozen) reach=1.9 ;; sparse) reach=4.5 ;; esac
  project=$work/store.$kind
  mkdir "$project"
  cd "$project"
  printf '[build]\ncommand = "true"\noutputs = []\n' >hindsight.toml
  talk "$kind: training, and recording every state"
  hindsight record --as-built --every epoch=1 -- "$work/sequences" $kind "$project/states" $checkpoints >>"$work/log" 2>&1
  "$build/tests/bench/store_bench" "$project/states" "$project/scratch" >"$work/$kind.figures"
  raw=$(field "$work/$kind.figures" raw_bytes)
  ours=$(ratio "$raw" "$(field "$work/$kind.figures" stored_bytes)")
  figure "$kind: raw bytes against stored" "$ours" x at-least "$reach"
  talk "$kind: gzip, zstd, borg, restic on what torch::save wrote"
  files=0 gzipped=0 zstded=0
  for file in states/*.pt; do
    files=$((files + $(stat -c %s "$file")))
    gzipped=$((gzipped + $(gzip -6 -c "$file" | wc -c)))
    zstded=$((zstded + $(zstd -3 -c -q "$file" | wc -c)))
  done
  export BORG_REPO=$project/borg BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes RESTIC_REPOSITORY=$project/restic RESTIC_PASSWORD=x
  borg init -e none >>"$work/log" 2>&1
  restic init >>"$work/log" 2>&1
  for file in states/*.pt; do
    cp "$file" state.pt  # the name is part of the file's contents where every state has its own
    borg create --compression zstd,3 "::$(basename "$file")" state.pt >>"$work/log" 2>&1
    restic backup state.pt >>"$work/log" 2>&1
  done
  best=0
  for peer in "gzip -6:$gzipped" "zstd -3:$zstded" "borg:$(size_of borg)" "restic:$(size_of restic)"; do
    got=$(ratio "$files" "${peer##*:}")
    note "  $kind: ${peer%:*}" "$got" x
    best=$(awk -v a="$best" -v b="$got" 'BEGIN {print (b > a ? b : a)}')
  done
  figure "$kind: against the best of these" "$(ratio "$ours" "$best")" x at-least 1
  figure "$kind: encoding and LMDB, one core" "$(field "$work/$kind.figures" encode_gb_per_s)" GB/s at-least 0.5
  if [ $kind = adam ]; then
    figure "restoring the latest state, against copying it" \
      "$(ratio "$(field "$work/adam.figures" restore_seconds)" "$(field "$work/adam.figures" copy_seconds)")" x at-most 5
    hindsight show r1 --json | sed -nE 's/^\{"type":"checkpoint".*"kept":true.*"cost_seconds":([0-9.e-]+).*/\1/p' | tail -n +3 >"$work/captures"
    values copy_seconds | tail -n +3 >"$work/copies"
    values save_seconds | tail -n +3 >"$work/saves"
    figure "capturing a state, against copying it" "$(ratio "$(median "$work/captures")" "$(median "$work/copies")")" x at-most 1.5
    figure "torch::save against capturing a state" "$(ratio "$(median "$work/saves")" "$(median "$work/captures")")" x at-least 6
  fi
  cd "$repo"
  rm -rf "$project"
done
