// What of an object is in the state when the object is: what its serialize() names. For the files that know Clang.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>

#include "instrument/source.h"

namespace hindsight::instrument {

class KeptParts {
 public:
  KeptParts(clang::ASTContext& context, const UserCode& user) : context_(context), user_(user) {}

  // `path` leads from an object of `type` that is in a state to a part of it, as in Place.
  struct Answer {
    bool kept = true;
    std::set<std::string> left_out;  // the part is an object of which these members are not kept, and the others are
  };
  Answer find(clang::QualType type, const std::vector<const clang::FieldDecl*>& path);

 private:
  struct Class {
    bool is_known = false;        // has a serialize() that was found, or is a torch module
    std::set<std::string> names;  // that it hands to the archive
  };
  const Class& look_up(const clang::CXXRecordDecl* r);
  void read_serialize(const clang::CXXRecordDecl* r, Class& out, int depth);
  const clang::CXXRecordDecl* visited_as_itself(clang::QualType type, const clang::FieldDecl* step) const;
  const std::set<std::string>& left_out(clang::QualType type, int depth);
  std::set<std::string> find_left_out(const clang::CXXRecordDecl* r, int depth);

  clang::ASTContext& context_;
  const UserCode& user_;
  std::optional<std::vector<const clang::CXXRecordDecl*>> all_classes_;
  std::map<const clang::CXXRecordDecl*, Class> classes_;
  std::map<std::pair<const clang::CXXRecordDecl*, int>, std::set<std::string>> left_out_;  // by class and depth: classes may lead back to themselves
};

}  // namespace hindsight::instrument
