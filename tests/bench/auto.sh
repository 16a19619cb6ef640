# shellcheck shell=bash disable=SC2154,SC2164
# Sourced by tools/bench: the samples without a line of hindsight's in them, compiled through hindsight-cc and recorded, against the compiler
# alone and the program alone.

ratio() { awk -v a="$1" -v b="$2" 'BEGIN {print a / b}'; }
for sample in spiral charlm; do
  project=$work/$sample
  mkdir "$project"
  cp -r samples/$sample/CMakeLists.txt samples/$sample/hindsight.toml samples/$sample/src "$project"
  (cd "$project" && git apply "$repo/samples/$sample/versions/unmodified.patch")
  options=(-std=c++17 -O3 -DNDEBUG) libraries=() arguments=(--epochs 150)
  if [ $sample = charlm ]; then
    options+=(-isystem /usr/include/torch/csrc/api/include)
    libraries=(-ltorch -ltorch_cpu -lc10)
    arguments=()
  fi

  # The libraries' headers are precompiled once for all compilations of a project, as the builds of `hindsight record` do it.
  mkdir "$work/parsed.$sample"
  talk "compiling $sample: $repeat times with the compiler alone, $repeat times through hindsight-cc, in turn"
  for i in $(seq 0 "$repeat"); do
    # Each time from the sources as they are: what is put into them is put there again.
    rm -rf "$work/units" && mkdir -p "$work/units/plan" && cp -r "$project/src" "$work/units/src"
    times=$sample
    [ "$i" -gt 0 ] || times=$sample.first
    cpu_of "$work/compile.$times" g++ "${options[@]}" -c "$work/units/src/main.cc" -o "$work/units/plain.o"
    cpu_of "$work/insert.$times" env HINDSIGHT_CC_CACHE="$work/parsed.$sample" HINDSIGHT_CC_PROJECT="$work/units/src" HINDSIGHT_CC_PLAN="$work/units/plan" \
      HINDSIGHT_CC_INCLUDE="$prefix/include" hindsight-cc g++ "${options[@]}" -c "$work/units/src/main.cc" -o "$work/units/inserted.o"
  done
  grep -q '"insertions"' "$work"/units/plan/*.json || { echo "tools/bench: nothing was put into $sample" >&2; exit 1; }

  talk "training $sample: $repeat times alone, $repeat times recorded, in turn"
  g++ "${options[@]}" "$project"/src/*.cc -o "$work/plain.$sample" "${libraries[@]}"
  cd "$project"
  hindsight record -- build/$sample --epochs 1 >>"$work/log" 2>&1
  for i in $(seq "$repeat"); do
    cpu_of "$work/train.$sample" "$work/plain.$sample" "${arguments[@]}" --seed "3$i"
    cpu_of "$work/record.$sample" hindsight record -- build/$sample "${arguments[@]}" --seed "3$i"
  done
  cd "$repo"

  paste "$work/compile.$sample" "$work/insert.$sample" | awk '{print $2 / $1}' >"$work/ratio.compile"
  paste "$work/train.$sample" "$work/record.$sample" | awk '{print $2 / $1}' >"$work/ratio.train"
  figure "compiling the unmodified $sample, its loops put in" "$(median "$work/ratio.compile")" x at-most 1.3
  figure "recording the unmodified $sample" "$(median "$work/ratio.train")" x at-most 1.03
  note "  the first time, with nothing in the parse cache" "$(ratio "$(cat "$work/insert.$sample.first")" "$(cat "$work/compile.$sample.first")")" x
  note "  compiling it alone, CPU" "$(median "$work/compile.$sample")" s
  note "  full training, CPU" "$(median "$work/train.$sample")" s
done
