// Trainings whose states are what stores are compared with: every one of them once as torch::save writes it, once as bare arrays.
//
//   sequences adam|momentum|frozen|sparse FOLDER [CHECKPOINTS]
//
// A next-byte model (embedding, six blocks, head) on Debian's licence texts, but for `sparse`: there a large embedding of hashed words gets sparse
// gradients. `frozen` trains two of six blocks and the head; the others stay as they began. What is logged: the CPU time of a plain copy of the state, and of
// torch::save; Hindsight notes itself what a capture costs.
#include <hindsight/hindsight.h>
#include <hindsight/torch.h>
#include <time.h>
#include <torch/torch.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

constexpr int kContext = 16, kWidth = 64, kHidden = 512, kBlocks = 6, kBatch = 64, kSteps = 25;
constexpr int kWords = 60'000;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct BlockImpl : torch::nn::Module {
  BlockImpl() : up(register_module("up", torch::nn::Linear(kHidden, kHidden))), down(register_module("down", torch::nn::Linear(kHidden, kHidden))) {}
  torch::Tensor forward(const torch::Tensor& x) { return x + down->forward(torch::gelu(up->forward(torch::layer_norm(x, {kHidden})))); }
  torch::nn::Linear up, down;
};
TORCH_MODULE(Block);

struct BytesImpl : torch::nn::Module {
  BytesImpl() : embedding(register_module("embedding", torch::nn::Embedding(256, kWidth))), first(register_module("first", torch::nn::Linear(kContext * kWidth, kHidden))),
                head(register_module("head", torch::nn::Linear(kHidden, 256))) {
    for (int i = 0; i < kBlocks; ++i) blocks.push_back(register_module("block" + std::to_string(i), Block()));
  }
  torch::Tensor forward(const torch::Tensor& tokens) {
    torch::Tensor x = first->forward(embedding->forward(tokens).flatten(1));
    for (Block& block : blocks) x = block->forward(x);
    return head->forward(x);
  }
  torch::nn::Embedding embedding;
  torch::nn::Linear first, head;
  std::vector<Block> blocks;
};
TORCH_MODULE(Bytes);

struct WordsImpl : torch::nn::Module {
  WordsImpl() : embedding(register_module("embedding", torch::nn::Embedding(torch::nn::EmbeddingOptions(kWords, kWidth).sparse(true)))),
                head(register_module("head", torch::nn::Linear(kWidth, 256))) {}
  torch::Tensor forward(const torch::Tensor& words) { return head->forward(embedding->forward(words).mean(1)); }
  torch::nn::Embedding embedding;
  torch::nn::Linear head;
};
TORCH_MODULE(Words);

std::string read_texts() {
  std::string text;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/share/common-licenses")) {
    std::ifstream in(entry.path(), std::ios::binary);
    text.append(std::istreambuf_iterator<char>(in), {});
  }
  return text;
}

struct Batch {
  torch::Tensor inputs, targets;
};
Batch bytes_of(const std::string& text, torch::Generator& random) {
  const torch::Tensor at = torch::randint(0, static_cast<std::int64_t>(text.size()) - kContext - 1, {kBatch}, random, torch::kLong);
  Batch batch{torch::empty({kBatch, kContext}, torch::kLong), torch::empty({kBatch}, torch::kLong)};
  for (int b = 0; b < kBatch; ++b) {
    const auto begin = static_cast<std::size_t>(at[b].item<std::int64_t>());
    for (int i = 0; i < kContext; ++i) batch.inputs[b][i] = static_cast<unsigned char>(text[begin + static_cast<std::size_t>(i)]);
    batch.targets[b] = static_cast<unsigned char>(text[begin + kContext]);
  }
  return batch;
}
// Words are drawn as they are in language: few often, most seldom.
Batch words_of(torch::Generator& random) {
  const torch::Tensor rank = torch::exp(torch::rand({kBatch, kContext}, random) * std::log(static_cast<double>(kWords))).to(torch::kLong) - 1;
  return {(rank * 48271) % kWords, rank.select(1, 0) % 256};
}

void write_arrays(const std::string& file, const std::vector<std::pair<std::string, torch::Tensor>>& state) {
  std::ofstream out(file, std::ios::binary);
  for (const auto& [name, tensor] : state) {
    const torch::Tensor whole = tensor.contiguous();
    const std::uint64_t sizes[2] = {name.size(), whole.nbytes()};
    out.write(reinterpret_cast<const char*>(sizes), sizeof sizes);
    out.write(name.data(), static_cast<std::streamsize>(name.size()));
    out.write(static_cast<const char*>(whole.data_ptr()), static_cast<std::streamsize>(whole.nbytes()));
  }
}

// Parameters, and what the optimizer has of each.
template <class Optimizer, class ParamState>
std::vector<std::pair<std::string, torch::Tensor>> state_of(const torch::nn::Module& model, Optimizer& optimizer,
                                                            std::vector<torch::Tensor> (*tensors)(const ParamState&)) {
  std::vector<std::pair<std::string, torch::Tensor>> all;
  for (const auto& parameter : model.named_parameters()) {
    all.emplace_back(parameter.key(), parameter.value().detach());
    const auto found = optimizer.state().find(c10::guts::to_string(parameter.value().unsafeGetTensorImpl()));
    if (found == optimizer.state().end()) continue;
    int number = 0;
    for (const torch::Tensor& tensor : tensors(static_cast<const ParamState&>(*found->second))) {
      if (tensor.defined()) all.emplace_back(parameter.key() + "." + std::to_string(number++), tensor);
    }
  }
  return all;
}

// Keeps one state: as torch::save writes it, as bare arrays, and how long a copy takes.
void keep(const std::string& folder, int number, const std::vector<std::pair<std::string, torch::Tensor>>& state) {
  char name[32];
  std::snprintf(name, sizeof name, "%03d", number);
  std::vector<torch::Tensor> tensors;
  std::size_t bytes = 0;
  for (const auto& [path, tensor] : state) {
    tensors.push_back(tensor);
    bytes += tensor.nbytes();
  }
  static std::vector<char> room;
  if (room.size() < bytes) room.assign(bytes, 1);  // every page is there
  const double began = cpu_seconds();
  char* to = room.data();
  for (const torch::Tensor& tensor : tensors) {
    std::memcpy(to, tensor.data_ptr(), tensor.nbytes());
    to += tensor.nbytes();
  }
  const double copied = cpu_seconds();
  torch::save(tensors, folder + "/" + name + ".pt");
  hindsight::log("copy_seconds", copied - began);
  hindsight::log("save_seconds", cpu_seconds() - copied);
  hindsight::log("state_bytes", static_cast<std::int64_t>(bytes));
  write_arrays(folder + "/" + name + ".arrays", state);
}

template <class Model, class Optimizer, class Next, class State>
void train(Model& model, Optimizer& optimizer, int checkpoints, const std::string& folder, const Next& next, const State& state) {
  for (const int epoch : hindsight::loop("epoch", checkpoints, hindsight::named("model", model), hindsight::named("optimizer", optimizer))) {
    for (int step = 0; step < kSteps; ++step) {
      const Batch batch = next();
      optimizer.zero_grad();
      const torch::Tensor loss = torch::nll_loss(torch::log_softmax(model->forward(batch.inputs), 1), batch.targets);
      loss.backward();
      optimizer.step();
      if (step + 1 == kSteps) hindsight::log("loss", loss.item<double>());
    }
    keep(folder, epoch, state());
  }
}

std::vector<torch::Tensor> of_adam(const torch::optim::AdamParamState& state) { return {state.exp_avg(), state.exp_avg_sq()}; }
std::vector<torch::Tensor> of_momentum(const torch::optim::SGDParamState& state) { return {state.momentum_buffer()}; }
std::vector<torch::Tensor> of_adagrad(const torch::optim::AdagradParamState& state) { return {state.sum()}; }

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string kind = argv[1], folder = argv[2];
  const int checkpoints = argc > 3 ? std::atoi(argv[3]) : 12;
  at::set_num_threads(1);
  torch::manual_seed(7);
  torch::Generator random = at::make_generator<at::CPUGeneratorImpl>(7);
  std::filesystem::create_directories(folder);
  const std::string text = read_texts();
  if (kind == "sparse") {
    Words model;
    torch::optim::Adagrad optimizer(model->parameters(), torch::optim::AdagradOptions(0.05));
    train(model, optimizer, checkpoints, folder, [&] { return words_of(random); }, [&] { return state_of<torch::optim::Adagrad, torch::optim::AdagradParamState>(*model, optimizer, of_adagrad); });
    return 0;
  }
  Bytes model;
  const auto next = [&] { return bytes_of(text, random); };
  if (kind == "momentum") {
    torch::optim::SGD optimizer(model->parameters(), torch::optim::SGDOptions(0.02).momentum(0.9));
    train(model, optimizer, checkpoints, folder, next, [&] { return state_of<torch::optim::SGD, torch::optim::SGDParamState>(*model, optimizer, of_momentum); });
    return 0;
  }
  if (kind == "frozen") {
    for (const auto& parameter : model->embedding->parameters()) parameter.set_requires_grad(false);
    for (int i = 0; i < 4; ++i) {
      for (const auto& parameter : model->blocks[static_cast<std::size_t>(i)]->parameters()) parameter.set_requires_grad(false);
    }
  }
  torch::optim::Adam optimizer(model->parameters(), torch::optim::AdamOptions(kind == "frozen" ? 2e-5 : 3e-4));
  train(model, optimizer, checkpoints, folder, next, [&] { return state_of<torch::optim::Adam, torch::optim::AdamParamState>(*model, optimizer, of_adam); });
}
