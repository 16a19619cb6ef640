// Bag-of-embeddings text classifier, two embedding tables (word and bigram bucket).
#include "model.h"
#include "text.h"

#include <iostream>

int main() {
    const std::vector<std::pair<std::string, int>> corpus = { //@24
        {"the film was great fun", 1}, {"a truly great cast", 1}, {"not bad at all", 1},
        {"the film was not great", 0}, {"a truly bad script", 0}, {"dull and not fun", 0},
        {"what a joy to watch", 1}, {"what a waste of time", 0},
    };
    text::Vocabulary vocab; //@-
    std::vector<text::Ids> docs; //@25
    for (const auto& [sentence, label] : corpus) { //@26
        docs.push_back(vocab.lookup(sentence)); //@27
    }
    std::mt19937 gen(4); //@28
    model::Parameters params; //@-
    model::randomize(params.words, vocab.index.size(), gen); //@-
    model::randomize(params.pairs, text::kBuckets, gen); //@-

    const float lr = 0.3f; //@39
    for (int epoch = 0; epoch < 80; ++epoch) { //@40
        float loss = 0.0f; //@41
        int right = 0; //@-
        for (std::size_t n = 0; n < docs.size(); ++n) { //@42
            const auto x = model::embed(params, docs[n]); //@43
            const float p = model::probability(params, x); //@-
            const int label = corpus[n].second; //@48
            loss -= std::log(label ? p : 1.0f - p); //@49
            right += (p > 0.5f) == (label == 1); //@-
            const float g = lr * (p - label); //@50
            model::step(params, docs[n], x, g); //@-
        }
        if (epoch % 10 == 0) { //@61
            std::cout << epoch << '\t' << loss / docs.size() << '\t' << right << '\n'; //@62
        }
    }
}
