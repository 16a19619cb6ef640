// Which types can be part of a state, and the serializers that the user's classes get for it. For the files that know Clang.
//
// A class gets a member function beside its own, in the text of its definition, so that private members, nested and local classes
// and templates need no more than a name:
//
//   public: typedef Net hindsight_class; template <class HindsightArchive> void hindsight_members(HindsightArchive& ar) { ar.child("w", w); }
//
// What cannot be restored is left out of it, and so counts as not in the state (kept.h).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>

#include "instrument/functions.h"
#include "instrument/source.h"

namespace hindsight::instrument {

// Text to be put into a file of the unit.
struct FileInsertion {
  clang::FileID file;
  std::size_t offset = 0;
  std::string text;
};

class StateTypes {
 public:
  StateTypes(clang::ASTContext& context, const UserCode& user);

  // Why no value of the type can be part of a state, naming the member that is to blame; empty: one can. Classes that it needs
  // serializers for are remembered.
  std::string why_not(clang::QualType type);
  // Which members of a value of the type, and of what it consists of, are left out of its serializer, and why. Remembers classes as why_not() does.
  std::vector<std::string> left_out_of(clang::QualType type) { return look(type, 0).left_out; }
  // The serializers of all classes that were asked for and can be part of a state, and of what they consist of.
  std::vector<FileInsertion> serializers();
  // Variables and members that may hold what depends on a reading of a clock: numbers among them are restored, and never compared.
  void set_times(DeclSet<clang::ValueDecl> held_in) { times_ = std::move(held_in); }
  bool is_time(const clang::ValueDecl* d) const;
  // What stands at the end of the unit: which classes an object behind a pointer to a base may be of, and the serializers of structs with C linkage.
  std::string at_end();

 private:
  struct Answer {
    std::string blocked;   // why not; empty: it can be
    bool partial = false;  // some members are left out, so that it can be restored in place only, never made anew
    std::vector<std::string> left_out = {};  // `Net::callback: there is no adapter for ...`
  };
  Answer look(clang::QualType type, int depth);
  Answer look_library(const clang::CXXRecordDecl* r, int depth);
  Answer look_class(const clang::CXXRecordDecl* r, int depth);
  // Of a struct without a name, all or nothing.
  Answer look_within(const clang::CXXRecordDecl* r, int depth);
  // Of what a container makes anew while it is restored.
  Answer whole(clang::QualType type, int depth);
  Answer behind_pointer(clang::QualType type, int depth);
  std::string members_of(const clang::CXXRecordDecl* r);
  // A statement for each field: `object` stands before its name in the program, `path` in the state. Adds their number to `count`.
  std::string fields_of(const clang::CXXRecordDecl* r, const std::string& object, const std::string& path, std::size_t& count);
  void give_values(const clang::CXXRecordDecl* r, const clang::CXXRecordDecl* pattern, std::vector<FileInsertion>& out);

  clang::ASTContext& context_;
  const UserCode& user_;
  std::map<const clang::CXXRecordDecl*, Answer> classes_;
  std::vector<const clang::CXXRecordDecl*> order_;
  std::vector<const clang::CXXRecordDecl*> beside_;  // those whose serializer stands at the end of the unit
  std::map<const clang::CXXRecordDecl*, std::vector<const clang::CXXRecordDecl*>, AsWritten> kinds_;
  std::vector<const clang::CXXRecordDecl*> all_classes_;
  DeclSet<clang::ValueDecl> times_;
};

}  // namespace hindsight::instrument
