// The libtorch trainings that the client's tests record and replay; the first argument says which, the second the optimiser.
#include <torch/torch.h>

#include <cstdio>
#include <string>

#include <hindsight/hindsight.h>
#include <hindsight/torch.h>

namespace {

struct NetImpl : torch::nn::Module {
  NetImpl()
      : first(register_module("first", torch::nn::Linear(6, 8))),
        norm(register_module("norm", torch::nn::BatchNorm1d(8))),
        drop(register_module("drop", torch::nn::Dropout(0.3))),
        gru(register_module("gru", torch::nn::GRU(torch::nn::GRUOptions(8, 8).batch_first(true)))),
        frozen(register_module("frozen", torch::nn::Linear(8, 8))),
        last(register_module("last", torch::nn::Linear(8, 1))) {
    for (auto& p : frozen->parameters()) p.set_requires_grad(false);
  }
  torch::Tensor forward(torch::Tensor x) {
    x = drop(torch::relu(norm(first(x))));
    x = std::get<0>(gru(x.unsqueeze(1))).squeeze(1);
    return last(frozen(x));
  }
  torch::nn::Linear first;
  torch::nn::BatchNorm1d norm;
  torch::nn::Dropout drop;
  torch::nn::GRU gru;
  torch::nn::Linear frozen;
  torch::nn::Linear last;
};
TORCH_MODULE(Net);

template <class Optimiser>
int train(Optimiser& opt, Net& net) {
  torch::optim::StepLR schedule(opt, 2, 0.5);
  torch::Tensor order, average = torch::zeros({1}), hidden;
  torch::Tensor data = torch::randn({12, 6}), target = data.sum(1, true);
  for (int epoch : hindsight::loop("epoch", 4, hindsight::named("net", net), hindsight::named("opt", opt),
                                   hindsight::named("schedule", schedule), hindsight::named("order", order),
                                   hindsight::named("average", average), hindsight::named("hidden", hidden))) {
    order = torch::randperm(12);
    hindsight::log("draw", torch::randn({1}));
    double loss_sum = 0;
    for (int step : hindsight::loop("step", 3, hindsight::named("net", net), hindsight::named("opt", opt),
                                    hindsight::named("average", average), hindsight::named("loss_sum", loss_sum))) {
      torch::Tensor rows = order.slice(0, 4 * step, 4 * step + 4);
      opt.zero_grad();
      torch::Tensor loss = torch::mse_loss(net(data.index_select(0, rows)), target.index_select(0, rows));
      loss.backward();
      opt.step();
      loss_sum += loss.template item<double>();
      average.mul_(0.9).add_(loss.detach(), 0.1);
      hindsight::log("loss", loss);
      HINDSIGHT_PROBE("0123456789abcdef0123456789abcdef", "grad_norm", hindsight::norm(net->first->weight.grad()))
    }
    if (epoch % 2 == 1) {
      net->eval();
    } else {
      net->train();
    }
    schedule.step();
    hidden = net(data).detach().slice(0, 0, epoch + 1).clone();
    hindsight::log("average", average);
    hindsight::log("hidden", hidden);
    hindsight::log("weights", net->first->weight);
    hindsight::log("running", net->norm->running_var);
  }
  return 0;
}

// Refusals are found when a state is captured, and the training goes on.
int refuse(const std::string& what) {
  Net net;
  torch::Tensor x = torch::ones({2}, torch::requires_grad());
  int i = 0;
  if (what == "graph") {
    torch::Tensor y = x * 2;
    for (int e : hindsight::loop("epoch", 2, hindsight::named("y", y))) i += e;
  } else if (what == "optimiser") {
    torch::optim::RMSprop opt(net->parameters());
    for (int e : hindsight::loop("epoch", 2, hindsight::named("opt", opt))) i += e;
  } else if (what == "expanded") {
    torch::Tensor y = torch::zeros({1}).expand({4});
    for (int e : hindsight::loop("epoch", 2, hindsight::named("y", y))) i += e;
  }
  hindsight::log("i", i);
  return 0;
}

int values() {
  hindsight::log("scalar", torch::tensor(2.5f));
  hindsight::log("long", torch::tensor(std::int64_t{7}));
  hindsight::log("half", torch::tensor(1.5f).to(torch::kHalf));
  hindsight::log("many", torch::tensor({1.0, -3.0, std::nan(""), HUGE_VAL}));
  hindsight::log("none", torch::Tensor());
  torch::Tensor w = torch::ones({3}, torch::requires_grad());
  HINDSIGHT_LOG("norm", hindsight::norm(w.grad()));
  (w * w).sum().backward();
  HINDSIGHT_LOG("graph", w * 2);
  HINDSIGHT_PROBE("0123456789abcdef0123456789abcdef", "bad", w.reshape({2, 2}))
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "", which = argc > 2 ? argv[2] : "";
  if (what == "default_seed") {
    hindsight::log("first", torch::randn({1}));
    return 0;
  }
  torch::manual_seed(5);
  at::set_num_threads(1);
  if (what == "values") return values();
  if (what == "refuse") return refuse(which);
  Net net;
  if (which == "sgd") {
    torch::optim::SGD opt(net->parameters(), torch::optim::SGDOptions(0.05).momentum(0.9).weight_decay(1e-3));
    return train(opt, net);
  }
  if (which == "adam") {
    torch::optim::Adam opt(net->parameters(), torch::optim::AdamOptions(0.01));
    return train(opt, net);
  }
  if (which == "adamw") {
    std::vector<torch::optim::OptimizerParamGroup> groups;
    groups.emplace_back(net->first->parameters(), std::make_unique<torch::optim::AdamWOptions>(0.02));
    groups.emplace_back(net->last->parameters(), std::make_unique<torch::optim::AdamWOptions>(torch::optim::AdamWOptions(0.01).amsgrad(true)));
    torch::optim::AdamW opt(groups, torch::optim::AdamWOptions(0.01));
    return train(opt, net);
  }
  std::fprintf(stderr, "no program '%s %s'\n", what.c_str(), which.c_str());
  return 2;
}
