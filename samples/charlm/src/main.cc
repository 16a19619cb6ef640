// A byte-level language model: embedding, two GRU layers, a linear head, trained on Debian's licence texts.
//
//   charlm [--dropout P] [--epochs N] [--steps N] [--seed N] [--hidden N] [--layers N] [--width N]
//          [--batch N] [--length N] [--text FOLDER] [--save FILE]
//
// Every number can also be set by `hindsight record --set dropout=0.1`.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <torch/torch.h>

#include <hindsight/hindsight.h>
#include <hindsight/torch.h>

namespace {

// The text after `name` on the command line, or `otherwise`.
std::string flag(int argc, char** argv, const char* name, const char* otherwise) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], name) == 0) return argv[i + 1];
  }
  return otherwise;
}
int number(int argc, char** argv, const char* name, int otherwise) {
  const std::string text = flag(argc, argv, name, "");
  return text.empty() ? otherwise : std::atoi(text.c_str());
}

// At this size a second thread costs more than it brings. OpenBLAS, where libtorch uses it, has threads of its own.
void use_one_thread() {
  at::set_num_threads(1);
  using SetThreads = void (*)(int);
  if (const auto set = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(1);
}

struct CharModelImpl : torch::nn::Module {
  CharModelImpl(int vocabulary, int width, int hidden, int layers, double dropout)
      : embedding(register_module("embedding", torch::nn::Embedding(vocabulary, width))),
        gru(register_module("gru", torch::nn::GRU(torch::nn::GRUOptions(width, hidden)
                                                      .num_layers(layers)
                                                      .batch_first(true)
                                                      .dropout(dropout)))),
        head(register_module("head", torch::nn::Linear(hidden, vocabulary))) {}

  // Scores of the next byte, for every byte of `tokens` [batch, length].
  torch::Tensor forward(const torch::Tensor& tokens) {
    return head->forward(std::get<0>(gru->forward(embedding->forward(tokens))));
  }

  torch::nn::Embedding embedding;
  torch::nn::GRU gru;
  torch::nn::Linear head;
};
TORCH_MODULE(CharModel);

// All files of `folder` in the order of their names, one after another; links are followed.
std::string read_texts(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (std::filesystem::is_regular_file(entry.path())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::string text;
  for (const std::filesystem::path& path : files) {
    std::ifstream in(path, std::ios::binary);
    text.append(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  if (text.empty()) throw std::runtime_error("no text in " + folder);
  return text;
}

// A text as numbers of the bytes that occur in it.
struct Corpus {
  torch::Tensor tokens;
  int vocabulary = 0;
};
Corpus encode(const std::string& text) {
  const std::set<unsigned char> bytes(text.begin(), text.end());
  const std::vector<unsigned char> sorted(bytes.begin(), bytes.end());
  std::vector<std::int64_t> tokens;
  for (const char c : text) {
    tokens.push_back(std::lower_bound(sorted.begin(), sorted.end(), static_cast<unsigned char>(c)) - sorted.begin());
  }
  return {torch::tensor(tokens, torch::kInt64), static_cast<int>(sorted.size())};
}

// `length` bytes from each of `starts`, and the bytes that follow them.
struct Batch {
  torch::Tensor inputs;
  torch::Tensor targets;
};
Batch take(const torch::Tensor& tokens, const torch::Tensor& starts, int length) {
  const torch::Tensor at = starts.unsqueeze(1) + torch::arange(length, torch::kInt64);
  return {tokens.index({at}), tokens.index({at + 1})};
}

torch::Tensor loss_of(CharModel& net, const Batch& batch) {
  const torch::Tensor scores = net->forward(batch.inputs);
  return torch::nn::functional::cross_entropy(scores.reshape({-1, scores.size(2)}), batch.targets.reshape({-1}));
}

// Loss on `block`, with the model left in evaluation mode.
double evaluate(CharModel& net, const Batch& block) {
  const torch::NoGradGuard no_gradients;
  net->eval();
  const torch::Tensor loss = loss_of(net, block);
  return loss.item<double>();
}

std::int64_t parameter_count(CharModel& net) {
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : net->parameters()) count += parameter.numel();
  return count;
}

int train(int argc, char** argv) {
  const double dropout = hindsight::arg("dropout", std::atof(flag(argc, argv, "--dropout", "0").c_str()));
  const int epochs = hindsight::arg("epochs", number(argc, argv, "--epochs", 10));
  const int steps = hindsight::arg("steps", number(argc, argv, "--steps", 25));
  const int seed = hindsight::arg("seed", number(argc, argv, "--seed", 1234));
  const int hidden = hindsight::arg("hidden", number(argc, argv, "--hidden", 512));
  const int layers = hindsight::arg("layers", number(argc, argv, "--layers", 2));
  const int width = hindsight::arg("width", number(argc, argv, "--width", 128));
  const int batch_size = hindsight::arg("batch", number(argc, argv, "--batch", 16));
  const int length = hindsight::arg("length", number(argc, argv, "--length", 32));

  use_one_thread();
  torch::manual_seed(seed);
  const Corpus corpus = encode(read_texts(flag(argc, argv, "--text", "/usr/share/common-licenses")));
  const std::int64_t cut = corpus.tokens.numel() * 95 / 100;
  const torch::Tensor training = corpus.tokens.slice(0, 0, cut);
  const torch::Tensor held_out = corpus.tokens.slice(0, cut);
  const Batch block = take(held_out, torch::arange(32, torch::kInt64) * 32, 32);

  CharModel net(corpus.vocabulary, width, hidden, layers, dropout);
  torch::optim::Adam opt(net->parameters(), torch::optim::AdamOptions(1e-3));
  hindsight::log("parameters", parameter_count(net));

  for (const int epoch : hindsight::loop("epoch", epochs, hindsight::named("net", net), hindsight::named("opt", opt))) {
    net->train();
    const torch::Tensor starts = torch::randint(0, training.numel() - length - 1, {steps, batch_size}, torch::kInt64);
    for (const int step : hindsight::loop("step", steps, hindsight::named("net", net), hindsight::named("opt", opt))) {
      const torch::Tensor loss = loss_of(net, take(training, starts[step], length));
      opt.zero_grad();
      loss.backward();
      opt.step();
      hindsight::log("loss", loss.item<float>());
    }
    const double val_loss = evaluate(net, block);
    hindsight::log("val_loss", val_loss);
    std::printf("epoch %d: val_loss %.4f\n", epoch, val_loss);
  }

  const std::string path = flag(argc, argv, "--save", "");
  if (!path.empty()) torch::save(net, path);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return train(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "charlm: %s\n", problem.what());
    return 1;
  }
}
