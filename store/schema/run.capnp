@0xb1d7b5a5c1a7f003;
using Cxx = import "/capnp/c++.capnp";
using Common = import "common.capnp";
$Cxx.namespace("hindsight::store::schema");

struct Run {
  number @0 :UInt64;
  uid @1 :Common.Hash;
  version @2 :Common.Hash;
  group @3 :UInt64;
  argv @4 :List(Text);
  program @5 :Text;
  cwd @6 :Text;
  environment @7 :List(Common.Pair);
  host @8 :List(Common.Pair);
  arguments @9 :List(Common.Pair);
  every @10 :List(Common.Count);
  inputs @11 :List(Common.FileEntry);
  startedNs @12 :Int64;
  endedNs @13 :Int64;
  state @14 :UInt8;      # RunState
  exitCode @15 :Int32;
  signal @16 :Int32;
  records @17 :UInt64;
  dropped @18 :UInt64;
  checkpoints @19 :UInt64;
  skipped @20 :UInt64;
  notes @21 :List(Text);
  journalOffset @22 :UInt64;
  environmentAbsent @23 :List(Text);
  environmentHashes @24 :List(NamedHash);
  environmentSalt @25 :Common.Hash;
  environmentWhole @26 :Bool;
  standardInput @27 :UInt8;  # StandardInput
  drawsKept @28 :Bool;
  deletedNs @29 :Int64;
  purged @30 :Bool;
  thinned @31 :UInt64;
}

struct NamedHash { name @0 :Text; hash @1 :Common.Hash; }

struct RunCounts {
  series @0 :UInt64;
  loops @1 :UInt64;
  checkpoints @2 :UInt64;
  digestBlocks @3 :UInt64;
}

struct SeriesHead {
  name @0 :Text;
  nest @1 :List(Text);
  thread @2 :UInt32;
  dtype @3 :UInt8;       # DType
  isVector @4 :Bool;
  site @5 :Common.Site;
  isArgument @6 :Bool;
  replay @7 :UInt64;
  probe @8 :Common.Hash;
  rows @9 :UInt64;
  blocks @10 :UInt64;
  isDraw @11 :Bool;
}

struct LoopInstance {
  number @0 :UInt64;
  enclosing @1 :List(Common.Level);
  loop @2 :Text;
  entry @3 :UInt32;
  thread @4 :UInt32;
  site @5 :Common.Site;
  labels @6 :List(Int64);
  hasLabels @7 :List(Bool);
  startedNs @8 :List(Int64);
  endedNs @9 :Int64;
  end @10 :UInt8;        # LoopInstance::End
}
