// what: linked list of nodes, clusters that are created, merged and freed as data arrives
// standard: c++11
// loop: batch
// probe: total after 'printf("total %a\n", total);'
// expect: exact
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Node {
  double mean;
  int count;
  struct Node *next;
} Node;

static Node *head = NULL;

static void add(double x) {
  Node *nearest = NULL;
  for (Node *n = head; n; n = n->next)
    if (!nearest || fabs(n->mean - x) < fabs(nearest->mean - x)) nearest = n;
  if (nearest && fabs(nearest->mean - x) < 0.08) {
    nearest->mean += (x - nearest->mean) / ++nearest->count;
    return;
  }
  Node *fresh = (Node *)malloc(sizeof(Node));
  fresh->mean = x;
  fresh->count = 1;
  fresh->next = head;
  head = fresh;
}

static void prune(void) {
  for (Node **link = &head; *link;) {
    Node *n = *link;
    if (n->count < 2) {
      *link = n->next;
      free(n);
    } else {
      link = &n->next;
    }
  }
}

int main(void) {
  for (int batch = 0; batch < 9; batch++) {
    for (int i = 0; i < 20; i++) add(fmod(0.61803398875 * (batch * 20 + i) * (1 + i % 3), 1.0) * (i % 5 ? 1 : 3));
    if (batch % 3 == 2) prune();
    double total = 0;
    for (Node *n = head; n; n = n->next) total += n->mean * n->count;
    printf("total %a\n", total);
  }
  int nodes = 0;
  while (head) {
    Node *next = head->next;
    free(head);
    head = next;
    nodes++;
  }
  printf("nodes %d\n", nodes);
  return 0;
}
