#include "instrument/arithmetic.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDisassembler/MCDisassembler.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/MCTargetOptions.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Support/TargetSelect.h>

namespace hindsight::instrument {

using namespace llvm;

namespace {

// Of LLVM's name of an instruction, `FMLAv2f64`; empty: it is none of these.
std::string kind_of_arm(StringRef name) {
  for (const char* each : {"FMADD", "FMSUB", "FNMADD", "FNMSUB", "FMLA", "FMLS"}) {
    if (name.starts_with(each)) return name.contains('v') ? "fma packed" : "fma scalar";
  }
  for (const char* each : {"MUL", "ADD", "SUB", "DIV", "SQRT"}) {
    if (name.starts_with((Twine("F") + each).str())) return StringRef(each).lower() + (name.contains('v') ? " packed" : " scalar");
  }
  return {};
}

// `VFMADD231PDYr`.
std::string kind_of_x86(StringRef name) {
  name.consume_front("V");
  const char* operation = nullptr;
  if (name.starts_with("FMADD") || name.starts_with("FMSUB") || name.starts_with("FNMADD") || name.starts_with("FNMSUB")) {
    operation = "fma";
    name = name.drop_while([](char c) { return c < '0' || c > '9'; }).drop_front(std::min<std::size_t>(3, name.size()));
  } else {
    for (const char* each : {"MUL", "ADD", "SUB", "DIV", "SQRT"}) {
      if (name.consume_front(each)) {
        operation = each;
        break;
      }
    }
  }
  if (!operation || name.size() < 2 || (name[0] != 'P' && name[0] != 'S') || (name[1] != 'S' && name[1] != 'D' && name[1] != 'H')) return {};
  return StringRef(operation).lower() + (name[0] == 'P' ? " packed" : " scalar");
}

struct Machine {
  std::unique_ptr<MCRegisterInfo> registers;
  std::unique_ptr<MCAsmInfo> assembler;
  std::unique_ptr<MCSubtargetInfo> subtarget;
  std::unique_ptr<MCInstrInfo> instructions;
  std::unique_ptr<MCContext> context;
  std::unique_ptr<MCDisassembler> disassembler;

  explicit Machine(const Triple& triple) {
    InitializeAllTargetInfos();
    InitializeAllTargetMCs();
    InitializeAllDisassemblers();
    std::string error;
    const Target* target = TargetRegistry::lookupTarget(triple.str(), error);
    if (!target) return;
    registers.reset(target->createMCRegInfo(triple.str()));
    assembler.reset(target->createMCAsmInfo(*registers, triple.str(), MCTargetOptions()));
    subtarget.reset(target->createMCSubtargetInfo(triple.str(), "", ""));
    instructions.reset(target->createMCInstrInfo());
    context = std::make_unique<MCContext>(triple, assembler.get(), registers.get(), subtarget.get());
    disassembler.reset(target->createMCDisassembler(*subtarget, *context));
  }
};

// A function of hindsight's own, or a lambda in one.
bool is_ours(StringRef mangled) {
  for (const char* each : {"_ZN9hindsight", "_ZNK9hindsight", "_ZZN9hindsight", "_ZZNK9hindsight"}) {
    if (mangled.starts_with(each)) return true;
  }
  return mangled.starts_with("hindsight_");
}

template <class T>
std::optional<T> value_of(Expected<T> from) {
  if (from) return std::move(*from);
  consumeError(from.takeError());
  return std::nullopt;
}

// [begin, end) of the functions of a section that are not ours; all of it where there are no symbols.
std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges_in(const object::ELFObjectFileBase& program, const object::SectionRef& section) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
  bool any = false;
  for (const object::ELFSymbolRef symbol : program.symbols()) {
    if (symbol.getELFType() != ELF::STT_FUNC || symbol.getSize() == 0) continue;
    const std::optional<object::section_iterator> at = value_of(symbol.getSection());
    const std::optional<std::uint64_t> address = value_of(symbol.getAddress());
    const std::optional<StringRef> name = value_of(symbol.getName());
    if (!at || !address || !name) continue;
    if (*at == program.section_end() || **at != section) continue;
    any = true;
    if (!is_ours(*name)) out.emplace_back(*address, *address + symbol.getSize());
  }
  if (!any) return {{section.getAddress(), section.getAddress() + section.getSize()}};
  // Two names of one function are one.
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

Arithmetic arithmetic_of(const std::string& file) {
  Arithmetic out;
  Expected<object::OwningBinary<object::ObjectFile>> opened = object::ObjectFile::createObjectFile(file);
  if (!opened) {
    out.problem = toString(opened.takeError());
    return out;
  }
  const auto* program = dyn_cast<object::ELFObjectFileBase>(opened->getBinary());
  const bool is_arm = program && program->getArch() == Triple::aarch64;
  if (!program || (program->getArch() != Triple::x86_64 && !is_arm)) {
    out.problem = "it is for a machine whose arithmetic is not known";
    return out;
  }
  const Machine machine(program->makeTriple());
  if (!machine.disassembler) {
    out.problem = "this LLVM has no disassembler for it";
    return out;
  }
  for (const object::SectionRef& section : program->sections()) {
    if (!section.isText()) continue;
    const std::optional<StringRef> contents = value_of(section.getContents());
    if (!contents) {
      out.problem = "a section is not there";
      return out;
    }
    const ArrayRef<std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(contents->data()), contents->size());
    for (const auto& [begin, end] : ranges_in(*program, section)) {
      for (std::uint64_t at = begin; at < end && at - section.getAddress() < bytes.size();) {
        MCInst instruction;
        std::uint64_t size = 0;
        const auto status = machine.disassembler->getInstruction(instruction, size, bytes.slice(at - section.getAddress()), at, nulls());
        if (status == MCDisassembler::Success) {
          const StringRef name = machine.instructions->getName(instruction.getOpcode());
          if (std::string kind = is_arm ? kind_of_arm(name) : kind_of_x86(name); !kind.empty()) ++out.counts[std::move(kind)];
        }
        at += std::max<std::uint64_t>(size, 1);
      }
    }
  }
  return out;
}

}  // namespace hindsight::instrument
