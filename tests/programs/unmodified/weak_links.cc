// what: std::weak_ptr back links, some of which expire during training
// standard: c++17
// loop: round
// probe: rank after 'std::printf("rank %a\n", rank);'
// expect: whole: no shared pointer before it in the state owns
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

struct Page {
  double rank = 1, next = 0;
  std::vector<std::weak_ptr<Page>> links;
};

int main() {
  std::vector<std::shared_ptr<Page>> pages;
  for (int i = 0; i < 10; ++i) pages.push_back(std::make_shared<Page>());
  for (int i = 0; i < 10; ++i)
    for (int k = 1; k <= 1 + i % 3; ++k) pages[i]->links.push_back(pages[(i * k + 3) % 10]);
  int dead = 0;
  for (int round = 0; round < 10; ++round) {
    if (round % 4 == 3) pages.erase(pages.begin() + round / 2);
    for (auto& page : pages) page->next = 0.15;
    dead = 0;
    for (auto& page : pages)
      for (auto& link : page->links) {
        if (auto target = link.lock())
          target->next += 0.85 * page->rank / page->links.size();
        else
          ++dead;
      }
    double rank = 0;
    for (auto& page : pages) {
      page->rank = page->next;
      rank += page->rank * page->rank;
    }
    std::printf("rank %a\n", rank);
  }
  std::printf("pages %d dead links %d\n", static_cast<int>(pages.size()), dead);
}
