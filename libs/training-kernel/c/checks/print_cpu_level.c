/* Prints the x86-64 level of this machine, for programs that have no kernel loaded yet. */
#include <stdio.h>

#include "../cpu_level.h"

int main(void) {
  printf("%d\n", cpu_level());
  return 0;
}
