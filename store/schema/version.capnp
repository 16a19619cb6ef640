@0xb1d7b5a5c1a7f002;
using Cxx = import "/capnp/c++.capnp";
using Common = import "common.capnp";
$Cxx.namespace("hindsight::store::schema");

struct Counts {
  versions @0 :UInt64;
  runs @1 :UInt64;
  replays @2 :UInt64;
  probes @3 :UInt64;   # ever stored, removed ones included
}

struct Toolchain { compiler @0 :Text; version @1 :Text; hash @2 :Common.Hash; }

struct Version {
  id @0 :Common.Hash;
  number @1 :UInt64;
  sources @2 :List(Common.FileEntry);
  recipe @3 :Text;
  projectRoot @4 :Text;
  toolchains @5 :List(Toolchain);
  unitReports @6 :Text;
  build @7 :Common.Hash;
  asBuilt @8 :Bool;
  createdNs @9 :Int64;
  plan @10 :Text;
  outlines @11 :Text;
  foreign @12 :Bool;
}

struct Blob { bytes @0 :UInt64; chunks @1 :List(Common.ChunkRef); }
