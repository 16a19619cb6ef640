#include <iostream>
#include <sstream>
#include "skipgram.h"

static const int kDim = 12;
static const int kWindow = 2;

int main() {
  std::istringstream in( //@12
      "a king rules the land and a queen rules the land too "
      "the man works the field and the woman works the field "
      "a queen is a woman and a king is a man ");
  sg::Vocabulary vocab; //@11
  std::vector<int> stream; //@-
  std::string word; //@13
  while (in >> word) { //@14
    stream.push_back(vocab.lookup(word)); //@?
  }
  sg::State st; //@-
  sg::Model model; //@-
  sg::reset(model, vocab.names.size(), kDim, st); //@52
  sg::fillNegatives(vocab, st); //@53
  const int epochs = 80; //@54
  const double startRate = st.rate; //@55
  const long n = stream.size(); //@-
  long done = 0; //@56
  for (int ep = 0; ep < epochs; ep++) { //@58
    st.lossSum = 0; //@59
    st.examples = 0; //@60
    for (long pos = 0; pos < n; pos++) { //@61
      st.rate = startRate * (1 - done / (double)(epochs * n + 1)); //@62
      const int reach = 1 + st.rng() % kWindow; //@63
      for (int off = -reach; off <= reach; off++) { //@64
        const long j = pos + off; //@66
        if (off != 0 && j >= 0 && j < n) { //@67
          sg::update(model, stream[pos], stream[j], st); //@?
        }
      }
      done++; //@70
    }
    if (ep % 10 == 0) std::cout << ep << " " << st.meanLoss() << std::endl; //@71
  }
  return 0; //@72
}
