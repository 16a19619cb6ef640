#pragma once

int agent_move(int position);  // -1 or +1
void agent_learn(int position, int move, double reward, int next);
double agent_value(int position);
