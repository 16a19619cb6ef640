#pragma once
#include <map>
#include <sstream>
#include <string>
#include <vector>

struct Corpus {
  std::map<std::string, int> index;
  std::vector<std::string> words;
  std::vector<int> counts;
  std::vector<int> tokens;
};

inline void addToken(Corpus& c, const std::string& word) {
  auto it = c.index.find(word); //@1
  int id; //@-
  if (it == c.index.end()) { //@3
    id = c.words.size(); //@4
    c.index[word] = id; //@5
    c.words.push_back(word); //@6
    c.counts.push_back(0); //@7
  } else {
    id = it->second; //@8
  }
  c.counts[id]++; //@9
  c.tokens.push_back(id); //@?
}

inline Corpus readCorpus(const std::string& text) {
  Corpus c; //@11
  std::istringstream in(text); //@12
  std::string word; //@13
  while (in >> word) { //@14
    addToken(c, word); //@?
  }
  return c; //@-
}
