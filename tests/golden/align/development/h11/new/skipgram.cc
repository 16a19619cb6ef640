#include "skipgram.h"

namespace sg {

static const int kNegative = 5;

int Vocabulary::lookup(const std::string& name) {
  const auto found = ids.find(name); //@1
  if (found != ids.end()) { //@3
    freq[found->second]++; //@9
    return found->second; //@8
  }
  const int fresh = static_cast<int>(names.size()); //@4
  ids[name] = fresh; //@5
  names.push_back(name); //@6
  freq.push_back(1); //@7
  return fresh; //@-
}

void reset(Model& model, int words, int dim, State& st) {
  std::uniform_real_distribution<double> uni(-0.5, 0.5); //@20
  model.out.assign(words, std::vector<double>(dim)); //@22
  model.in.assign(words, std::vector<double>(dim)); //@21
  for (auto& row : model.in) { //@23
    for (auto& x : row) { //@24
      x = uni(st.rng) / dim; //@25
    }
  }
}

void fillNegatives(const Vocabulary& vocab, State& st) {
  for (size_t w = 0; w < vocab.names.size(); w++) { //@26
    const int copies = std::ceil(100 * std::sqrt(vocab.freq[w])); //@27
    st.negatives.insert(st.negatives.end(), copies, w); //@?
  }
}

static int sampleOther(int except, State& st) {
  for (;;) { //@31
    const int pick = st.negatives[st.rng() % st.negatives.size()]; //@32
    if (pick != except) { //@-
      return pick; //@33
    }
  }
}

// one binary logistic problem: is `target` a context of the word with vector `h`?
static double binaryStep(const std::vector<double>& h, std::vector<double>& acc,
                         std::vector<double>& o, bool positive, double rate) {
  double s = 0; //@39
  for (size_t i = 0; i < h.size(); i++) { //@40
    s += h[i] * o[i]; //@41
  }
  const double p = logistic(s); //@42
  const double g = rate * ((positive ? 1 : 0) - p); //@43
  for (size_t i = 0; i < h.size(); i++) { //@45
    acc[i] += g * o[i]; //@46
    o[i] += g * h[i]; //@47
  }
  return -std::log(positive ? p + 1e-9 : 1 - p + 1e-9); //@44
}

void update(Model& model, int center, int context, State& st) {
  std::vector<double>& h = model.in[center]; //@-
  std::vector<double> acc(h.size(), 0.0); //@34
  double loss = binaryStep(h, acc, model.out[context], true, st.rate); //@?
  for (int d = 0; d < kNegative; d++) { //@36
    const int other = sampleOther(context, st); //@37
    loss += binaryStep(h, acc, model.out[other], false, st.rate); //@-
  }
  for (size_t i = 0; i < h.size(); i++) { //@48
    h[i] += acc[i]; //@49
  }
  st.lossSum += loss; //@?
  st.examples++; //@69
}

}  // namespace sg
