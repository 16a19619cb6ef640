// "did you mean": the known name that a mistyped one is nearest to. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hindsight::tools {

// How many single-character changes (insert, delete, replace, swap of neighbours) apart two texts are.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `known`, the first of equals; none if nothing is near enough to be meant.
std::optional<std::string> nearest(std::string_view typed, const std::vector<std::string>& known);

// "did you mean 'loss'?" or, where nothing is near, `otherwise`.
std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known, std::string_view otherwise);

}  // namespace hindsight::tools
