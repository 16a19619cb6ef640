// Baum-Welch re-estimation of a discrete hidden Markov model (occasionally dishonest casino).
#include "hmm.h"

#include <iomanip>
#include <iostream>

static Sequence playCasino(size_t length, int states, int faces, std::mt19937& engine)
{
    std::uniform_real_distribution<double> uniform(0.0, 1.0); //@-
    std::uniform_int_distribution<int> anyState(0, states - 1), anyFace(0, faces - 1); //@-
    Sequence rolls(length); //@-
    int die = 0; //@3
    for (int& roll : rolls) //@4
    {
        if (uniform(engine) < 0.05) //@5
        {
            die = anyState(engine); //@6
        }
        roll = anyFace(engine); //@9
        if (die > 0 && uniform(engine) < 0.6) //@7
        {
            roll = die == 1 ? faces - 1 : 0; //@8
        }
    }
    return rolls; //@-
}

int main()
{
    constexpr int kStates = 3, kFaces = 6; //@-
    std::mt19937 engine(7); //@48
    std::vector<Sequence> games; //@-
    for (int g = 0; g < 8; ++g) //@-
    {
        games.push_back(playCasino(300, kStates, kFaces, engine)); //@49
    }
    const Sequence unseen = playCasino(300, kStates, kFaces, engine); //@-

    HiddenMarkovModel model(kStates, kFaces, engine); //@50
    double previous = -1e300; //@51
    for (int iteration = 0; iteration < 200; ++iteration) //@52
    {
        const double current = model.fitOnce(games); //@?
        std::cout << iteration << " train " << current << " unseen " << model.score(unseen) << '\n'; //@56
        if (current - previous < 1e-4) //@57
        {
            break; //@58
        }
        previous = current; //@59
    }

    std::cout << std::fixed << std::setprecision(3); //@-
    for (const Row& row : model.emission()) //@60
    {
        for (double v : row) //@61
        {
            std::cout << v << ' '; //@62
        }
        std::cout << '\n'; //@63
    }
    return 0; //@64
}
