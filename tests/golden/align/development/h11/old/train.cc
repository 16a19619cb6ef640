#include <cmath>
#include <iostream>
#include <random>
#include "corpus.h"

typedef std::vector<std::vector<double>> Matrix;

static const int kDim = 12;
static const int kWindow = 2;
static const int kNegative = 4;

std::mt19937 rng(2024);
Matrix wordVecs, ctxVecs;
std::vector<int> table;

double sigmoid(double x) {
  if (x > 8) return 1; //@17
  if (x < -8) return 0; //@18
  return 1 / (1 + std::exp(-x)); //@19
}

void initVectors(int n) {
  std::uniform_real_distribution<double> uni(-0.5, 0.5); //@20
  wordVecs.assign(n, std::vector<double>(kDim)); //@21
  ctxVecs.assign(n, std::vector<double>(kDim)); //@22
  for (auto& row : wordVecs) { //@23
    for (auto& x : row) { //@24
      x = uni(rng) / kDim; //@25
    }
  }
}

void buildTable(const Corpus& c) {
  for (size_t w = 0; w < c.words.size(); w++) { //@26
    int slots = std::ceil(100 * std::pow(c.counts[w], 0.75)); //@27
    for (int k = 0; k < slots; k++) { //@?
      table.push_back(w); //@?
    }
  }
}

int drawNegative(int target) {
  int neg; //@-
  do { //@31
    neg = table[rng() % table.size()]; //@32
  } while (neg == target);
  return neg; //@33
}

double trainPair(int center, int context, double alpha) {
  std::vector<double> grad(kDim, 0.0); //@34
  double loss = 0; //@?
  for (int d = 0; d <= kNegative; d++) { //@36
    int target = d == 0 ? context : drawNegative(context); //@37
    double label = d == 0 ? 1 : 0; //@-
    double f = 0; //@39
    for (int i = 0; i < kDim; i++) { //@40
      f += wordVecs[center][i] * ctxVecs[target][i]; //@41
    }
    double p = sigmoid(f); //@42
    double g = alpha * (label - p); //@43
    loss -= std::log(d == 0 ? p + 1e-9 : 1 - p + 1e-9); //@44
    for (int i = 0; i < kDim; i++) { //@45
      grad[i] += g * ctxVecs[target][i]; //@46
      ctxVecs[target][i] += g * wordVecs[center][i]; //@47
    }
  }
  for (int i = 0; i < kDim; i++) { //@48
    wordVecs[center][i] += grad[i]; //@49
  }
  return loss; //@-
}

int main() {
  Corpus corpus = readCorpus( //@-
      "a king rules the land and a queen rules the land too "
      "the man works the field and the woman works the field "
      "a queen is a woman and a king is a man ");
  initVectors(corpus.words.size()); //@52
  buildTable(corpus); //@53
  const int epochs = 80; //@54
  const double startAlpha = 0.05; //@55
  long done = 0; //@56
  long total = (long)epochs * corpus.tokens.size(); //@-
  for (int ep = 0; ep < epochs; ep++) { //@58
    double loss = 0; //@59
    long pairs = 0; //@60
    for (size_t pos = 0; pos < corpus.tokens.size(); pos++) { //@61
      double alpha = startAlpha * (1 - done / (double)(total + 1)); //@62
      int b = 1 + rng() % kWindow; //@63
      for (int off = -b; off <= b; off++) { //@64
        if (off == 0) continue; //@-
        long j = (long)pos + off; //@66
        if (j < 0 || j >= (long)corpus.tokens.size()) continue; //@67
        loss += trainPair(corpus.tokens[pos], corpus.tokens[j], alpha); //@?
        pairs++; //@69
      }
      done++; //@70
    }
    if (ep % 10 == 0) std::cout << ep << " " << loss / pairs << std::endl; //@71
  }
  return 0; //@72
}
