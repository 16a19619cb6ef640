// One program of units with different standards and flags.
int face_17(int);
int face_20(int);
int face_plain(int);

int main() { return face_17(2) + face_20(3) + face_plain(1); }
